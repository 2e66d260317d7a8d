// The picture of a tuner, drawn on a canvas: sound and turns above, probability of speech below.
// Functions of the state, a width and colours; they keep nothing.

const LEFT = 24; // of the time axis, in CSS pixels
const RIGHT = 44; // room for the handles of the thresholds
const ROWS = { flags: 20, truth: 10, wave: 112, words: 18, second: 30, caption: 24, chance: 96, axis: 22 };
const STEPS = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60];

/** Where each row lies ([top, bottom] in CSS pixels), and the height of all. */
function rowsOf({ clip, b }) {
  const shown = { ...ROWS };
  if (!clip?.labels?.length) shown.truth = 0;
  if (!clip?.words?.length) shown.words = 0;
  if (!b) shown.second = 0;
  const rows = {};
  let y = 0;
  for (const name of ["flags", "truth", "wave", "words"]) rows[name] = [y, (y += shown[name])];
  if (b && !shown.words) y += 6;
  rows.second = [y, (y += shown.second)];
  if (b) y += ROWS.flags; // its waits, below its band
  rows.caption = [y, (y += shown.caption)];
  rows.chance = [y, (y += shown.chance)];
  rows.axis = [y, (y += shown.axis)];
  return { ...rows, height: y };
}

/** Seconds to pixels and back. */
function scaleOf(width, duration) {
  const wide = Math.max(1, width - LEFT - RIGHT);
  return {
    left: LEFT,
    right: LEFT + wide,
    wide,
    x: (seconds) => LEFT + (wide * seconds) / Math.max(duration, 1e-3),
    seconds: (x) => ((x - LEFT) / wide) * duration,
  };
}

/** The slider's, or the one that a mode without such a slider goes by. */
function thresholdOf({ settings, threshold }) {
  return settings.mode === "server_vad" ? settings.threshold : threshold;
}

function chanceAt([top, bottom], y) {
  return Math.max(0, Math.min(1, (bottom - y) / (bottom - top)));
}

function drawLanes(pen, state, width, colours) {
  const rows = rowsOf(state);
  pen.clearRect(0, 0, width, rows.height);
  pen.font = `11px ${colours.font}`;
  pen.textBaseline = "middle";
  const scale = scaleOf(width, state.clip.duration);
  const { clip, a, b } = state;
  drawAxis(pen, rows, scale, clip.duration, colours);
  if (clip.labels?.length) drawTruth(pen, rows.truth, scale, clip.labels, colours);
  drawBands(pen, rows.wave, scale, a.turns, colours.a, clip.duration);
  drawWave(pen, rows.wave, scale, clip, a.turns, colours);
  drawEnds(pen, [rows.wave[0], rows.chance[1]], rows.flags, scale, a.turns, colours.a, colours);
  if (clip.words?.length) drawWords(pen, rows.words, scale, clip.words, colours);
  if (b) {
    drawBands(pen, rows.second, scale, b.turns, colours.b, clip.duration);
    const flags = [rows.second[1], rows.second[1] + ROWS.flags];
    drawEnds(pen, [rows.second[0], rows.second[1]], flags, scale, b.turns, colours.b, colours);
    mark(pen, "A", rows.wave, colours.a, colours);
    mark(pen, "B", rows.second, colours.b, colours);
  }
  drawChances(pen, rows, scale, clip, a, colours);
  if (b) drawThreshold(pen, rows.chance, scale, b, colours.b, colours, a);
  drawThreshold(pen, rows.chance, scale, a, colours.a, colours, null);
}

function mark(pen, letter, [top, bottom], colour, { font }) {
  pen.fillStyle = colour;
  pen.font = `600 12px ${font}`;
  pen.textAlign = "left";
  pen.fillText(letter, 4, (top + bottom) / 2);
  pen.font = `11px ${font}`;
}

function drawAxis(pen, rows, scale, duration, { dim, line }) {
  const [top, bottom] = rows.axis;
  const step = STEPS.find((s) => (scale.wide * s) / Math.max(duration, 1e-3) >= 46) ?? 120;
  const digits = step < 1 ? 1 : 0;
  pen.strokeStyle = line;
  pen.fillStyle = dim;
  pen.textAlign = "center";
  pen.lineWidth = 1;
  rule(pen, scale.left, top + 0.5, scale.right, top + 0.5);
  for (let n = 0; n * step <= duration + 1e-6; n += 1) {
    const x = Math.round(scale.x(n * step)) + 0.5;
    rule(pen, x, top, x, top + 4);
    pen.fillText((n * step).toFixed(digits), x, (top + bottom) / 2 + 3);
  }
  pen.textAlign = "left";
  pen.fillText("s", scale.right + 16, (top + bottom) / 2 + 3);
}

function drawTruth(pen, [top], scale, labels, { ink }) {
  pen.fillStyle = ink;
  for (const [start, end] of labels) {
    pen.fillRect(scale.x(start), top + 2, Math.max(2, scale.x(end) - scale.x(start)), 3);
  }
}

/** Padding light, speech full, the silence that was waited for hatched. */
function drawBands(pen, [top, bottom], scale, turns, colour, duration) {
  const high = bottom - top;
  for (const turn of turns) {
    const x = (ms) => scale.x(Math.min(ms / 1000, duration));
    const end = turn.end ?? duration * 1000;
    const quiet = Math.min(turn.speech_end ?? end, end);
    pen.fillStyle = colour;
    pen.globalAlpha = 0.09;
    pen.fillRect(x(turn.start), top, x(end) - x(turn.start), high);
    pen.globalAlpha = 0.15;
    pen.fillRect(x(turn.speech_start), top, x(quiet) - x(turn.speech_start), high);
    pen.globalAlpha = 0.45;
    hatch(pen, x(quiet), top, x(end) - x(quiet), high, colour);
    pen.globalAlpha = 1;
    pen.strokeStyle = colour;
    pen.lineWidth = 1;
    dashed(pen, [2, 3], Math.round(x(turn.start)) + 0.5, top, Math.round(x(turn.start)) + 0.5, bottom);
  }
}

function hatch(pen, x, y, wide, high, colour) {
  if (wide < 1) return;
  pen.save();
  pen.beginPath();
  pen.rect(x, y, wide, high);
  pen.clip();
  pen.strokeStyle = colour;
  pen.lineWidth = 1;
  pen.beginPath();
  const first = Math.floor((x - high) / 6) * 6; // the same lines wherever the band begins
  for (let at = first; at < x + wide; at += 6) {
    pen.moveTo(at, y + high);
    pen.lineTo(at + high, y);
  }
  pen.stroke();
  pen.restore();
}

function drawWave(pen, rows, scale, clip, turns, { dim, ink, line }) {
  const [top, bottom] = rows;
  const path = waveOf(clip, rows, scale);
  const middle = Math.round((top + bottom) / 2) + 0.5;
  pen.strokeStyle = line;
  pen.lineWidth = 1;
  rule(pen, scale.left, middle, scale.right, middle);
  pen.globalAlpha = 0.55;
  pen.fillStyle = dim;
  pen.fill(path);
  pen.save();
  pen.beginPath();
  for (const turn of turns) {
    const x = scale.x(turn.speech_start / 1000);
    const end = scale.x(Math.min((turn.speech_end ?? Infinity) / 1000, clip.duration));
    pen.rect(x, top, end - x, bottom - top);
  }
  pen.clip();
  pen.globalAlpha = 1;
  pen.fillStyle = ink;
  pen.fill(path);
  pen.restore();
}

/** The outline of the sound, made once for each width. */
function waveOf(clip, [top, bottom], scale) {
  const columns = Math.max(1, Math.round(scale.wide));
  const key = `${columns} ${top}`;
  if (clip.wave?.key === key) return clip.wave.path;
  const { low, high, top: loudest } = clip.peaks(columns);
  const middle = (top + bottom) / 2;
  const tall = (bottom - top - 12) / 2 / loudest;
  const path = new Path2D();
  for (let x = 0; x < columns; x += 1) {
    path.rect(scale.left + x, middle - high[x] * tall, 1, Math.max(1, (high[x] - low[x]) * tall));
  }
  clip.wave = { key, path };
  return path;
}

/** The moment at which each turn ends, and how long the caller has waited by then. */
function drawEnds(pen, [top, bottom], flags, scale, turns, colour, colours) {
  const under = flags[0] >= bottom; // the texts lie below the band
  let free = scale.left;
  turns.forEach((turn, n) => {
    const open = turn.decided === null;
    const end = open ? scale.right : scale.x(turn.decided / 1000);
    const x = Math.min(Math.round(end) + 0.5, scale.right);
    if (!open) drawEnd(pen, x, top, bottom, colour, under);
    const text = open ? "still open" : `${Math.round(turn.wait)} ms`;
    const wide = pen.measureText(`${n + 1}  ${text}`).width;
    const left = Math.max(scale.left, Math.min(x - wide / 2, scale.right + RIGHT - 8 - wide));
    if (left < free) return; // no room: the line itself says where
    const y = (flags[0] + flags[1]) / 2 + (under ? 3 : -2);
    free = left + wide + 8;
    pen.textAlign = "left";
    pen.fillStyle = colour;
    pen.font = `600 11px ${colours.font}`;
    pen.fillText(`${n + 1}`, left, y);
    pen.font = `11px ${colours.font}`;
    pen.fillStyle = colours.ink;
    pen.fillText(text, left + pen.measureText(`${n + 1}  `).width, y);
  });
}

function drawEnd(pen, x, top, bottom, colour, under) {
  const low = Math.min(bottom, top + ROWS.wave);
  pen.strokeStyle = pen.fillStyle = colour;
  pen.lineWidth = 1.5;
  rule(pen, x, top, x, low);
  pen.lineWidth = 1;
  pen.globalAlpha = 0.5;
  if (bottom > low) dashed(pen, [1, 3], x, low, x, bottom);
  pen.globalAlpha = 1;
  const [tip, back] = under ? [bottom, 5] : [top, -5];
  pen.beginPath();
  pen.moveTo(x - 4, tip + back);
  pen.lineTo(x + 4, tip + back);
  pen.lineTo(x, tip);
  pen.fill();
}

function drawWords(pen, [top, bottom], scale, words, { dim }) {
  pen.fillStyle = dim;
  pen.textAlign = "left";
  let free = 0;
  for (const [text, ms] of words) {
    const x = Math.max(scale.x(ms / 1000) - pen.measureText(text).width, free, scale.left);
    pen.fillText(text, x, (top + bottom) / 2);
    free = x + pen.measureText(`${text} `).width;
  }
}

function drawChances(pen, rows, scale, clip, a, { dim, line, back, a: colour }) {
  const [top, bottom] = rows.chance;
  pen.fillStyle = dim;
  pen.textAlign = "left";
  pen.fillText(`Probability of speech (${clip.detector})`, scale.left, (rows.caption[0] + rows.caption[1]) / 2 + 2);
  pen.textAlign = "right";
  pen.fillText("1", scale.left - 6, top + 1);
  pen.fillText("0", scale.left - 6, bottom - 1);
  const y = (chance) => bottom - chance * (bottom - top);
  const path = new Path2D();
  path.moveTo(scale.left, bottom);
  clip.probabilities.forEach((chance, n) => {
    path.lineTo(scale.x((n * clip.hop_ms) / 1000), y(chance));
    path.lineTo(Math.min(scale.x(((n + 1) * clip.hop_ms) / 1000), scale.right), y(chance));
  });
  const edge = new Path2D(path);
  path.lineTo(scale.x((clip.probabilities.length * clip.hop_ms) / 1000), bottom);
  pen.strokeStyle = line;
  pen.lineWidth = 1;
  rule(pen, scale.left, Math.round(top) + 0.5, scale.right, Math.round(top) + 0.5);
  pen.fillStyle = dim;
  pen.globalAlpha = 0.16;
  pen.fill(path);
  pen.save();
  pen.beginPath();
  pen.rect(scale.left, top, scale.wide, y(thresholdOf(a)) - top);
  pen.clip();
  pen.globalAlpha = 0.3;
  pen.fillStyle = colour;
  pen.fill(path);
  pen.restore();
  pen.globalAlpha = 0.9;
  pen.strokeStyle = dim;
  pen.stroke(edge);
  pen.globalAlpha = 1;
}

function drawThreshold(pen, [top, bottom], scale, side, colour, { back, dim, font }, other) {
  const y = (chance) => bottom - chance * (bottom - top);
  const threshold = thresholdOf(side);
  const at = Math.round(y(threshold)) + 0.5;
  pen.strokeStyle = colour;
  pen.lineWidth = 1;
  pen.globalAlpha = 0.7;
  const leave = Math.round(y(side.leave)) + 0.5;
  dashed(pen, [1, 3], scale.left, leave, scale.right, leave);
  pen.globalAlpha = 1;
  pen.lineWidth = 1.5;
  dashed(pen, [6, 3], scale.left, at, scale.right, at);
  if (side.settings.mode !== "server_vad") return; // no slider moves it
  let middle = at;
  if (other && Math.abs(y(thresholdOf(other)) - at) < 18) {
    const below = at >= y(thresholdOf(other));
    middle = Math.round(y(thresholdOf(other))) + (below ? 18 : -18) + 0.5;
  }
  pen.fillStyle = colour;
  pen.beginPath();
  pen.roundRect(scale.right + 4, middle - 8, 34, 16, 8);
  pen.fill();
  pen.fillStyle = back;
  pen.textAlign = "center";
  pen.font = `600 11px ${font}`;
  pen.fillText(threshold.toFixed(2), scale.right + 21, middle + 0.5);
  pen.font = `11px ${font}`;
}

function drawCursor(pen, state, width, { ink }, moving) {
  const rows = rowsOf(state);
  pen.clearRect(0, 0, width, rows.height);
  const x = Math.round(scaleOf(width, state.clip.duration).x(state.cursor)) + 0.5;
  pen.strokeStyle = pen.fillStyle = ink;
  pen.lineWidth = moving ? 1.5 : 1;
  pen.globalAlpha = moving ? 1 : 0.55;
  rule(pen, x, rows.flags[1], x, rows.chance[1]);
  pen.beginPath();
  pen.arc(x, rows.chance[1], 3.5, 0, 2 * Math.PI);
  pen.fill();
  pen.globalAlpha = 1;
}

function rule(pen, x1, y1, x2, y2) {
  pen.beginPath();
  pen.moveTo(x1, y1);
  pen.lineTo(x2, y2);
  pen.stroke();
}

function dashed(pen, pattern, ...line) {
  pen.setLineDash(pattern);
  rule(pen, ...line);
  pen.setLineDash([]);
}
