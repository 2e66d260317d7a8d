"""The turn-detection tuner: a clip, its turns, and the settings that make them.

The page draws and asks; every decision is made here by `rtkit.segment`, the embedded server's own
state machine. Sound and probabilities travel once for each clip; a slider's move is a short message
there and back. Pages are answered in a thread of the tuner's own (see `bench`), notebooks set
traits in theirs: one lock guards what is shown.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import traitlets

from rtkit.choices import VADMode
from rtkit.clip import Clip
from rtkit.errors import ConfigError
from rtkit.inputside import InputSide
from rtkit.labelled import Labelled, Stretch
from rtkit.parts import VADConfig
from rtkit.segments import Segmentation, segment
from rtkit.vad import Detector

from . import assets
from .bench import Bench
from .linked import LinkedWidget, allowed_paths
from .material import Material, Words, hear, names_of, prepared
from .outcome import picture
from .retuning import applied_to, carried_over, of_session, retuned, tunable
from .still import still
from .wire import Link

if TYPE_CHECKING:
    from rtkit.handle import Handle

    from .console import LiveConsole

TEXT = "VADTuner: a clip and its turns. It appears here when the notebook is open in JupyterLab."
STAND_IN = "No clip was given: a spoken phrase with a pause for thought stands in."
Content = dict[str, Any]


class VADTuner(LinkedWidget):
    """See, hear and tune what turn detection does to a clip.

    Without a clip a spoken phrase stands in; `tuner.clip = other` loads another one (AudioError
    beyond 5 minutes). Of a `Labelled` clip the true utterances are shown, and turns that cut the
    speaker off are counted; `labels` are such utterances, (start, end) in seconds.

    `vad` is a VADConfig, or a configuration that holds one, and `b` a second one to compare with.
    The traits `value` (the first setting) and `b` follow the sliders and may be observed; setting
    them moves the sliders. `words` are those of the clip by position, for semantic_vad (see
    `rtkit.segment`); by default the embedded server's recogniser hears them when they are needed.
    `detector` is "silero", "webrtc", "energy", or an object of your own. With `session`, an open
    session or a LiveConsole, a button applies the setting to it. `transport` allows only one way to
    the page: "direct", "proxy" or "messages".

    Headless (nbclient, nbval) it is a picture.
    """

    _esm = assets.module("tuner")
    _css = assets.style("tuner")
    text = TEXT
    value = traitlets.Instance(VADConfig)
    b = traitlets.Instance(VADConfig, allow_none=True)
    clip = traitlets.Union([traitlets.Instance(Clip), traitlets.Instance(Labelled)])

    def __init__(
        self,
        clip: Clip | Labelled | None = None,
        vad: VADConfig | InputSide | None = None,
        b: VADConfig | InputSide | None = None,
        *,
        words: Words | None = None,
        labels: Iterable[Stretch] = (),
        detector: str | Detector = "silero",
        session: Handle | LiveConsole | None = None,
        transport: str | None = None,
    ) -> None:
        paths = allowed_paths(transport)
        self._lock = threading.RLock()
        self._session = session
        self._own: Mapping[str, Detector] = {}
        if not isinstance(detector, str):
            self._own = {type(detector).__name__.lower(): detector}
            detector = next(iter(self._own))
        if vad is None and session is not None:
            vad = of_session(session)
        told = tunable(VADConfig() if vad is None else vad), None if b is None else tunable(b)
        self._base = self._shown = told
        self._ears: threading.Thread | None = None
        self._material = prepared(clip, detector, self._own, words, labels)
        self._decide()
        self._bench = Bench(self._answer, "tuner")
        sound = self._material.clip
        super().__init__(self._bench, paths, value=told[0], b=told[1], clip=sound)

    # what later cells read and say

    @property
    def vad(self) -> VADConfig:
        """The setting A; the same as `value`."""
        return self.value

    @vad.setter
    def vad(self, vad: VADConfig) -> None:
        self.value = vad

    @property
    def detector(self) -> str:
        """The name of the detector; set another one by its name, and it hears the clip."""
        return self._material.heard.detector

    @detector.setter
    def detector(self, name: str) -> None:
        material = self._material
        heard = hear(material.clip, name, self._own)
        with self._lock:
            if self._material.clip is material.clip:
                self._material = replace(self._material, heard=heard)
                self._tell_heard()

    @property
    def segmentation(self) -> Segmentation:
        """What setting A does to the clip; waits for the clip's words, if it goes by them."""
        with self._lock:
            self._seek_words()
            ears = self._ears
        if ears is not None:
            ears.join()
        return self._found[0]

    def apply_to(self, target: Any, side: str = "a") -> Any:
        """A copy of a configuration with the setting of a side ("a" or "b"); or a session, updated.

        An open session is updated and None comes back (of an AsyncSession, await it); SessionError
        if its server refuses, SessionClosed if it is over. All else of `target` stays as it was.
        """
        vad = {"a": self.value, "b": self.b}.get(side)
        if vad is None:
            raise ConfigError(f"this tuner has no setting {side!r}. Allowed: 'a', and 'b' if set.")
        return applied_to(target, vad)

    # traits

    @traitlets.validate("value", "b")
    def _tunable(self, proposal: Any) -> VADConfig | None:
        return None if proposal["value"] is None else tunable(proposal["value"])

    @traitlets.validate("clip")
    def _take_clip(self, proposal: Any) -> Clip:
        if proposal["value"] is not self._material.clip:
            material = prepared(proposal["value"], self.detector, self._own)
            with self._lock:
                self._material = material
                self._tell_clip()  # here: labels may be new while the sound is the same
        return self._material.clip

    @traitlets.observe("value", "b")
    def _changed(self, _: Any) -> None:
        with self._lock:
            if (self.value, self.b) != self._shown:
                self._base = self._shown = (self.value, self.b)
                self._tell_decided(None)

    # what pages ask; in the bench's thread

    def _answer(self, told: Content, _: Link) -> None:
        act = ASKED.get(str(told.get("type")))
        if act is not None:
            act(self, told)

    def _asked_clip(self, _: Content) -> None:
        with self._lock:
            self._tell_clip()

    def _asked_decision(self, content: Content) -> None:
        with self._lock:
            base_a, base_b = self._base
            a = retuned(base_a, content["a"])
            b = None if content["b"] is None else retuned(base_b or base_a, content["b"])
            self._shown = (a, b)
            self._tell_decided(content["number"])
        with self.hold_trait_notifications():  # not under the lock: observers may wait for words
            self.value, self.b = a, b

    def _asked_detector(self, content: Content) -> None:
        name = str(content["detector"])
        self._bench.tell("busy", text=f"{name} is hearing the clip …")
        self._bench.beside(lambda: setattr(self, "detector", name))

    def _asked_apply(self, content: Content) -> None:
        self._bench.beside(lambda: self._apply(str(content["side"])))

    def _apply(self, side: str) -> None:
        vad = self.value if side == "a" else self.b
        if vad is not None:
            done, text = carried_over(self._session, vad)
            self._bench.tell("applied", done=done, text=text)

    # what the page is told

    def _decide(self) -> None:
        """The turns of the sides that are shown."""
        heard, words = self._material.heard, self._material.words or ()
        self._found = [segment(heard, vad, words) for vad in self._shown if vad is not None]

    def _picture(self) -> Content:
        self._decide()
        self._seek_words()
        words, labelled = self._material.words, self._material.labelled
        return picture([vad for vad in self._shown if vad], self._found, words, labelled)

    def _tell_decided(self, number: int | None) -> None:
        self._bench.tell("decided", number=number, **self._picture())

    def _tell_heard(self) -> None:
        """Another detector, or words: the sound is there already."""
        material = self._material
        self._bench.tell("heard", material.chances(), **material.picture(), **self._picture())

    def _tell_clip(self) -> None:
        material = self._material
        sound = material.sound()
        fixed = {
            "sound_bytes": len(sound),
            "detectors": names_of(self._own),
            "note": STAND_IN if material.spoken else "",
            "session": self._session is not None,
        }
        told = {**fixed, **material.picture(), **self._picture()}
        self._bench.tell("clip", sound + material.chances(), **told)

    def _seek_words(self) -> None:
        """Have the words of the clip recognised, once, if a side goes by them."""
        wanted = any(vad is not None and vad.mode is VADMode.SEMANTIC for vad in self._shown)
        if wanted and self._material.words is None and self._ears is None:
            self._ears = self._bench.beside(lambda: self._hear_words(self._material))

    def _hear_words(self, material: Material) -> None:
        from .clipwords import words_of

        words: Words = ()
        try:
            words = words_of(material.heard)
        finally:
            with self._lock:
                self._ears = None
                if self._material.clip is material.clip:
                    self._material = replace(self._material, words=words)
                self._tell_heard()

    # life

    def close(self) -> None:
        """Take the tuner away, and let its pages go."""
        bench = self.__dict__.get("_bench")  # none when the arguments were refused
        if bench is not None:
            bench.close()
            if self._socket is not None:
                self._socket.forget(bench)
        super().close()

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[Content, Content] | None:
        shown = super()._repr_mimebundle_(**kwargs)
        if shown is None:
            return None
        self.segmentation  # noqa: B018 - the picture waits for the words
        return {**shown[0], **still(self._found, TEXT)}, shown[1]


ASKED: Mapping[str, Callable[[VADTuner, Content], None]] = {
    "clip": VADTuner._asked_clip,
    "decide": VADTuner._asked_decision,
    "detector": VADTuner._asked_detector,
    "apply": VADTuner._asked_apply,
}
"""What the page may ask for."""
