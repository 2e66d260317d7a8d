"""Any valid session, made from the field table; and any JSON value put in the place of one of its
values."""

import copy

from hypothesis import strategies as st

from rtkit.catalog import DEFAULT_MODEL
from rtkit.schema import belongs, children, field

WORD = st.text("abcdefghij-_ éß", max_size=8)
JUNK = (None, True, 17, -1, 2.5, 1e9, "???", "auto", [], ["???"], {}, {"???": 1}, {"type": "???"})


def sessions(kind="realtime"):
    """Valid updates of a new session."""
    return objects("", kind).map(lambda told: {"type": kind, **told})


@st.composite
def objects(draw, path, scope):
    rows = children(path)
    made = {}
    if path and "type" in rows:
        made["type"] = draw(st.sampled_from(rows["type"].allowed))
    for name, row in rows.items():
        if name == "type" or not belongs(row, scope, made.get("type")):
            continue
        if row.required or draw(st.booleans()):
            made[name] = draw(values(row, scope))
    return completed(path, made)


def completed(path, made):
    """What goes together, beyond single fields."""
    addresses = ("server_url", "connector_id", "tunnel_id")
    if path == "tools[]" and made["type"] == "mcp" and not any(map(made.get, addresses)):
        made["server_url"] = "https://example.org"
    if path == "tool_choice" and made["type"] == "function":
        made.setdefault("name", "look_up")
    return made


def values(row, scope):
    if row.path == "model":
        return st.just(DEFAULT_MODEL)
    if row.path == "output_modalities":
        return st.sampled_from([["audio"], ["text"]])
    ways = [way(row, kind, scope) for kind in row.kinds]
    return st.one_of(*ways, *([st.none()] if row.nullable else []))


def way(row, kind, scope):
    if kind == "string":
        return st.sampled_from(row.allowed) if row.allowed else WORD
    if kind == "boolean":
        return st.booleans()
    if kind == "integer":
        return st.integers(int(row.low or 0), int(row.high or 9000))
    if kind == "number":
        return st.floats(row.low or 0, row.high or 1)
    if kind == "array":
        return st.lists(element(row, scope), min_size=int(row.low or 0), max_size=3)
    return maps(row) if kind == "map" else objects(row.path, scope)


def element(row, scope):
    inner = field(row.path + "[]")
    return objects(inner.path, scope) if inner.kinds == ("object",) else values(inner, scope)


def maps(row):
    if row.path == "input[]":
        said = [{"type": "input_text", "text": "hello"}]
        return st.just({"type": "message", "role": "user", "content": said})
    return st.dictionaries(st.text("abc", min_size=1, max_size=4), WORD, max_size=2)


def places(value, path=()):
    """The way to every value within a session."""
    inner = value.items() if isinstance(value, dict) else ()
    inner = enumerate(value) if isinstance(value, list) else inner
    for key, deeper in inner:
        yield (*path, key)
        yield from places(deeper, (*path, key))


@st.composite
def corrupted(draw, kind="realtime"):
    """A session with one value replaced, removed, or a key added; some are valid all the same."""
    session = copy.deepcopy(draw(sessions(kind)))
    way = draw(st.sampled_from(list(places(session))))
    holder = session
    for key in way[:-1]:
        holder = holder[key]
    act = draw(st.sampled_from(["replace", "replace", "remove", "add"]))
    if act == "replace":
        holder[way[-1]] = copy.deepcopy(draw(st.sampled_from(JUNK)))
    elif act == "remove":
        del holder[way[-1]]
    elif isinstance(holder, dict):
        holder[draw(st.sampled_from(["voice", "enabled", "function", "id", "rate"]))] = "x"
    return session
