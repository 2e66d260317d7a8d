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
