"""JSGF grammars, read in Python: their words, whether a text is a whole sentence, and samples.

pocketsphinx reads the grammar itself, but says neither which word it does not know nor whether
what it heard is a whole sentence (it may stop half way). This reads the part of JSGF that brains
use: rules, alternatives, groups, `[optional]`, `*`, `+`, weights `/2/` and tags `{}` (the last two
are skipped). Rules may not refer to themselves. https://www.w3.org/TR/jsgf/
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

from rtkit.errors import ConfigError

_COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)
_RULE = re.compile(r"(public\s+)?<([\w.]+)>\s*=\s*([^;]*);")
_TOKEN = re.compile(
    r"/[\d.eE+-]+/|\{[^}]*\}|<[\w.]+>|\"[^\"]*\"|[()\[\]|*+]|[^\s()\[\]|*+<>;{}/\"]+"
)
_MOST_REPEATS = 3


@dataclass(frozen=True, slots=True)
class Node:
    """A part of a rule: kind "word", "rule", "all" (in order), "any" (one of) or "repeat".

    `least` and `most` count the repeats of a "repeat" (`most` None: any number).
    """

    kind: str
    text: str = ""
    parts: tuple[Node, ...] = ()
    least: int = 0
    most: int | None = 1


class Grammar:
    """A JSGF grammar with one public rule; `ConfigError` when it cannot be read."""

    def __init__(self, source: str) -> None:
        if not source.lstrip().startswith("#JSGF V1.0"):
            raise ConfigError(
                f"the grammar begins with {source.lstrip()[:20]!r}. "
                "Its first line must be '#JSGF V1.0;'."
            )
        self.source = source
        found = _RULE.findall(_COMMENT.sub(" ", source))
        self.rules = {name: _parse(body) for _, name, body in found}
        public = [name for is_public, name, _ in found if is_public]
        if len(public) != 1:
            raise ConfigError(
                f"the grammar has {len(public)} public rules ({', '.join(public) or 'none'}). "
                "It must have one; the other rules are written without 'public'."
            )
        self.root = Node("rule", public[0])
        self._check(self.root, ())

    @cached_property
    def words(self) -> frozenset[str]:
        """Every word that a sentence may hold."""
        return frozenset(word for node in self.rules.values() for word in _words(node))

    @cached_property
    def _sentence(self) -> re.Pattern[str]:
        return re.compile(self._regex(self.root))

    def holds(self, text: str) -> bool:
        """Whether the text is a whole sentence of the grammar."""
        return bool(text) and self._sentence.fullmatch(text + " ") is not None

    def samples(self, count: int, seed: int = 0) -> list[str]:
        """Up to `count` different sentences, chosen at random but the same for a seed."""
        choice = random.Random(seed)
        drawn = (" ".join(self._draw(self.root, choice)) for _ in range(20 * count))
        return list(islice(dict.fromkeys(text for text in drawn if text), count))

    def _check(self, node: Node, inside: tuple[str, ...]) -> None:
        if node.kind == "rule":
            if node.text not in self.rules or node.text in inside:
                problem = "refers to itself" if node.text in inside else "is not defined"
                raise ConfigError(
                    f"the rule <{node.text}> {problem}. The rules are "
                    f"{', '.join(f'<{name}>' for name in self.rules)}; write each without a circle."
                )
            self._check(self.rules[node.text], (*inside, node.text))
        for part in node.parts:
            self._check(part, inside)

    def _regex(self, node: Node) -> str:
        if node.kind == "word":
            return re.escape(node.text) + " "
        if node.kind == "rule":
            return self._regex(self.rules[node.text])
        inner = [self._regex(part) for part in node.parts]
        if node.kind == "all":
            return "".join(inner)
        if node.kind == "any":
            return f"(?:{'|'.join(inner)})"
        return f"(?:{inner[0]}){{{node.least},{'' if node.most is None else node.most}}}"

    def _draw(self, node: Node, choice: random.Random) -> list[str]:
        if node.kind == "word":
            return [node.text]
        if node.kind == "rule":
            return self._draw(self.rules[node.text], choice)
        parts = node.parts
        if node.kind == "any":
            parts = (choice.choice(parts),)
        if node.kind == "repeat":
            parts *= choice.randint(node.least, node.most or _MOST_REPEATS)
        return [word for part in parts for word in self._draw(part, choice)]


def _words(node: Node) -> set[str]:
    if node.kind == "word":
        return {node.text}
    return {word for part in node.parts for word in _words(part)}


def _parse(body: str) -> Node:
    tokens = [token for token in _TOKEN.findall(body) if token[0] not in "/{"]
    node, rest = _alternatives(tokens)
    if rest:
        raise ConfigError(f"the grammar has {rest[0]!r} without its partner in {body.strip()!r}.")
    return node


def _alternatives(tokens: list[str]) -> tuple[Node, list[str]]:
    branches: list[list[Node]] = [[]]
    while tokens and tokens[0] not in (")", "]"):
        token, tokens = tokens[0], tokens[1:]
        if token == "|":
            branches.append([])
        elif token in "*+":
            least = int(token == "+")
            branches[-1][-1] = Node("repeat", parts=(branches[-1][-1],), least=least, most=None)
        elif token in "([":
            inner, tokens = _group(token, tokens)
            branches[-1].append(inner)
        else:
            branches[-1] += _leaf(token)
    sequences = tuple(Node("all", parts=tuple(branch)) for branch in branches)
    return (sequences[0] if len(sequences) == 1 else Node("any", parts=sequences)), tokens


def _group(opening: str, tokens: list[str]) -> tuple[Node, list[str]]:
    inner, rest = _alternatives(tokens)
    closing = {"(": ")", "[": "]"}[opening]
    if rest[:1] != [closing]:
        raise ConfigError(f"the grammar has a {opening!r} that no {closing!r} closes.")
    return (inner if opening == "(" else Node("repeat", parts=(inner,))), rest[1:]


def _leaf(token: str) -> list[Node]:
    if token.startswith("<"):
        return [] if token == "<NULL>" else [Node("rule", token[1:-1])]
    return [Node("word", word) for word in token.strip('"').split()]
