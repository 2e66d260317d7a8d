// The controls of one setting of a tuner: who ends a turn, and the numbers that go with it.

const MODES = { server_vad: "by silence (server_vad)", semantic_vad: "by meaning (semantic_vad)" };
const EAGERNESS = ["low", "medium", "high"];
const KNOBS = [
  { name: "threshold", label: "Threshold", mode: "server_vad", min: 0, max: 1, step: 0.01, unit: "" },
  { name: "prefix_padding_ms", label: "Prefix padding", mode: "server_vad", min: 0, max: 1000, step: 10, unit: "ms" },
  { name: "silence_duration_ms", label: "Silence", mode: "server_vad", min: 0, max: 2000, step: 10, unit: "ms" },
  { name: "eagerness", label: "Eagerness", mode: "semantic_vad", min: 0, max: 2, step: 1, unit: "" },
];

/** The value of a setting as the place of its slider, and back. */
function placeOf(knob, value) {
  if (knob.name !== "eagerness") return value;
  return Math.max(EAGERNESS.indexOf(value === "auto" ? "medium" : value), 0);
}

function valueAt(knob, place) {
  return knob.name === "eagerness" ? EAGERNESS[Number(place)] : Number(place);
}

function textOf(knob, value) {
  if (knob.name === "eagerness") return value === "auto" ? "auto (medium)" : value;
  return knob.name === "threshold" ? value.toFixed(2) : `${value} ${knob.unit}`;
}

function choice(label, name, options, act) {
  const select = element("select", { class: `rtkit-tuner-select rtkit-tuner-${name}`, ...OWN_KEYS });
  for (const [value, text] of Object.entries(options)) select.append(element("option", { value }, text));
  select.addEventListener("change", () => act(select.value));
  return [select, element("label", { class: "rtkit-tuner-choice" }, label, select)];
}

function slider(knob, side, tuning) {
  const input = element("input", {
    ...{ type: "range", min: knob.min, max: knob.max, step: knob.step, ...OWN_KEYS },
    ...{ class: "rtkit-tuner-slider", "data-name": knob.name, "aria-label": `${knob.label}, setting ${side.toUpperCase()}` },
  });
  input.addEventListener("input", () => tuning.change(side, knob.name, valueAt(knob, input.value)));
  const value = element("output", { class: "rtkit-tuner-value" });
  const meaning = element("div", { class: "rtkit-tuner-meaning" });
  const head = element("div", { class: "rtkit-tuner-knobhead" }, element("span", {}, knob.label), value);
  const box = element("div", { class: "rtkit-tuner-knob" }, head, input, meaning);
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
    element("div", { class: "rtkit-tuner-knobs" }, ...sliders.map(({ box }) => box), note),
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
