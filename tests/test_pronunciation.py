"""Pronunciations for the recogniser, from the dictionary or from espeak-ng."""

import pytest

from rtkit.errors import ConfigError
from rtkit.speech.pronunciation import (
    arpabet,
    dictionary_text,
    known,
    pronounced,
    shipped_dictionary,
)
from rtkit.speech.synthesis import default_synthesiser

PHONES = set(
    "AA AE AH AO AW AY B CH D DH EH ER EY F G HH IH IY JH K L M N NG OW OY P R S SH T TH UH UW V W "
    "Y Z ZH".split()
)
WORDS = (
    "hello world tuesday machine thought judge pleasure singing yellow seventeen question river "
    "quiet boy house north garden letter capital france weather window orange computer language "
    "butter father measure cheese thing father australia microphone station picture because the "
    "before hurry forest chair poor fire hour bird music university number zero apple people"
).split()


def distance(one, other):
    """Edits (insert, drop, replace) from one list to the other."""
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        corner, row[0] = row[0], i
        for j, b in enumerate(other, 1):
            corner, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, corner + (a != b))
    return row[-1]


def test_phonemes_of_known_words_come_near_to_the_dictionary():
    dictionary = known(WORDS, shipped_dictionary())
    edits = phones = 0
    for word in WORDS:
        guess = arpabet(default_synthesiser().phonemes(word)).split()
        assert set(guess) <= PHONES
        edits += min(distance(guess, said.split()) for said in dictionary[word])
        phones += len(guess)
    assert edits / phones < 0.08


@pytest.mark.parametrize(
    ("word", "phones"),
    [("websocket", "W EH B S AA K IH T"), ("chatbot", "CH AE T B AA T")],
)
def test_a_word_that_the_dictionary_lacks_is_pronounced_by_espeak(word, phones):
    assert word not in known([word], shipped_dictionary())
    guess = pronounced([word], default_synthesiser().phonemes)[word][0]
    assert distance(guess.split(), phones.split()) <= 1


def test_a_known_word_keeps_all_its_pronunciations_and_gets_the_one_of_espeak():
    found = pronounced(["either"], lambda word: ["'aI", "D", "3"])
    assert found == {"either": ["IY DH ER", "AY DH ER"]}
    assert dictionary_text(found) == "either IY DH ER\neither(2) AY DH ER\n"
    ghana = pronounced(["ghana"], default_synthesiser().phonemes)
    assert ghana == {"ghana": ["G AE N AH", "G AA N AH"]}


def test_a_flapped_t_is_also_a_d():
    forty = pronounced(["forty"], default_synthesiser().phonemes)["forty"]
    assert set(forty) == {"F AO R T IY", "F AO R D IY"}


def test_r_is_said_once():
    assert arpabet(["f", "'O@", "r", "@", "s", "t"]) == "F AO R AH S T"
    assert arpabet(["h", "'3:", "r", "i"]) == "HH ER IY"


def test_a_word_without_letters_is_refused_by_name():
    with pytest.raises(ConfigError, match=r"'\*\*\*', which cannot be pronounced"):
        pronounced(["***"], lambda word: [])
