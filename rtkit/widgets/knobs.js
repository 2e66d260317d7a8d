// The controls of one setting of a tuner: who ends a turn, and the numbers that go with it.

function slider(knob, side, tuning) {
  const input = element("input", {
    ...{ type: "range", min: knob.min, max: knob.max, step: knob.step, ...OWN_KEYS },
    ...{ class: "rtkit-slider", "data-name": knob.name, "aria-label": `${knob.label}, setting ${side.toUpperCase()}` },
  });
  input.addEventListener("input", () => tuning.change(side, knob.name, valueAt(knob, input.value)));
  const value = element("output", { class: "rtkit-value" });
  const meaning = element("div", { class: "rtkit-meaning" });
  const head = element("div", { class: "rtkit-knobhead" }, element("span", {}, knob.label), value);
  const box = element("div", { class: "rtkit-knob" }, head, input, meaning);
  return { knob, box, input, value, meaning };
}

/** The controls of side "a" or "b", and a function that shows a state in them. */
function knobs(side, tuning) {
  const letter = element("span", { class: "rtkit-tuner-letter" }, side.toUpperCase());
  const [mode, modeLabel] = choice("A turn ends", "mode", MODES, (value) => tuning.change(side, "mode", value));
  mode.setAttribute("aria-label", `A turn ends, setting ${side.toUpperCase()}`);
  const sliders = KNOBS.map((knob) => slider(knob, side, tuning));
  const note = element("p", { class: "rtkit-tuner-rule" });
  const root = element(
    "fieldset",
    { class: "rtkit-tuner-side", "data-side": side, "aria-label": `Setting ${side.toUpperCase()}` },
    element("div", { class: "rtkit-tuner-sidehead" }, letter, modeLabel),
    element("div", { class: "rtkit-knobs" }, ...sliders.map(({ box }) => box), note),
  );
  const draw = (state) => {
    const shown = state[side];
    root.hidden = !shown;
    if (!shown) return;
    root.dataset.alone = String(!state.b);
    mode.value = shown.settings.mode;
    note.textContent = shown.note;
    note.hidden = !shown.note;
    for (const { knob, box, input, value, meaning } of sliders) {
      const text = textOf(knob, shown.settings[knob.name]);
      box.hidden = knob.mode !== shown.settings.mode;
      const place = String(placeOf(knob, shown.settings[knob.name]));
      if (input.value !== place) input.value = place;
      value.textContent = text;
      meaning.textContent = shown.meanings[knob.name];
      input.setAttribute("aria-valuetext", `${text}: ${shown.meanings[knob.name]}`);
    }
  };
  return { root, draw };
}
