"""Tools called over a real socket by the embedded server, whose brain is a script."""

import asyncio
import json
import threading
import time

import pytest
from socketstory import options

import rtkit
from rtkit.errors import ConfigError, TurnTimeout
from rtkit.rules import violations
from rtkit.server.brain import Call, Script

TEXT = {"output_modalities": ["text"]}
SUNNY = "It is sunny."


@rtkit.tool
def get_weather(city: str) -> str:
    """The weather."""
    return f"sunny in {city}"


def talking(*replies, tools=(get_weather,), config=TEXT, **more):
    server = options(Script(*replies))
    return rtkit.connect(config, server=server, tools=tools, record=False, **more)


def told(session, type_):
    return [moment.event for moment in session.timeline if moment.type == type_]


def outputs(session):
    items = (event["item"] for event in told(session, "conversation.item.create"))
    return [item["output"] for item in items if item["type"] == "function_call_output"]


def types(session, *wanted):
    return [moment.type for moment in session.timeline if moment.type in wanted]


def test_a_call_is_run_and_answered_and_the_answer_is_the_turn():
    with talking([Call("get_weather", {"city": "Paris"})], SUNNY) as session:
        turn = session.ask("How is the weather in Paris?")
        assert (turn.answer, turn.status) == (SUNNY, "completed")
        assert outputs(session) == ["sunny in Paris"]
        (called,), (returned,) = told(session, "tool.called"), told(session, "tool.returned")
        assert json.loads(called["arguments"]) == {"city": "Paris"}
        assert (returned["call_id"], returned["output"]) == (called["call_id"], "sunny in Paris")
        assert len(session.turns) == 1
        assert told(session, "error") == []
        assert violations(moment.event for moment in session.timeline) == []
        assert session.effective["tools"][0]["name"] == "get_weather"


def test_several_calls_are_run_together_and_answered_by_one_response():
    together = threading.Barrier(2, timeout=5)

    @rtkit.tool
    def meet(name: str) -> str:
        together.wait()  # comes through only if both are running
        return name

    calls = [Call("meet", {"name": "a"}), Call("meet", {"name": "b"})]
    with talking(calls, "Both came.", tools=[meet]) as session:
        assert session.ask("meet").answer == "Both came."
        assert sorted(outputs(session)) == ["a", "b"]
        created = [m for m in session.timeline if m.type == "response.create"]
        assert len(created) == 2  # the question's, and one for both calls


def test_calls_upon_calls():
    first, second = [Call("get_weather", {"city": "A"})], [Call("get_weather", {"city": "B"})]
    with talking(first, second, SUNNY) as session:
        assert session.ask("go").answer == SUNNY
        assert outputs(session) == ["sunny in A", "sunny in B"]


def test_an_async_function_and_a_result_that_is_no_text():
    @rtkit.tool
    async def count(upto: int) -> dict:
        await asyncio.sleep(0)
        return {"numbers": list(range(upto))}

    with talking([Call("count", {"upto": 3})], "Done.", tools=[count]) as session:
        session.ask("count")
        assert outputs(session) == ['{"numbers":[0,1,2]}']


def test_an_exception_goes_to_the_model_and_into_the_timeline():
    @rtkit.tool
    def fail() -> str:
        raise LookupError("no such city")

    with talking([Call("fail")], "I am sorry.", tools=[fail]) as session:
        assert session.ask("fail").answer == "I am sorry."
        assert outputs(session) == ['{"error":"LookupError: no such city"}']
        assert told(session, "tool.failed")[0]["message"] == "LookupError: no such city"


def test_arguments_of_the_wrong_type_never_reach_the_function():
    with talking([Call("get_weather", {"town": "Paris"})], SUNNY) as session:
        session.ask("weather")
        assert "city: Field required" in outputs(session)[0]


def test_a_function_that_takes_too_long():
    go_on = threading.Event()

    @rtkit.tool(timeout_s=0.05)
    def dream() -> str:
        go_on.wait(5)
        return "awake"

    with talking([Call("dream")], "Too slow.", tools=[dream]) as session:
        assert session.ask("dream").answer == "Too slow."
        assert outputs(session) == ['{"error":"dream did not return within 0.05 s"}']
        go_on.set()


def test_the_ears_are_open_while_a_tool_runs():
    go_on = threading.Event()

    @rtkit.tool
    def wait() -> str:
        assert go_on.wait(5)
        return "waited"

    with talking([Call("wait")], "Well.", tools=[wait]) as session:
        session.send(rtkit.events.user_text("wait"))
        session.send({"type": "response.create"})
        session.wait_for("response.done")
        session.send({"type": "conversation.item.retrieve", "item_id": "nobody"})
        assert session.wait_for("error").event["error"]["code"].startswith("item_retrieve")
        go_on.set()
        session.wait_for("response.done")
        assert session.turns[-1].answer == "Well."


def test_some_calls_need_a_yes():
    asked = []

    @rtkit.tool(needs_approval=True)
    def delete(name: str) -> str:
        return f"deleted {name}"

    def approve(call):
        asked.append((call.name, call.arguments["name"]))
        return call.arguments["name"] == "old"

    calls = [Call("delete", {"name": "old"}), Call("delete", {"name": "new"})]
    with talking(calls, "Done.", tools=[delete], approve=approve) as session:
        session.ask("delete")
        assert sorted(asked) == [("delete", "new"), ("delete", "old")]
        assert set(outputs(session)) == {
            "deleted old",
            '{"error":"the user did not allow this call"}',
        }


def test_nobody_to_ask_is_told_before_anything_is_called():
    with pytest.raises(ConfigError, match="needs approval, and nobody is there"):
        talking("Hi.", tools=[rtkit.tool(needs_approval=True, name="rm")(lambda: None)])


def test_calls_of_tools_that_are_not_ours_are_left_to_the_caller():
    listed = {**TEXT, "tools": [{"type": "function", "name": "mine", "parameters": {}}]}
    calls = [Call("mine"), Call("get_weather", {"city": "Rome"})]
    with talking(calls, "Thanks.", config=listed) as session:
        turn = session.ask("both")
        assert outputs(session) == ["sunny in Rome"]
        assert turn.answer == ""  # the caller has a call to answer first
        (call,) = [
            item["item"]
            for item in told(session, "conversation.item.done")
            if item["item"].get("name") == "mine"
        ]
        session.send(rtkit.events.tool_output(call["call_id"], "42"))
        session.send({"type": "response.create"})
        session.wait_for("response.done")
        assert session.turns[-1].answer == "Thanks."


def test_one_name_for_two_tools_is_refused():
    listed = {**TEXT, "tools": [{"type": "function", "name": "get_weather", "parameters": {}}]}
    with pytest.raises(ConfigError, match="both hold a tool 'get_weather'"):
        talking("Hi.", config=listed)


def test_the_tools_stay_when_the_configuration_changes():
    with talking([Call("get_weather", {"city": "Oslo"})], SUNNY) as session:
        session.update({**TEXT, "instructions": "Be brief.", "tools": []})
        assert [tool["name"] for tool in session.effective["tools"]] == ["get_weather"]
        assert session.ask("weather").answer == SUNNY


def test_a_session_that_is_closed_leaves_no_tool_behind():
    started, cancelled = threading.Event(), threading.Event()

    @rtkit.tool
    async def linger() -> str:
        started.set()
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            cancelled.set()
            raise
        return ""

    with talking([Call("linger")], "Never.", tools=[linger]) as session:
        with pytest.raises(TurnTimeout, match="the tools were called, but"):
            session.ask("linger", timeout=0.3)
        assert started.wait(5)
    assert cancelled.wait(5)


def test_async_sessions_have_tools_too():
    async def story():
        server = options(Script([Call("get_weather", {"city": "Bern"})], SUNNY))
        async with rtkit.connect_async(
            TEXT, server=server, tools=[get_weather], record=False
        ) as session:
            assert (await session.ask("weather")).answer == SUNNY

    began = time.monotonic()
    asyncio.run(story())
    assert time.monotonic() - began < 10
