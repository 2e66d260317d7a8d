// The engine of one console: microphone and player.

const LEAD_MS = { direct: 60, proxy: 100, messages: 150 }; // before the first sound of an item
const PLAYER_RATE = 24000;

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
    super(model, { mic: "off", muted: false, held: false, word: "ready", lines: [], ends: null, link: "none" });
    this.mic = null; // a Capture
    this.sound = null; // {context, node}, as a promise; of null where the page can play nothing
    this.silent = false;
    this.underruns = 0;
    this.holding = new Holding((told) => this.tell(told), (frame) => this.sendFrame(frame));
    this.download = new Download();
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
    super.lost();
    this.set({ word: "ready", ends: null, link: "lost", replay: null });
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
    if (data.tell === "tap") return this.test?.played.push(data);
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

  async openMicrophone() {
    if (!navigator.mediaDevices) throw new DOMException("no microphone here", "NotSecure");
    const on = this.model.get("_processing");
    const stream = await navigator.mediaDevices.getUserMedia({
      audio: { echoCancellation: on, noiseSuppression: on, autoGainControl: on, channelCount: 1 },
    });
    if (this.state.mic !== "asking") return stopTracks(stream); // turned off while the browser asked
    const mic = new Capture(stream);
    this.mic = mic;
    mic.track.onended = () => this.stopMicrophone("the microphone's track ended", LOST);
    await mic.load();
    if (this.mic !== mic) return; // turned off while it was opening
    const { label } = mic.track;
    this.tell({ type: "microphone", on: true, label, rate: mic.context.sampleRate, processing: on });
    this.frames = 0;
    mic.start((frame) => this.heard(frame));
    if (mic.context.state !== "running") this.wake(mic.context);
    this.set({ mic: "live", muted: false });
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
    if (!this.link) return;
    if (isManual(this.state)) this.holding.hear(frame, performance.now());
    else this.sendFrame(frame);
    const level = this.state.muted ? -100 : frame.level;
    this.dispatchEvent(new CustomEvent("level", { detail: level }));
  }

  /** Frames are counted as they are sent: what is held back leaves no gap. */
  sendFrame(frame) {
    this.link?.send(packed({ ...frame, seq: this.frames }));
    this.frames += 1;
  }

  releaseMicrophone() {
    const mic = this.mic;
    this.mic = null;
    if (!mic) return;
    mic.release();
    this.dispatchEvent(new CustomEvent("level", { detail: -100 }));
  }

  stopMicrophone(reason, sentence = null) {
    if (this.state.mic === "off") return;
    this.release();
    this.releaseMicrophone();
    this.set({ mic: "off", muted: false });
    this.tell({ type: "microphone", on: false, reason, sentence });
    if (sentence) this.notice(sentence);
  }

  // ---- what a person does

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
    this.ask({ type: "hands", free });
  }

  adjust(name, value) {
    this.ask({ type: "adjust", name, value });
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
}
