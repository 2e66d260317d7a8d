"""rtkit's whisper recogniser over faster-whisper, with a model made on the spot. Prints JSON.

python talk.py REPOSITORY FOLDER      (FOLDER is empty; HF_HUB_OFFLINE keeps it off the network)
"""

import asyncio
import json
import os
import sys
from dataclasses import asdict
from pathlib import Path

import numpy as np

REPOSITORY, FOLDER = sys.argv[1], Path(sys.argv[2])
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["HF_HOME"] = str(FOLDER / "cache")  # with nobody's weights in it
sys.path.insert(0, REPOSITORY)

import tiny  # noqa: E402

from rtkit.speech.recognition import make_recogniser  # noqa: E402
from rtkit.speech.whisper import WhisperRecogniser  # noqa: E402

SOUND = np.random.default_rng(0).normal(0, 3000, 32_000).astype(np.int16)  # 2 s


def hear(recogniser, sound=SOUND):
    recogniser.begin()
    for start in range(0, len(sound), 1600):
        recogniser.feed(sound[start : start + 1600])
    return asyncio.run(recogniser.finish())


def refusal(**options):
    """The class and the words of the error that these options lead to."""
    recogniser = WhisperRecogniser(**options)
    try:
        recogniser.ready.result(60)
    except Exception as error:
        return [type(error).__name__, str(error)]
    finally:
        recogniser.close()
    return ["", ""]


model = tiny.make(FOLDER / "tiny")
os.environ["RTKIT_WHISPER_MODEL"] = model
recogniser = make_recogniser("whisper", "")
engine = recogniser.ready.result(60)
again = WhisperRecogniser(compute="float32")
found = {
    "heard": asdict(hear(recogniser)),
    "again": asdict(hear(recogniser)),
    "silence": asdict(hear(recogniser, np.zeros(16_000, np.int16))),
    "shared": WhisperRecogniser().ready.result(60) is engine,
    "compute": [engine.model.compute_type, again.ready.result(60).model.compute_type],
    "float32": hear(again).text,
    "device": engine.model.device,
    "unfetched": refusal(model="base.en"),
    "unnamed": refusal(model="nonsense"),
    "untyped": refusal(compute="int3"),
    "empty": refusal(model=str(FOLDER)),
}
print(json.dumps(found))
