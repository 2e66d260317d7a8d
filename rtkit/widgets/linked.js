// What the engines of all widgets have in common: the link to the kernel's process, the notice,
// and the end of both. Views draw `state` and call an engine's verbs. A subclass has the verbs
// receive(data), welcome(message), stopMicrophone(reason) and silence().

const ALONE_MS = 400; // without any view before everything is turned off
const RESUME_MS = 400;

const NO_KERNEL =
  "The kernel has stopped or was restarted. The microphone is off. Run this cell again to go on.";
const NO_ANSWER =
  "The kernel does not answer. If a cell is running, wait for it or interrupt it; if the kernel " +
  "was restarted, run this cell again.";
const NO_SOUND =
  "The browser holds the sound back until you click once somewhere in this page.";

function moduleUrl(source) {
  return URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
}

async function addWorklet(context, source) {
  const url = moduleUrl(source);
  await context.audioWorklet.addModule(url);
  URL.revokeObjectURL(url);
}

class LinkedEngine extends EventTarget {
  constructor(model, state) {
    super();
    this.model = model;
    this.test = globalThis.__rtkit; // set by the browser tests before the page loads
    this.test?.engines.push(this);
    this.link = null;
    this.views = 0;
    this.state = { ...state, path: null, notice: null };
    this.parting = null; // why the kernel's side is about to close the link, as a sentence
    this.onLeave = () => this.leavePage();
  }

  set(changes) {
    Object.assign(this.state, changes);
    this.dispatchEvent(new Event("change"));
  }

  notice(text, kind = "problem") {
    this.set({ notice: text ? { text, kind } : null });
  }

  /** The link, opened once; opened again after it was lost, by a way that is not broken. */
  connect(broken = []) {
    this.connecting ??= this.openLink(broken).finally(() => {
      this.connecting = null;
    });
    return this.connecting;
  }

  async openLink(broken) {
    if (this.link) return this.link;
    const { link, welcome } = await openLink(this.model, broken);
    link.onmessage = (data) => this.receive(data);
    link.onclose = () => this.lost();
    this.link = link;
    this.set({ path: link.path, notice: null });
    this.welcome(welcome);
    return link;
  }

  tell(message) {
    this.link?.send(JSON.stringify(message));
  }

  lost() {
    this.link = null;
    this.stopMicrophone("connection lost");
    this.silence();
    this.set({ path: null });
    this.notice(this.parting ?? NO_KERNEL);
    this.parting = null;
  }

  /** A browser may hold sound back until the person has clicked: say so, and go on at the click. */
  async wake(context) {
    if (context.state === "running") return;
    const resumed = context.resume().then(() => true, () => false);
    const late = new Promise((resolve) => setTimeout(resolve, RESUME_MS, false));
    if (await Promise.race([resumed, late])) return;
    if (context.state === "running") return;
    this.notice(NO_SOUND, "hint");
    addEventListener("pointerdown", () => context.resume().then(() => this.notice(null)), { once: true });
  }

  join() {
    this.views += 1;
    addEventListener("pagehide", this.onLeave);
    this.connect().catch(() => {}); // early, so that the first word is not kept waiting
  }

  /** The last view is gone: the cell's output was removed (a moved cell is drawn again at once). */
  leave() {
    this.views -= 1;
    setTimeout(() => this.views === 0 && this.shutdown("output removed"), ALONE_MS);
  }

  /** The page is closed or loaded anew: it may be back in a moment, so the guest goes on. */
  leavePage() {
    this.stopMicrophone("page closed");
    this.hangUp();
  }

  shutdown(reason) {
    removeEventListener("pagehide", this.onLeave);
    this.stopMicrophone(reason);
    this.tell({ type: "bye", reason });
    this.hangUp();
    this.silence();
  }

  hangUp() {
    if (this.link) this.link.onclose = () => {};
    this.link?.close();
    this.link = null;
  }
}
