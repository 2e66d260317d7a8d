// The page's side of one inspector: the choice of events, the rows that have come, the event that
// is selected, and its sound. Rows come in pages of 50 when they are to be seen; of what was asked
// meanwhile the newest counts.

const PAGE = 50; // rows
const KEPT_PAGES = 60;
const MOST_ASKED = 3; // pages under way
const TAKEN = {
  start: "takeStart",
  shown: "takeShown",
  grown: "takeGrown",
  begun: "takeBegun",
  rows: "takeRows",
  event: "takeEvent",
  sound: "takeSound",
  problem: "takeProblem",
  bye: "takeLeave",
};

class Inspecting extends SoundedEngine {
  constructor(model) {
    super(model, TAKEN, {
      ready: false,
      text: "", // what is looked for
      kinds: [], // which are shown; none: all
      pieces: true,
      count: 0, // rows
      total: 0, // events
      counts: {},
      violations: 0,
      live: false,
      follow: false, // the newest row stays in sight
      at: null, // the selected row; null when it is hidden, or none is
      event: null, // what was told of the selected event
      marked: [], // events that carried the word that was clicked
      hovered: null, // the group under the mouse
      says: "", // for screen readers
      cursor: null, // seconds in the sound, while it plays
    });
    this.pages = new Map(); // number of the page -> its rows; the one used last is the last
    this.asked = new Set(); // numbers of the pages that are under way
    this.number = 0; // of the choice
    this.seq = 0; // of the event that was asked for
    this.flying = null; // the number of the event that is under way
    this.next = null; // what is to be asked then
    this.loaded = null; // the key of the sound that is here
    this.awaited = null; // {key, from, to}: what is to be played when it has come
  }

  // ---- the kernel

  welcome() {
    this.pieces = [];
    this.tell({ type: "start" });
  }

  silence() {
    this.rest();
  }

  takeStart({ search }) {
    if (!this.state.ready) this.state.text = search;
    this.look();
  }

  takeBegun() {
    this.rest();
    this.set({ at: null, event: null, marked: [] });
    this.look();
  }

  /** Another choice is shown. */
  takeShown(told) {
    if (told.number !== this.number) return;
    const { at } = told;
    const follow = this.state.ready ? this.state.follow : told.live;
    this.pages.clear();
    this.asked.clear();
    this.set({ ...numbersOf(told), at, follow, ready: true, notice: null });
    this.say(matchesOf(this.state));
    this.dispatchEvent(new Event("listed"));
  }

  /** The timeline has grown: what was there stays where it is. */
  takeGrown(told) {
    if (told.number !== this.number) return;
    const last = Math.floor(this.state.count / PAGE);
    this.asked.delete(last); // what is here of it stays until all of it has come
    this.set(numbersOf(told));
  }

  takeRows({ number, first, rows }) {
    if (number !== this.number) return;
    const page = first / PAGE;
    this.asked.delete(page);
    this.pages.set(page, rows);
    for (const old of this.pages.keys()) {
      if (this.pages.size <= KEPT_PAGES) break;
      this.pages.delete(old);
    }
    this.dispatchEvent(new Event("rows"));
  }

  takeEvent(told) {
    if (told.seq !== this.flying) return;
    this.flying = null;
    if (this.next !== null) {
      this.askNext();
      return;
    }
    if (told.index === null) {
      this.say(told.why);
      return;
    }
    const same = told.index === this.state.event?.index;
    const moved = told.at !== this.state.at;
    if (!this.keepMarks && !same) this.rest();
    this.set({ event: told, at: told.at, ...(this.keepMarks || same ? {} : { marked: [] }) });
    this.keepMarks = false;
    if (told.sound && this.loaded !== told.sound.key) this.tell({ type: "sound", key: told.sound.key });
    if (told.at !== null && (moved || this.jumps)) this.dispatchEvent(new Event("jump"));
    if (this.jumps) this.say(spokenOf(told)); // a step is read aloud by the list itself
    this.jumps = false;
  }

  takeSound({ key }) {
    const whole = this.bytes();
    if (key !== this.state.event?.sound?.key) return;
    const samples = new Int16Array(whole);
    this.sound.load(samples, SOUND_RATE);
    this.loaded = key;
    this.set({ peaks: peaksOf(samples) });
    if (this.awaited?.key === key) this.play(this.awaited.from, this.awaited.to);
    this.awaited = null;
  }

  /** No question is under way any more. */
  settle() {
    this.flying = this.next = null;
    this.asked.clear();
  }

  // ---- the rows

  /** Show what fits the choice. */
  look() {
    const { text, kinds, pieces, event } = this.state;
    this.number += 1;
    this.tell({
      type: "look", number: this.number, text, kinds, pieces, selected: event?.index ?? null,
    });
  }

  choose(changes) {
    this.set(changes);
    this.look();
  }

  /** The row at a place, if it has come. */
  row(at) {
    return this.pages.get(Math.floor(at / PAGE))?.[at % PAGE];
  }

  /** Ask for the pages of these rows that are not here; the nearest first. */
  want(first, last) {
    for (let page = Math.floor(first / PAGE); page <= Math.floor(last / PAGE); page += 1) {
      const rows = this.pages.get(page);
      if (rows) {
        this.pages.delete(page); // the one used last is the last
        this.pages.set(page, rows);
      }
      const whole = Math.min(PAGE, this.state.count - page * PAGE);
      if (whole <= 0 || rows?.length >= whole || this.asked.has(page)) continue;
      if (this.asked.size >= MOST_ASKED) return; // it is asked for when one of them has come
      this.asked.add(page);
      const from = page * PAGE;
      this.tell({ type: "rows", number: this.number, first: from, last: from + PAGE });
    }
  }

  // ---- the event

  /**
   * Select by a question: {at}, {index}, {index, partner: ±1}, {violation: ±1, near}
   * or {any: indices}, of which the first is meant that the filter shows.
   */
  select(question, { keepMarks = false } = {}) {
    this.next = question;
    this.keepMarks = keepMarks;
    this.jumps = !("at" in question);
    if (this.flying === null) this.askNext();
  }

  askNext() {
    const question = this.next;
    this.next = null;
    this.seq += 1;
    this.flying = this.seq;
    this.tell({ type: "event", seq: this.seq, ...question });
  }

  /** Select a row at once; what it says comes. */
  move(at) {
    const { count } = this.state;
    if (count === 0) return;
    const place = Math.max(0, Math.min(count - 1, at));
    this.set({ at: place, follow: this.state.follow && place === count - 1 });
    this.dispatchEvent(new Event("jump"));
    this.select({ at: place });
  }

  partner(step) {
    const index = this.state.event?.index;
    if (index !== undefined) this.select({ index, partner: step });
  }

  violation(step) {
    const near = this.state.event?.index ?? (step > 0 ? -1 : this.state.total);
    this.select({ violation: step, near });
  }

  /** Hear a word, and go to the event that brought it: the first that the filter shows. */
  word([, start, end, carriers]) {
    this.set({ marked: carriers });
    if (start !== null) this.playStretch(start, end);
    if (carriers.length > 0) this.select({ any: carriers }, { keepMarks: true });
  }

  hover(group) {
    if (group !== this.state.hovered) this.set({ hovered: group });
  }

  /** The group of the event that is selected; null if it is alone. */
  get group() {
    return this.state.event?.group ?? null;
  }

  say(text) {
    this.set({ says: text });
  }

  // ---- its sound

  playSelected() {
    const sound = this.state.event?.sound;
    if (sound) this.playStretch(sound.from, sound.to);
  }

  playStretch(from, to) {
    const key = this.state.event?.sound?.key;
    if (this.loaded === key) this.play(from, to);
    else this.awaited = { key, from, to };
  }

  play(from, to) {
    super.play(from, Math.min(to, this.sound.duration));
  }

  toggle() {
    if (this.playing) this.rest();
    else this.playSelected();
  }

  rest() {
    cancelAnimationFrame(this.frame);
    this.sound.stop();
    if (this.state.cursor !== null) this.set({ cursor: null });
  }
}

function numbersOf({ count, total, counts, violations, live }) {
  return { count, total, counts, violations, live };
}

function matchesOf({ count, total }) {
  const events = (n) => `${n.toLocaleString("en")} event${n === 1 ? "" : "s"}`;
  return count === total ? events(total) : `${count.toLocaleString("en")} of ${events(total)}`;
}

/** What a screen reader says of the event. */
function spokenOf({ name, source, t, at, violations, partners, more }) {
  const broken = violations.length > 0 ? `, out of order: ${violations[0]}` : "";
  const many = partners.length + more;
  const paired = many > 0 ? `, ${many} partner${many === 1 ? "" : "s"}` : "";
  const hidden = at === null ? ", hidden by the filter" : "";
  return `${name} from ${source} at ${t.toFixed(3)} seconds${paired}${broken}${hidden}`;
}
