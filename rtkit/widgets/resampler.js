// A streaming resampler: windowed-sinc low-pass and rate change in one polyphase filter.
// Used inside the microphone worklet; it touches no browser API, so tests run the same text.

const STOP_DB = 80; // rejection of everything above half the lower rate
const TRANSITION = 1 / 6; // width of the slope, as a part of half the lower rate

/** Modified Bessel function of the first kind, order 0 (the Kaiser window needs it). */
function besselI0(x) {
  let sum = 1;
  let term = 1;
  for (let k = 1; term > sum * 1e-12; k += 1) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}

function greatestCommonDivisor(a, b) {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

/** Mono Float32Array blocks at `fromRate` in, at `toRate` out; any block sizes, same result. */
class Resampler {
  constructor(fromRate, toRate) {
    const divisor = greatestCommonDivisor(fromRate, toRate);
    this.up = toRate / divisor; // output steps per input step: up / down
    this.down = fromRate / divisor;
    this.same = this.up === this.down;
    const half = Math.min(fromRate, toRate) / 2;
    const slope = (half * TRANSITION) / fromRate;
    this.half = Math.ceil((STOP_DB - 8) / (2.285 * 2 * Math.PI * slope) / 2);
    this.taps = 2 * this.half;
    this.cutoff = (half * (1 - TRANSITION / 2)) / fromRate; // cycles per input sample
    this.phases = Array.from({ length: this.up }, (_, phase) => this.phase(phase / this.up));
    this.buffer = new Float32Array(this.half - 1); // zeros before the first sample
    this.position = 0; // of the next output, in 1 / up input samples, from the buffer's start
  }

  /** The filter's taps for an output that lies `offset` of a sample after an input sample. */
  phase(offset) {
    const beta = 0.1102 * (STOP_DB - 8.7);
    const row = new Float32Array(this.taps);
    let sum = 0;
    for (let k = 0; k < this.taps; k += 1) {
      const x = k - (this.half - 1) - offset;
      const angle = 2 * Math.PI * this.cutoff * x;
      const window = besselI0(beta * Math.sqrt(Math.max(0, 1 - (x / this.half) ** 2)));
      row[k] = (x === 0 ? 1 : Math.sin(angle) / angle) * window;
      sum += row[k];
    }
    return row.map((tap) => tap / sum); // unity at 0 Hz in every phase: no tone at the phase rate
  }

  push(block) {
    if (this.same) return Float32Array.from(block);
    const data = new Float32Array(this.buffer.length + block.length);
    data.set(this.buffer);
    data.set(block, this.buffer.length);
    const last = data.length - this.taps;
    const output = [];
    while (Math.floor(this.position / this.up) <= last) {
      const start = Math.floor(this.position / this.up);
      const row = this.phases[this.position % this.up];
      let sum = 0;
      for (let k = 0; k < this.taps; k += 1) sum += row[k] * data[start + k];
      output.push(sum);
      this.position += this.down;
    }
    const used = Math.min(Math.floor(this.position / this.up), data.length);
    this.position -= used * this.up;
    this.buffer = data.slice(used);
    return Float32Array.from(output);
  }
}
