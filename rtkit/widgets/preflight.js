// Before the talk: is the microphone allowed, is it the right one, how loud, is there an echo.

const PERMISSIONS = { granted: "Allowed", prompt: "The browser will ask", denied: "Refused" };
const RECENT_MS = 3000; // the loudest moment of so long is judged
const QUIET_DB = -45; // the loudest 20 ms of a voice that is heard well are above it
const NOTHING_DB = -90;
const CLIPPED = 0.999;
const VERDICTS = {
  wait: "Say a few words",
  nothing: "No sound at all: is it muted, or switched off?",
  quiet: "Too quiet so far: say a few words, closer to the microphone",
  good: "Good",
  clipping: "Clipping: speak softer, or turn the microphone's level down",
};
const HALF_DUPLEX =
  "Half-duplex: while the assistant speaks the microphone hears nothing, so it cannot hear itself. " +
  "Interrupt by the button.";

/** Judges the level in words, from the frames of the last seconds. */
class LevelJudge {
  constructor() {
    this.frames = []; // {at, level, peak}
    this.began = null;
  }

  verdict({ level, peak }, now) {
    this.began ??= now;
    this.frames.push({ at: now, level, peak });
    while (this.frames[0].at < now - RECENT_MS) this.frames.shift();
    const loudest = Math.max(...this.frames.map((frame) => frame.level));
    if (this.frames.some((frame) => frame.peak >= CLIPPED)) return "clipping";
    if (loudest > QUIET_DB) return "good";
    if (now - this.began < RECENT_MS / 2) return "wait";
    return loudest > NOTHING_DB ? "quiet" : "nothing";
  }
}

function preflightParts(engine) {
  const { check } = engine;
  const part = {
    offer: element("p", { class: "rtkit-hint" }, "First time here? See whether the microphone is right and the assistant cannot hear itself."),
    begin: button("begin", "Check the microphone", () => check.begin()),
    close: button("skip", "Skip", () => check.close()),
    permission: element("span", { class: "rtkit-permission" }),
    device: element("select", { class: "rtkit-device", "aria-label": "Microphone", ...OWN_KEYS }),
    bar: element("div", { class: "rtkit-bar" }),
    verdict: element("span", { class: "rtkit-verdict", role: "status" }),
    test: button("echotest", "Test for echo", () => check.testEcho()),
    echo: element("span", { class: "rtkit-echo", role: "status" }),
    half: element("input", { type: "checkbox", ...OWN_KEYS }),
  };
  part.meter = meter(part.bar);
  part.device.addEventListener("change", () => engine.chooseDevice(part.device.value));
  part.half.addEventListener("change", () => engine.tell({ type: "half_duplex", on: part.half.checked }));
  return part;
}

function preflightRows(part) {
  const half = element("label", { class: "rtkit-half", title: HALF_DUPLEX }, part.half, "Half-duplex: the microphone waits while the assistant speaks");
  const row = (name, ...content) =>
    element("div", { class: "rtkit-check-row" }, element("span", { class: "rtkit-check-name" }, name), element("div", { class: "rtkit-check-what" }, ...content));
  return element(
    "div",
    { class: "rtkit-check-rows" },
    row("Microphone", part.device, part.permission),
    row("Level", part.meter, part.verdict),
    row("Echo", part.test, part.echo),
    row("", half),
  );
}

function drawEcho(part, { echo, checking, mic }) {
  const running = Boolean(echo?.running);
  part.test.disabled = !checking || running;
  part.test.textContent = running ? "Listening" : echo?.verdict ? "Test again" : "Test for echo";
  part.test.title = mic === "live" ? "Turn the microphone off first" : "Plays a sound of 1.6 s and listens whether it comes back";
  const words = running ? "You should hear a sound go up and down. Please keep quiet." : echo?.text;
  if (part.echo.textContent !== (words ?? "")) part.echo.textContent = words ?? "";
  part.echo.dataset.verdict = running ? "" : (echo?.verdict ?? "");
}

function drawDeviceRow(part, state, drawn) {
  if (state.devices !== drawn.devices || state.device !== drawn.device) drawDevices(part.device, state);
  part.device.disabled = state.devices.length === 0 || state.mic === "asking";
  part.permission.textContent = PERMISSIONS[state.permission] ?? "";
  part.permission.dataset.permission = state.permission ?? "";
}

/** The region: one line that offers the check, or the check itself. */
function preflight(engine) {
  const part = preflightParts(engine);
  const rows = preflightRows(part);
  const root = element(
    "section",
    { class: "rtkit-preflight", "aria-label": "Microphone check" },
    part.offer,
    rows,
    element("div", { class: "rtkit-check-foot" }, part.begin, part.close),
  );
  let drawn = {};
  let judge = new LevelJudge();
  const say = (verdict) => {
    if (part.verdict.dataset.verdict === verdict) return;
    part.verdict.dataset.verdict = verdict;
    part.verdict.textContent = VERDICTS[verdict] ?? "";
  };
  return {
    element: root,
    draw(state) {
      const open = state.check === "open";
      const listening = state.checking || state.mic === "live";
      root.hidden = !(open || (state.check === "offer" && state.lines.length === 0 && state.mic === "off"));
      part.offer.hidden = open;
      rows.hidden = !open;
      part.begin.hidden = open && listening;
      part.close.textContent = open ? "Done" : "Skip";
      part.half.checked = Boolean(state.half_duplex);
      drawDeviceRow(part, state, drawn);
      drawEcho(part, state);
      if (!listening) {
        judge = new LevelJudge();
        drawLevel(part, -100);
        say("");
      }
      drawn = { ...state };
    },
    hear(level) {
      if (rows.hidden || !(engine.state.checking || engine.state.mic === "live")) return;
      drawLevel(part, level);
      say(judge.verdict({ level, peak: engine.peak }, performance.now()));
    },
  };
}
