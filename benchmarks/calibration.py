"""The set that confidence is calibrated on, and the fit: prints what rtkit.speech.confidence holds.

    python benchmarks/calibration.py [--every N]

In: the tutor's sample phrases and as many random sentences of its grammar. Off:
benchmarks/off_grammar.txt. Each is synthesised in four of the ten voices, 6 dB apart in level,
between 0.3 s and 0.5 s of faint noise. The human recordings are left out, so that they can be
tested with.
"""

from __future__ import annotations

import argparse
import json
import queue
from datetime import date
from pathlib import Path

import jiwer
import numpy as np
import soxr

from rtkit.server.tutor import Tutor, sample_phrases
from rtkit.speech.confidence import scores
from rtkit.speech.dictation import Dictation
from rtkit.speech.grammar import Grammar
from rtkit.speech.listening import CHUNK, Listener
from rtkit.speech.synthesis import default_synthesiser
from rtkit.speech.voices import VOICES

OFF = Path(__file__).with_name("off_grammar.txt")
LEVELS_DB = (0, -12, -6, -18)


def spoken(text, voice, gain_db=0.0):
    """int16[n] at 16 kHz: the text, with 0.3 s before it and 0.5 s after it, in faint noise."""
    parts = queue.SimpleQueue()
    default_synthesiser().speak(text, voice, 1.0, parts.put)
    sound = np.concatenate([part.samples for part in iter(parts.get, None)])
    sound = soxr.resample(sound, 24_000, 16_000) * 10 ** (gain_db / 20)
    sound = np.concatenate([np.zeros(4800), sound, np.zeros(8000)])
    noise = np.random.default_rng(0).normal(0, 4, len(sound))
    return np.clip(sound + noise, -32768, 32767).astype(np.int16)


def observations(every):
    """One row of evidence for each utterance."""
    grammar = Grammar(Tutor().grammar)
    listener, dictation, voices = Listener(grammar), Dictation(), list(VOICES)
    off = OFF.read_text().split("\n")[:-1]
    asked = list(dict.fromkeys(sample_phrases(3) + grammar.samples(90)))
    sets = [(True, asked), (False, [t for t in off if not grammar.holds(t)])]
    for inside, texts in sets:
        for i, text in enumerate(texts[::every]):
            for j, level in enumerate(LEVELS_DB):
                sound = spoken(text, voices[(3 * i + 7 * j) % 10], level)
                listener.start()
                for start in range(0, len(sound), CHUNK):
                    listener.feed(sound[start : start + CHUNK])
                heard = listener.stop()
                row = {"in": inside, "text": text, "heard": heard.text, "whole": heard.whole}
                row["scores"] = scores(heard)
                row |= {"voice": voices[(3 * i + 7 * j) % 10], "phones": heard.phones}
                if j == i % 4:
                    said = dictation.transcribe(sound)
                    row["dictated"], row["score"] = said.text, said.score
                    row["frames"] = heard.speech_frames
                yield row
    dictation.close()


def fitted(features, right):
    """Logistic regression: the weights, the constant first. `right` may hold shares."""
    columns = np.column_stack([np.ones(len(features)), features])
    weights = np.zeros(columns.shape[1])
    for _ in range(60):
        p = 1 / (1 + np.exp(-np.clip(columns @ weights, -30, 30)))
        curvature = (columns * (p * (1 - p))[:, None]).T @ columns
        weights += np.linalg.solve(curvature + 1e-3 * np.eye(len(weights)), columns.T @ (right - p))
    return weights


def area(scores, right):
    """Area under the ROC curve."""
    order = np.empty(len(scores))
    order[np.argsort(scores)] = np.arange(len(scores))
    n = right.sum()
    return (order[right].sum() - n * (n - 1) / 2) / (n * (len(right) - n))


def report_grammar(rows):
    """Fit and print the curve of the grammar."""
    whole = [row for row in rows if row["whole"]]
    features = np.array([row["scores"] for row in whole])
    right = np.array([row["in"] and row["heard"] == row["text"] for row in whole])
    weights = fitted(features, right)
    odds = features @ weights[1:] + weights[0]
    inside, off = sum(row["in"] for row in rows), sum(not row["in"] for row in rows)
    exact = sum(row["in"] and row["heard"] == row["text"] for row in rows)
    print(f"{date.today()}: {inside} in ({exact} exact), {off} off; AUC {area(odds, right):.3f}")
    print("constant, difference, worst, lost, words:", ", ".join(f"{w:.3f}" for w in weights))
    for accepted in (0.2, 0.35, 0.5, 0.7):
        passed = odds > np.log(accepted / (1 - accepted))
        taken = [row for row, ok in zip(whole, passed, strict=True) if ok]
        good = sum(row["in"] and row["heard"] == row["text"] for row in taken)
        wrong = sum(row["in"] for row in taken) - good
        swallowed = len(taken) - good - wrong
        print(
            f"accepted at {accepted}: {good} of {exact} right ones, {wrong} of {inside - exact} "
            f"wrong ones, {swallowed} of {off} off-grammar"
        )


def report_dictation(rows):
    """Fit and print the curve of dictation."""
    rows = [row for row in rows if row.get("dictated")]
    features = np.array([[1000 * row["score"] / row["frames"]] for row in rows])
    right = np.array([max(0.0, 1 - jiwer.wer(row["text"], row["dictated"])) for row in rows])
    weights = fitted(features, right)
    p = 1 / (1 + np.exp(-(features @ weights[1:] + weights[0])))
    print(f"dictation: {len(rows)}; right words {right.mean():.2f}; weights {weights.round(4)}")
    print(f"correlation of confidence and share of right words {np.corrcoef(p, right)[0, 1]:.2f}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--every", type=int, default=1, help="only every Nth phrase")
    parser.add_argument("--rows", type=Path, help="write the observations there as JSON")
    arguments = parser.parse_args()
    rows = list(observations(arguments.every))
    if arguments.rows:
        arguments.rows.write_text(json.dumps(rows))
    report_grammar(rows)
    report_dictation(rows)


if __name__ == "__main__":
    main()
