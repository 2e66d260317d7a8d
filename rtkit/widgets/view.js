// One view of the engine's state: it draws and calls the engine's verbs, and keeps nothing.

const WORDS = {
  ready: "Ready",
  connecting: "Connecting",
  listening: "Listening",
  hearing: "Hearing you",
  thinking: "Thinking",
  speaking: "Speaking",
};
const SPEAKERS = { user: "You", assistant: "Assistant" };
const PATHS = {
  direct: ["direct", "Sound travels over a WebSocket straight to the kernel's process."],
  proxy: ["server proxy", "Sound travels over a WebSocket through jupyter-server-proxy."],
  messages: ["kernel messages", "Sound travels in kernel messages: turns are noticed about 0.1 s later."],
};
const EMPTY = "Press the microphone button and say something. Both sides' words appear here.";
const LEFT =
  "A server ends a session after a time. rtkit opens a new one with the same history in a quiet " +
  "moment before.";
const NEAR_S = 120; // from here on the seconds are shown
const LIVE = { off: "Microphone off", asking: "Waiting for the microphone", live: "Microphone live" };

/** The fixed parts of a console, by name. */
function parts(engine) {
  const part = {
    microphone: button("microphone", "", () => engine.pressMicrophone()),
    word: element("div", { class: "rtkit-word", role: "status", "aria-live": "polite" }),
    bar: element("div", { class: "rtkit-bar" }),
    live: element("div", { class: "rtkit-live" }),
    notice: element("div", { class: "rtkit-notice", role: "alert" }),
    lines: element("div", {
      class: "rtkit-lines", role: "log", "aria-label": "Transcript", tabindex: "0", ...OWN_KEYS,
    }),
    text: element("input", {
      class: "rtkit-text", type: "text", "aria-label": "Message", autocomplete: "off",
      placeholder: "Type a message instead of speaking", ...OWN_KEYS,
    }),
    send: button("send", "Send", () => {}),
    interrupt: button("interrupt", "Interrupt", () => engine.interrupt()),
    mute: button("mute", "Mute", () => engine.toggleMute()),
    off: button("off", "Microphone off", () => engine.stopMicrophone("turned off")),
    left: element("div", { class: "rtkit-left", title: LEFT }),
    path: element("div", { class: "rtkit-path" }),
  };
  part.meter = meter(part.bar);
  part.send.type = "submit";
  return part;
}

function layout(part, engine) {
  const form = element("form", { class: "rtkit-form" }, part.text, part.send);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const text = part.text.value.trim();
    if (!text) return;
    part.text.value = "";
    engine.say(text);
  });
  const state = element("div", { class: "rtkit-state" }, part.word, part.meter);
  return element(
    "section",
    { class: "rtkit-panel rtkit-console", "aria-label": "Live conversation" },
    element("header", { class: "rtkit-head" }, part.microphone, state, part.live),
    part.notice,
    part.lines,
    form,
    element("footer", { class: "rtkit-foot" }, part.interrupt, part.mute, part.off, part.left, part.path),
  );
}

/** What was said; of an interrupted answer the words that nobody heard are set apart. */
function lineText(line) {
  const cut = line.heard !== null && line.heard !== line.text && line.text.startsWith(line.heard);
  if (!cut) return [line.text || "…"];
  const rest = element("span", { class: "rtkit-unheard", title: "Not heard: interrupted here" });
  rest.textContent = line.text.slice(line.heard.length);
  return [line.heard, rest];
}

function lineElement(line) {
  const said = element("div", { class: "rtkit-said" }, ...lineText(line));
  if (line.heard !== null) said.append(element("span", { class: "rtkit-tag" }, "interrupted"));
  if (line.unsure) said.append(element("span", { class: "rtkit-tag", title: line.unsure }, "unsure"));
  const speaker = element("div", { class: "rtkit-who" }, SPEAKERS[line.speaker] ?? line.speaker);
  const classes = `rtkit-line rtkit-${line.speaker}${line.final ? "" : " rtkit-open"}`;
  return element("div", { class: classes }, speaker, said);
}

/** Draws only the lines that changed; stays at the end unless the person has scrolled up. */
function drawLines(box, lines, drawn) {
  const atEnd = box.scrollHeight - box.scrollTop - box.clientHeight < 24;
  let same = 0;
  while (same < lines.length && lines[same] === drawn[same]) same += 1;
  while (box.children.length > same) box.lastChild.remove();
  for (const line of lines.slice(same)) box.append(lineElement(line));
  if (lines.length === 0) box.append(element("p", { class: "rtkit-empty" }, EMPTY));
  if (atEnd) box.scrollTop = box.scrollHeight;
  return lines;
}

function drawControls(part, state) {
  const live = state.mic === "live";
  const muted = live && state.muted;
  const label = { off: "Turn the microphone on", asking: "Waiting for the microphone" }[state.mic];
  part.microphone.setAttribute("aria-label", label ?? "Turn the microphone off");
  part.microphone.title = label ?? "Turn the microphone off";
  part.microphone.setAttribute("aria-pressed", String(live));
  part.microphone.replaceChildren(icon(MICROPHONE_ICON));
  part.live.textContent = muted ? "Microphone muted" : LIVE[state.mic];
  part.live.dataset.mic = muted ? "muted" : state.mic;
  part.mute.textContent = muted ? "Unmute" : "Mute";
  part.mute.setAttribute("aria-pressed", String(muted));
  part.mute.disabled = !live;
  part.off.disabled = !live;
  part.interrupt.disabled = !["speaking", "thinking"].includes(state.word);
}

function drawState(part, state, root) {
  const word = state.mic === "asking" ? "connecting" : state.word;
  if (part.word.textContent !== WORDS[word]) part.word.textContent = WORDS[word] ?? word;
  root.dataset.word = word;
  root.dataset.mic = state.mic === "live" && state.muted ? "muted" : state.mic;
  part.notice.hidden = state.notice === null;
  part.notice.textContent = state.notice?.text ?? "";
  part.notice.dataset.kind = state.notice?.kind ?? "";
  const [path, title] = PATHS[state.path] ?? ["not connected", ""];
  part.path.textContent = `Audio: ${path}`;
  part.path.title = title;
}

/** How long the session may last yet. */
function drawLeft(part, { ends }) {
  const seconds = ends === null ? 0 : Math.max(0, Math.round((ends - performance.now()) / 1000));
  const near = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")} left`;
  const words = seconds > NEAR_S ? `${Math.ceil(seconds / 60)} min left` : near;
  part.left.hidden = seconds === 0;
  part.left.dataset.near = String(seconds <= NEAR_S);
  if (part.left.textContent !== words) part.left.textContent = words;
}

/** Draws the engine into `el`; the function that comes back ends the view. */
function view(engine, el) {
  const part = parts(engine);
  const root = layout(part, engine);
  keepKeys(root);
  let drawn = null;
  const draw = () => {
    drawControls(part, engine.state);
    drawState(part, engine.state, root);
    drawLeft(part, engine.state);
    drawn = drawLines(part.lines, engine.state.lines, drawn ?? []);
  };
  const level = ({ detail }) => drawLevel(part, detail);
  engine.addEventListener("change", draw);
  engine.addEventListener("level", level);
  engine.join();
  draw();
  drawLevel(part, -100);
  el.append(root);
  const clock = setInterval(() => drawLeft(part, engine.state), 1000);
  return () => {
    clearInterval(clock);
    engine.removeEventListener("change", draw);
    engine.removeEventListener("level", level);
    engine.leave();
  };
}

export default () => {
  let engine = null;
  return {
    initialize({ model }) {
      engine = new Engine(model);
      return () => engine.shutdown("widget removed");
    },
    render: ({ el }) => view(engine, el),
  };
};
