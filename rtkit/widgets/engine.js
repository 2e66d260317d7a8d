// The engine of one console: the microphone, and all that a person does (the player: sounding.js).

const MOST_WAITING = 500; // frames: 10 s
const SILENT_FRAME = { level: -100, peak: 0 };

const TYPE_INSTEAD = "You can also type below.";
const LOST =
  "The microphone stopped: it was unplugged, or its permission was taken back. What was said so " +
  "far is kept. Press the microphone button to go on.";

/** The instant of the page's clock (ms) that comes after so many seconds; null stays null. */
const instant = (seconds) => (seconds === null ? null : performance.now() + 1000 * seconds);

class Engine extends SoundingEngine {
  constructor(model) {
    super(model, { mic: "off", muted: false, held: false, word: "ready", lines: [], ends: null, link: "none" });
    this.mic = null; // a Capture
    this.sent = 0; // frames of the microphone, those that wait for a link included
    this.waiting = []; // frames that were spoken while another way is looked for
    this.broken = []; // ways of transport that broke in mid-session
    this.peak = 0; // of the newest frame
    this.check = new MicrophoneCheck(this);
    this.holding = new Holding((told) => this.tell(told), (frame) => this.sendFrame(frame));
    this.download = new Download();
    this.decided = 0; // of the changes of settings: how many will be decided when all are
  }

  // ---- link

  welcome({ shown, lines, left }) {
    if (this.silent) this.tell({ type: "silent" });
    else if (this.sound) this.post({ do: "setLead", lead: this.lead() });
    this.set({ replay: null, ...shown, link: "up", lines, ends: instant(left) });
  }

  receive(data) {
    if (typeof data !== "string") return this.play(data);
    const message = JSON.parse(data);
    const act = {
      show: () => this.set(message.shown),
      left: () => this.set({ ends: instant(message.seconds) }),
      lines: () => this.set({ lines: [...this.state.lines.slice(0, message.from), ...message.lines] }),
      file: () => this.download.take(message),
      notice: () => this.notice(message.text, message.kind),
      finish: () => this.post({ do: "finish", item: message.item }),
      flush: () => this.flush(message.id),
      microphone: () => this.stopMicrophone(message.reason),
      bye: () => {
        this.parting = message.text;
      },
    }[message.type];
    act?.();
  }

  lost() {
    const { path } = this.link;
    this.link = null;
    this.silence();
    this.set({ path: null, word: "connecting", ends: null, replay: null });
    if (this.parting) this.giveUp();
    else this.changeWay(path);
  }

  giveUp() {
    this.broken = [];
    super.lost();
    this.set({ word: "ready", link: "lost" });
  }

  /** A way broke: the microphone stays open, and what is said waits until the next one is found. */
  async changeWay(path) {
    this.broken.push(path);
    this.notice(`The connection (${PATHS[path][0]}) broke. Looking for another way; go on speaking.`, "hint");
    try {
      await this.connect(this.broken);
    } catch {
      return this.giveUp();
    }
    if (this.views === 0) return this.hangUp();
    if (this.state.mic === "live") this.tellMicrophone();
    if (isManual(this.state)) this.tell({ type: this.state.held ? "press" : "release", tap: false });
    for (const frame of this.waiting.splice(0)) this.link.send(frame);
    this.notice(
      `The connection (${PATHS[path][0]}) broke: the sound travels by ${PATHS[this.link.path][0]} ` +
        "now. An answer that was being spoken ended there.",
      "hint",
    );
  }

  // ---- microphone

  async startMicrophone() {
    if (this.state.mic !== "off") return;
    this.set({ mic: "asking", notice: null });
    try {
      this.player();
      await this.connect();
    } catch {
      this.set({ mic: "off" });
      return this.notice(NO_ANSWER);
    }
    try {
      await this.openMicrophone();
    } catch (error) {
      this.refused(error);
    }
  }

  /** The stream of the chosen microphone, treated as it will be in the talk. */
  async acquire() {
    if (!navigator.mediaDevices) throw new DOMException("no microphone here", "NotSecure");
    const on = this.model.get("_processing");
    const { device } = this.state;
    return navigator.mediaDevices.getUserMedia({
      audio: {
        ...{ echoCancellation: on, noiseSuppression: on, autoGainControl: on, channelCount: 1 },
        ...(device ? { deviceId: { exact: device } } : {}),
      },
    });
  }

  async openMicrophone() {
    const stream = this.check.handOver() ?? (await this.acquire());
    if (this.state.mic !== "asking") return stopTracks(stream); // turned off while the browser asked
    await this.useMicrophone(stream);
    this.set({ mic: "live", muted: false });
    this.check.refresh();
  }

  /** Speak into this one from now on; the one before is closed. */
  async useMicrophone(stream) {
    const mic = new Capture(stream);
    mic.track.onended = () => this.stopMicrophone("the microphone's track ended", LOST);
    await mic.load();
    if (this.state.mic === "off") return mic.release(); // turned off while it was opening
    this.mic?.release();
    this.mic = mic;
    mic.track.enabled = !this.state.muted;
    this.tellMicrophone();
    mic.start((frame) => this.heard(frame));
    if (mic.context.state !== "running") this.wake(mic.context);
  }

  tellMicrophone() {
    const { track, context } = this.mic;
    const first = this.sent - this.waiting.length;
    const processing = this.model.get("_processing");
    const told = { label: track.label, rate: context.sampleRate, processing, first };
    this.tell({ type: "microphone", on: true, ...told });
  }

  refused(error) {
    const sentence = microphoneSentence(error, TYPE_INSTEAD);
    this.releaseMicrophone();
    this.set({ mic: "off" });
    this.tell({ type: "microphone", on: false, reason: `not opened: ${error.name}`, sentence });
    this.notice(sentence);
  }

  heard(frame) {
    this.test?.frames?.push(frame);
    if (isManual(this.state)) this.holding.hear(frame, performance.now());
    else this.sendFrame(frame);
    this.showLevel(this.state.muted ? SILENT_FRAME : frame);
  }

  /** Frames are counted as they are sent: what is held back leaves no gap. Without a link they wait. */
  sendFrame({ pcm }) {
    const frame = packed({ seq: this.sent, pcm });
    this.sent += 1;
    if (!this.link?.send(frame) && this.waiting.length < MOST_WAITING) this.waiting.push(frame);
  }

  showLevel({ level, peak }) {
    this.peak = peak;
    this.dispatchEvent(new CustomEvent("level", { detail: level }));
  }

  releaseMicrophone() {
    const mic = this.mic;
    this.mic = null;
    if (!mic) return;
    mic.release();
    this.waiting = [];
    this.showLevel(SILENT_FRAME);
  }

  stopMicrophone(reason, sentence = null) {
    this.check.release();
    if (this.state.mic === "off") return;
    this.release();
    this.releaseMicrophone();
    this.set({ mic: "off", muted: false });
    this.tell({ type: "microphone", on: false, reason, sentence });
    if (sentence) this.notice(sentence);
  }

  // ---- what a person does

  /** Another microphone, also in mid-talk; if it cannot be opened the one before goes on. */
  async chooseDevice(device) {
    const before = this.state.device;
    this.set({ device });
    if (this.state.checking) return this.check.begin();
    if (this.state.mic !== "live") return;
    try {
      await this.useMicrophone(await this.acquire());
    } catch (error) {
      this.set({ device: before });
      this.notice(microphoneSentence(error, "The one before goes on."));
    }
  }

  pressMicrophone() {
    if (this.state.mic === "off") return this.startMicrophone();
    this.stopMicrophone("turned off");
  }

  /** Push to talk: the button goes down. The first time it also opens the microphone. */
  press() {
    if (this.state.held || !this.link) return;
    this.set({ held: true, ...(this.state.notice?.kind === "hint" ? { notice: null } : {}) });
    this.holding.press(performance.now());
    if (this.state.mic === "live") this.interrupt();
    else this.startMicrophone();
  }

  release() {
    if (!this.state.held) return;
    this.set({ held: false });
    this.holding.release();
  }

  chooseHands(free) {
    this.release();
    this.change({ type: "hands", free });
  }

  adjust(name, value) {
    this.change({ type: "adjust", name, value });
  }

  /** Ask for a change of the settings; until it is decided the controls stay where the hand is. */
  change(message) {
    this.decided = Math.max(this.decided, this.state.settings.answers) + 1;
    this.ask(message);
  }

  get settled() {
    return this.state.settings.answers >= this.decided || this.state.link !== "up";
  }

  toggleMute() {
    if (this.state.mic !== "live") return;
    const muted = !this.state.muted;
    this.mic.track.enabled = !muted; // a muted track goes on as silence, so that turns still end
    this.set({ muted });
    this.tell({ type: "mute", on: muted });
  }

  interrupt() {
    this.tell({ type: "interrupt" });
  }

  /** Tell the kernel's side, connected anew if need be; whether it could be told. */
  async ask(message) {
    this.player();
    try {
      await this.connect();
    } catch {
      this.notice(NO_ANSWER);
      return false;
    }
    this.notice(this.silent ? NO_PLAYER : null);
    this.tell(message);
    return true;
  }

  say(text, image = null) {
    return this.ask({ type: "text", text, ...(image ? { image } : {}) });
  }

  // ---- life

  join() {
    super.join();
    this.check.join();
  }

  shutdown(reason) {
    this.check.shutdown();
    super.shutdown(reason);
  }
}
