// The console's last row: what stops a speaker, and the way of the sound.

const PATHS = {
  direct: ["direct", "Your sound goes straight to the notebook's kernel: the quickest way."],
  proxy: ["server proxy", "Your sound goes to the notebook's kernel through the Jupyter server."],
  messages: [
    "kernel messages",
    "Your sound goes to the notebook's kernel in Jupyter's own messages: your turns are noticed about 0.1 s later.",
  ],
};
const NO_PATH = ["not connected", "No sound can go from this page to the notebook's kernel now."];

function drawPath(box, path) {
  const [name, title] = PATHS[path] ?? NO_PATH;
  box.textContent = `Audio: ${name}`;
  box.title = title;
}

function foot(engine) {
  const interrupt = button("interrupt", "Interrupt", () => engine.interrupt());
  const mute = button("mute", "Mute", () => engine.toggleMute());
  const off = button("off", "Turn microphone off", () => engine.stopMicrophone("turned off"));
  interrupt.title = "Stop the assistant: what is not yet heard is taken back";
  off.title = "Close the microphone";
  const path = element("div", { class: "rtkit-path" });
  return {
    element: element("footer", { class: "rtkit-foot" }, interrupt, mute, off, path),
    draw(state) {
      mute.textContent = isMuted(state) ? "Unmute" : "Mute";
      mute.setAttribute("aria-pressed", String(isMuted(state)));
      mute.disabled = off.disabled = state.mic !== "live";
      mute.title = isMuted(state) ? "Be heard again" : "Send silence; the microphone stays open";
      interrupt.disabled = Boolean(state.replay) || !["speaking", "thinking"].includes(state.word);
      drawPath(path, state.path);
    },
  };
}
