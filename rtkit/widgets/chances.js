// The lower lane of a tuner's picture: the probability of speech and the thresholds.

const HANDLE_STEP = 18; // from one handle to the next, in CSS pixels

/** Whether a slider moves its threshold. */
function hasHandle({ settings }) {
  return settings.mode === "server_vad";
}

/** The slider's, or the one that a mode without such a slider goes by. */
function thresholdOf(side) {
  return hasHandle(side) ? side.settings.threshold : side.threshold;
}

function chanceAt([top, bottom], y) {
  return Math.max(0, Math.min(1, (bottom - y) / (bottom - top)));
}

function drawChances(pen, rows, scale, clip, a, { dim, line, a: colour }) {
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
  if (!hasHandle(side)) return;
  let middle = at;
  if (other && hasHandle(other) && Math.abs(y(thresholdOf(other)) - at) < HANDLE_STEP) {
    const below = threshold < thresholdOf(other); // the lower threshold's line is there, too
    middle = Math.round(y(thresholdOf(other))) + (below ? HANDLE_STEP : -HANDLE_STEP) + 0.5;
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
