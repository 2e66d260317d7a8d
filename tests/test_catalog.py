import json
import re
from datetime import date
from importlib.metadata import distribution
from importlib.resources import files
from pathlib import Path

import pytest

from rtkit import catalog

DATA = json.loads(files("rtkit").joinpath("catalog.json").read_text(encoding="utf-8"))
ENTRIES = [(table, entry) for table, rows in DATA.items() for entry in rows]


@pytest.mark.parametrize(("table", "entry"), ENTRIES, ids=[e["name"] for _, e in ENTRIES])
def test_every_entry_says_where_and_when_it_was_found(table, entry):
    assert entry["source"].strip()
    assert date.fromisoformat(entry["date"]) <= date(2026, 11, 22)


def test_every_name_is_listed_once():
    for rows in DATA.values():
        names = [row["name"] for row in rows]
        assert len(names) == len(set(names))


def test_the_defaults_are_active_models_of_their_kind():
    assert catalog.model(catalog.DEFAULT_MODEL).kind == "realtime"
    assert catalog.model(catalog.DEFAULT_TRANSCRIPTION).kind == "transcription"
    for name in (catalog.DEFAULT_MODEL, catalog.DEFAULT_TRANSCRIPTION):
        assert catalog.model(name).status == "active"
        assert catalog.model(name).farewell() is None


def test_an_unknown_model_is_none():
    assert catalog.model("gpt-nope") is None


def test_models_that_end_name_an_active_replacement_of_the_same_kind():
    for model in catalog.models():
        if model.status == "active":
            assert model.replacement is None
            continue
        successor = catalog.model(model.replacement)
        assert (successor.status, successor.kind) == ("active", model.kind)


def test_dates_of_shutdown_are_days_and_agree_with_the_status():
    for model in catalog.models():
        if model.shutdown:
            gone = date.fromisoformat(model.shutdown) <= date.fromisoformat(model.date)
            assert gone == model.retired


def test_a_farewell_names_the_day_and_the_successor():
    text = catalog.model("gpt-4o-realtime-preview").farewell()
    assert "2026-05-07" in text
    assert "'gpt-realtime-2.1'" in text
    assert "2027-01-20" in catalog.model("gpt-realtime").farewell()


def test_a_minute_of_speech_costs_what_the_rule_of_thumb_says():
    audio = catalog.model("gpt-realtime-2.1").prices["audio"]
    spoken = 60_000 / catalog.limit("user_audio_ms_per_token")
    answered = 60_000 / catalog.limit("assistant_audio_ms_per_token")
    assert spoken * audio.input / 1e6 == pytest.approx(0.0192)
    assert answered * audio.output / 1e6 == pytest.approx(0.0768)


def test_active_realtime_models_have_prices_for_every_modality_and_sizes():
    for model in catalog.models("realtime"):
        if model.status == "active":
            assert set(model.prices) == {"text", "audio", "image"}
            assert all(price.cached < price.input for price in model.prices.values())
            assert model.max_output_tokens < model.context_tokens


def test_active_transcription_models_are_sold_by_the_minute():
    for model in catalog.models("transcription"):
        assert (model.usd_per_minute is not None) == (model.status == "active")


def test_the_ten_voices_are_those_of_the_api_and_two_are_recommended():
    assert len(catalog.voices()) == 10
    assert {v.name for v in catalog.voices() if v.recommended} == {"marin", "cedar"}


def test_limits_and_milestones_are_found_by_name():
    assert catalog.limit("append_bytes") == 15 * 2**20
    assert catalog.limit("commit_ms") == 100
    assert catalog.milestones()["beta_shape_off"].day == "2026-05-12"
    with pytest.raises(KeyError):
        catalog.limit("bogus")


def test_the_models_of_the_official_package_are_in_the_catalog():
    package = distribution("openai")
    path = "openai/types/realtime/realtime_session_create_request.py"
    text = Path(package.locate_file(path)).read_text(encoding="utf-8")
    named = set(re.findall(r'^ +"(gpt-[\w.-]*realtime[\w.-]*)",$', text, re.M))
    assert named
    assert {name for name in named if catalog.model(name) is None} == set()
