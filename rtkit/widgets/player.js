// Player worklet: a queue of 24 kHz int16 chunks, each of one numbered item.
// It counts the samples that really left it, item by item. A flush fades out within 5 ms, drops
// the rest and answers with what was played. Waits for a lead before the first sound of an item;
// after an underrun it waits for the long lead, so that one gap does not become ten.

const FADE = 120; // samples: 5 ms
const LONG_LEAD = 4800; // samples: 200 ms, after an underrun
const REPORT = 2400; // samples: a position every 100 ms

class Player extends AudioWorkletProcessor {
  constructor({ processorOptions }) {
    super();
    this.firstLead = processorOptions.lead; // samples
    this.tap = processorOptions.tap; // a test listens: post every block that is played
    this.queue = []; // {item, samples: Int16Array, at}
    this.queued = 0; // samples
    this.played = new Map(); // item -> samples played
    this.finished = new Set(); // items whose last chunk has arrived
    this.current = null; // item that is sounding
    this.lead = this.firstLead; // 0 while sounding
    this.underruns = 0;
    this.fade = null; // samples of the fade left, and the flushes to answer
    this.running = true;
    this.port.onmessage = ({ data }) => this[data.do](data);
  }

  push({ item, pcm }) {
    const samples = new Int16Array(pcm);
    if (!this.played.has(item)) this.played.set(item, 0);
    this.queue.push({ item, samples, at: 0 });
    this.queued += samples.length;
  }

  finish({ item }) {
    this.finished.add(item);
    if (!this.played.has(item)) this.played.set(item, 0);
    if (!this.queue.some((chunk) => chunk.item === item)) this.end(item);
  }

  flush({ id }) {
    if (this.fade !== null) this.fade.ids.push(id);
    else if (this.current === null || this.queued === 0) this.flushed([id]);
    else this.fade = { left: FADE, ids: [id] };
  }

  setLead({ lead }) {
    this.firstLead = lead;
  }

  stop() {
    this.running = false;
  }

  /** Everything still here is dropped; the answer says what of each item was played. */
  flushed(ids) {
    const items = [...this.played].map(([item, played]) => ({ item, played }));
    for (const id of ids) this.port.postMessage({ tell: "flushed", id, items, dropped: this.queued });
    this.queue = [];
    this.queued = 0;
    this.played.clear();
    this.finished.clear();
    this.rest();
  }

  rest() {
    this.current = null;
    this.fade = null;
    this.lead = this.firstLead;
  }

  end(item) {
    this.port.postMessage({ tell: "finished", item, played: this.played.get(item) });
    this.played.delete(item);
    this.finished.delete(item);
    if (this.current === item) this.rest();
  }

  process(_, [[output]]) {
    if (this.queued === 0 && this.lead === 0) this.dry();
    if (this.ready()) this.fill(output);
    if (this.tap) this.port.postMessage({ tell: "tap", samples: output.slice(), at: Date.now() });
    return this.running;
  }

  /** True when sound may flow: enough is queued, or no more will come for what is queued. */
  ready() {
    if (this.queued === 0) return false;
    if (this.queued >= this.lead || this.finished.has(this.queue[0].item)) this.lead = 0;
    return this.lead === 0;
  }

  fill(output) {
    for (let i = 0; i < output.length; i += 1) {
      if (this.queue.length === 0) return this.dry();
      output[i] = (this.next() / 32768) * this.gain();
      if (this.fade !== null && this.fade.left === 0) return this.flushed(this.fade.ids);
    }
  }

  next() {
    const chunk = this.queue[0];
    if (chunk.item !== this.current) this.begin(chunk.item);
    const sample = chunk.samples[chunk.at];
    chunk.at += 1;
    this.queued -= 1;
    this.count(chunk.item);
    if (chunk.at === chunk.samples.length) this.leave(chunk);
    return sample;
  }

  gain() {
    if (this.fade === null) return 1;
    this.fade.left -= 1;
    return this.fade.left / FADE;
  }

  begin(item) {
    this.current = item;
    this.port.postMessage({ tell: "started", item });
  }

  count(item) {
    const played = this.played.get(item) + 1;
    this.played.set(item, played);
    if (played % REPORT === 0) this.port.postMessage({ tell: "position", item, played });
  }

  leave(chunk) {
    this.queue.shift();
    const more = this.queue.some((other) => other.item === chunk.item);
    if (!more && this.finished.has(chunk.item)) this.end(chunk.item);
  }

  /** The queue ran empty: a gap in the sound, unless the item was complete. */
  dry() {
    if (this.current === null) return;
    if (this.fade !== null) return this.flushed(this.fade.ids);
    this.underruns += 1;
    this.lead = LONG_LEAD;
    this.port.postMessage({ tell: "underrun", underruns: this.underruns });
  }
}

registerProcessor("rtkit-player", Player);
