// What the views of all widgets are made of.

const MICROPHONE_ICON =
  "M12 14a3 3 0 0 0 3-3V5a3 3 0 0 0-6 0v6a3 3 0 0 0 3 3zm5-3a5 5 0 0 1-10 0H5a7 7 0 0 0 6 6.92V21h2v-3.08A7 7 0 0 0 19 11z";
const QUIETEST_DB = -60; // the left end of a meter

// JupyterLab's shortcuts must not see keys that are pressed here ("dd" deletes the cell). It asks
// the element that has the focus, and only then those around it; its other listeners are kept
// out by stopping the event at the panel's edge.
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

function keepKeys(root) {
  root.addEventListener("keydown", (event) => event.stopPropagation());
}

function meter(bar) {
  const attributes = {
    class: "rtkit-meter",
    role: "meter",
    "aria-label": "Microphone level",
    "aria-valuemin": QUIETEST_DB,
    "aria-valuemax": 0,
  };
  return element("div", attributes, bar);
}

function drawLevel(part, level) {
  const shown = Math.max(QUIETEST_DB, Math.min(0, level));
  part.bar.style.transform = `scaleX(${1 - shown / QUIETEST_DB})`;
  part.meter.setAttribute("aria-valuenow", String(Math.round(shown)));
}
