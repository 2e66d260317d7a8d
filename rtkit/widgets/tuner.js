// One view of a tuner: the picture, the sliders, the figures. It draws the state and keeps nothing.

const PLAY_ICON = "M7 4.5v15l12.5-7.5z";
const STOP_ICON = "M6 5h4.5v14H6zM13.5 5H18v14h-4.5z";
const QUIET_MS = 600; // without a change before it is read aloud
const DETECTORS = { silero: "Silero", webrtc: "WebRTC", energy: "energy" };
const LEGEND = [
  ["truth", "where somebody really speaks"],
  ["padding", "kept from before the first word"],
  ["speech", "speech"],
  ["silence", "silence that is waited for"],
  ["end", "the turn ends: this is when the answer can begin"],
];

function tunerParts(tuning) {
  const part = {
    play: button("tuner-play", "", () => tuning.toggle()),
    time: element("span", { class: "rtkit-tuner-time" }),
    says: element("div", { class: "rtkit-tuner-says" }),
    live: element("div", { class: "rtkit-tuner-aloud", role: "status", "aria-live": "polite" }),
    compare: button("tuner-compare", "Compare", () => tuning.compare(!tuning.state.b)),
    notice: element("div", { class: "rtkit-notice", role: "alert" }),
    lanes: element("canvas", { class: "rtkit-tuner-lanes", "aria-hidden": "true" }),
    cursor: element("canvas", { class: "rtkit-tuner-cursor", "aria-hidden": "true" }),
    turns: element("div", { class: "rtkit-tuner-turns" }),
    table: element("table", { class: "rtkit-tuner-table" }),
    difference: element("p", { class: "rtkit-tuner-difference" }),
    took: element("span", { class: "rtkit-tuner-took" }),
    note: element("p", { class: "rtkit-tuner-note" }),
    applyA: button("tuner-apply-a", "", () => tuning.apply("a")),
    applyB: button("tuner-apply-b", "Apply B", () => tuning.apply("b")),
    applied: element("span", { role: "status" }),
    a: knobs("a", tuning),
    b: knobs("b", tuning),
  };
  part.apply = element("div", { class: "rtkit-tuner-apply" }, part.applyA, part.applyB, part.applied);
  part.stage = element(
    "div",
    { class: "rtkit-tuner-stage", tabindex: "0", role: "slider", "aria-label": "Place in the clip", ...OWN_KEYS },
    part.lanes,
    part.cursor,
  );
  [part.detector, part.detectorLabel] = choice("Detector", "detector", {}, (name) => tuning.choose(name));
  return part;
}

function tunerLayout(part) {
  const legend = LEGEND.map(([name, text]) => {
    const swatch = element("i", { class: `rtkit-tuner-swatch rtkit-tuner-${name}` });
    return element("span", { "data-name": name }, swatch, text);
  });
  const title = element("div", { class: "rtkit-tuner-title" }, part.says, part.time);
  return element(
    "section",
    { class: "rtkit-panel rtkit-tuner", "aria-label": "Turn detection tuner" },
    element("header", { class: "rtkit-tuner-head" }, part.play, title, part.compare),
    part.notice,
    part.stage,
    element("div", { class: "rtkit-tuner-legend" }, ...legend),
    part.turns,
    element("div", { class: "rtkit-tuner-sides" }, part.a.root, part.b.root),
    element("div", { class: "rtkit-tuner-results" }, part.table, part.difference),
    part.apply,
    element("footer", { class: "rtkit-tuner-foot" }, part.detectorLabel, part.note, part.took),
    part.live,
  );
}

const seconds = (value) => value.toFixed(2);

function drawHead(part, { clip, says, busy, notice, cursor, b }, playing) {
  if (part.play.dataset.playing !== String(playing)) {
    part.play.dataset.playing = String(playing);
    part.play.replaceChildren(icon(playing ? STOP_ICON : PLAY_ICON));
    part.play.setAttribute("aria-label", playing ? "Pause" : "Play the clip");
    part.play.title = playing ? "Pause" : "Play the clip";
  }
  part.says.textContent = busy || says;
  part.time.textContent = clip ? `${seconds(cursor)} of ${seconds(clip.duration)} s` : "";
  part.notice.hidden = !notice;
  part.notice.textContent = notice?.text ?? "";
  part.compare.setAttribute("aria-pressed", String(Boolean(b)));
  part.play.disabled = part.compare.disabled = !clip?.duration;
}

function drawFoot(part, { clip, took_ms }) {
  part.note.textContent = clip.note;
  part.took.textContent = took_ms === null ? "" : `redrawn in ${Math.round(took_ms)} ms`;
  if (part.detector.length !== clip.detectors.length) {
    const options = clip.detectors.map((value) => element("option", { value }, DETECTORS[value] ?? value));
    part.detector.replaceChildren(...options);
  }
  part.detector.value = clip.detector;
}

/** A canvas of this size in CSS pixels, sharp on any screen; its pen. */
function penOf(canvas, width, height) {
  const ratio = window.devicePixelRatio || 1;
  const [wide, high] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== wide || canvas.height !== high) {
    [canvas.width, canvas.height] = [wide, high];
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
  }
  const pen = canvas.getContext("2d");
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  return pen;
}

function coloursOf(root) {
  const style = getComputedStyle(root);
  const names = ["ink", "dim", "line", "back", "a", "b"];
  const colours = names.map((name) => [name, style.getPropertyValue(`--rtkit-${name}`).trim()]);
  return { ...Object.fromEntries(colours), font: style.fontFamily };
}

/** Calls `act` when other colours are in force; the function that comes back ends that. */
function watchTheme(act) {
  const observer = new MutationObserver(act); // JupyterLab names its theme when it is loaded
  observer.observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-name", "class"] });
  const dark = matchMedia("(prefers-color-scheme: dark)");
  dark.addEventListener("change", act);
  return () => {
    observer.disconnect();
    dark.removeEventListener("change", act);
  };
}

/** Draws the tuning into `el`; the function that comes back ends the view. */
function tunerView(tuning, el) {
  const part = tunerParts(tuning);
  const root = tunerLayout(part);
  const { state } = tuning;
  let frame = null;
  let aloud = null;

  const drawPicture = () => {
    const width = part.stage.clientWidth;
    if (width === 0) return;
    const { height } = rowsOf(state);
    drawLanes(penOf(part.lanes, width, height), state, width, coloursOf(root));
    drawMoving();
  };
  const drawMoving = () => {
    const width = part.stage.clientWidth;
    const { clip, cursor } = state;
    if (!clip || width === 0) return;
    const pen = penOf(part.cursor, width, rowsOf(state).height);
    drawCursor(pen, state, width, coloursOf(root), tuning.playing);
    part.time.textContent = `${seconds(cursor)} of ${seconds(clip.duration)} s`;
    part.stage.setAttribute("aria-valuenow", seconds(cursor));
    part.stage.setAttribute("aria-valuetext", `${seconds(cursor)} seconds`);
  };
  const draw = () => {
    frame = null;
    root.dataset.labelled = String(Boolean(state.clip?.labels?.length));
    root.dataset.ready = String(Boolean(state.clip));
    drawHead(part, state, tuning.playing);
    if (!state.clip?.probabilities || !state.a) return;
    part.stage.setAttribute("aria-valuemin", "0");
    part.stage.setAttribute("aria-valuemax", seconds(state.clip.duration));
    part.a.draw(state);
    part.b.draw(state);
    drawTurns(part, state, tuning);
    drawTable(part, state);
    drawApply(part, state);
    drawPicture();
    tuning.drawn();
    drawFoot(part, state);
    clearTimeout(aloud);
    aloud = setTimeout(() => sayAloud(part.live, state.busy || state.says), QUIET_MS);
  };
  const change = () => {
    frame ??= requestAnimationFrame(draw);
  };
  const resize = new ResizeObserver(change);

  keepKeys(root);
  pointing(part.stage, tuning);
  const unwatch = watchTheme(change);
  tuning.addEventListener("change", change);
  tuning.addEventListener("cursor", drawMoving);
  tuning.join();
  el.append(root);
  resize.observe(part.stage);
  draw();
  return () => {
    cancelAnimationFrame(frame);
    clearTimeout(aloud);
    resize.disconnect();
    unwatch();
    tuning.removeEventListener("change", change);
    tuning.removeEventListener("cursor", drawMoving);
    root.remove();
    tuning.leave();
  };
}

function sayAloud(live, text) {
  if (live.textContent !== text) live.textContent = text;
}

export default () => {
  let tuning = null;
  return {
    initialize({ model }) {
      tuning = new Tuning(model);
      return () => tuning.shutdown("widget removed");
    },
    render: ({ el }) => tunerView(tuning, el),
  };
};
