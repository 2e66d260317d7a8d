// The page's side of one tuner: what the kernel has decided, what was asked, what is played.
// Nothing is decided here: a setting goes to the kernel, and comes back as turns. At most one
// question is under way; of those that come meanwhile the newest counts.

const ANSWER_MS = 5000;
const TAKEN = {
  clip: "takeClip",
  heard: "takeHeard",
  decided: "takeDecided",
  busy: "takeBusy",
  applied: "takeApplied",
  problem: "takeProblem",
  bye: "takeLeave",
};

class Tuning extends SoundedEngine {
  constructor(model) {
    super(model, TAKEN, {
      clip: null, // {duration, hop_ms, words, labels, peaks(width), probabilities, ...}
      a: null, // a setting, and what it does: {settings, turns, figures, meanings, ...}
      b: null,
      says: "",
      difference: "",
      busy: "",
      applied: null, // {text, done}
      cursor: 0, // seconds
      took_ms: null, // from the last input to what it changed in the picture
    });
    this.page = Math.random().toString(36).slice(2); // beside other pages of the same tuner
    this.number = 0;
    this.waiting = []; // when the inputs were, of which the kernel has not been told
    this.asked = []; // and those of the question under way
    this.answered = []; // and those that have to be drawn
    this.flying = null; // the number of the question under way
    this.patience = null;
  }

  // ---- the kernel

  welcome() {
    this.pieces = [];
    this.tell({ type: "clip" });
  }

  lost() {
    super.lost();
    this.set({ busy: "" });
  }

  silence() {
    if (this.playing) this.rest(this.sound.position);
  }

  takeBusy({ text }) {
    this.set({ busy: text, notice: null });
  }

  takeApplied({ text, done }) {
    this.set({ applied: { text, done } });
  }

  takeProblem(told) {
    super.takeProblem(told);
    this.set({ busy: "" });
  }

  takeClip(told) {
    const bytes = this.bytes();
    const samples = new Int16Array(bytes, 0, told.sound_bytes / 2);
    this.sound.load(samples, SOUND_RATE);
    const { detectors, note, session } = told;
    const duration = samples.length / SOUND_RATE;
    const clip = { detectors, note, session, duration, peaks: peaksOf(samples) };
    this.set({ clip, cursor: 0, applied: null });
    this.show(told, bytes.slice(told.sound_bytes));
  }

  takeHeard(told) {
    this.show(told, this.bytes());
  }

  /** What a detector and a recogniser made of the clip. */
  show(told, bytes) {
    const { detector, hop_ms, words, labels } = told;
    const probabilities = new Float32Array(bytes);
    const clip = { ...this.state.clip, detector, hop_ms, words, labels, probabilities };
    this.settle();
    this.set({ clip, busy: "" });
    this.takeDecided({ ...told, number: null });
  }

  /** No question is under way any more; one that is answered later was about something else. */
  settle() {
    clearTimeout(this.patience);
    this.flying = null;
    this.asked = [];
  }

  /** Turns for settings of ours, or for those that the notebook or another page has set. */
  takeDecided({ number, a, b, says, difference }) {
    if (number?.startsWith(this.page)) {
      if (number !== this.flying) return;
      this.answered.push(...this.asked.splice(0));
    } else {
      this.waiting = [];
    }
    this.settle();
    const newer = this.waiting.length > 0; // sliders have moved on since
    if (newer) a.settings = this.state.a.settings;
    if (newer && b && this.state.b) b.settings = this.state.b.settings;
    if (!newer || !b === !this.state.b) this.set({ a, b, says, difference, notice: null });
    this.ask();
  }

  ask() {
    if (this.flying !== null || this.waiting.length === 0) return;
    this.number += 1;
    this.flying = `${this.page}.${this.number}`;
    this.asked = this.waiting.splice(0);
    const { a, b } = this.state;
    this.tell({ type: "decide", number: this.flying, a: a.settings, b: b?.settings ?? null });
    this.patience = setTimeout(() => this.notice(NO_ANSWER), ANSWER_MS);
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
    this.tell({ type: "detector", detector });
  }

  apply(side) {
    this.tell({ type: "apply", side });
  }

  /** Where the rows of the picture lie, in CSS pixels. */
  rows() {
    return rowsOf(this.state);
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
}
