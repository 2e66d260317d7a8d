// Microphone worklet: device rate, any channels -> mono -> 24 kHz -> int16, 20 ms a frame.
// Posts {seq, pcm (ArrayBuffer), level (dBFS, RMS), peak (largest sample, 1 is full scale), last,
// at (ms, the clock when it was complete)} for every frame; the last, when "finish" is asked for,
// may be shorter. Follows resampler.js in one text.

const WIRE_RATE = 24000;
const FRAME = 480; // samples: 20 ms

class Microphone extends AudioWorkletProcessor {
  constructor() {
    super();
    this.resampler = new Resampler(sampleRate, WIRE_RATE);
    this.frame = new Int16Array(FRAME);
    this.filled = 0;
    this.energy = 0;
    this.peak = 0;
    this.seq = 0;
    this.running = true;
    this.port.onmessage = ({ data }) => {
      if (this.running && data === "finish") this.post(true);
      this.running = false;
    };
  }

  process([channels]) {
    if (this.running && channels.length > 0) this.take(this.resampler.push(this.mono(channels)));
    return this.running;
  }

  mono(channels) {
    if (channels.length === 1) return channels[0];
    return channels[0].map((_, i) => channels.reduce((sum, c) => sum + c[i], 0) / channels.length);
  }

  take(samples) {
    for (const sample of samples) {
      const value = Math.max(-32768, Math.min(32767, Math.round(sample * 32768)));
      this.frame[this.filled] = value;
      this.energy += value * value;
      this.peak = Math.max(this.peak, Math.abs(value));
      this.filled += 1;
      if (this.filled === FRAME) this.post();
    }
  }

  post(last = false) {
    const pcm = this.frame.slice(0, this.filled).buffer;
    const rms = Math.sqrt(this.energy / Math.max(1, this.filled)) / 32768;
    const level = rms > 0 ? 20 * Math.log10(rms) : -100;
    const frame = { seq: this.seq, pcm, level, peak: this.peak / 32768, last, at: Date.now() };
    this.port.postMessage(frame, [pcm]);
    this.seq += 1;
    this.filled = 0;
    this.energy = 0;
    this.peak = 0;
  }
}

registerProcessor("rtkit-microphone", Microphone);
