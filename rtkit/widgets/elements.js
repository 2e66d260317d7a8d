// Pieces of a page that every widget of rtkit is made of.

// JupyterLab's shortcuts must not see keys that are pressed here ("dd" deletes the cell). It asks
// the element that has the focus, and only then those around it; its other listeners are kept
// out by stopping the event at the widget's edge.
const OWN_KEYS = { "data-lm-suppress-shortcuts": "true" };

function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

function icon(path) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  const shape = document.createElementNS(space, "path");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  shape.setAttribute("d", path);
  svg.append(shape);
  return svg;
}

function button(name, text, act) {
  const attributes = { type: "button", class: `rtkit-button rtkit-${name}`, ...OWN_KEYS };
  const made = element("button", attributes, text);
  made.addEventListener("click", act);
  return made;
}
