// The head of the console: the microphone's button, the state as a word, the level, the light.

const WORDS = {
  ready: "Ready",
  connecting: "Connecting",
  listening: "Listening",
  hearing: "Hearing you",
  thinking: "Thinking",
  speaking: "Speaking",
};
const MICROPHONE_LABELS = {
  off: "Turn the microphone on",
  asking: "Waiting for the microphone",
  live: "Turn the microphone off",
};
const LIVE = {
  off: "Microphone off",
  asking: "Waiting for the microphone",
  live: "Microphone live",
  muted: "Microphone muted",
  checking: "Microphone check",
  held: "Microphone waits",
};

function wordOf(state) {
  return state.mic === "asking" ? "connecting" : state.word;
}

function isMuted(state) {
  return state.mic === "live" && state.muted;
}

/** What the microphone does now, as a key of LIVE. */
function lightOf(state) {
  if (isMuted(state)) return "muted";
  if (state.checking) return "checking";
  return state.mic === "live" && state.half_duplex && state.word === "speaking" ? "held" : state.mic;
}

function head(engine) {
  const microphone = button("microphone", "", () => engine.pressMicrophone());
  const word = element("div", { class: "rtkit-word", role: "status", "aria-live": "polite" });
  const part = { bar: element("div", { class: "rtkit-bar" }) };
  part.meter = meter(part.bar);
  const live = element("div", { class: "rtkit-live" });
  const state = element("div", { class: "rtkit-state" }, word, part.meter);
  microphone.append(icon(MICROPHONE_ICON));
  drawLevel(part, -100);
  return {
    element: element("header", { class: "rtkit-head" }, microphone, state, live),
    draw(state) {
      const label = MICROPHONE_LABELS[state.mic];
      microphone.setAttribute("aria-label", label);
      microphone.title = label;
      microphone.setAttribute("aria-pressed", String(state.mic === "live"));
      live.textContent = LIVE[lightOf(state)];
      live.dataset.mic = lightOf(state);
      const shown = WORDS[wordOf(state)] ?? wordOf(state);
      if (word.textContent !== shown) word.textContent = shown;
    },
    hear: (level) => drawLevel(part, level),
  };
}
