"""What a console says when something is not as a person expects: what happened, and what to do.

The sentences about microphones and connections stand in the page's own engine, which must be able
to say them when no kernel is there.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

ELSEWHERE = (
    "This console is open in another page now, and the microphone is off here. Press the "
    "microphone button to go on in this page."
)
CLOSED = "This console was closed. Run its cell again to begin a new conversation."
HOLD = (
    "Hold the microphone button, or the space bar, while you speak, and let it go when you have "
    "finished."
)
OWN_EARS = (
    "Turns are found by rtkit itself in this session, so there is no button to hold: just speak. "
    "For push to talk run the console with VADMode.MANUAL."
)
VOICE_FIXED = (
    "The assistant has spoken, so the voice of this session stays. Another voice begins with a new "
    "session: run the cell again."
)
RECORDED = "This is a recorded conversation: there is nothing to set."
AS_IT_WAS = "The session goes on as it was."
NO_IMAGE = "What was given is no image that can be sent. Choose a PNG or JPEG file."
NOTHING_SAID = "Nothing has been said yet, so there is nothing to keep or to replay."
ROUGH = (
    "Recognition is rough here: the brain has no grammar, so every word is dictated, and about "
    "four in ten are misheard. RTKIT_RECOGNISER=whisper hears better; typing is never misheard."
)

NO_ECHO_TEST = (
    "The test sound was not played, or the microphone gave nothing. Click once in this page, look "
    "at the level above, and test again."
)

RECORDED_ELSEWHERE = (
    "This recorder is open in another page now, and the microphone is off here. Press the "
    "microphone button to go on in this page."
)
RECORDER_CLOSED = "This recorder was closed. Run its cell again to record more."
LOST_SOUND = (
    "Nothing arrived from the microphone, so there is no take. Choose another microphone, or look "
    "at its level in the system's sound settings; a spoken phrase or a file can stand in."
)
NO_PAGE = (
    "no page shows this recorder, so there is no microphone. Put the recorder in the last line of "
    "a cell that is open in JupyterLab. Where there is none, rec.say('a phrase') and "
    "rec.load('a file.wav') make takes, and Recorder(stand_in='a phrase') is never without one."
)
NOTHING_RECORDED = (
    "nothing has been recorded yet. Press the record button, or run rec.take(3) for 3 seconds, "
    "then run this cell again; rec.say('a phrase') and rec.load('a file.wav') stand in."
)
STILL_RECORDING = "a take is being recorded. Press the stop button, or run rec.stop()."
STILL_ASKING = (
    "the microphone is not open yet. If the browser asks whether it may be used, answer it; if the "
    "panel says that it is connected by kernel messages, press its button instead, since they wait "
    "until a cell has ended."
)

RECONNECTING = "The connection broke, a new one is being made. Go on speaking: nothing is lost."
RECONNECTED = "Reconnected: the conversation goes on."


def connection(event: Mapping[str, Any], notice: str) -> str:
    """What is said of a break and of its end, after the notice that is shown; "" for nothing.

    A session that is renewed in a quiet moment is not worth a word.
    """
    if event.get("type") == "reconnecting" and event.get("attempt"):
        return RECONNECTING
    back = event.get("type") == "reconnected" and notice == RECONNECTING
    return RECONNECTED if back else ""


def ended(event: Mapping[str, Any]) -> str:
    """For a `session.closed` that nobody here asked for."""
    return (
        f"The realtime server ended the session ({event.get('reason')}). What was said is kept. "
        "Press the microphone button to begin a new conversation."
    )


def kept(path: Path) -> str:
    """For a file that was written."""
    return f"Written to {path}."


def not_kept(error: Exception) -> str:
    """For a file that could not be written."""
    return f"Nothing was written: {_why(error)}. Is the kernel's folder there, and may it be used?"


def not_fetched(path: Path, error: Exception) -> str:
    """For a file that could not be handed to the page."""
    return f"{path} cannot be downloaded: {_why(error)}. Save the conversation again."


def _why(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return f"{error.strerror}{f' ({error.filename})' if error.filename else ''}"
    return str(error).rstrip(".")


def not_opened(error: Exception) -> str:
    """For an error that nobody foresaw."""
    return f"The session could not be opened ({type(error).__name__}: {error})."


def complaint(event: Mapping[str, Any]) -> str:
    """What an error event or a failed response says; "" for all other events."""
    if event.get("type") == "response.done":
        details = event.get("response", {}).get("status_details") or {}
        return str((details.get("error") or {}).get("message", ""))
    if event.get("type") != "error":
        return ""
    error = event.get("error")
    return str((error if isinstance(error, Mapping) else event).get("message", "an error"))
