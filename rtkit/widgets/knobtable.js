// The numbers that go with each way of ending a turn: their ranges, and their values as places of a
// slider and as text.

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
  const select = element("select", { class: `rtkit-select rtkit-${name}`, ...OWN_KEYS });
  for (const [value, text] of Object.entries(options)) select.append(element("option", { value }, text));
  select.addEventListener("change", () => act(select.value));
  return [select, element("label", { class: "rtkit-choice" }, label, select)];
}
