"""Two people at a real JupyterHub talk at once, through its proxy and that of their own server.

The page comes from another host than this machine, so nothing but the proxied way is open to it:
/user/NAME/proxy/PORT/. One browser for each of the two, since a browser has one microphone.
"""

import os
import sys
from types import SimpleNamespace
from urllib.error import HTTPError

import numpy as np
import pytest
from browser.lab import FLAGS, Notebook, microphone_flags
from clients.environments import Unavailable
from playwright.sync_api import sync_playwright

import rtkit

from .hub import Hub, Seat

HOST = "lab.example"
CELLS = ("import rtkit\nconsole = rtkit.LiveConsole(processing=False)\nconsole",)
ASKED = {"ada": "What is the capital of France?", "grace": "What is three plus four?"}
ANSWERED = {"ada": "Paris", "grace": "seven"}
SERVER_GONE = 424  # what a hub says of a server that does not run
SLOT_S = 20.0
LATER = "What time is it?"
KNOCK = """
([path, token]) => new Promise((resolve) => {
    const socket = new WebSocket(`ws://${location.host}${path}`);
    let fate = "refused at the door";
    socket.onopen = () => {
        fate = "sent away";
        socket.send(JSON.stringify({ type: "hello", token, path: "proxy" }));
    };
    socket.onclose = () => resolve(fate);
    socket.onmessage = () => resolve("let in");
})
"""


@pytest.fixture(scope="module")
def hub(tmp_path_factory, browser_path):
    if sys.platform == "win32":
        pytest.skip("JupyterHub does not run on Windows")
    try:
        hub = Hub(tmp_path_factory.mktemp("hub"))
    except Unavailable as reason:
        if os.environ.get("RTKIT_REQUIRE_CLIENTS") == "1":
            raise
        pytest.skip(str(reason))
    yield hub
    hub.close()


@pytest.fixture(scope="module")
def playwright():
    with sync_playwright() as playwright:
        yield playwright


def spoken(*words):
    """These words, one every SLOT_S: two kernels load their models before the first answer."""
    sound = rtkit.Clip.silence(1.0)
    for one in words:
        sound = sound + rtkit.say(one)
        sound = sound + rtkit.Clip.silence(SLOT_S - sound.duration % SLOT_S)
    return sound + rtkit.Clip.silence(60.0)


@pytest.fixture(scope="module")
def people(hub, playwright, browser_path):
    """Ada and Grace, each with a browser and an open notebook, their consoles not yet speaking."""
    secure = f"--unsafely-treat-insecure-origin-as-secure=http://{HOST}:{hub.port}"
    found = {}
    for user, words in ASKED.items():
        seat = Seat(hub, user)
        flags = microphone_flags(spoken(words, LATER), seat.folder / "microphone.wav")
        browser = playwright.chromium.launch(
            executable_path=browser_path, args=[*FLAGS, secure, *flags]
        )
        page = browser.new_context(permissions=["microphone"]).new_page()
        seat.enter(page, HOST)
        notebook = Notebook(page, seat, seat.write("talk.ipynb", *CELLS), HOST)
        notebook.run(0)
        notebook.console.wait_for(timeout=30_000)
        notebook.ask_kernel("import time\nwhile console.session is None: time.sleep(0.01)")
        found[user] = SimpleNamespace(seat=seat, browser=browser, page=page, notebook=notebook)
    return found


@pytest.fixture(scope="module")
def talk(people):
    """Both ask at the same time and are answered."""
    for one in people.values():
        one.notebook.press_microphone()
    for user, one in people.items():
        one.notebook.wait_line("assistant", ANSWERED[user], seconds=30)
    for one in people.values():
        one.notebook.wait_word("listening")
        one.first = SimpleNamespace(
            played=one.notebook.played(),
            timeline=one.notebook.timeline(),
            lines=one.notebook.lines("user") + one.notebook.lines("assistant"),
        )
    return people


@pytest.mark.browser
def test_each_hears_the_own_answer_and_nothing_of_the_other(talk):
    for user, other in (("ada", "grace"), ("grace", "ada")):
        said = " ".join(talk[user].first.lines)
        assert ANSWERED[user] in said
        assert ANSWERED[other] not in said
        sent = sounding(np.frombuffer(talk[user].first.timeline.tracks["output"].data, "<i2"))
        played = sounding(talk[user].first.played)
        size = min(len(sent), len(played))
        assert size > 12_000
        assert np.corrcoef(sent[:size], played[:size])[0, 1] > 0.99


def sounding(samples):
    """From the first to the last sample that is not silence."""
    loud = np.flatnonzero(samples)
    return samples[loud[0] : loud[-1] + 1].astype(float)


@pytest.mark.browser
def test_sound_takes_the_proxied_way_and_the_page_says_so(talk, record_property):
    for one in talk.values():
        told = "print(console.transport, console.underruns, console.lost_frames, console.notice)"
        assert one.notebook.ask_kernel(told) == "proxy 0 0"
        assert one.notebook.console.locator(".rtkit-path").inner_text() == "Audio: server proxy"
        assert one.notebook.problems == []
    record_property("jupyterhub", talk["ada"].seat.hub.ask("GET", "/hub/api/")["version"])


@pytest.mark.browser
def test_nobody_gets_to_the_sound_of_another(talk):
    ada = talk["ada"].page
    port = talk["grace"].notebook.ask_kernel("print(console._port)")
    token = talk["grace"].notebook.ask_kernel("print(console._token)")
    doors = {"grace": "refused at the door", "ada": "sent away"}  # whose server is used for it
    for user, fate in doors.items():
        assert ada.evaluate(KNOCK, [f"/user/{user}/proxy/{port}/", token]) == fate


@pytest.mark.browser
def test_one_who_leaves_disturbs_nobody(talk):
    ada, grace = talk["ada"], talk["grace"]
    grace.notebook.wait_line("user", "what time is it", seconds=SLOT_S + 10)
    ada.browser.close()
    ada.seat.stop()
    grace.notebook.button("text").fill("tell me a story")
    grace.notebook.button("send").click()
    grace.notebook.wait_word("speaking")
    grace.notebook.wait_line("user", "tell me a story")
    told = "print(console.transport, console.underruns, console.lost_frames, console.notice)"
    assert grace.notebook.ask_kernel(told) == "proxy 0 0"
    with pytest.raises(HTTPError) as gone:
        ada.seat.hub.ask("GET", "/user/ada/api/status")
    assert gone.value.code == SERVER_GONE
