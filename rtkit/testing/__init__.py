"""Test your own agents and clients: no key, no network, no audio device.

`Peer` is a realtime server on loopback that plays a script, checks what the client sends, and fails
with both conversations side by side. It speaks to `rtkit.connect`, to the official `openai` client
(`base_url=peer.http_url`), and to anything else that speaks the protocol; from pytest, unittest or
a plain script.

>>> import rtkit
>>> from rtkit.testing import Peer, call, expect, say, typed
>>> @rtkit.tool
... def get_weather(city: str) -> str:
...     "The weather in a city."
...     return f"It rains in {city}."
>>> script = [
...     typed("Will I need an umbrella in Paris?"),
...     expect("response.create"),
...     call("get_weather", city="Paris"),
...     expect("conversation.item.create", item={"output": "It rains in Paris."}),
...     expect("response.create"),
...     say("Yes, take one."),
... ]
>>> with (
...     Peer(script) as peer,
...     rtkit.connect(target=peer.url, record=False, tools=[get_weather]) as session,
... ):
...     session.ask("Will I need an umbrella in Paris?").answer
'Yes, take one.'

A step that waits is the client's: `expect` (an event), `typed` (a text of the user), `hear`
(speech). All others are the server's: `say`, `call`, `calls`, `fail` (a response that fails),
`refuse` (an error about the last event), `tell` (any event), `wait`, `close` (with a code) and
`drop`. After `close` and `drop` the script goes on with the next connection. What a server must
acknowledge (`session.updated`, `conversation.item.added` ...) it acknowledges by itself. Sound and
`session.update` are compared only where a step names them.

Where the order does not matter, leave the script out: `Peer()` answers everything by the table
`ANSWERS`, of which `Peer(answers={type: async def answer(voice, event)})` replaces rows.

`check` lets a scripted caller of `rtkit.evals` call a configuration, and fails with what was
expected beside what was found: so what an evaluation found once becomes a test.

    def test_the_capital_is_known_and_told_in_time():
        check("callers/capital.yaml", config, tools=[get_weather])

`Story` is the client core alone, with a clock that you move: for unit tests of what happens when.

There is no pytest plugin: `with Peer(...)` is all that a fixture would hold.
"""

from __future__ import annotations

from .answers import ANSWERS, SESSION, hang, stall
from .checked import CallFailure, check
from .peer import Peer
from .script import ScriptFailure
from .steps import call, calls, close, drop, expect, fail, hear, refuse, say, tell, typed, wait
from .story import Story
from .voice import Voice

__all__ = [
    "ANSWERS",
    "SESSION",
    "CallFailure",
    "Peer",
    "ScriptFailure",
    "Story",
    "Voice",
    "call",
    "calls",
    "check",
    "close",
    "drop",
    "expect",
    "fail",
    "hang",
    "hear",
    "refuse",
    "say",
    "stall",
    "tell",
    "typed",
    "wait",
]
