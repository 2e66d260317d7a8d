import pickle

import numpy as np
import pytest
from serverstory import Loudness

from rtkit.clip import Clip
from rtkit.detection import Detection
from rtkit.detectors import listen
from rtkit.errors import AudioError
from rtkit.formats import AudioFormat
from rtkit.resampling import StreamResampler


def test_frames_have_their_times_and_cannot_be_changed():
    detection = listen(Clip(np.full(24_000, 0.3), 24_000), Loudness())
    assert detection.probabilities.dtype == np.float32
    assert (detection.frame_ms, detection.detector) == (32, "loudness")
    assert detection.times[:3].tolist() == [0, 0.032, 0.064]
    with pytest.raises(ValueError, match="read-only"):
        detection.probabilities[0] = 0


@pytest.mark.parametrize("format", AudioFormat)
def test_a_frame_is_known_with_the_very_sample_that_brings_it(format):
    detection = listen(Clip.silence(3.0, format.rate), Loudness(), format)
    stream, given, out = StreamResampler(format.rate, 16_000), 0, 0
    for number, ms in enumerate(detection.known_ms):
        needed = round(ms * format.rate / 1000)
        out += stream.push(np.zeros(needed - 1 - given)).size if needed - 1 > given else 0
        before = out // 512
        if needed > given:
            out += stream.push(np.zeros(1)).size
            assert before <= number
        assert out // 512 > number
        given = max(given, needed)


@pytest.mark.parametrize(("format", "least", "most"), [("PCM16", 15, 21), ("G711_ALAW", 50, 62)])
def test_over_the_telephone_the_server_knows_later(format, least, most):
    detection = listen(Clip.silence(3.0), Loudness(), AudioFormat[format])
    late = detection.known_ms - 1000 * detection.times - detection.frame_ms
    assert least < late.max() < most
    assert late.min() >= 0


def test_it_can_be_sent_to_another_process():
    detection = listen(Clip.silence(1.0), "energy")
    copy = pickle.loads(pickle.dumps(detection))
    assert copy.clip == detection.clip
    assert np.array_equal(copy.probabilities, detection.probabilities)


def test_what_is_no_probability_is_refused_by_name():
    with pytest.raises(AudioError, match=r"between 0 and 1, found 1\.5 by loud"):
        Detection(Clip.silence(1), "loud", AudioFormat.PCM16, 16_000, 512, [0.1, 1.5])
