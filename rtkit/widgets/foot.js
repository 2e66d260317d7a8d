// The console's last row: what stops a speaker, how long the session lasts, the way of the sound.

const PATHS = {
  direct: ["direct", "Sound travels over a WebSocket straight to the kernel's process."],
  proxy: ["server proxy", "Sound travels over a WebSocket through jupyter-server-proxy."],
  messages: ["kernel messages", "Sound travels in kernel messages: turns are noticed about 0.1 s later."],
};
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

function drawPath(box, path) {
  const [name, title] = PATHS[path] ?? ["not connected", ""];
  box.textContent = `Audio: ${name}`;
  box.title = title;
}

function foot(engine) {
  const interrupt = button("interrupt", "Interrupt", () => engine.interrupt());
  const mute = button("mute", "Mute", () => engine.toggleMute());
  const off = button("off", "Microphone off", () => engine.stopMicrophone("turned off"));
  interrupt.title = "Stop the assistant: what is not yet heard is taken back";
  off.title = "Close the microphone";
  const left = element("div", { class: "rtkit-left", title: LEFT });
  const path = element("div", { class: "rtkit-path" });
  return {
    element: element("footer", { class: "rtkit-foot" }, interrupt, mute, off, left, path),
    draw(state) {
      mute.textContent = isMuted(state) ? "Unmute" : "Mute";
      mute.setAttribute("aria-pressed", String(isMuted(state)));
      mute.disabled = off.disabled = state.mic !== "live";
      mute.title = isMuted(state) ? "Be heard again" : "Send silence; the microphone stays open";
      interrupt.disabled = Boolean(state.replay) || !["speaking", "thinking"].includes(state.word);
      drawLeft(left, state.ends);
      drawPath(path, state.path);
    },
    tick: (state) => drawLeft(left, state.ends),
  };
}
