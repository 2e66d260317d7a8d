"""The recorder: takes from the microphone of whoever reads the notebook, in the output of a cell.

The microphone is ipywebrtc's `CameraStream`; it is recorded by a worklet of our own, not by
ipywebrtc's `AudioRecorder`. That one works, and with its "pcm" codec loses nothing, but it hands a
whole take over in one kernel message when it ends. The Jupyter server breaks the connection over a
message of more than 10 MiB, which is 30 s of stereo "pcm" (measured: a take of 70 s was lost
without a word). The sound would also be a trait, which is saved with the notebook. The worklet
sends 20 ms at a time: exact samples, their level, and whatever happens, what arrived is kept.
"""

from __future__ import annotations

import os
from collections.abc import Callable

import traitlets

from rtkit import background
from rtkit.clip import Clip
from rtkit.errors import AudioError, ConfigError

from . import assets
from .linked import LinkedWidget, allowed_paths
from .recording import LONGEST
from .sentences import NO_PAGE, NOTHING_RECORDED, STILL_ASKING, STILL_RECORDING
from .studio import Studio, spoken
from .takes import Take

TEXT = "Recorder: takes from a microphone. It appears here when the notebook is open in JupyterLab."
PAGE_WITHIN = 2.0  # seconds, from when a page is needed
START_WITHIN = 20.0  # seconds for a person to allow the microphone
END_WITHIN = 5.0  # seconds for the last sound of a take to arrive


class Recorder(LinkedWidget):
    """Record from a notebook cell: `rec = rtkit.Recorder()`, then `rec`, then `rec.clip`.

    The panel has a record button, the level, the choice of the microphone, and a list of the takes.
    A take is a `Clip` at 24 kHz, exactly what the page's worklet heard. With `processing=True` the
    browser cancels echo, suppresses noise and controls the gain; then it is no longer the sound
    that reached the microphone. `transport` allows only one way for the sound: "direct", "proxy"
    or "messages".

    Where there is no microphone, `say` and `load` (or their fields in the panel) make takes, too.
    `stand_in`, a phrase or a `Clip`, is what `clip` gives as long as there is no take; it says so.
    The microphone is on only while the panel says that it records.
    """

    _esm = assets.module("recorder")
    _css = assets.style("recorder")
    text = TEXT
    _processing = traitlets.Bool(False).tag(sync=True)

    def __init__(
        self,
        *,
        stand_in: str | Clip | None = None,
        processing: bool = False,
        transport: str | None = None,
    ) -> None:
        if not isinstance(stand_in, str | Clip | None):
            raise ConfigError(
                f"stand_in is {stand_in!r}. Allowed: a phrase to be spoken, a Clip, or None."
            )
        self._stand_in = stand_in
        self._studio = Studio()
        super().__init__(self._studio, allowed_paths(transport), _processing=processing)

    # what was recorded

    @property
    def clip(self) -> Clip:
        """The chosen take, which is the newest unless another was chosen.

        Without any it is `stand_in`, and a line says so. Without that, AudioError, which says why
        there is nothing and what to do.
        """
        if (clip := self._studio.takes.clip) is not None:
            return clip
        if self._stand_in is not None:
            return self._stand()
        if self._studio.recording is not None:
            raise AudioError(STILL_RECORDING)
        if not self._studio.wait_for(lambda: self._studio.link, PAGE_WITHIN):
            raise AudioError(NO_PAGE)
        raise AudioError(" ".join(filter(None, [NOTHING_RECORDED, self.notice])))

    @property
    def takes(self) -> dict[int, Clip]:
        """Every take that is kept, by the number that the panel shows."""
        return self._studio.takes.clips()

    @property
    def recording(self) -> bool:
        """Whether a take is being recorded; the microphone is on exactly then."""
        return self._studio.recording is not None

    @property
    def duration(self) -> float:
        """Seconds of the take that is being recorded; 0.0 when there is none."""
        recording = self._studio.recording
        return recording.seconds if recording is not None else 0.0

    @property
    def level_dbfs(self) -> float:
        """Level of the last 20 ms of the take that is being recorded; -inf when there is none."""
        recording = self._studio.recording
        last = recording.parts[-1] if recording is not None and recording.parts else b""
        return Clip.from_pcm16(last).level_dbfs

    @property
    def notice(self) -> str:
        """The problem that the panel shows, as a sentence; "" when all is well."""
        return self._studio.notice

    def choose(self, number: int) -> None:
        """Make this take the one that `clip` gives; AudioError when there is none of the number."""
        self._do(lambda: self._studio.choose(number))

    def delete(self, number: int) -> None:
        """Let a take go; AudioError when there is none of this number."""
        self._do(lambda: self._studio.delete(number))

    # recording from code

    def record(self) -> None:
        """Begin a take, in the page that shows this recorder; AudioError when that fails."""
        self._begin(LONGEST)

    def stop(self) -> Clip:
        """End the take; its clip. AudioError when nothing is being recorded."""
        if self._studio.recording is None:
            raise AudioError("nothing is being recorded. Begin with rec.record().")
        ended = self._studio.finished + 1
        self._do(lambda: self._studio.send("stop"))
        return self._ended(ended, END_WITHIN)

    def take(self, seconds: float) -> Clip:
        """Record for this long, and wait for it; the clip. AudioError when that fails."""
        if not 0 < seconds <= LONGEST:
            raise AudioError(
                f"a take lasts more than 0 and up to {LONGEST:g} seconds, found {seconds!r}."
            )
        ended = self._studio.finished + 1
        try:
            self._begin(seconds)
            return self._ended(ended, seconds + END_WITHIN)
        except BaseException:
            self._do(lambda: self._studio.send("stop"))
            raise

    def _begin(self, seconds: float) -> None:
        studio = self._studio
        if studio.recording is not None:
            raise AudioError(STILL_RECORDING)
        if not studio.wait_for(lambda: studio.link, PAGE_WITHIN):
            raise AudioError(NO_PAGE)
        refusals, finished = studio.refusals, studio.finished
        self._do(lambda: studio.record(seconds))
        studio.wait_for(
            lambda: studio.recording or studio.refusals > refusals or studio.finished > finished,
            START_WITHIN,
        )
        if studio.refusals > refusals:
            raise AudioError(studio.notice)
        if studio.recording is None and studio.finished == finished:
            raise AudioError(STILL_ASKING)

    def _ended(self, finished: int, seconds: float) -> Clip:
        if not self._studio.wait_for(lambda: self._studio.finished >= finished, seconds):
            raise AudioError(
                f"the page sent no end of the take in {seconds:g} s. Look at the panel; what "
                "arrived is kept when it is closed."
            )
        if self._studio.recorded is None:
            raise AudioError(self.notice)
        return self._studio.recorded

    # instead of a microphone

    def say(self, text: str, voice: str = "alloy") -> Clip:
        """A take that is spoken by rtkit's own voice, as `rtkit.say` does it; its clip."""
        return self._keep(spoken(text, voice))

    def load(self, source: str | os.PathLike[str] | bytes) -> Clip:
        """A take out of a local sound file, as `Clip.load` reads it; its clip."""
        title = "" if isinstance(source, bytes) else os.path.basename(os.fspath(source))
        return self._keep(Take(Clip.load(source), "file", title))

    def _stand(self) -> Clip:
        """The stand-in as a take, so that the panel shows it, and a line that says so."""
        stand_in = self._stand_in
        if isinstance(stand_in, str):
            print(f"Nothing was recorded, so a spoken phrase stands in: {stand_in!r}")
            return self.say(stand_in)
        assert stand_in is not None
        print(f"Nothing was recorded, so a clip stands in: {stand_in}")
        return self._keep(Take(stand_in, "clip", "stand-in"))

    def _keep(self, take: Take) -> Clip:
        self._do(lambda: self._studio.add(take))
        return take.clip

    def _do(self, act: Callable[[], None]) -> None:
        """Have this done on rtkit's loop, where the studio lives."""

        async def run() -> None:
            act()

        background.run(run(), END_WITHIN)

    def close(self) -> None:
        """Turn the microphone off and take the panel away. The takes stay."""
        studio = self.__dict__.get("_studio")  # none when the arguments were refused
        if studio is not None:
            background.loop().call_soon_threadsafe(studio.close)
            if self._socket is not None:
                self._socket.forget(studio)
        super().close()
