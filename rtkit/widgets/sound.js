// Plays a clip that the page holds, from any place to any other, and knows where it is.

class Sound {
  /** `ended()` is called when a stretch has been played to its end. */
  constructor(ended) {
    this.ended = ended;
    this.context = null; // made by the first press: browsers want a gesture
    this.buffer = null;
    this.playing = null; // {node, from, to, began}, in seconds of the clip and of the context
  }

  /** Take another clip: Int16Array and its rate. */
  load(samples, rate) {
    this.stop();
    this.buffer = null;
    this.samples = samples;
    this.rate = rate;
  }

  get duration() {
    return this.samples ? this.samples.length / this.rate : 0;
  }

  async play(from, to = this.duration) {
    this.stop();
    if (!(to > from)) return;
    this.context ??= new AudioContext();
    const node = this.context.createBufferSource();
    node.buffer = this.buffer ??= this.decoded();
    node.connect(this.context.destination);
    const playing = { node, from, to, began: null };
    this.playing = playing;
    await this.context.resume();
    if (this.playing !== playing) return; // stopped, or told otherwise, in the meantime
    node.onended = () => {
      if (this.playing !== playing) return;
      this.stop();
      this.ended(to);
    };
    playing.began = this.context.currentTime;
    node.start(0, from, to - from);
  }

  decoded() {
    const buffer = this.context.createBuffer(1, this.samples.length, this.rate);
    const channel = buffer.getChannelData(0);
    for (let i = 0; i < channel.length; i += 1) channel[i] = this.samples[i] / 32768;
    return buffer;
  }

  /** Where the sound is that can be heard now, in seconds of the clip; null while it is still. */
  get position() {
    if (this.playing === null) return null;
    const { from, to, began } = this.playing;
    if (began === null) return from;
    const heard = this.context.currentTime - began - (this.context.outputLatency || 0);
    return Math.min(to, from + Math.max(0, heard));
  }

  stop() {
    const { node, began } = this.playing ?? {};
    this.playing = null;
    if (!node) return;
    node.onended = null;
    if (began !== null) node.stop();
    node.disconnect();
  }

  close() {
    this.stop();
    this.context?.close();
    this.context = null;
  }
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
