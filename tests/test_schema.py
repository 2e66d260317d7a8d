import pytest

from rtkit.schema import FIELDS, MISSING, belongs, children, field


def test_every_row_says_where_it_was_found_and_what_is_not_verified():
    for row in FIELDS:
        assert row.known_from, row.path
        assert not row.source.endswith("?") or row.note, row.path
    assert len({row.path for row in FIELDS}) == len(FIELDS)


def test_where_a_row_was_found_is_told_in_words():
    assert field("type").known_from == "openai Python SDK, recorded sessions"


def test_the_table_knows_every_field_of_the_official_session():
    pytest.importorskip("openai")
    from openai.types import realtime as rt

    for kind, request in (
        ("realtime", rt.RealtimeSessionCreateRequest),
        ("transcription", rt.RealtimeTranscriptionSessionCreateRequest),
        ("response", rt.RealtimeResponseCreateParams),
    ):
        ours = {r.path for r in FIELDS if kind in r.scopes and not r.read_only and r.parent == ""}
        assert {path for path in ours if "[" not in path} - {"type"} == set(
            request.model_fields
        ) - {"type"}


def test_every_field_hangs_below_another():
    paths = {row.path for row in FIELDS}
    for row in FIELDS:
        holder = row.path.removesuffix("[]").removesuffix(".*")
        holder = row.parent if holder == row.path else holder
        assert holder == "" or holder in paths, row.path


def test_list_elements_and_map_keys_are_no_names_that_an_object_may_have():
    assert "tools" in children("")
    assert not {name for row in FIELDS for name in children(row.path) if name[-1] in "]*"}


def test_a_variant_of_a_field_is_one_of_the_types_of_its_parent():
    for row in FIELDS:
        if row.of:
            assert set(row.of) <= set(field(row.parent + ".type").allowed), row.path


def test_defaults_are_values_that_the_row_itself_allows():
    for row in FIELDS:
        if row.default is MISSING or row.default is None:
            assert row.default is MISSING or row.nullable, row.path
        elif isinstance(row.default, str) and row.allowed:
            assert row.default in row.allowed, row.path
        elif isinstance(row.default, int | float) and row.low is not None:
            assert row.low <= row.default <= (row.high or row.default), row.path


def test_a_field_belongs_to_the_sessions_and_the_variant_it_names():
    threshold = field("audio.input.turn_detection.threshold")
    assert belongs(threshold, "realtime", "server_vad")
    assert not belongs(threshold, "realtime", "semantic_vad")
    assert not belongs(threshold, "response", "server_vad")
    assert not belongs(field("id"), "realtime", None)


def test_an_unknown_path_is_a_key_error():
    with pytest.raises(KeyError):
        field("audio.input.temperature")
