// What a configuration comes to, beside its form: texts in tabs, each to be copied; and the sound
// of a voice. It also gives the form's controls what ipywidgets leaves out: names for sliders,
// words that belong to a field, and keys that the notebook must not take for its own.

const OWN_KEYS = { "data-lm-suppress-shortcuts": "true" }; // JupyterLab's, on who has the focus
const FOCUSABLE = "button, input, select, textarea, [tabindex], [contenteditable='true']";
const COPIED_MS = 2000;
let numbers = 0;

function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

/** Into the clipboard; pages that are not from this machine or https have only the old way. */
async function copy(text) {
  if (navigator.clipboard && window.isSecureContext) {
    await navigator.clipboard.writeText(text);
    return;
  }
  const area = element("textarea", { readonly: "", style: "position: fixed; opacity: 0" });
  area.value = text;
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  if (!done) throw new Error("this browser lets no page copy here");
}

function copyButton(text, name) {
  const button = element("button", { type: "button", class: "rtkit-copy", ...OWN_KEYS }, "Copy");
  const said = element("span", { class: "rtkit-copied", role: "status" });
  button.setAttribute("aria-label", `Copy ${name}`);
  button.addEventListener("click", async () => {
    try {
      await copy(text);
      said.textContent = "✓ copied";
    } catch (error) {
      said.textContent = `not copied: ${error.message}`;
    }
    setTimeout(() => (said.textContent = ""), COPIED_MS);
  });
  return element("div", { class: "rtkit-copying" }, said, button);
}

function content(tab) {
  if (tab.html !== undefined) {
    const made = element("div", { class: "rtkit-reasons" });
    made.innerHTML = tab.html; // made and escaped by rtkit's own tables
    return [made];
  }
  const code = element("pre", { class: "rtkit-code", tabindex: "0", "aria-label": tab.name, ...OWN_KEYS });
  code.textContent = tab.text;
  const note = element("div", { class: "rtkit-masked" }, tab.note ?? "");
  return [copyButton(tab.text, tab.name), code, note];
}

/** Tabs as the keyboard expects them: arrows move, the chosen one is in the order of Tab. */
function tabs(model, el) {
  const list = element("div", { class: "rtkit-tabs", role: "tablist", "aria-label": "What it comes to" });
  const id = `rtkit-shown-${(numbers += 1)}`;
  const panel = element("div", { class: "rtkit-shown", role: "tabpanel", id });
  let chosen = 0;
  const choose = (number, focus) => {
    const all = model.get("tabs");
    chosen = (number + all.length) % all.length;
    draw();
    if (focus) list.children[chosen].focus();
  };
  const draw = () => {
    const all = model.get("tabs");
    chosen = Math.min(chosen, all.length - 1);
    const held = list.contains(document.activeElement);
    list.replaceChildren(
      ...all.map((tab, number) => {
        const now = number === chosen;
        const button = element(
          "button",
          { type: "button", role: "tab", class: "rtkit-tab", "aria-selected": String(now), "aria-controls": id, tabindex: now ? "0" : "-1", ...OWN_KEYS },
          tab.name,
        );
        button.addEventListener("click", () => choose(number, true));
        return button;
      }),
    );
    if (held) list.children[chosen]?.focus();
    panel.setAttribute("aria-label", all[chosen]?.name ?? "");
    panel.replaceChildren(...(all[chosen] ? content(all[chosen]) : []));
  };
  list.addEventListener("keydown", ({ key }) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[key];
    if (step) choose(chosen + step, true);
  });
  model.on("change:tabs", draw);
  draw();
  el.append(list, panel);
  return () => model.off("change:tabs", draw);
}

/** Names, descriptions and keys of the form's own controls, also of those that come later. */
function fit(root) {
  for (const control of root.querySelectorAll(FOCUSABLE)) {
    control.setAttribute("data-lm-suppress-shortcuts", "true");
  }
  for (const said of root.querySelectorAll(".rtkit-status")) said.setAttribute("role", "status");
  for (const field of root.querySelectorAll(".rtkit-field")) {
    const name = field.querySelector(".widget-label")?.textContent ?? "";
    const note = field.querySelector(".rtkit-note");
    if (note && !note.id) note.id = `rtkit-note-${(numbers += 1)}`;
    for (const control of field.querySelectorAll(FOCUSABLE)) {
      if (note) control.setAttribute("aria-describedby", note.id);
    }
    field.querySelector(".noUi-handle")?.setAttribute("aria-label", name);
    field.querySelector(".widget-readout")?.setAttribute("aria-label", `${name}, as a number`);
    const none = field.querySelector(".rtkit-pair input[type=checkbox]");
    none?.setAttribute("aria-label", `${name}: ${none.parentElement.textContent.trim()}`);
  }
}

function furnish(el) {
  let observer = null;
  let frame = 0;
  const begin = () => {
    const root = el.closest(".rtkit-configpanel");
    if (!root) {
      frame = requestAnimationFrame(begin);
      return;
    }
    root.setAttribute("role", "group");
    root.setAttribute("aria-label", "Configuration");
    root.addEventListener("keydown", (event) => event.stopPropagation());
    observer = new MutationObserver(() => fit(root));
    observer.observe(root, { childList: true, subtree: true });
    fit(root);
  };
  begin();
  return () => {
    cancelAnimationFrame(frame);
    observer?.disconnect();
  };
}

export default () => {
  const sample = new Audio();
  return {
    initialize({ model }) {
      const play = async (message, buffers) => {
        if (message.play === undefined) return;
        URL.revokeObjectURL(sample.src);
        sample.src = URL.createObjectURL(new Blob(buffers, { type: "audio/wav" }));
        globalThis.__rtkit?.samples?.push(sample);
        try {
          await sample.play();
        } catch (error) {
          if (error.name !== "AbortError") model.send({ silent: error.message });
        }
      };
      model.on("msg:custom", play);
      return () => {
        model.off("msg:custom", play);
        sample.pause();
      };
    },
    render({ model, el }) {
      el.classList.add("rtkit-sources");
      const ends = [tabs(model, el), furnish(el)];
      return () => ends.forEach((end) => end());
    },
  };
};
