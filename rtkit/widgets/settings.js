// The settings that can be changed while the conversation goes on: the voice, and who ends a turn.
// What is shown is what the server has confirmed; what it refuses springs back.

const ENDS = { ...MODES, off: "by you (push to talk)" };
const LIVE_KNOBS = KNOBS.filter(({ name }) => name !== "prefix_padding_ms");

function selectOf(label, name, options, act) {
  const [select, box] = choice(label, name, options, act);
  return { select, box };
}

function modeOf(settings) {
  return settings.manual ? "off" : settings.turns?.type;
}

/** One number of turn detection: its value follows the hand, and is asked for when it lets go. */
function liveKnob(knob, want) {
  const input = element("input", {
    ...{ type: "range", min: knob.min, max: knob.max, step: knob.step, ...OWN_KEYS },
    ...{ class: "rtkit-slider", "data-name": knob.name, "aria-label": knob.label },
  });
  const value = element("output", { class: "rtkit-value" });
  const show = (what) => {
    value.textContent = what;
    input.setAttribute("aria-valuetext", what);
  };
  input.addEventListener("input", () => show(textOf(knob, valueAt(knob, input.value))));
  input.addEventListener("change", () => want(knob.name, valueAt(knob, input.value)));
  const head = element("div", { class: "rtkit-knobhead" }, element("span", {}, knob.label), value);
  const draw = (turns) => {
    box.hidden = turns?.type !== knob.mode || turns[knob.name] === undefined;
    if (box.hidden) return;
    input.value = String(placeOf(knob, turns[knob.name]));
    show(textOf(knob, turns[knob.name]));
  };
  const box = element("div", { class: "rtkit-knob" }, head, input);
  return { box, draw };
}

function settings(engine) {
  const turns = () => engine.state.settings?.turns ?? {};
  const wantTurns = (value) => engine.adjust("turns", value);
  const voice = selectOf("Voice", "voice", {}, (value) => engine.adjust("voice", value));
  const ends = selectOf("A turn ends", "ends", ENDS, (mode) => {
    if (mode === "off") engine.chooseHands(false);
    else wantTurns({ type: mode });
  });
  const sliders = LIVE_KNOBS.map((knob) => liveKnob(knob, (name, value) => wantTurns({ ...turns(), [name]: value })));
  const why = element("p", { class: "rtkit-meaning" });
  const summary = element("summary", { ...OWN_KEYS });
  const row = element("div", { class: "rtkit-choices" }, voice.box, ends.box);
  const knobs = element("div", { class: "rtkit-knobs" }, ...sliders.map(({ box }) => box));
  const root = element("details", { class: "rtkit-settings" }, summary, row, knobs, why);
  let drawn = null;
  return {
    element: root,
    draw(state) {
      const shown = state.settings;
      const away = state.link !== "up" || Boolean(shown?.fixed);
      if (shown && drawn !== shown && engine.settled) {
        drawSettings(shown, { voice, ends, sliders, summary });
        drawn = shown;
      }
      root.hidden = !shown;
      if (!shown) return;
      why.textContent = shown.fixed ?? (shown.voiceFixed && shown.voice ? shown.voiceFixed : "");
      why.hidden = !why.textContent;
      voice.select.disabled = away || Boolean(shown.voiceFixed);
      voice.select.title = shown.voiceFixed ?? "";
      ends.select.disabled = away;
      for (const { box } of sliders) box.querySelector("input").disabled = away;
    },
  };
}

function drawSettings(shown, { voice, ends, sliders, summary }) {
  const names = shown.voices.includes(shown.voice) || !shown.voice ? shown.voices : [shown.voice, ...shown.voices];
  voice.box.hidden = !shown.voice;
  voice.select.replaceChildren(...names.map((value) => element("option", { value }, value)));
  voice.select.value = shown.voice ?? "";
  ends.select.value = modeOf(shown) ?? "";
  for (const each of sliders) each.draw(shown.turns);
  const facts = [shown.voice, ENDS[modeOf(shown)]].filter(Boolean).join(", ");
  summary.replaceChildren("Settings", span("facts", facts));
}
