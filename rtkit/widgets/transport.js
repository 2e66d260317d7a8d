// The way between this page and the kernel's process, chosen at run time:
//   direct    WebSocket to the kernel's process, when the page itself comes from this machine
//   proxy     the same through jupyter-server-proxy
//   messages  kernel messages (JupyterLab redraws at each, so the microphone's go in 100 ms frames)
// A way that breaks in mid-session is left out when the next one is looked for.
// Each link has send(text or ArrayBuffer), close(), onmessage and onclose; sound is ArrayBuffers.

const PATIENCE_MS = 1500; // for each way that is tried
const LOCAL_HOSTS = ["localhost", "127.0.0.1", "[::1]"];
const FRAMES_PER_MESSAGE = 5;
const SILENT_KERNEL_MS = 6000; // it sends a heartbeat every second
const BEAT_EVERY = 5; // seconds; every message from the page costs JupyterLab a redraw

/** First message `wanted` (a test of the parsed text) from `link`, or an error in time. */
function firstMessage(link, wanted) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error("no answer")), PATIENCE_MS);
    link.onmessage = (data) => {
      const message = typeof data === "string" ? JSON.parse(data) : {};
      if (!wanted(message)) return;
      clearTimeout(timer);
      resolve(message);
    };
    link.onclose = () => {
      clearTimeout(timer);
      reject(new Error("closed"));
    };
  });
}

class SocketLink {
  constructor(url, path) {
    this.path = path;
    this.socket = new WebSocket(url);
    this.socket.binaryType = "arraybuffer";
    this.socket.onmessage = ({ data }) => this.onmessage(data);
    this.socket.onclose = () => this.onclose();
  }

  opened() {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error("no answer")), PATIENCE_MS);
      this.onclose = () => reject(new Error("refused"));
      this.socket.onopen = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** Whether it could be sent. */
  send(data) {
    if (this.socket.readyState !== WebSocket.OPEN) return false;
    this.socket.send(data);
    return true;
  }

  close() {
    this.socket.close();
  }

  abandon() {
    this.onmessage = this.onclose = () => {};
    this.close();
  }
}

class MessageLink {
  constructor(model) {
    this.path = "messages";
    this.model = model;
    this.frames = [];
    this.heard = Date.now();
    this.open = true;
    this.onmessage = () => {};
    this.onclose = () => {};
    this.seconds = 0;
    this.receive = ({ way, text }, buffers) => this.take(way, text, buffers);
    model.on("msg:custom", this.receive);
    this.watch = setInterval(() => this.check(), 1000);
  }

  async opened() {}

  take(way, text, buffers) {
    if (way !== "link") return;
    this.heard = Date.now();
    if (text !== undefined) return this.onmessage(text);
    const { buffer, byteOffset, byteLength } = buffers[0];
    this.onmessage(buffer.slice(byteOffset, byteOffset + byteLength));
  }

  send(data) {
    if (typeof data !== "string") this.frames.push(data);
    const flush = typeof data === "string" && this.frames.length > 0; // what is said comes after
    if (flush || this.frames.length === FRAMES_PER_MESSAGE) this.sendFrames();
    if (typeof data === "string") this.post({ way: "link", text: data });
    return this.open;
  }

  /** Up to five 20 ms frames in one message, under the number of the first. */
  sendFrames() {
    const size = this.frames.reduce((sum, frame) => sum + frame.byteLength - 4, 4);
    const message = new Uint8Array(size);
    message.set(new Uint8Array(this.frames[0], 0, 4));
    let at = 4;
    for (const frame of this.frames) {
      message.set(new Uint8Array(frame, 4), at);
      at += frame.byteLength - 4;
    }
    this.frames = [];
    this.post({ way: "link" }, [message.buffer]);
  }

  post(content, buffers) {
    try {
      this.model.send(content, undefined, buffers);
    } catch {
      this.close(); // the kernel is gone: a widget cannot send any more
    }
  }

  check() {
    this.seconds += 1;
    if (this.seconds % BEAT_EVERY === 0) this.send('{"type": "beat"}');
    if (Date.now() - this.heard > SILENT_KERNEL_MS) this.close();
  }

  close() {
    if (!this.open) return;
    this.open = false;
    clearInterval(this.watch);
    this.model.off("msg:custom", this.receive);
    this.onclose();
  }
}

/** {port, token, fresh}: told by the kernel with the widget, or on request when that was used. */
function askOffer(model) {
  return new Promise((resolve, reject) => {
    const done = (settle, value) => {
      clearTimeout(timer);
      model.off("msg:custom", receive);
      settle(value);
    };
    const receive = (message) => message.way === "offer" && done(resolve, message);
    const timer = setTimeout(() => done(reject, new Error("no answer")), 2 * PATIENCE_MS);
    model.on("msg:custom", receive);
    try {
      model.send({ way: "offer", origin: location.origin });
    } catch (error) {
      done(reject, error);
    }
  });
}

/** Where the Jupyter server is, as its pages tell; null in VS Code and Colab, which tell none. */
function baseUrl() {
  const config = document.getElementById("jupyter-config-data");
  if (config) return JSON.parse(config.textContent).baseUrl || "/";
  return document.body.dataset.baseUrl ?? null; // nbclassic
}

/** The addresses to try, best first; none where only kernel messages reach the kernel. */
function addresses(port) {
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  const local = LOCAL_HOSTS.includes(location.hostname);
  const found = local ? [[`ws://127.0.0.1:${port}/`, "direct"]] : [];
  const base = baseUrl();
  if (base !== null) found.push([`${scheme}://${location.host}${base}proxy/${port}/`, "proxy"]);
  return found;
}

async function greet(link, token) {
  await link.opened();
  const welcome = firstMessage(link, ({ type }) => type === "welcome");
  link.send(JSON.stringify({ type: "hello", token, path: link.path }));
  return { link, welcome: await welcome };
}

async function trySockets(allowed, offer) {
  for (const [url, path] of addresses(offer.port)) {
    if (!allowed.includes(path)) continue;
    let link = null;
    try {
      link = new SocketLink(url, path);
      return await greet(link, offer.token);
    } catch {
      link?.abandon(); // the next way may work
    }
  }
  return null;
}

let offerUsed = false;

/** The best link that answers: {link, welcome}; `broken` ways are left out. Throws if none does. */
async function openLink(model, broken = []) {
  const allowed = model.get("_paths").filter((path) => !broken.includes(path));
  const local = LOCAL_HOSTS.includes(location.hostname);
  const told = { port: model.get("_port"), token: model.get("_token") };
  const first = local && !offerUsed && told.port > 0 ? await trySockets(allowed, told) : null;
  offerUsed = true;
  if (first) return first;
  const offer = await askOffer(model).catch(() => null);
  const second = offer && offer.port > 0 ? await trySockets(allowed, offer) : null;
  if (second) return second;
  if (!allowed.includes("messages")) throw new Error("no way that is allowed works");
  return greet(new MessageLink(model));
}
