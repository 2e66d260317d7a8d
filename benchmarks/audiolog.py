"""When sound passed the kernel's side of a console, by the clock that the page has too.

Runs in the kernel of `benchmarks/browser.py`, and so does the microphone that it is set beside:
one that sends each 20 ms frame as a widget message, as a widget of one's own would.
"""

from __future__ import annotations

import json
import threading
import time

import anywidget

from rtkit.widgets import assets
from rtkit.widgets.wire import FRAME_BYTES, parse, unpack

PLAIN = """
export default {
  async render({ model }) {
    const stream = await navigator.mediaDevices.getUserMedia({
      audio: { echoCancellation: false, noiseSuppression: false, autoGainControl: false },
    });
    const mic = new Capture(stream);
    await mic.load();
    mic.start((frame) => {
      __rtkit.frames.push(frame);
      model.send({ seq: frame.seq }, undefined, [frame.pcm]);
    });
    return () => mic.release();
  },
};
"""
WORKLET = json.dumps(assets.read("resampler.js", "microphone.js"))
SHARED = assets.read("linked.js", "capture.js")


class AudioLog:
    """Notes every frame, item and flush of a console: (seconds since the epoch, number)."""

    def __init__(self, console):
        self.heard, self.sent, self.flushed = [], [], []
        host = console._host
        receive, arrive = host.receive, host.arrive
        host.receive = lambda link, data: (self._hear(data), receive(link, data))
        host.arrive = lambda link: (self._follow(link), arrive(link))

    def _hear(self, data):
        if isinstance(data, bytes):
            now = time.time()
            first, pcm = unpack(data)
            self.heard += [(now, first + n) for n in range(max(1, len(pcm) // FRAME_BYTES))]

    def _follow(self, link):
        """Note what is sent to this page; only the first piece of an item counts."""
        send = link.send

        def noted(data):
            if isinstance(data, bytes):
                self.sent.append((time.time(), unpack(data)[0]))
            elif parse(data).get("type") == "flush":
                self.flushed.append((time.time(), parse(data)["id"]))
            send(data)

        link.send = noted

    def dump(self):
        return json.dumps({"heard": self.heard, "sent": self.sent, "flushed": self.flushed})


class PlainMicrophone(anywidget.AnyWidget):
    """A microphone as a widget of one's own would send it: a message for each 20 ms."""

    _esm = "\n".join([f"const MICROPHONE_SOURCE = {WORKLET};", SHARED, PLAIN])

    def __init__(self):
        self.heard, self.threads = [], set()
        super().__init__()
        self.on_msg(self._hear)

    def _hear(self, _, content, buffers):
        self.heard.append((time.time(), content["seq"]))
        self.threads.add(threading.current_thread().name)

    def dump(self):
        return json.dumps({"heard": self.heard})
