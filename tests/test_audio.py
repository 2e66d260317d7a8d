"""Wire encodings and stream buffers, and the lesson's three classes, right."""

import base64
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtkit import audio
from rtkit.audio import (
    AudioConfig,
    AudioConverter,
    AudioFormat,
    AudioStreamHandler,
    ByteQueue,
    Chunker,
    decode,
    duration_ms,
    encode,
    from_base64,
    to_base64,
)
from rtkit.errors import AudioError

PIECES = st.lists(st.binary(max_size=30), max_size=20)


def test_every_public_name_is_there():
    assert all(hasattr(audio, name) for name in audio.__all__)


# Encodings


@pytest.mark.parametrize(("fmt", "steps"), [("PCM16", 0.5), ("G711_ULAW", 516), ("G711_ALAW", 512)])
def test_samples_survive_the_wire_within_the_formats_steps(fmt, steps):
    fmt = AudioFormat[fmt]
    samples = np.linspace(-0.95, 0.95, 2001, dtype=np.float32)
    data = encode(samples, fmt)
    assert len(data) == 2001 * fmt.bytes_per_sample
    assert np.abs(decode(data, fmt) - samples).max() <= steps / 32768
    assert encode(decode(data, fmt), fmt) == data


def test_nothing_encodes_to_nothing():
    for fmt in AudioFormat:
        assert encode([], fmt) == b""
        assert decode(b"", fmt).shape == (0,)


@given(st.binary(max_size=300))
def test_base64_round_trips_and_is_the_standard_one(data):
    assert to_base64(data) == base64.b64encode(data).decode()
    assert from_base64(to_base64(data)) == data


@pytest.mark.parametrize(
    "text",
    ["QUJD=", "QUJD====", "=QUJ", "QU JD", "QUJD\n", "Q===", "QUI-", "Qé==", "a", None, b"QUJD"],
)
def test_what_is_not_base64_is_refused(text):
    with pytest.raises(AudioError, match=r"audio travels as base64 text.*to_base64"):
        from_base64(text)


# Buffers


@given(PIECES, st.integers(1, 40))
def test_chunks_and_remainder_are_the_stream_again(pieces, size):
    chunker = Chunker(size)
    chunks = [chunk for piece in pieces for chunk in chunker.push(piece)]
    rest = chunker.flush()
    assert b"".join([*chunks, rest]) == b"".join(pieces)
    assert all(len(chunk) == size for chunk in chunks)
    assert len(rest) < size
    assert chunker.flush() == b""


@given(st.lists(st.binary(max_size=30) | st.integers(0, 50), max_size=40))
def test_a_byte_queue_behaves_as_bytes_do(steps):
    queue, model = ByteQueue(), b""
    for step in steps:
        if isinstance(step, bytes):
            queue.push(step)
            model += step
        else:
            assert queue.pop(step) == model[:step]
            model = model[step:]
        assert (len(queue), bytes(queue)) == (len(model), model)


def test_a_chunk_has_at_least_one_byte():
    with pytest.raises(AudioError, match="1 byte or more, found size_bytes=0"):
        Chunker(0)


def seconds_to_drain(n_chunks):
    handler = AudioStreamHandler(AudioConfig(AudioFormat.PCM16))
    handler.add_input_audio(bytes(960 * n_chunks))
    start = time.process_time()
    while handler.get_next_input_chunk() is not None:
        pass
    return time.process_time() - start


def test_draining_a_buffer_takes_time_linear_in_its_length():
    # eight times as much takes about 8 times as long; re-slicing the buffer would take 64 times
    small = min(seconds_to_drain(1_000) for _ in range(5))
    large = min(seconds_to_drain(8_000) for _ in range(5))
    assert large < 30 * small


# The lesson's usage, and the faults it had


def test_the_lessons_stream_handler_snippet(capsys):
    audio_config = AudioConfig(format=AudioFormat.PCM16, sample_rate=24000, channels=1)
    stream_handler = AudioStreamHandler(audio_config)
    print(f"Chunk size: {stream_handler.get_chunk_size()} bytes")
    print(f"Bytes per second: {audio_config.bytes_per_second}")
    assert capsys.readouterr().out == "Chunk size: 960 bytes\nBytes per second: 48000\n"


def test_the_lessons_converter_snippet():
    converter = AudioConverter()
    raw_audio = b"\x00\x01" * 24000
    base64_audio = converter.pcm16_to_base64(raw_audio)
    assert len(base64_audio) == 64000
    assert converter.base64_to_pcm16(base64_audio) == raw_audio
    assert converter.calculate_duration_ms(raw_audio) == 1000


def test_the_converter_knows_other_sample_sizes_and_refuses_half_samples():
    telephone = AudioConverter.calculate_duration_ms(bytes(160), 8000, bits_per_sample=8)
    assert telephone == duration_ms(160, AudioFormat.G711_ULAW) == 20
    assert AudioConverter.calculate_duration_ms(bytes(192), 48000, channels=2) == 1
    with pytest.raises(AudioError, match="odd number"):
        AudioConverter.pcm16_to_base64(b"abc")


@pytest.mark.parametrize(
    ("config", "chunk"),
    [
        (AudioConfig(AudioFormat.G711_ULAW), 160),
        (AudioConfig(AudioFormat.G711_ALAW, sample_rate=8000), 160),
        (AudioConfig(AudioFormat.PCM16), 960),
        (AudioConfig(AudioFormat.PCM16, channels=2), 1920),
        (AudioConfig(AudioFormat.PCM16, sample_rate=11025), 440),  # 220.5 samples: whole ones only
    ],
)
def test_a_chunk_is_20_ms_of_whole_samples_in_every_format(config, chunk):
    assert AudioStreamHandler(config).get_chunk_size() == chunk


def test_a_config_takes_rate_and_bits_from_its_format():
    config = AudioConfig(AudioFormat.G711_ALAW)
    assert (config.sample_rate, config.bits_per_sample, config.channels) == (8000, 8, 1)
    assert (config.bytes_per_second, config.bytes_per_ms) == (8000, 8.0)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"format": AudioFormat.G711_ULAW, "bits_per_sample": 16}, "has 8 bits a sample, found 16"),
        ({"format": AudioFormat.PCM16, "bits_per_sample": 24}, "has 16 bits a sample, found 24"),
        ({"format": AudioFormat.G711_ULAW, "sample_rate": 24000}, "is 8000 Hz, found 24000"),
        ({"format": AudioFormat.PCM16, "sample_rate": -1}, "1 or more, found -1 and 1"),
        ({"format": AudioFormat.PCM16, "channels": 0}, "1 or more, found 24000 and 0"),
    ],
)
def test_a_config_that_no_stream_can_have_is_refused(fields, said):
    with pytest.raises(AudioError, match=said):
        AudioConfig(**fields)


def test_a_format_that_is_a_string_is_refused_with_the_names_that_there_are():
    with pytest.raises(AudioError, match=r"AudioFormat\.G711_ULAW.*found 'pcm16'"):
        AudioConfig("pcm16")


@pytest.mark.parametrize("chunk_ms", [0, -20, float("nan"), float("inf")])
def test_a_chunk_that_lasts_no_time_is_refused(chunk_ms):
    handler = AudioStreamHandler(AudioConfig(AudioFormat.PCM16))
    handler.chunk_duration_ms = chunk_ms
    with pytest.raises(AudioError, match="lasts more than 0 ms"):
        handler.get_next_input_chunk()


def test_what_was_taken_to_be_played_does_not_come_back():
    handler = AudioStreamHandler(AudioConfig(AudioFormat.PCM16))
    handler.add_output_audio(b"abcdefghij")
    assert handler.take_output_audio(4) == b"abcd"
    with pytest.raises(AudioError, match="0 bytes or more are taken, found size=-3"):
        handler.take_output_audio(-3)
    assert handler.output_buffer == b"efghij"


@pytest.mark.parametrize("wrong", [(0,), (24_000, 0), (24_000, -1), (24_000, 1, 4)])
def test_a_duration_at_a_rate_that_no_sound_has_is_refused(wrong):
    with pytest.raises(AudioError, match="are 1 or more"):
        AudioConverter.calculate_duration_ms(bytes(4), *wrong)


def test_the_input_side_gives_full_chunks_and_then_the_rest():
    handler = AudioStreamHandler(AudioConfig(AudioFormat.G711_ULAW))
    handler.add_input_audio(b"a" * 100)
    assert handler.get_next_input_chunk() is None
    handler.add_input_audio(b"b" * 100)
    assert handler.get_next_input_chunk() == b"a" * 100 + b"b" * 60
    assert handler.get_next_input_chunk() is None
    assert handler.input_buffer == b"b" * 40
    assert (handler.flush_input(), handler.input_buffer) == (b"b" * 40, b"")


@given(PIECES, st.sampled_from(list(AudioFormat)), st.sampled_from([1, 2.5, 20]))
def test_any_pieces_give_the_same_chunks_and_the_same_duration(pieces, format, chunk_ms):
    whole, parts = (AudioStreamHandler(AudioConfig(format)) for _ in range(2))
    whole.chunk_duration_ms = parts.chunk_duration_ms = chunk_ms
    whole.add_input_audio(b"".join(pieces))
    whole.add_output_audio(b"".join(pieces))
    chunks = []
    for piece in pieces:
        parts.add_input_audio(piece)
        parts.add_output_audio(piece)
        chunks += iter(parts.get_next_input_chunk, None)
    assert chunks == list(iter(whole.get_next_input_chunk, None))
    assert parts.flush_input() == whole.flush_input()
    assert parts.get_output_duration_ms() == whole.get_output_duration_ms()


def test_what_is_taken_to_be_played_is_counted_once():
    # three answers of a second each are three seconds, because each is taken before the next
    handler = AudioStreamHandler(AudioConfig(AudioFormat.PCM16))
    durations = []
    for _ in range(3):
        handler.add_output_audio(bytes(48000))
        durations.append(handler.get_output_duration_ms())
        handler.take_output_audio()
    assert durations == [1000, 1000, 1000]


def test_output_can_be_taken_in_parts_and_dropped_on_interruption():
    handler = AudioStreamHandler(AudioConfig(AudioFormat.G711_ULAW))
    handler.add_output_audio(b"x" * 800)
    assert len(handler.take_output_audio(160)) == 160
    assert handler.get_output_duration_ms() == 80
    assert len(handler.output_buffer) == 640
    handler.clear_output_buffer()
    assert (handler.get_output_duration_ms(), handler.take_output_audio()) == (0, b"")
