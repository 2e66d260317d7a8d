// The engine of one recorder: the microphone, the list of takes, and the player of the chosen one.

const INSTEAD = "A spoken phrase or a file can stand in, below.";
const TAKE_KEPT =
  "The microphone stopped: it was unplugged, or its permission was taken back. What was recorded " +
  "until then is kept as a take.";
const CALLED_OFF = "The recording was called off before the microphone was open.";
const NO_SOUND_COMES =
  "The microphone is open, but no sound comes from it. Click once in this page; if that does not " +
  "help, choose another microphone or look at the system's sound settings.";
const NO_WEBRTC =
  "ipywebrtc, which opens the microphone, was not found in this page. Install it where JupyterLab " +
  `runs (pip install ipywebrtc), then load the page anew. ${INSTEAD}`;
const QUIET_NOW = "Very quiet so far: come closer to the microphone, or raise its level.";

const ANSWER_MS = 3000; // for the kernel's side to make a stream, and for its model to arrive
const LOOK_AGAIN_MS = 50;
const FIRST_SOUND_MS = 2000;
const LAST_FRAME_MS = 500;
const QUIET_AFTER_S = 2;
const QUIET_PEAK = 0.01; // -40 dBFS
const FRAME_S = 0.02;
const PIECE_BYTES = 384 * 1024; // of a file, in one message; a multiple of 3

/** The model of this id, which may still be on its way. */
async function findModel(manager, id) {
  for (let waited = 0; waited < ANSWER_MS; waited += LOOK_AGAIN_MS) {
    const model = await Promise.resolve().then(() => manager.get_model(id)).catch(() => null);
    if (model) return model;
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
  }
  return null;
}

/** The stream of an ipywebrtc camera. One that was refused is forgotten: its close() waits for it. */
async function opened(camera) {
  try {
    return await camera.captureStream();
  } catch (error) {
    camera.cameraStream = null;
    throw error;
  }
}

function sentenceOf(error) {
  if (error.name === "Said") return error.message;
  return microphoneSentence(error, INSTEAD);
}

function said(sentence) {
  return new DOMException(sentence, "Said");
}

class RecorderEngine extends LinkedEngine {
  constructor(model) {
    const processing = model.get("_processing");
    super(model, { mic: "off", devices: [], device: "", processing, takes: [], chosen: null, picture: null });
    this.mic = null; // a Capture
    this.answer = null; // {resolve, reject} of whoever waits for a stream
    this.seconds = 0;
    this.peak = 0;
    this.sound = new Audio();
    this.sound.addEventListener("play", () => this.follow());
    for (const name of ["pause", "loadedmetadata"]) this.sound.addEventListener(name, () => this.progress());
    this.onDevices = () => this.listDevices();
  }

  // ---- link

  welcome() {
    this.listDevices();
  }

  receive(data) {
    if (typeof data !== "string") return this.load(data);
    const message = JSON.parse(data);
    const act = {
      takes: () => this.set({ takes: message.rows, chosen: message.chosen }),
      picture: () => this.set({ picture: message }),
      notice: () => this.notice(message.text, message.kind),
      stream: () => this.answer?.resolve(message.id),
      refused: () => this.answer?.reject(said(`${message.text} ${INSTEAD}`)),
      record: () => this.record(),
      stop: () => this.stop(),
      bye: () => {
        this.parting = message.text;
      },
    }[message.type];
    act?.();
  }

  lost() {
    this.answer?.reject(said(NO_KERNEL));
    super.lost();
  }

  // ---- microphone

  async record() {
    if (this.state.mic !== "off") return;
    this.silence();
    this.set({ mic: "asking", notice: null });
    try {
      await this.connect();
    } catch {
      this.set({ mic: "off" });
      return this.notice(NO_ANSWER);
    }
    try {
      await this.openMicrophone();
    } catch (error) {
      this.refused(sentenceOf(error));
    }
  }

  async openMicrophone() {
    if (!navigator.mediaDevices) throw new DOMException("no microphone here", "NotSecure");
    const stream = await opened(await this.camera());
    if (this.state.mic !== "asking") return stopTracks(stream); // turned off while the browser asked
    const mic = new Capture(stream);
    this.mic = mic;
    mic.track.onended = () => this.stopMicrophone("the microphone was lost", TAKE_KEPT);
    await mic.load();
    if (this.mic !== mic) return; // turned off while it was opening
    this.begin(mic);
  }

  /** The ipywebrtc stream that the kernel's side makes for this take. */
  async camera() {
    const { device, processing } = this.state;
    const id = new Promise((resolve, reject) => {
      this.answer = { resolve, reject };
      setTimeout(reject, ANSWER_MS, said(NO_ANSWER));
    });
    this.tell({ type: "open", device, processing });
    const camera = await findModel(this.model.widget_manager, await id);
    if (typeof camera?.captureStream !== "function") throw said(NO_WEBRTC);
    return camera;
  }

  begin(mic) {
    this.seconds = this.peak = 0;
    this.tell({ type: "microphone", on: true, label: mic.track.label });
    mic.start((frame) => this.heard(frame));
    if (mic.context.state !== "running") this.wake(mic.context);
    this.set({ mic: "recording" });
    this.listDevices();
    setTimeout(() => this.mic === mic && this.seconds === 0 && this.notice(NO_SOUND_COMES), FIRST_SOUND_MS);
  }

  heard(frame) {
    if (!this.link || !this.mic) return;
    this.link.send(packed(frame));
    this.seconds += FRAME_S;
    this.peak = Math.max(this.peak, frame.peak);
    this.dispatchEvent(new CustomEvent("level", { detail: frame.level }));
    this.hint();
    if (frame.last) this.stopMicrophone("");
  }

  /** Says while there is time to do something about it that the take is very quiet. */
  hint() {
    const quiet = this.seconds > QUIET_AFTER_S && this.peak < QUIET_PEAK;
    if (quiet && !this.state.notice) this.notice(QUIET_NOW, "hint");
    if (!quiet && this.state.notice?.text === QUIET_NOW) this.notice(null);
  }

  /** End the take with its last sample. */
  stop() {
    if (this.state.mic === "asking") return this.stopMicrophone("");
    if (this.state.mic !== "recording") return;
    const { mic } = this;
    this.set({ mic: "ending" });
    mic.finish();
    setTimeout(() => this.mic === mic && this.stopMicrophone(""), LAST_FRAME_MS);
  }

  stopMicrophone(reason, sentence = null) {
    const { mic } = this.state;
    if (mic === "off") return;
    if (mic === "asking") return this.refused(CALLED_OFF);
    this.release();
    this.tell({ type: "microphone", on: false, reason, sentence });
    this.notice(sentence);
  }

  refused(sentence) {
    if (this.state.mic === "off") return; // called off while it was being opened
    this.release();
    this.tell({ type: "refused", sentence });
    this.notice(sentence);
  }

  release() {
    this.mic?.release();
    this.mic = null;
    this.set({ mic: "off" });
    this.dispatchEvent(new CustomEvent("level", { detail: -100 }));
  }

  async listDevices() {
    this.set({ devices: await microphones() });
  }

  // ---- takes

  load(data) {
    URL.revokeObjectURL(this.sound.src);
    this.sound.src = URL.createObjectURL(new Blob([data.slice(4)], { type: "audio/wav" }));
    this.progress();
  }

  togglePlay() {
    if (this.sound.paused) this.sound.play().catch(() => this.notice(NO_SOUND, "hint"));
    else this.sound.pause();
  }

  /** Go to a part of the take, 0 to 1. */
  seek(part) {
    if (Number.isFinite(this.sound.duration)) this.sound.currentTime = part * this.sound.duration;
    this.progress();
  }

  progress() {
    this.dispatchEvent(new Event("progress"));
  }

  follow() {
    this.progress();
    if (!this.sound.paused) requestAnimationFrame(() => this.follow());
  }

  silence() {
    this.sound.pause();
  }

  // ---- what a person does

  press() {
    if (this.state.mic === "off") return this.record();
    this.stop();
  }

  choose(number) {
    this.silence();
    this.ask({ type: "choose", number });
  }

  delete(number) {
    this.silence();
    this.ask({ type: "delete", number });
  }

  say(text) {
    this.ask({ type: "say", text });
  }

  async sendFile(file) {
    const count = Math.max(1, Math.ceil(file.size / PIECE_BYTES));
    for (let piece = 0; piece < count; piece += 1) {
      const part = file.slice(piece * PIECE_BYTES, (piece + 1) * PIECE_BYTES);
      await this.ask({ type: "file", name: file.name, piece, count, data: await base64(part) });
    }
  }

  async ask(message) {
    try {
      await this.connect();
      this.tell(message);
    } catch {
      this.notice(NO_ANSWER);
    }
  }

  // ---- life

  join() {
    navigator.mediaDevices?.addEventListener("devicechange", this.onDevices);
    super.join();
  }

  shutdown(reason) {
    navigator.mediaDevices?.removeEventListener("devicechange", this.onDevices);
    super.shutdown(reason);
  }
}

function base64(blob) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result.split(",", 2)[1] ?? "");
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(blob);
  });
}
