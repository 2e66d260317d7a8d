// What the talk has cost and how long it may last yet, in one strip; and the way to the microphone's
// settings.

const LEFT =
  "A server ends a session after a time. rtkit opens a new one with the same history in a quiet " +
  "moment before.";
const NEAR_S = 120; // from here on the seconds are shown

/** How long the session may last yet. */
function drawLeft(left, ends) {
  const seconds = ends === null ? 0 : Math.max(0, Math.round((ends - performance.now()) / 1000));
  const near = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")} left`;
  const words = seconds > NEAR_S ? `${Math.ceil(seconds / 60)} min left` : near;
  left.hidden = seconds === 0;
  left.dataset.near = String(seconds <= NEAR_S);
  if (left.textContent !== words) left.textContent = words;
}

function meters(engine) {
  const cost = element("span", { class: "rtkit-cost" });
  const left = element("span", { class: "rtkit-left", title: LEFT });
  const half = element("span", { class: "rtkit-half-note", title: HALF_DUPLEX }, "Half-duplex");
  const open = button("check", "Microphone check", () => {
    if (engine.state.check === "open") engine.check.close();
    else engine.check.begin();
  });
  const strip = element("div", { class: "rtkit-meters", role: "group", "aria-label": "Cost and time" }, cost, left, half, open);
  return {
    element: strip,
    draw(state) {
      cost.hidden = !state.cost;
      cost.textContent = state.cost?.text ?? "";
      cost.title = state.cost?.more ?? "";
      half.hidden = !state.half_duplex;
      open.hidden = state.check === "offer";
      open.setAttribute("aria-expanded", String(state.check === "open"));
      drawLeft(left, state.ends);
      strip.hidden = [...strip.children].every((part) => part.hidden);
    },
    tick: (state) => drawLeft(left, state.ends),
  };
}
