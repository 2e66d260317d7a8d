import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtkit import catalog
from rtkit.cost import Cost, read_cost, response_lines, total, transcription_lines
from rtkit.timeline import Timeline

BIG, MINI, OLD = "gpt-realtime-2.1", "gpt-realtime-2.1-mini", "gpt-realtime-1.5"


def usage(text=0, audio=0, image=0, cached=(0, 0, 0), out=(0, 0)):
    """A usage object: input tokens by modality, how many of them were cached, (text, audio) out."""
    kinds = ("text_tokens", "audio_tokens", "image_tokens")
    given_ = dict(zip(kinds, (text, audio, image), strict=True))
    made = dict(zip(kinds[:2], out, strict=True))
    return {
        "total_tokens": text + audio + image + sum(out),
        "input_tokens": text + audio + image,
        "output_tokens": sum(out),
        "input_token_details": {
            **given_,
            "cached_tokens": sum(cached),
            "cached_tokens_details": dict(zip(kinds, cached, strict=True)),
        },
        "output_token_details": made,
    }


# US dollars for a million tokens, as the model pages of 2026-11 list them:
#            text in / cached / out    audio in / cached / out    image in / cached
#   2.1         4.00     0.40   24.00     32.00     0.40   64.00      5.00    0.50
#   2.1-mini    0.60     0.06    2.40     10.00     0.30   20.00      0.80    0.08
#   1.5         4.00     0.40   16.00     32.00     0.40   64.00      5.00    0.50
# Each expected sum was worked on paper from these, not by the code.
CASES = [
    (BIG, usage(text=1_000_000), 4.00),
    (BIG, usage(text=1_000_000, cached=(1_000_000, 0, 0)), 0.40),
    (BIG, usage(text=1_000_000, cached=(500_000, 0, 0)), 2.20),
    (BIG, usage(audio=1_000_000), 32.00),
    (BIG, usage(audio=1_000_000, cached=(0, 1_000_000, 0)), 0.40),
    (BIG, usage(audio=1_000_000, cached=(0, 750_000, 0)), 8.30),
    (BIG, usage(image=1_000_000), 5.00),
    (BIG, usage(image=1_000_000, cached=(0, 0, 1_000_000)), 0.50),
    (BIG, usage(out=(1_000_000, 0)), 24.00),
    (BIG, usage(out=(0, 1_000_000)), 64.00),
    (BIG, usage(audio=600), 0.0192),  # a minute of a person's speech
    (BIG, usage(out=(0, 1200)), 0.0768),  # a minute of the assistant's
    (BIG, usage(text=100, audio=50, out=(20, 100)), 0.00888),  # 0.4 + 1.6 + 0.48 + 6.4 thousandths
    (BIG, usage(text=2000, audio=1500, cached=(1900, 1400, 0), out=(30, 200)), 0.01844),
    (BIG, usage(text=128_000 - 32_000), 0.384),
    (BIG, usage(text=300, image=425, out=(40, 0)), 0.004285),
    (MINI, usage(text=1_000_000), 0.60),
    (MINI, usage(text=1_000_000, cached=(1_000_000, 0, 0)), 0.06),
    (MINI, usage(audio=1_000_000), 10.00),
    (MINI, usage(audio=1_000_000, cached=(0, 1_000_000, 0)), 0.30),
    (MINI, usage(image=1_000_000), 0.80),
    (MINI, usage(image=1_000_000, cached=(0, 0, 250_000)), 0.62),
    (MINI, usage(out=(1_000_000, 0)), 2.40),
    (MINI, usage(out=(0, 1_000_000)), 20.00),
    (MINI, usage(audio=600), 0.006),
    (MINI, usage(text=2000, audio=1500, cached=(1900, 1400, 0), out=(30, 200)), 0.005666),
    (OLD, usage(out=(1_000_000, 0)), 16.00),
    (OLD, usage(text=100, audio=50, out=(20, 100)), 0.00872),
    (OLD, usage(text=28_224), 0.112896),  # all that fits beside 4,096 tokens of answer
    (OLD, usage(audio=1_000_000, cached=(0, 999_999, 0)), 0.4000316),
    ("gpt-realtime-2", usage(text=1000, audio=1000, out=(1000, 1000)), 0.124),
    ("gpt-realtime-2", usage(image=1105), 0.005525),
    (BIG, usage(), 0.0),
]


@pytest.mark.parametrize(("model", "told", "usd"), CASES)
def test_a_response_costs_what_the_price_list_says(model, told, usd):
    assert total(response_lines(told, model)) == pytest.approx(usd, rel=1e-12, abs=1e-12)


TRANSCRIPTS = [
    ("gpt-transcribe", {"type": "duration", "seconds": 60}, 0.0045),
    ("gpt-transcribe", {"type": "duration", "seconds": 3.2}, 0.00024),
    ("gpt-realtime-whisper", {"type": "duration", "seconds": 30}, 0.0085),
    ("gpt-live-transcribe", {"type": "duration", "seconds": 3600}, 1.02),
    ("gpt-transcribe", {"type": "tokens", "input_token_details": {"audio_tokens": 600}}, 0.0045),
    ("gpt-transcribe", {"type": "tokens", "input_tokens": 16, "total_tokens": 19}, 0.00012),
]


@pytest.mark.parametrize(("model", "told", "usd"), TRANSCRIPTS)
def test_a_transcription_costs_by_the_minute(model, told, usd):
    assert total(transcription_lines(told, model)) == pytest.approx(usd, rel=1e-12)


def test_a_model_without_a_price_costs_nobody_knows_what():
    for model in ("gpt-nope", "gpt-realtime"):
        assert total(response_lines(usage(text=10), model)) is None
    assert total(transcription_lines({"type": "duration", "seconds": 1}, "whisper-1")) is None


def test_cached_tokens_are_a_part_of_the_input_and_never_more():
    lines = response_lines(usage(text=10, audio=20, cached=(99, 99, 99)), BIG)
    assert {(line.modality, line.direction): line.amount for line in lines} == {
        ("text", "cached"): 10,
        ("audio", "cached"): 20,
    }


def test_cached_tokens_of_an_unnamed_kind_are_taken_from_the_largest():
    told = usage(text=100, audio=300)
    told["input_token_details"] |= {"cached_tokens": 320, "cached_tokens_details": None}
    amounts = {(line.modality, line.direction): line.amount for line in response_lines(told, BIG)}
    assert amounts == {("text", "input"): 80, ("text", "cached"): 20, ("audio", "cached"): 300}


def test_tokens_counted_without_saying_of_what_have_no_price():
    lines = response_lines({"input_tokens": 5, "output_tokens": 7, "total_tokens": 12}, BIG)
    assert [(line.direction, line.amount, line.usd) for line in lines] == [
        ("input", 5, None),
        ("output", 7, None),
    ]


NUMBERS = st.integers(0, 200_000)


@given(NUMBERS, NUMBERS, NUMBERS, st.tuples(NUMBERS, NUMBERS, NUMBERS), st.tuples(NUMBERS, NUMBERS))
def test_no_token_is_lost_or_billed_twice(text, audio, image, cached, out):
    lines = response_lines(usage(text, audio, image, cached, out), BIG)
    for kind, count in (("text", text), ("audio", audio), ("image", image)):
        billed = sum(line.amount for line in lines if line.modality == kind)
        made = {"text": out[0], "audio": out[1], "image": 0}[kind]
        assert billed == count + made
    fresh = usage(text, audio, image, (0, 0, 0), out)
    assert total(lines) <= total(response_lines(fresh, BIG)) + 1e-9


def timeline(*events, target="openai"):
    told = Timeline(target=target)
    for place, event in enumerate(events):
        told.append(float(place), "server", event)
    return told


def session(model=BIG, listener="gpt-transcribe"):
    heard = {"transcription": {"model": listener} if listener else None}
    body = {"type": "realtime", "model": model, "audio": {"input": heard}}
    return {"type": "session.created", "session": body}


def done(id_, told, status="completed"):
    return {"type": "response.done", "response": {"id": id_, "status": status, "usage": told}}


def transcribed(item, seconds):
    told = {"type": "duration", "seconds": seconds}
    type_ = "conversation.item.input_audio_transcription.completed"
    return {"type": type_, "item_id": item, "transcript": "", "usage": told}


def test_a_session_costs_what_its_responses_and_transcriptions_cost():
    cost = read_cost(
        timeline(
            session(),
            transcribed("item_1", 60),
            done("resp_1", usage(audio=600, out=(0, 1200))),
            done("resp_2", usage(text=1000), "cancelled"),
            done("resp_3", None, "failed"),
        )
    )
    assert [charge.id for charge in cost.charges] == ["item_1", "resp_1", "resp_2"]
    assert cost.usd == pytest.approx(0.0045 + 0.0192 + 0.0768 + 0.004)
    assert not cost.estimated
    assert repr(cost) == "Cost(0.1045 USD, 3 charges)"


def test_the_model_is_that_of_the_session_at_the_time():
    changed = {**session(MINI, "gpt-live-transcribe"), "type": "session.updated"}
    told = usage(audio=600)
    cost = read_cost(timeline(session(), done("a", told), changed, done("b", told)))
    assert [charge.model for charge in cost.charges] == [BIG, MINI]
    assert cost.usd == pytest.approx(0.0192 + 0.006)


def test_what_has_no_price_is_named_and_makes_the_sum_unknown():
    cost = read_cost(timeline(session("my-model"), done("a", usage(text=5))))
    assert cost.usd is None
    assert cost.unpriced == ("my-model",)
    assert repr(cost) == "Cost(unknown: no price of my-model, 1 charge)"


def test_the_embedded_server_is_an_estimate():
    assert read_cost(timeline(session(), target="embedded")).estimated


def test_the_lines_of_a_bill_are_sums_in_a_fixed_order():
    cost = read_cost(
        timeline(
            session(),
            transcribed("i", 6),
            done("a", usage(text=10, audio=20, out=(1, 2))),
            done("b", usage(text=40, audio=20, cached=(30, 0, 0), out=(3, 4))),
        )
    )
    assert [(line.modality, line.direction, line.amount) for line in cost.lines] == [
        ("text", "input", 20),
        ("text", "cached", 30),
        ("text", "output", 4),
        ("audio", "input", 40),
        ("audio", "output", 6),
        ("transcription", "input", 6),
    ]
    assert sum(line.usd for line in cost.lines) == pytest.approx(cost.usd)
    assert cost.cached_share == pytest.approx(30 / 90)


def test_an_empty_bill_is_nothing():
    assert Cost().usd == 0
    assert Cost().cached_share is None


def test_usage_of_another_shape_is_no_reason_to_fall():
    odd = [{"type": "response.done", "response": None}, done("x", "many"), done("y", [])]
    assert read_cost(timeline(session(), *odd)).charges == ()


def test_every_model_with_prices_has_one_for_what_it_takes_in():
    for model in catalog.models("realtime"):
        if model.prices:
            lines = response_lines(usage(1, 1, 1, (0, 0, 0), (1, 1)), model.name)
            assert all(line.usd > 0 for line in lines)
