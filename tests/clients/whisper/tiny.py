"""A Whisper model without knowledge, made on the spot: it says the same words to every sound.

Its layers add nothing to the stream but the position, which is one number of 64; the last matrix
turns each position into the token that is to come. So the file formats, the features, the tokens
with their time stamps and the alignment of words are faster-whisper's own, and what it must say
is known. The alignment runs over random attention: its times mean nothing.
"""

from pathlib import Path

import numpy as np
from ctranslate2.specs import whisper_spec
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

WIDTH, HEADS, INNER = 64, 2, 64
MELS, FRAMES, LONGEST = 80, 1500, 448
TASKS = "translate transcribe startoflm startofprev nospeech notimestamps".split()
STAMPS = [f"<|{step * 0.02:.2f}|>" for step in range(1501)]
LANGUAGES = ("en", "de")
random = np.random.default_rng(0)


def numbers(*shape):
    return random.normal(0, 0.3, shape).astype(np.float32)


def linear(spec, out, into, adds=True):
    spec.weight = numbers(out, into) if adds else np.zeros((out, into), np.float32)
    spec.bias = np.zeros(out, np.float32)


def norm(spec):
    spec.gamma, spec.beta = np.ones(WIDTH, np.float32), np.zeros(WIDTH, np.float32)


def layer(spec):
    """A layer whose every part ends in zeros."""
    norm(spec.self_attention.layer_norm)
    linear(spec.self_attention.linear[0], 3 * WIDTH, WIDTH)
    linear(spec.self_attention.linear[1], WIDTH, WIDTH, adds=False)
    if hasattr(spec, "attention"):
        norm(spec.attention.layer_norm)
        linear(spec.attention.linear[0], WIDTH, WIDTH)
        linear(spec.attention.linear[1], 2 * WIDTH, WIDTH)
        linear(spec.attention.linear[2], WIDTH, WIDTH, adds=False)
    norm(spec.ffn.layer_norm)
    linear(spec.ffn.linear_0, INNER, WIDTH)
    linear(spec.ffn.linear_1, WIDTH, INNER, adds=False)


def vocabulary(words):
    """Bytes and words, and what makes Whisper's tokens."""
    plain = list(dict.fromkeys([*sorted(pre_tokenizers.ByteLevel.alphabet()), *words]))
    special = ["<|endoftext|>", "<|startoftranscript|>", *(f"<|{code}|>" for code in LANGUAGES)]
    return plain, special + [f"<|{task}|>" for task in TASKS]


def tokenizer(plain, special):
    made = Tokenizer(models.BPE(vocab={token: n for n, token in enumerate(plain)}, merges=[]))
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    made.add_special_tokens([AddedToken(token, special=True) for token in special])
    made.add_tokens([AddedToken(token, special=False) for token in STAMPS])
    return made


def make(folder, words=(" hello", " there", ".")):
    """A folder with the model; it says `words` in the first second."""
    words = [word.replace(" ", "\u0120") for word in words]
    plain, special = vocabulary(words)
    tokens = plain + special + STAMPS
    ids = {token: number for number, token in enumerate(tokens)}
    said = ["<|0.00|>", *words, "<|1.00|>", "<|endoftext|>"]

    spec = whisper_spec.WhisperSpec(1, HEADS, 1, HEADS)
    encoder, decoder = spec.encoder, spec.decoder
    encoder.conv1.weight, encoder.conv1.bias = numbers(WIDTH, MELS, 3), np.zeros(WIDTH, np.float32)
    encoder.conv2.weight, encoder.conv2.bias = numbers(WIDTH, WIDTH, 3), np.zeros(WIDTH, np.float32)
    encoder.position_encodings.encodings = numbers(FRAMES, WIDTH)
    norm(encoder.layer_norm)
    layer(encoder.layer[0])
    decoder.embeddings.weight = numbers(len(tokens), WIDTH) / 100
    decoder.position_encodings.encodings = np.eye(LONGEST, WIDTH, dtype=np.float32)
    decoder.projection.weight = np.zeros((len(tokens), WIDTH), np.float32)
    for position, token in enumerate(said):
        decoder.projection.weight[ids[token], position] += 2.0
    norm(decoder.layer_norm)
    layer(decoder.layer[0])

    spec.register_vocabulary(tokens)
    spec.config.suppress_ids = []
    spec.config.suppress_ids_begin = [ids["<|endoftext|>"]]
    spec.config.lang_ids = [ids[f"<|{code}|>"] for code in LANGUAGES]
    spec.config.alignment_heads = [(0, 0), (0, 1)]
    spec.validate()
    spec.optimize()
    Path(folder).mkdir(parents=True)
    spec.save(str(folder))
    tokenizer(plain, special).save(str(Path(folder, "tokenizer.json")))
    return str(folder)
