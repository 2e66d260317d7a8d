// The head of the console: the microphone's button, the state as a word, the level, the light, and
// whether a person talks with free hands or holds the button.

const WORDS = {
  ready: "Ready",
  connecting: "Connecting",
  listening: "Listening",
  hearing: "Hearing you",
  thinking: "Thinking",
  speaking: "Speaking",
  reconnecting: "Reconnecting",
  replaying: "Replaying",
  lost: "Connection lost",
};
const MICROPHONE_LABELS = {
  off: "Turn the microphone on",
  asking: "Waiting for the microphone",
  live: "Turn the microphone off",
};
const HOLD_LABEL = "Hold to talk, here or with the space bar; let go when you have finished";
const LIVE = {
  off: "Microphone off",
  asking: "Waiting for the microphone",
  live: "Microphone live",
  muted: "Microphone muted",
  waiting: "Microphone waits",
  checking: "Microphone check",
  held: "Microphone waits",
};
const LIVE_TITLES = {
  waiting: "The microphone is open. Nothing is sent before you hold the button.",
  muted: "The microphone is open, and silence is sent.",
  checking: "The microphone is open. Nothing is sent but in an echo test.",
  held: "Half-duplex: silence is sent while the assistant speaks.",
};
const MANNERS = {
  free: ["Hands-free", "Just speak: the end of your turn is noticed."],
  hold: ["Push to talk", "Hold the microphone button, or the space bar, while you speak."],
};
const BUTTON_KEYS = [" ", "Enter"];
let views = 0;

function isManual(state) {
  return state.settings?.manual === true;
}

function isMuted(state) {
  return state.mic === "live" && state.muted;
}

/** The microphone as it is shown: off, checking, asking, live, muted, waiting for the button, or
 * held back while the assistant speaks. */
function micOf(state) {
  if (isMuted(state)) return "muted";
  if (state.checking) return "checking";
  if (state.mic === "live" && state.half_duplex && state.word === "speaking") return "held";
  return state.mic === "live" && isManual(state) && !state.held ? "waiting" : state.mic;
}

function wordOf(state) {
  if (state.link === "lost") return "lost";
  if (state.replay) return "replaying";
  if (state.mic === "asking") return "connecting";
  if (state.word === "listening" && isManual(state)) return state.held ? "hearing" : "ready";
  return state.word;
}

/** The button of the microphone: a switch with free hands, else it is held. */
function microphoneButton(engine) {
  const made = button("microphone", "", () => {
    if (!isManual(engine.state)) engine.pressMicrophone();
  });
  made.append(icon(MICROPHONE_ICON));
  made.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || !isManual(engine.state)) return;
    made.setPointerCapture(event.pointerId);
    engine.press();
  });
  for (const end of ["pointerup", "pointercancel"]) made.addEventListener(end, () => engine.release());
  made.addEventListener("contextmenu", (event) => engine.state.held && event.preventDefault());
  return made;
}

function drawMicrophone(made, state) {
  const manual = isManual(state);
  const label = manual ? HOLD_LABEL : MICROPHONE_LABELS[state.mic];
  made.setAttribute("aria-label", label);
  made.title = label;
  made.setAttribute("aria-pressed", String(manual ? state.held : state.mic === "live"));
}

/** Hands-free or push to talk, as a pair of radio buttons. */
function mannerChoice(engine) {
  const name = `rtkit-manner-${(views += 1)}`;
  const inputs = Object.entries(MANNERS).map(([value]) => {
    const input = element("input", { type: "radio", name, value, ...OWN_KEYS });
    input.addEventListener("change", () => engine.chooseHands(value === "free"));
    return input;
  });
  const labels = inputs.map((input) => {
    const [text, title] = MANNERS[input.value];
    return element("label", { class: `rtkit-manner rtkit-${input.value}`, title }, input, text);
  });
  const attributes = { class: "rtkit-manners", role: "radiogroup", "aria-label": "How you take turns" };
  const box = element("div", attributes, ...labels);
  const draw = (state) => {
    box.hidden = !state.settings || Boolean(state.settings.fixed);
    for (const input of inputs) {
      input.checked = (input.value === "hold") === isManual(state);
      input.disabled = state.link !== "up";
    }
  };
  return { box, draw };
}

function head(engine) {
  const microphone = microphoneButton(engine);
  const word = element("div", { class: "rtkit-word" });
  const part = { bar: element("div", { class: "rtkit-bar" }) };
  part.meter = meter(part.bar);
  const live = element("div", { class: "rtkit-live" });
  const manners = mannerChoice(engine);
  const state = element("div", { class: "rtkit-state" }, word, part.meter);
  const side = element("div", { class: "rtkit-headside" }, live, manners.box);
  drawLevel(part, -100);
  return {
    element: element("header", { class: "rtkit-head" }, microphone, state, side),
    draw(state) {
      const mic = micOf(state);
      drawMicrophone(microphone, state);
      manners.draw(state);
      live.textContent = LIVE[mic];
      live.title = LIVE_TITLES[mic] ?? "";
      live.dataset.mic = mic;
      word.textContent = WORDS[wordOf(state)] ?? wordOf(state);
    },
    hear: (level) => drawLevel(part, level),
  };
}

const TEXT_FIELDS = "input, textarea, select, [contenteditable='true']";
const OWN_SPACE = `${TEXT_FIELDS}, button:not(.rtkit-microphone), summary, a`;

/** Holding the space bar anywhere in a console, but not where it has another meaning; the end. */
function holdByKey(root, engine) {
  const down = (event) => {
    const { key, target } = event;
    const onButton = target.matches?.(".rtkit-microphone");
    if (!isManual(engine.state) || !BUTTON_KEYS.includes(key) || target.closest(OWN_SPACE)) return;
    if (key === "Enter" && !onButton) return;
    event.preventDefault();
    if (!event.repeat) engine.press();
  };
  const up = ({ key }) => BUTTON_KEYS.includes(key) && engine.release();
  const away = () => engine.release();
  root.addEventListener("keydown", down);
  addEventListener("keyup", up, true);
  addEventListener("blur", away);
  return () => {
    removeEventListener("keyup", up, true);
    removeEventListener("blur", away);
  };
}
