"""Pronunciations for the recogniser: cmudict's and espeak-ng's.

The recogniser needs each word as ARPAbet phones ("W EH B S AA K AH T"). The dictionary that
pocketsphinx ships holds 134 000 words; espeak-ng's letter-to-sound rules are asked as well, for a
name or a term that it lacks, and because a second way to say a word helps ("ghana" with AE or AA,
"forty" with T or D); its mnemonics are translated by `ARPABET`. ARPAbet as in
http://www.speech.cs.cmu.edu/cgi-bin/cmudict , mnemonics as in espeak-ng's `phsource/ph_english_us`.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from pathlib import Path

from rtkit.errors import ConfigError

ARPABET = {
    # vowels
    **{
        "@": "AH",
        "@-": "AH",
        "@2": "AH",
        "@5": "AH",
        "a#": "AH",
        "V": "AH",
        "I#": "IH",
        "3": "ER",
        "3:": "ER",
    },
    **{"@L": "AH L", "n-": "AH N", "a": "AE", "aa": "AE", "A:": "AA", "A@": "AA R", "A~": "AA N"},
    **{"E": "EH", "e": "EH", "E2": "EH", "e@": "EH R", "I": "IH", "I2": "IH", "i": "IY"},
    **{"i:": "IY", "i@": "IY AH", "i@3": "IH R", "i@2": "IY AH", "0": "AA", "0#": "AA", "O": "AO"},
    **{"O2": "AO", "O:": "AO", "O@": "AO R", "o@": "AO R", "o": "OW", "oU": "OW", "oU#": "OW"},
    **{"U": "UH", "U@": "UH R", "u": "UW", "u:": "UW", "aI": "AY", "aI@": "AY ER", "aI3": "AY ER"},
    **{"aU": "AW", "aU@": "AW ER", "eI": "EY", "OI": "OY"},
    # consonants
    **{"p": "P", "b": "B", "t": "T", "t#": "D", "t2": "T", "d": "D", "d#": "D", "k": "K", "g": "G"},
    **{"f": "F", "v": "V", "T": "TH", "D": "DH", "s": "S", "z": "Z", "z#": "Z", "S": "SH"},
    **{"Z": "ZH", "h": "HH", "C": "HH", "x": "K", "tS": "CH", "dZ": "JH", "m": "M", "n": "N"},
    **{"N": "NG", "l": "L", "l^": "L", "r": "R", "r-": "R", "R": "R", "j": "Y", "w": "W"},
    **{"w#": "W", "?": "T"},
}
_STRESS = re.compile(r"^[',%=|;]+|[;|]+$")
_ALTERNATIVE = re.compile(r"\(\d+\)$")


def shipped_dictionary() -> Path:
    """The dictionary that pocketsphinx ships."""
    import pocketsphinx

    return Path(pocketsphinx.get_model_path("en-us/cmudict-en-us.dict"))


def known(words: Collection[str], dictionary: Path) -> dict[str, list[str]]:
    """The pronunciations in a dictionary file of those words that it holds."""
    wanted = set(words)
    found = defaultdict(list)
    for line in dictionary.read_text(encoding="utf-8").splitlines():
        entry, _, phones = line.partition(" ")
        if (word := _ALTERNATIVE.sub("", entry)) in wanted:
            found[word].append(phones.strip())
    return dict(found)


def arpabet(mnemonics: Iterable[str]) -> str:
    """ARPAbet phones of espeak-ng's mnemonics; those that no English phone is near are left out.

    >>> arpabet(["w", "'E", "b", "s", "0", "k", "I2", "t"])
    'W EH B S AA K IH T'
    """
    phones: list[str] = []
    for mnemonic in mnemonics:
        bare = _STRESS.sub("", mnemonic)
        phones += (ARPABET.get(bare) or ARPABET.get(bare.rstrip("#:~2"), "")).split()
    # "A@" followed by "r-" is one R to the recogniser, and so is "3:" followed by it.
    pairs = zip(phones, ["", *phones], strict=False)
    return " ".join(
        phone for phone, before in pairs if not (phone == "R" and before in ("R", "ER"))
    )


def pronounced(
    words: Collection[str], phonemes: Callable[[str], list[str]], dictionary: Path | None = None
) -> dict[str, list[str]]:
    """One or more pronunciations of every word: the dictionary's, and the one of `phonemes`.

    A word that neither can pronounce (no letters) is a `ConfigError` that names it.
    """
    found = known(words, dictionary or shipped_dictionary())
    for word in sorted(words):
        others = found.setdefault(word, [])
        if (phones := arpabet(phonemes(word))) and phones not in others:
            others.append(phones)
        if not others:
            raise ConfigError(
                f"the grammar has {word!r}, which cannot be pronounced. Write it in letters, "
                "as it is spoken."
            )
    return found


def dictionary_text(pronunciations: dict[str, list[str]]) -> str:
    """The text of a pocketsphinx dictionary file."""
    lines = []
    for word, all_phones in sorted(pronunciations.items()):
        marks = ["", *(f"({n})" for n in range(2, len(all_phones) + 1))]
        lines += [f"{word}{mark} {phones}" for mark, phones in zip(marks, all_phones, strict=True)]
    return "\n".join(lines) + "\n"
