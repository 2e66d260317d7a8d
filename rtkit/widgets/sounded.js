// What the engines of the tuner and of the inspector share: they have no microphone, but a sound
// in the page, and bytes that come before the message about them. `taken` leads from the type of
// a message to the verb that takes it. A subclass has the verbs welcome, settle() (no question is
// under way any more) and rest(at).

const SOUND_RATE = 24000; // as the kernel sends it
const NO_KERNEL_NOW =
  "The kernel has stopped or was restarted. Run this cell again to go on.";

class SoundedEngine extends LinkedEngine {
  /** In the state, `cursor` is where the sound is being played, in seconds. */
  constructor(model, taken, state) {
    super(model, state);
    this.taken = taken;
    this.sound = new Sound((at) => this.rest(at));
    this.pieces = []; // bytes that came before the message about them
  }

  join() {
    super.join();
    this.connect().catch(() => this.notice(NO_ANSWER));
  }

  lost() {
    this.link = null;
    this.settle();
    this.set({ path: null });
    this.notice(this.parting ?? NO_KERNEL_NOW);
  }

  stopMicrophone() {} // there is none

  receive(data) {
    if (typeof data !== "string") {
      this.pieces.push(data);
      return;
    }
    const told = JSON.parse(data);
    const take = this.taken[told.type];
    if (take) this[take](told);
  }

  takeProblem({ text }) {
    this.settle();
    this.notice(text);
  }

  takeLeave({ text }) {
    this.parting = text;
  }

  /** The bytes that came, as one buffer. */
  bytes() {
    const whole = new Uint8Array(this.pieces.reduce((sum, piece) => sum + piece.byteLength, 0));
    let at = 0;
    for (const piece of this.pieces.splice(0)) {
      whole.set(new Uint8Array(piece), at);
      at += piece.byteLength;
    }
    return whole.buffer;
  }

  get playing() {
    return this.sound.playing !== null;
  }

  play(from, to) {
    this.sound.play(from, to);
    this.set({ cursor: from });
    this.follow();
  }

  /** Move the cursor with the sound, once for each frame that the browser draws. */
  follow() {
    cancelAnimationFrame(this.frame);
    if (!this.playing) return;
    this.state.cursor = this.sound.position;
    this.dispatchEvent(new Event("cursor"));
    this.frame = requestAnimationFrame(() => this.follow());
  }

  shutdown(reason) {
    super.shutdown(reason);
    this.settle();
    cancelAnimationFrame(this.frame);
    this.sound.close();
  }
}
