"""rtkit: realtime voice in a notebook.

    import rtkit

    with rtkit.connect() as session:
        turn = session.ask(rtkit.say("What is the capital of France?"))
        print(turn.question, turn.answer, turn.latency)

The names below are loaded when they are first used: `import rtkit` itself opens no device, starts
no thread and loads no plotting, widget or speech library.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rtkit import evals as evals
    from rtkit import lessons as lessons
    from rtkit import plots as plots
    from rtkit.approaches import REALTIME_CAPABILITIES as REALTIME_CAPABILITIES
    from rtkit.approaches import TRADITIONAL_CAPABILITIES as TRADITIONAL_CAPABILITIES
    from rtkit.approaches import CommunicationMode as CommunicationMode
    from rtkit.approaches import RealtimeCapabilities as RealtimeCapabilities
    from rtkit.approaches import compare_approaches as compare_approaches
    from rtkit.audio import AudioConfig as AudioConfig
    from rtkit.audio import AudioConverter as AudioConverter
    from rtkit.audio import AudioFormat as AudioFormat
    from rtkit.audio import AudioStreamHandler as AudioStreamHandler
    from rtkit.clip import Clip as Clip
    from rtkit.comparison import Difference as Difference
    from rtkit.comparison import Differences as Differences
    from rtkit.comparison import applied as applied
    from rtkit.config import CustomVoice as CustomVoice
    from rtkit.config import NoiseReduction as NoiseReduction
    from rtkit.config import RealtimeConfig as RealtimeConfig
    from rtkit.config import RealtimeConfigBuilder as RealtimeConfigBuilder
    from rtkit.config import RealtimeSessionConfig as RealtimeSessionConfig
    from rtkit.config import ResponseConfig as ResponseConfig
    from rtkit.config import RetiredModelWarning as RetiredModelWarning
    from rtkit.config import TranscriptionConfig as TranscriptionConfig
    from rtkit.config import TranscriptionSessionConfig as TranscriptionSessionConfig
    from rtkit.config import UseCase as UseCase
    from rtkit.config import VADConfig as VADConfig
    from rtkit.config import VADMode as VADMode
    from rtkit.config import Voice as Voice
    from rtkit.contrast import TalkDiff as TalkDiff
    from rtkit.contrast import diff as diff
    from rtkit.cost import Cost as Cost
    from rtkit.cost import read_cost as read_cost
    from rtkit.credentials import ClientSecret as ClientSecret
    from rtkit.detection import Detection as Detection
    from rtkit.detectors import listen as listen
    from rtkit.errors import AudioError as AudioError
    from rtkit.errors import BrainError as BrainError
    from rtkit.errors import ConfigError as ConfigError
    from rtkit.errors import DataError as DataError
    from rtkit.errors import LessonError as LessonError
    from rtkit.errors import MissingExtra as MissingExtra
    from rtkit.errors import RateLimited as RateLimited
    from rtkit.errors import RtkitError as RtkitError
    from rtkit.errors import SessionClosed as SessionClosed
    from rtkit.errors import SessionError as SessionError
    from rtkit.errors import TargetError as TargetError
    from rtkit.errors import TurnTimeout as TurnTimeout
    from rtkit.forecasting import Forecast as Forecast
    from rtkit.forecasting import Truncation as Truncation
    from rtkit.forecasting import forecast as forecast
    from rtkit.forecasting import saving as saving
    from rtkit.interactions import SpeechInteraction as SpeechInteraction
    from rtkit.interactions import SpeechInteractionMode as SpeechInteractionMode
    from rtkit.interactions import SpeechToSpeechHandler as SpeechToSpeechHandler
    from rtkit.jitter import JitterBuffer as JitterBuffer
    from rtkit.keys import client_secret as client_secret
    from rtkit.labelled import Labelled as Labelled
    from rtkit.linter import Finding as Finding
    from rtkit.linter import Findings as Findings
    from rtkit.linter import lint as lint
    from rtkit.manager import RealtimeSessionManager as RealtimeSessionManager
    from rtkit.material import synthetic_set as synthetic_set
    from rtkit.metrics import LatencyMetrics as LatencyMetrics
    from rtkit.metrics import RealtimeMetricsTracker as RealtimeMetricsTracker
    from rtkit.migrator import Migration as Migration
    from rtkit.migrator import migrate as migrate
    from rtkit.noises import noise as noise
    from rtkit.percentiles import percentile as percentile
    from rtkit.plainwords import meaning_of as meaning_of
    from rtkit.probing import probe as probe
    from rtkit.remedies import REMEDIES as REMEDIES
    from rtkit.rerun import Replay as Replay
    from rtkit.resending import resend as resend
    from rtkit.retries import Reconnect as Reconnect
    from rtkit.scores import Score as Score
    from rtkit.scores import score as score
    from rtkit.segments import Segment as Segment
    from rtkit.segments import Segmentation as Segmentation
    from rtkit.segments import segment as segment
    from rtkit.sense import Guess as Guess
    from rtkit.sense import TimedWord as TimedWord
    from rtkit.server.brain import Script as Script
    from rtkit.server.chat import ChatCompletions as ChatCompletions
    from rtkit.server.local import ServerOptions as ServerOptions
    from rtkit.server.tutor import Tutor as Tutor
    from rtkit.session import connect as connect
    from rtkit.session import connect_async as connect_async
    from rtkit.sourcecode import as_python as as_python
    from rtkit.speech.synthesis import say as say
    from rtkit.stereo import export_wav as export_wav
    from rtkit.store import delete_recordings as delete_recordings
    from rtkit.store import recordings as recordings
    from rtkit.sweeps import Recommendation as Recommendation
    from rtkit.sweeps import Sweep as Sweep
    from rtkit.sweeps import sweep as sweep
    from rtkit.targets import Target as Target
    from rtkit.targets import target as target
    from rtkit.telephony import PhoneLine as PhoneLine
    from rtkit.timeline import Timeline as Timeline
    from rtkit.toolbox import ToolCall as ToolCall
    from rtkit.tools import Tool as Tool
    from rtkit.tools import tool as tool
    from rtkit.transcriber import RealtimeTranscriber as RealtimeTranscriber
    from rtkit.transcriber import TranscriptionResult as TranscriptionResult
    from rtkit.usecases import preset as preset
    from rtkit.vadhandler import VADHandler as VADHandler
    from rtkit.widgets.configpanel import ConfigPanel as ConfigPanel
    from rtkit.widgets.console import LiveConsole as LiveConsole
    from rtkit.widgets.recorder import Recorder as Recorder
    from rtkit.widgets.vadtuner import VADTuner as VADTuner
    from rtkit.wireschema import session_schema as session_schema

__version__ = "0.1.0"

# Public name -> the module it lives in.
_HOME = {
    "AudioConfig": "rtkit.audio",
    "AudioConverter": "rtkit.audio",
    "AudioError": "rtkit.errors",
    "AudioFormat": "rtkit.audio",
    "AudioStreamHandler": "rtkit.audio",
    "BrainError": "rtkit.errors",
    "ChatCompletions": "rtkit.server.chat",
    "ClientSecret": "rtkit.credentials",
    "Clip": "rtkit.clip",
    "CommunicationMode": "rtkit.approaches",
    "ConfigError": "rtkit.errors",
    "ConfigPanel": "rtkit.widgets.configpanel",
    "Cost": "rtkit.cost",
    "CustomVoice": "rtkit.config",
    "DataError": "rtkit.errors",
    "Detection": "rtkit.detection",
    "Difference": "rtkit.comparison",
    "Differences": "rtkit.comparison",
    "Finding": "rtkit.linter",
    "Findings": "rtkit.linter",
    "Forecast": "rtkit.forecasting",
    "Guess": "rtkit.sense",
    "JitterBuffer": "rtkit.jitter",
    "Labelled": "rtkit.labelled",
    "LatencyMetrics": "rtkit.metrics",
    "LessonError": "rtkit.errors",
    "LiveConsole": "rtkit.widgets.console",
    "Migration": "rtkit.migrator",
    "MissingExtra": "rtkit.errors",
    "NoiseReduction": "rtkit.config",
    "PhoneLine": "rtkit.telephony",
    "REALTIME_CAPABILITIES": "rtkit.approaches",
    "REMEDIES": "rtkit.remedies",
    "RateLimited": "rtkit.errors",
    "RealtimeCapabilities": "rtkit.approaches",
    "RealtimeConfig": "rtkit.config",
    "RealtimeConfigBuilder": "rtkit.config",
    "RealtimeMetricsTracker": "rtkit.metrics",
    "RealtimeSessionConfig": "rtkit.config",
    "RealtimeSessionManager": "rtkit.manager",
    "RealtimeTranscriber": "rtkit.transcriber",
    "Recommendation": "rtkit.sweeps",
    "Reconnect": "rtkit.retries",
    "Recorder": "rtkit.widgets.recorder",
    "Replay": "rtkit.rerun",
    "ResponseConfig": "rtkit.config",
    "RetiredModelWarning": "rtkit.config",
    "RtkitError": "rtkit.errors",
    "Score": "rtkit.scores",
    "Script": "rtkit.server.brain",
    "Segment": "rtkit.segments",
    "Segmentation": "rtkit.segments",
    "ServerOptions": "rtkit.server.local",
    "SessionClosed": "rtkit.errors",
    "SessionError": "rtkit.errors",
    "SpeechInteraction": "rtkit.interactions",
    "SpeechInteractionMode": "rtkit.interactions",
    "SpeechToSpeechHandler": "rtkit.interactions",
    "TRADITIONAL_CAPABILITIES": "rtkit.approaches",
    "Sweep": "rtkit.sweeps",
    "Target": "rtkit.targets",
    "TalkDiff": "rtkit.contrast",
    "TargetError": "rtkit.errors",
    "TimedWord": "rtkit.sense",
    "Timeline": "rtkit.timeline",
    "Tool": "rtkit.tools",
    "ToolCall": "rtkit.toolbox",
    "TranscriptionConfig": "rtkit.config",
    "TranscriptionResult": "rtkit.transcriber",
    "TranscriptionSessionConfig": "rtkit.config",
    "Truncation": "rtkit.forecasting",
    "TurnTimeout": "rtkit.errors",
    "Tutor": "rtkit.server.tutor",
    "UseCase": "rtkit.config",
    "VADConfig": "rtkit.config",
    "VADHandler": "rtkit.vadhandler",
    "VADMode": "rtkit.config",
    "VADTuner": "rtkit.widgets.vadtuner",
    "Voice": "rtkit.config",
    "applied": "rtkit.comparison",
    "as_python": "rtkit.sourcecode",
    "client_secret": "rtkit.keys",
    "compare_approaches": "rtkit.approaches",
    "connect": "rtkit.session",
    "connect_async": "rtkit.session",
    "delete_recordings": "rtkit.store",
    "diff": "rtkit.contrast",
    "export_wav": "rtkit.stereo",
    "forecast": "rtkit.forecasting",
    "lint": "rtkit.linter",
    "listen": "rtkit.detectors",
    "meaning_of": "rtkit.plainwords",
    "migrate": "rtkit.migrator",
    "noise": "rtkit.noises",
    "percentile": "rtkit.percentiles",
    "preset": "rtkit.usecases",
    "probe": "rtkit.probing",
    "read_cost": "rtkit.cost",
    "recordings": "rtkit.store",
    "saving": "rtkit.forecasting",
    "resend": "rtkit.resending",
    "say": "rtkit.speech.synthesis",
    "score": "rtkit.scores",
    "segment": "rtkit.segments",
    "session_schema": "rtkit.wireschema",
    "sweep": "rtkit.sweeps",
    "synthetic_set": "rtkit.material",
    "target": "rtkit.targets",
    "tool": "rtkit.tools",
}

__all__ = ["__version__", "evals", "lessons", "plots", *_HOME]


def __getattr__(name: str) -> Any:
    if name in ("evals", "lessons", "plots", "testing"):
        return importlib.import_module(f"rtkit.{name}")
    if name not in _HOME:
        raise AttributeError(f"module 'rtkit' has no attribute {name!r}")
    value = getattr(importlib.import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
