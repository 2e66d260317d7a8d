// The button that is held while a person speaks: sound is sent only meanwhile. A tap is no turn.

const TAP_MS = 250; // what is held for less; the sound of that time is sent later, not lost

class Holding {
  constructor(tell, send) {
    this.tell = tell;
    this.send = send;
    this.since = null; // when it went down, ms; null while it is up
    this.early = null; // frames of a press that may yet be a tap
  }

  press(now) {
    this.since = now;
    this.early = [];
  }

  hear(frame, now) {
    if (this.since === null) return;
    if (this.early === null) return this.send(frame);
    this.early.push(frame);
    if (now - this.since < TAP_MS) return;
    this.tell({ type: "press" });
    for (const each of this.early) this.send(each);
    this.early = null;
  }

  release() {
    this.tell({ type: "release", tap: this.early !== null });
    this.since = this.early = null;
  }
}
