// The page's side of one tuner: what the kernel has decided, what was asked, what is played.
// Nothing is decided here: a setting goes to the kernel, and comes back as turns. At most one
// question is under way; of those that come meanwhile the newest counts.

const SOUND_RATE = 24000; // as the kernel sends it
const PATIENCE_MS = 4000; // for an answer of the kernel
const ALONE_MS = 400; // without any view before the sound stops
const NO_KERNEL =
  "The kernel does not answer. If a cell is running, wait for it or interrupt it; if the kernel " +
  "was restarted, run this cell again.";

const TAKEN = { clip: "takeClip", heard: "takeHeard", decided: "takeDecided", busy: "takeBusy" };

class Tuning extends EventTarget {
  constructor(model) {
    super();
    this.model = model;
    this.test = globalThis.__rtkit; // set by the browser tests before the page loads
    this.test?.engines.push(this);
    this.sound = new Sound((at) => this.rest(at));
    this.state = {
      clip: null, // {duration, hop_ms, words, labels, peaks(width), probabilities, ...}
      a: null, // a setting, and what it does: {settings, turns, figures, meanings, ...}
      b: null,
      says: "",
      difference: "",
      busy: "",
      problem: "",
      applied: null, // {text, done}
      cursor: 0, // seconds
      took_ms: null, // from the last input to what it changed in the picture
    };
    this.views = 0;
    this.number = 0;
    this.waiting = []; // when the inputs were, of which the kernel has not been told
    this.asked = []; // and those of the question under way
    this.answered = []; // and those that have to be drawn
    this.flying = null; // the number of the question under way
    this.patience = null;
    this.listener = (content, buffers) => this.receive(content, buffers ?? []);
    model.on("msg:custom", this.listener);
    this.send({ ask: "clip" });
  }

  set(changes) {
    Object.assign(this.state, changes);
    this.dispatchEvent(new Event("change"));
  }

  // ---- the kernel

  send(content) {
    clearTimeout(this.patience);
    this.patience = setTimeout(() => this.lost(), PATIENCE_MS);
    try {
      this.model.send(content);
    } catch {
      this.lost(); // the kernel is gone, and its comm with it
    }
  }

  lost() {
    this.flying = null;
    if (!this.state.busy) this.set({ problem: NO_KERNEL });
  }

  receive(content, buffers) {
    clearTimeout(this.patience);
    const take = TAKEN[content.tell];
    if (take) this[take](content, buffers);
    else if (content.tell === "applied") this.set({ applied: content });
    else if (content.tell === "problem") this.set({ problem: content.text, busy: "" });
  }

  takeBusy({ text }) {
    this.set({ busy: text, problem: "" });
  }

  takeClip(content, [pcm, chances]) {
    const samples = new Int16Array(whole(pcm));
    this.sound.load(samples, SOUND_RATE);
    const { detectors, note, session } = content;
    const duration = samples.length / SOUND_RATE;
    this.set({ clip: { detectors, note, session, duration, peaks: peaksOf(samples) }, cursor: 0 });
    this.takeHeard(content, [chances]);
  }

  /** What a detector and a recogniser made of the clip. */
  takeHeard(content, [chances]) {
    const { detector, hop_ms, words, labels } = content;
    const probabilities = new Float32Array(whole(chances));
    const clip = { ...this.state.clip, detector, hop_ms, words, labels, probabilities };
    this.set({ clip, busy: "" });
    this.takeDecided({ ...content, number: null });
  }

  /** Turns for settings of ours, or (without a number) for those that the notebook has set. */
  takeDecided({ number, a, b, says, difference }) {
    if (number === this.flying) {
      this.flying = null;
      this.answered.push(...this.asked.splice(0));
    }
    if (number === null) this.waiting = [];
    const newer = this.waiting.length > 0; // sliders have moved on since
    if (newer) a.settings = this.state.a.settings;
    if (newer && b && this.state.b) b.settings = this.state.b.settings;
    if (!newer || !b === !this.state.b) this.set({ a, b, says, difference, problem: "" });
    this.ask();
  }

  ask() {
    if (this.flying !== null || this.waiting.length === 0) return;
    this.flying = this.number += 1;
    this.asked = this.waiting.splice(0);
    const { a, b } = this.state;
    const question = { ask: "decide", number: this.flying, a: a.settings, b: b?.settings ?? null };
    this.send(question);
  }

  /** The picture shows all that was answered. */
  drawn() {
    const now = performance.now();
    const took = this.answered.splice(0).map((at) => now - at);
    if (took.length === 0) return;
    this.test?.facts.push(...took.map((ms) => ({ tell: "drawn", ms })));
    this.state.took_ms = took.at(-1);
  }

  // ---- what the person does

  /** Change one setting of one side ("a" or "b"). */
  change(side, name, value) {
    const old = this.state[side];
    if (!old || old.settings[name] === value) return;
    this.waiting.push(performance.now());
    this.set({ [side]: { ...old, settings: { ...old.settings, [name]: value } }, applied: null });
    this.ask();
  }

  compare(on) {
    const { a } = this.state;
    if (!a || on === (this.state.b !== null)) return;
    this.waiting.push(performance.now());
    this.set({ b: on ? { ...a, settings: { ...a.settings } } : null, applied: null });
    this.ask();
  }

  choose(detector) {
    this.send({ ask: "detector", detector });
  }

  apply(side) {
    this.send({ ask: "apply", side });
  }

  get playing() {
    return this.sound.playing !== null;
  }

  play(from, to) {
    this.sound.play(from, to);
    this.set({ cursor: from });
    this.follow();
  }

  /** Play a turn as it would be cut. */
  hear(turn) {
    this.play(turn.start / 1000, Math.min((turn.end ?? Infinity) / 1000, this.sound.duration));
  }

  toggle() {
    if (this.playing) this.rest(this.sound.position);
    else this.play(this.state.cursor < this.sound.duration - 0.01 ? this.state.cursor : 0);
  }

  rest(at) {
    this.sound.stop();
    this.set({ cursor: at });
  }

  seek(at) {
    const place = Math.max(0, Math.min(this.sound.duration, at));
    if (this.playing) this.play(place);
    else this.set({ cursor: place });
  }

  /** Move the cursor with the sound, once for each frame that the browser draws. */
  follow() {
    cancelAnimationFrame(this.frame);
    if (!this.playing) return;
    this.state.cursor = this.sound.position;
    this.dispatchEvent(new Event("cursor"));
    this.frame = requestAnimationFrame(() => this.follow());
  }

  // ---- life

  join() {
    this.views += 1;
  }

  leave() {
    this.views -= 1;
    setTimeout(() => this.views === 0 && this.playing && this.rest(this.sound.position), ALONE_MS);
  }

  close() {
    clearTimeout(this.patience);
    cancelAnimationFrame(this.frame);
    this.model.off("msg:custom", this.listener);
    this.sound.close();
  }
}

/** The bytes of a message's buffer, alone and aligned. */
function whole(view) {
  return view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength);
}

/** A function that gives lowest and highest sample (-1..1) of each of `width` columns. */
function peaksOf(samples) {
  let known = null;
  return (width) => {
    if (known?.width === width) return known;
    const low = new Float32Array(width);
    const high = new Float32Array(width);
    for (let x = 0; x < width; x += 1) {
      const from = Math.floor((x * samples.length) / width);
      const to = Math.max(from + 1, Math.floor(((x + 1) * samples.length) / width));
      for (let i = from; i < to && i < samples.length; i += 1) {
        if (samples[i] < low[x]) low[x] = samples[i];
        if (samples[i] > high[x]) high[x] = samples[i];
      }
    }
    known = { width, low, high, top: Math.max(...high, ...low.map((value) => -value), 3277) };
    return known;
  };
}
