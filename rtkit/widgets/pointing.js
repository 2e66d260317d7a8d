// The mouse, the finger and the keys on the picture of a tuner: click to play from there, drag a
// threshold, space to play and stop, arrows to move.

const MOVES = { ArrowLeft: -0.1, ArrowRight: 0.1, ArrowDown: -1, ArrowUp: 1, PageDown: -5, PageUp: 5 };

/** The side whose threshold line is nearest to a height, of those that have one. */
function nearest(state, chance) {
  const far = (side) => Math.abs(state[side].settings.threshold - chance);
  const sides = ["a", "b"].filter((side) => state[side] && hasHandle(state[side]));
  return sides.sort((one, other) => far(one) - far(other))[0] ?? null;
}

function pointing(stage, tuning) {
  const { state } = tuning;
  let held = null; // the side whose threshold is being dragged
  let dragged = false; // whether the press that ends now began on the thresholds

  const place = (event) => {
    const box = stage.getBoundingClientRect();
    const rows = rowsOf(state);
    const y = event.clientY - box.top;
    const { seconds } = scaleOf(stage.clientWidth, state.clip.duration);
    const low = y >= rows.chance[0] - 8 && y <= rows.chance[1] + 8;
    return { low, chance: chanceAt(rows.chance, y), seconds: seconds(event.clientX - box.left) };
  };
  const drag = (chance) => tuning.change(held, "threshold", Math.round(chance * 100) / 100);

  stage.addEventListener("pointerdown", (event) => {
    if (!state.clip || event.button !== 0) return;
    const { low, chance } = place(event);
    held = low ? nearest(state, chance) : null;
    dragged = low;
    if (held === null) return;
    stage.setPointerCapture(event.pointerId);
    drag(chance);
  });
  stage.addEventListener("pointermove", (event) => {
    if (!state.clip) return;
    const { low, chance } = place(event);
    stage.style.cursor = low && nearest(state, chance) ? "ns-resize" : "pointer";
    if (held !== null) drag(chance);
  });
  for (const name of ["pointerup", "pointercancel"]) stage.addEventListener(name, () => (held = null));

  stage.addEventListener("click", (event) => {
    if (!state.clip || dragged) return;
    const { seconds } = place(event);
    tuning.play(Math.max(0, Math.min(seconds, state.clip.duration)));
  });
  stage.addEventListener("keydown", (event) => {
    const ends = { Home: 0, End: tuning.sound.duration };
    if (event.key === " ") tuning.toggle();
    else if (event.key in MOVES) tuning.seek(state.cursor + MOVES[event.key]);
    else if (event.key in ends) tuning.seek(ends[event.key]);
    else return;
    event.preventDefault();
  });
}
