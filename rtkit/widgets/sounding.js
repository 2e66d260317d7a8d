// An engine that sounds: the player of the page, and what it tells of it.

const LEAD_MS = { direct: 60, proxy: 100, messages: 150 }; // before the first sound of an item
const PLAYER_RATE = 24000;
const NO_PLAYER =
  `This page (${location.origin}) is not secure, so the browser plays no sound here: you can type ` +
  "and read. Open JupyterLab as http://localhost or over https to hear the answers.";

class SoundingEngine extends LinkedEngine {
  constructor(model, state) {
    super(model, state);
    this.sound = null; // {context, node}, as a promise; of null where the page can play nothing
    this.silent = false;
    this.underruns = 0;
  }

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
}
