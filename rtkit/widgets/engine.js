// The engine of one console: microphone and player.

const LEAD_MS = { direct: 60, proxy: 100, messages: 150 }; // before the first sound of an item
const PLAYER_RATE = 24000;

const MOST_WAITING = 500; // frames: 10 s
const SILENT_FRAME = { level: -100, peak: 0 };

const TYPE_INSTEAD = "You can also type below.";
const LOST =
  "The microphone stopped: it was unplugged, or its permission was taken back. What was said so " +
  "far is kept. Press the microphone button to go on.";
const NO_PLAYER =
  `This page (${location.origin}) is not secure, so the browser plays no sound here: you can type ` +
  "and read. Open JupyterLab as http://localhost or over https to hear the answers.";

/** The instant of the page's clock (ms) that comes after so many seconds; null stays null. */
const instant = (seconds) => (seconds === null ? null : performance.now() + 1000 * seconds);

class Engine extends LinkedEngine {
  constructor(model) {
    super(model, { mic: "off", muted: false, word: "ready", lines: [], ends: null });
    this.mic = null; // a Capture
    this.sound = null; // {context, node}, as a promise; of null where the page can play nothing
    this.silent = false;
    this.underruns = 0;
    this.sent = 0; // frames of the microphone, those that wait for a link included
    this.waiting = []; // frames that were spoken while another way is looked for
    this.broken = []; // ways of transport that broke in mid-session
    this.peak = 0; // of the newest frame
    this.check = new MicrophoneCheck(this);
  }

  // ---- link

  welcome({ shown, lines, left }) {
    if (this.silent) this.tell({ type: "silent" });
    else if (this.sound) this.post({ do: "setLead", lead: this.lead() });
    this.set({ ...shown, lines, ends: instant(left) });
  }

  receive(data) {
    if (typeof data !== "string") return this.play(data);
    const message = JSON.parse(data);
    const act = {
      show: () => this.set(message.shown),
      left: () => this.set({ ends: instant(message.seconds) }),
      lines: () => this.set({ lines: [...this.state.lines.slice(0, message.from), ...message.lines] }),
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
    this.set({ path: null, word: "ready", ends: null });
    if (this.parting) super.lost();
    else this.changeWay(path);
  }

  /** A way broke: the microphone stays open, and what is said waits until the next one is found. */
  async changeWay(path) {
    this.broken.push(path);
    this.notice(`The connection (${PATHS[path][0]}) broke. Looking for another way; go on speaking.`, "hint");
    try {
      await this.connect(this.broken);
    } catch {
      this.broken = [];
      return super.lost();
    }
    if (this.views === 0) return this.hangUp();
    if (this.state.mic === "live") this.tellMicrophone();
    for (const frame of this.waiting.splice(0)) this.link.send(frame);
    this.notice(
      `The connection (${PATHS[path][0]}) broke: the sound travels by ${PATHS[this.link.path][0]} ` +
        "now. An answer that was being spoken ended there.",
      "hint",
    );
  }

  // ---- player

  player() {
    this.sound ??= this.openPlayer();
    return this.sound;
  }

  async openPlayer() {
    if (!globalThis.isSecureContext || !("audioWorklet" in AudioContext.prototype)) {
      this.silent = true;
      this.tell({ type: "silent" });
      this.notice(NO_PLAYER);
      return null;
    }
    const context = new AudioContext({ sampleRate: PLAYER_RATE, latencyHint: "interactive" });
    await addWorklet(context, PLAYER_SOURCE);
    const lead = this.lead();
    const tap = Boolean(this.test?.played);
    const node = new AudioWorkletNode(context, "rtkit-player", {
      numberOfInputs: 0,
      outputChannelCount: [1],
      processorOptions: { lead, tap },
    });
    node.port.onmessage = ({ data }) => this.played(data);
    node.connect(context.destination);
    this.wake(context);
    return { context, node };
  }

  /** Samples that are queued before the first sound of an item: little on a quick link. */
  lead() {
    return ((LEAD_MS[this.link?.path] ?? LEAD_MS.messages) * PLAYER_RATE) / 1000;
  }

  async post(message, transfer = []) {
    const sound = await this.player();
    sound?.node.port.postMessage(message, transfer);
  }

  play(data) {
    const item = new DataView(data).getUint32(0, true);
    const pcm = data.slice(4);
    this.post({ do: "push", item, pcm }, [pcm]);
  }

  flush(id) {
    if (!this.sound || this.silent) return this.tell({ type: "flushed", id, items: [], dropped: 0 });
    this.post({ do: "flush", id });
  }

  played(data) {
    if (data.tell === "tap") return this.test?.played.push(data.samples);
    if (data.tell === "underrun") this.underruns = data.underruns;
    this.test?.facts?.push({ ...data, at: Date.now() });
    const { tell, ...rest } = data;
    this.tell({ type: tell, ...rest });
  }

  async silence() {
    const pending = this.sound;
    this.sound = null;
    const sound = await pending;
    if (!sound) return;
    const { context, node } = sound;
    node.port.postMessage({ do: "stop" });
    await context.close();
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
    this.sendFrame(frame);
    this.showLevel(this.state.muted ? SILENT_FRAME : frame);
  }

  /** A frame goes out under its number; without a link it waits for the next one. */
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

  async say(text) {
    this.player();
    try {
      await this.connect();
    } catch {
      return this.notice(NO_ANSWER);
    }
    this.notice(this.silent ? NO_PLAYER : null);
    this.tell({ type: "text", text });
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
