// The microphone before the talk: open for its owner only. Nothing is sent, but while an echo test
// runs. The stream is handed on when the talk begins, so that the browser asks once.

const CHECK_LOST =
  "The microphone stopped: it was unplugged, or its permission was taken back. Choose another, or " +
  "plug it in again, then press Check the microphone.";
const SKIPPED = "rtkit.microphone-check"; // in localStorage, once it was done or skipped

/** Whether the check was done or skipped before in this browser; to be told so, give true. */
function skipped(now) {
  try {
    if (now) localStorage.setItem(SKIPPED, "yes");
    return localStorage.getItem(SKIPPED) !== null;
  } catch {
    return false; // a page may be denied its storage
  }
}

class MicrophoneCheck {
  constructor(engine) {
    this.engine = engine;
    this.trial = null; // a Capture
    this.permission = null; // PermissionStatus, where the browser has it
    this.onDevices = () => this.refresh();
    engine.set({ check: skipped() ? "closed" : "offer", checking: false, devices: [], device: "" });
  }

  /** Called with the first view: what the browser says without being asked. */
  async join() {
    navigator.mediaDevices?.addEventListener("devicechange", this.onDevices);
    this.permission ??= await navigator.permissions?.query({ name: "microphone" }).catch(() => null);
    if (this.permission) this.permission.onchange = () => this.refresh();
    await this.refresh();
  }

  async refresh() {
    const { engine } = this;
    const devices = await microphones();
    const gone = engine.state.device !== "" && !devices.some(({ deviceId }) => deviceId === engine.state.device);
    engine.set({ devices, device: gone ? "" : engine.state.device, permission: this.permission?.state });
  }

  /** Open the microphone for the check, or again with another device. */
  async begin() {
    const { engine } = this;
    engine.set({ check: "open", notice: null });
    if (engine.state.mic !== "off") return;
    this.release();
    engine.player(); // a gesture of the person is needed for sound, and this is one
    try {
      const stream = await engine.acquire();
      if (engine.state.check !== "open" || engine.state.mic !== "off") return stopTracks(stream);
      await this.listen(stream);
    } catch (error) {
      engine.refused(error);
    }
    await this.refresh();
  }

  async listen(stream) {
    const { engine } = this;
    const trial = new Capture(stream);
    this.trial = trial;
    trial.track.onended = () => this.lost();
    await trial.load();
    if (this.trial !== trial) return; // closed while it was opening
    trial.start((frame) => this.heard(frame));
    if (trial.context.state !== "running") engine.wake(trial.context);
    engine.set({ checking: true });
  }

  heard(frame) {
    if (this.engine.state.echo?.running) this.engine.sendFrame(frame);
    this.engine.showLevel(frame);
  }

  async testEcho() {
    const { engine } = this;
    if (!this.trial) return;
    try {
      await engine.connect();
      await engine.player();
    } catch {
      return engine.notice(NO_ANSWER);
    }
    engine.tell({ type: "echo", first: engine.sent });
  }

  lost() {
    this.release();
    this.engine.notice(CHECK_LOST);
    this.refresh();
  }

  /** The open stream, for the talk; undefined when there is none. */
  handOver() {
    const stream = this.trial?.leave();
    this.trial = null;
    skipped(true);
    this.engine.set({ checking: false, check: "closed" });
    return stream;
  }

  close() {
    skipped(true);
    this.release();
    this.engine.set({ check: "closed" });
  }

  release() {
    if (!this.trial) return;
    this.trial.release();
    this.trial = null;
    this.engine.set({ checking: false });
    this.engine.showLevel(SILENT_FRAME);
  }

  shutdown() {
    navigator.mediaDevices?.removeEventListener("devicechange", this.onDevices);
    if (this.permission) this.permission.onchange = null;
    this.release();
  }
}
