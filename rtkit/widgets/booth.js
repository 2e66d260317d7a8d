// One view of a recorder: it draws the engine's state and calls its verbs, and keeps nothing.

const STATES = {
  off: "Ready",
  asking: "Waiting for the microphone",
  recording: "Recording",
  ending: "Recording",
};
const SOURCES = { microphone: "", phrase: "spoken: ", file: "file: ", clip: "" };
const PROCESSING = {
  false: "off: the sound as it reached the microphone",
  true: "on: echo, noise and level are treated, as in a call",
};
const PROCESSING_IS =
  "Echo cancellation, noise suppression and gain control by the browser. For measuring and for " +
  "recognition leave them off.";
const NO_TAKES = "Press the round button and speak; press it again to stop. The take appears here.";
const BIN_ICON = "M9 3h6l1 2h4v2H4V5h4zM6 9h12l-1 12H7zm4 2v8h1.5v-8zm2.5 0v8H14v-8z";
const PLAY_ICON = "M8 5v14l11-7z";
const PAUSE_ICON = "M7 5h4v14H7zm6 0h4v14h-4z";

function clock(seconds) {
  const minutes = Math.floor(seconds / 60);
  return `${minutes}:${(seconds - 60 * minutes).toFixed(1).padStart(4, "0")}`;
}

function decibels(level) {
  return level === null || level <= -100 ? "silent" : `${level.toFixed(1).replace("-", "−")} dBFS`;
}

function recorderParts(engine) {
  const part = {
    record: button("record", "", () => engine.press()),
    word: element("div", { class: "rtkit-word", role: "status", "aria-live": "polite" }),
    bar: element("div", { class: "rtkit-bar" }),
    level: element("div", { class: "rtkit-level" }),
    clip: element("div", { class: "rtkit-clip", title: "A sample reached full scale: too loud" }, "clipped"),
    time: element("div", { class: "rtkit-time", role: "timer", "aria-label": "Length of the take" }),
    notice: element("div", { class: "rtkit-notice", role: "alert" }),
    device: element("select", { class: "rtkit-text rtkit-device", "aria-label": "Microphone", ...OWN_KEYS }),
    processing: element("input", { type: "checkbox", ...OWN_KEYS }),
    treated: element("span", { class: "rtkit-treated" }),
    takes: element("ul", { class: "rtkit-takes", "aria-label": "Takes" }),
    play: button("play", "", () => engine.togglePlay()),
    position: element("div", { class: "rtkit-position" }),
    phrase: element("input", {
      class: "rtkit-text", type: "text", "aria-label": "A phrase to be spoken instead", autocomplete: "off",
      placeholder: "No microphone? A phrase to be spoken", ...OWN_KEYS,
    }),
    speak: button("speak", "Speak it", () => {}),
    file: element("input", { type: "file", accept: "audio/*,video/webm,video/mp4", hidden: "", "aria-label": "Sound file" }),
    open: button("open", "Open a sound file", () => part.file.click()),
    wave: new Waveform((to) => engine.seek(to)),
  };
  part.meter = meter(part.bar);
  part.speak.type = "submit";
  return part;
}

function listen(part, engine) {
  part.device.addEventListener("change", () => engine.set({ device: part.device.value }));
  part.processing.addEventListener("change", () => engine.set({ processing: part.processing.checked }));
  part.file.addEventListener("change", () => {
    const [file] = part.file.files;
    if (file) engine.sendFile(file);
    part.file.value = "";
  });
}

function recorderLayout(part, engine) {
  const form = element("form", { class: "rtkit-form" }, part.phrase, part.speak);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const text = part.phrase.value.trim();
    if (!text) return;
    part.phrase.value = "";
    engine.say(text);
  });
  const sound = element("div", { class: "rtkit-sound" }, part.meter, part.level, part.clip);
  const processing = element("label", { class: "rtkit-check", title: PROCESSING_IS }, part.processing, "Processing", part.treated);
  part.player = element("div", { class: "rtkit-player" }, part.play, part.wave.el, part.position);
  return element(
    "section",
    { class: "rtkit-panel rtkit-recorder", "aria-label": "Recorder" },
    element(
      "header",
      { class: "rtkit-head" },
      part.record,
      element("div", { class: "rtkit-state" }, part.word, sound),
      part.time,
    ),
    part.notice,
    element("div", { class: "rtkit-options" }, part.device, processing),
    part.player,
    part.takes,
    element("footer", { class: "rtkit-foot" }, form, part.open, part.file),
  );
}

function takeRow(take, chosen, engine) {
  const title = SOURCES[take.source] + (take.title || take.source);
  const choose = button("take", "", () => engine.choose(take.number));
  choose.setAttribute("aria-pressed", String(chosen));
  choose.append(
    element("span", { class: "rtkit-number" }, `Take ${take.number}`),
    element("span", { class: "rtkit-title", title }, title),
    element("span", { class: "rtkit-figure" }, `${take.seconds.toFixed(2)} s`),
    element("span", { class: "rtkit-figure" }, decibels(take.level)),
  );
  const remove = button("delete", "", () => engine.delete(take.number));
  remove.setAttribute("aria-label", `Delete take ${take.number}`);
  remove.title = `Delete take ${take.number}`;
  remove.append(icon(BIN_ICON));
  const row = element("li", { class: "rtkit-row", "data-chosen": chosen }, choose, remove);
  const remarks = [take.clipped && "clipped", take.note].filter(Boolean).join("; ");
  if (remarks) row.append(element("div", { class: "rtkit-remark" }, remarks));
  return row;
}

function drawTakes(part, { takes, chosen }, engine) {
  const focused = part.takes.contains(document.activeElement);
  part.takes.replaceChildren(...takes.map((take) => takeRow(take, take.number === chosen, engine)));
  if (takes.length === 0) part.takes.append(element("li", { class: "rtkit-empty" }, NO_TAKES));
  const row = part.takes.querySelector('[data-chosen="true"]');
  if (row) part.takes.scrollTop = row.offsetTop - part.takes.offsetTop;
  if (focused) part.takes.querySelector('[aria-pressed="true"]')?.focus();
}

function drawRecord(part, { mic }, root) {
  const label = mic === "off" ? "Record" : "Stop";
  root.dataset.mic = mic;
  part.record.setAttribute("aria-label", label);
  part.record.title = label;
  part.record.setAttribute("aria-pressed", String(mic !== "off"));
  if (part.word.textContent !== STATES[mic]) part.word.textContent = STATES[mic];
  part.device.disabled = part.processing.disabled = mic !== "off";
}

function drawNotice(box, notice) {
  box.hidden = notice === null;
  box.textContent = notice?.text ?? "";
  box.dataset.kind = notice?.kind ?? "";
}

function drawProgress(part, engine) {
  const { sound } = engine;
  const duration = Number.isFinite(sound.duration) ? sound.duration : 0;
  part.wave.move(sound.currentTime, duration);
  part.position.textContent = clock(sound.currentTime);
  const label = sound.paused ? "Play" : "Pause";
  if (part.play.title === label) return;
  part.play.title = label;
  part.play.setAttribute("aria-label", label);
  part.play.replaceChildren(icon(sound.paused ? PLAY_ICON : PAUSE_ICON));
}

function drawSound(part, engine, level) {
  drawLevel(part, level);
  part.level.textContent = engine.mic ? decibels(level) : "";
  part.time.textContent = clock(engine.mic ? engine.seconds : 0);
  part.clip.hidden = !(engine.mic && engine.peak >= 0.9999);
}

/** Draws the engine into `el`; the function that comes back ends the view. */
function recorderView(engine, el) {
  const part = recorderParts(engine);
  const root = recorderLayout(part, engine);
  let drawn = {};
  const draw = () => {
    const { state } = engine;
    drawRecord(part, state, root);
    drawNotice(part.notice, state.notice);
    part.processing.checked = state.processing;
    part.treated.textContent = PROCESSING[state.processing];
    if (state.devices !== drawn.devices || state.device !== drawn.device) drawDevices(part.device, state);
    if (state.takes !== drawn.takes) drawTakes(part, state, engine);
    part.wave.draw(state.picture);
    part.player.hidden = state.takes.length === 0;
    drawn = { ...state };
  };
  const events = {
    change: draw,
    level: ({ detail }) => drawSound(part, engine, detail),
    progress: () => drawProgress(part, engine),
  };
  keepKeys(root);
  listen(part, engine);
  for (const [name, act] of Object.entries(events)) engine.addEventListener(name, act);
  engine.join();
  draw();
  drawSound(part, engine, -100);
  drawProgress(part, engine);
  el.append(root);
  return () => {
    for (const [name, act] of Object.entries(events)) engine.removeEventListener(name, act);
    root.remove();
    engine.leave();
  };
}

export default () => {
  let engine = null;
  return {
    initialize({ model }) {
      engine = new RecorderEngine(model);
      return () => engine.shutdown("widget removed");
    },
    render: ({ el }) => recorderView(engine, el),
  };
};
