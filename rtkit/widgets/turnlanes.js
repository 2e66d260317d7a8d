// The upper lanes of a tuner's picture: the sound, the turns in it, and the words.

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
