// The engine of one console: microphone, player and link. Views draw `state` and call the verbs.

const LEAD_MS = { direct: 60, proxy: 100, messages: 150 }; // before the first sound of an item
const PLAYER_RATE = 24000;
const ALONE_MS = 400; // without any view before everything is turned off
const RESUME_MS = 400;

const TYPE_INSTEAD = "You can also type below.";
const MICROPHONE_SENTENCES = {
  NotAllowedError:
    "The browser did not allow the microphone. Allow it for this page (the icon at the left of " +
    "the address bar; on some systems in their privacy settings too), then press the microphone " +
    `button again. ${TYPE_INSTEAD}`,
  NotFoundError:
    "No microphone was found. Plug one in, or switch it on in the system's sound settings, then " +
    `press the microphone button again. ${TYPE_INSTEAD}`,
  NotReadableError:
    "The microphone is there but gives no sound: another program may be using it. Close that " +
    `program, then press the microphone button again. ${TYPE_INSTEAD}`,
};
const NOT_SECURE =
  `This page (${location.origin}) is not secure, so the browser offers no microphone. Open ` +
  `JupyterLab as http://localhost or over https. ${TYPE_INSTEAD}`;
const LOST =
  "The microphone stopped: it was unplugged, or its permission was taken back. What was said so " +
  "far is kept. Press the microphone button to go on.";
const NO_KERNEL =
  "The kernel has stopped or was restarted. The microphone is off. Run this cell again to go on.";
const NO_ANSWER =
  "The kernel does not answer. If a cell is running, wait for it or interrupt it; if the kernel " +
  "was restarted, run this cell again.";
const NO_PLAYER =
  `This page (${location.origin}) is not secure, so the browser plays no sound here: you can type ` +
  "and read. Open JupyterLab as http://localhost or over https to hear the answers.";
const NO_SOUND =
  "The browser holds the sound back until you click once somewhere in this page.";

function moduleUrl(source) {
  return URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
}

async function addWorklet(context, source) {
  const url = moduleUrl(source);
  await context.audioWorklet.addModule(url);
  URL.revokeObjectURL(url);
}

class Engine extends EventTarget {
  constructor(model) {
    super();
    this.model = model;
    this.test = globalThis.__rtkit; // set by the browser tests before the page loads
    this.test?.engines.push(this);
    this.link = null;
    this.mic = null; // {stream, track, context, node}
    this.sound = null; // {context, node}, as a promise; of null where the page can play nothing
    this.silent = false;
    this.views = 0;
    this.state = { mic: "off", muted: false, path: null, word: "ready", lines: [], notice: null };
    this.underruns = 0;
    this.parting = null; // why the kernel's side is about to close the link, as a sentence
    this.onLeave = () => this.leavePage();
  }

  set(changes) {
    Object.assign(this.state, changes);
    this.dispatchEvent(new Event("change"));
  }

  notice(text, kind = "problem") {
    this.set({ notice: text ? { text, kind } : null });
  }

  // ---- link

  /** The link, opened once; opened again after it was lost. */
  connect() {
    this.connecting ??= this.openLink().finally(() => {
      this.connecting = null;
    });
    return this.connecting;
  }

  async openLink() {
    if (this.link) return this.link;
    const { link, welcome } = await openLink(this.model);
    link.onmessage = (data) => this.receive(data);
    link.onclose = () => this.lost();
    this.link = link;
    if (this.silent) this.tell({ type: "silent" });
    else if (this.sound) this.post({ do: "setLead", lead: this.lead() });
    this.set({ path: link.path, word: welcome.word, lines: welcome.lines, notice: null });
    return link;
  }

  tell(message) {
    this.link?.send(JSON.stringify(message));
  }

  receive(data) {
    if (typeof data !== "string") return this.play(data);
    const message = JSON.parse(data);
    const act = {
      state: () => this.set({ word: message.word }),
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
    this.link = null;
    this.stopMicrophone("connection lost");
    this.silence();
    this.set({ path: null, word: "ready" });
    this.notice(this.parting ?? NO_KERNEL);
    this.parting = null;
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

  /** A browser may hold sound back until the person has clicked: say so, and go on at the click. */
  async wake(context) {
    if (context.state === "running") return;
    const resumed = context.resume().then(() => true, () => false);
    const late = new Promise((resolve) => setTimeout(resolve, RESUME_MS, false));
    if (await Promise.race([resumed, late])) return;
    if (context.state === "running") return;
    this.notice(NO_SOUND, "hint");
    addEventListener("pointerdown", () => context.resume().then(() => this.notice(null)), { once: true });
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

  async openMicrophone() {
    if (!navigator.mediaDevices) throw new DOMException(NOT_SECURE, "NotSecure");
    const on = this.model.get("_processing");
    const stream = await navigator.mediaDevices.getUserMedia({
      audio: { echoCancellation: on, noiseSuppression: on, autoGainControl: on, channelCount: 1 },
    });
    const [track] = stream.getAudioTracks();
    if (this.state.mic !== "asking") return track.stop(); // turned off while the browser asked
    const { sampleRate: rate } = track.getSettings();
    // Firefox wants the context at the microphone's own rate; the worklet changes it to 24 kHz.
    const context = new AudioContext(rate ? { sampleRate: rate } : {});
    this.mic = { stream, track, context, node: null };
    track.onended = () => this.stopMicrophone("the microphone's track ended", LOST);
    await addWorklet(context, MICROPHONE_SOURCE);
    if (this.mic?.context !== context) return; // turned off while it was opening
    const node = new AudioWorkletNode(context, "rtkit-microphone", { numberOfOutputs: 0 });
    this.tell({ type: "microphone", on: true, label: track.label, rate: context.sampleRate, processing: on });
    node.port.onmessage = ({ data }) => this.heard(data);
    context.createMediaStreamSource(stream).connect(node);
    this.mic.node = node;
    if (context.state !== "running") this.wake(context);
    this.set({ mic: "live", muted: false });
  }

  refused(error) {
    const known = MICROPHONE_SENTENCES[error.name];
    const other = `The microphone could not be opened (${error.name}: ${error.message}). ${TYPE_INSTEAD}`;
    const sentence = error.name === "NotSecure" ? NOT_SECURE : known ?? other;
    this.releaseMicrophone();
    this.set({ mic: "off" });
    this.tell({ type: "microphone", on: false, reason: `not opened: ${error.name}`, sentence });
    this.notice(sentence);
  }

  heard({ seq, pcm, level }) {
    if (!this.link) return;
    const frame = new Uint8Array(4 + pcm.byteLength);
    new DataView(frame.buffer).setUint32(0, seq, true);
    frame.set(new Uint8Array(pcm), 4);
    this.link.send(frame.buffer);
    this.dispatchEvent(new CustomEvent("level", { detail: this.state.muted ? -100 : level }));
  }

  releaseMicrophone() {
    const mic = this.mic;
    this.mic = null;
    if (!mic) return;
    mic.track.onended = null;
    mic.node?.port.postMessage("stop");
    mic.stream.getTracks().forEach((track) => track.stop());
    mic.context.close();
    this.dispatchEvent(new CustomEvent("level", { detail: -100 }));
  }

  stopMicrophone(reason, sentence = null) {
    if (this.state.mic === "off") return;
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
    this.views += 1;
    addEventListener("pagehide", this.onLeave);
    this.connect().catch(() => {}); // early, so that the first word is not kept waiting
  }

  /** The last view is gone: the cell's output was removed (a moved cell is drawn again at once). */
  leave() {
    this.views -= 1;
    setTimeout(() => this.views === 0 && this.shutdown("output removed"), ALONE_MS);
  }

  /** The page is closed or loaded anew: it may be back in a moment, so the session goes on. */
  leavePage() {
    this.stopMicrophone("page closed");
    if (this.link) this.link.onclose = () => {};
    this.link?.close();
  }

  shutdown(reason) {
    removeEventListener("pagehide", this.onLeave);
    this.stopMicrophone(reason);
    this.tell({ type: "bye", reason });
    if (this.link) this.link.onclose = () => {};
    this.link?.close();
    this.link = null;
    this.silence();
  }
}
