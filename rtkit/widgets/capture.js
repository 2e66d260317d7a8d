// A microphone: its stream, in 20 ms frames of PCM16 at 24 kHz; and why there is none, in a
// sentence that ends with what to do instead.

// Where the permission is given, by what the browser calls itself. The first that fits.
const WHERE_TO_ALLOW = [
  [/ Code\//, "not possible inside VS Code: open the notebook in a browser instead"],
  [/Firefox\//, "the crossed-out microphone in the address bar"],
  [/(Chrome|Chromium|Edg)\//, "the icon at the left of the address bar"],
  [/Safari\//, "Safari's menu, Settings for this Website, Microphone"],
  [/./, "the browser's settings for this page"],
];

function whereToAllow(agent = navigator.userAgent) {
  return WHERE_TO_ALLOW.find(([name]) => name.test(agent))?.[1];
}

const MICROPHONE_SENTENCES = {
  NotAllowedError:
    `The browser did not allow the microphone. Allow it for this page (${whereToAllow()}; on some ` +
    "systems in their privacy settings too), then press the button again.",
  NotFoundError:
    "No microphone was found. Plug one in, or switch it on in the system's sound settings, then press " +
    "the button again.",
  NotReadableError:
    "The microphone is there but gives no sound: another program may be using it. Close that " +
    "program, then press the button again.",
  OverconstrainedError:
    "The chosen microphone is not there any more. Choose another one, then press the button again.",
  NotSecure:
    `This page (${location.origin}) is not secure, so the browser offers no microphone. Open ` +
    "JupyterLab as http://localhost or over https.",
  InFrame:
    "This notebook is shown inside another page or program, which gives it no microphone (VS Code " +
    "gives none). To speak, open it in JupyterLab, in a browser tab of its own.",
};

function microphoneSentence({ name, message }, instead) {
  const framed = document.featurePolicy?.allowsFeature("microphone") === false;
  const known = MICROPHONE_SENTENCES[name === "NotAllowedError" && framed ? "InFrame" : name];
  return `${known ?? `The microphone could not be opened (${name}: ${message}).`} ${instead}`;
}

function stopTracks(stream) {
  stream.getTracks().forEach((track) => track.stop());
}

/** A frame as it travels: its number and its sound. */
function packed({ seq, pcm }) {
  const frame = new Uint8Array(4 + pcm.byteLength);
  new DataView(frame.buffer).setUint32(0, seq, true);
  frame.set(new Uint8Array(pcm), 4);
  return frame.buffer;
}

class Capture {
  constructor(stream) {
    this.stream = stream;
    [this.track] = stream.getAudioTracks();
    const { sampleRate: rate } = this.track.getSettings();
    // Firefox wants the context at the microphone's own rate; the worklet changes it to 24 kHz.
    this.context = new AudioContext(rate ? { sampleRate: rate } : {});
    this.node = null;
  }

  load() {
    return addWorklet(this.context, MICROPHONE_SOURCE);
  }

  start(onframe) {
    this.node = new AudioWorkletNode(this.context, "rtkit-microphone", { numberOfOutputs: 0 });
    this.node.port.onmessage = ({ data }) => onframe(data);
    this.context.createMediaStreamSource(this.stream).connect(this.node);
  }

  /** One more frame comes, shorter and marked `last`. */
  finish() {
    this.node?.port.postMessage("finish");
  }

  /** The worklet ends; the stream, which comes back, may go on elsewhere. */
  leave() {
    this.track.onended = null;
    this.node?.port.postMessage("stop");
    this.context.close();
    return this.stream;
  }

  release() {
    stopTracks(this.leave());
  }
}
