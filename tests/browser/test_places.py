"""Pages that are no JupyterLab of this machine: which ways they try, and who refuses a microphone.

The widgets' own text runs in real pages here. VS Code and Colab themselves are not tested.
"""

import functools
import http.server
import json
import threading

import pytest

from rtkit.widgets import assets

from .lab import FLAGS

SCRIPT = assets.read("transport.js", "linked.js", "capture.js")
ASK = """
() => navigator.mediaDevices.getUserMedia({ audio: true })
    .then((stream) => stream.getAudioTracks()[0].readyState)
    .catch((error) => microphoneSentence(error, "Instead."))
"""
PAGE = "<!doctype html><body {attributes}>{content}<script>{script}</script></body>"
HUB = json.dumps({"baseUrl": "/user/ada/"})


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *about):
        pass


@pytest.fixture(scope="module")
def serve(tmp_path_factory):
    """A server of its own, and so an origin of its own, for each page; its port."""
    opened = []

    def serve(content="", attributes="", script=SCRIPT):
        folder = tmp_path_factory.mktemp("page")
        text = PAGE.format(content=content, attributes=attributes, script=script)
        (folder / "index.html").write_text(text)
        handler = functools.partial(Quiet, directory=folder)
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        opened.append(server)
        return server.server_port

    yield serve
    for server in opened:
        server.shutdown()
        server.server_close()


@pytest.fixture(scope="module")
def page(playwright, browser_path):
    browser = playwright.chromium.launch(
        executable_path=browser_path, args=[*FLAGS, "--use-fake-device-for-media-stream"]
    )
    yield browser.new_context(permissions=["microphone"]).new_page()
    browser.close()


CONFIG = f'<script id="jupyter-config-data" type="application/json">{HUB}</script>'
DIRECT = ["ws://127.0.0.1:7/", "direct"]


@pytest.mark.parametrize(
    ("host", "content", "attributes", "path"),
    [
        ("localhost", CONFIG, "", "/user/ada/proxy/7/"),
        ("lab.example", CONFIG, "", "/user/ada/proxy/7/"),
        ("lab.example", "", 'data-base-url="/old/"', "/old/proxy/7/"),
        ("lab.example", "", "", None),
        ("localhost", "", "", None),
    ],
    ids=["here", "hub", "nbclassic", "no Jupyter page", "no Jupyter page, here"],
)
def test_a_page_tries_the_ways_that_its_host_has(page, serve, host, content, attributes, path):
    port = serve(content, attributes)
    page.goto(f"http://{host}:{port}/")
    direct = [DIRECT] if host == "localhost" else []
    proxy = [[f"ws://{host}:{port}{path}", "proxy"]] if path else []
    assert page.evaluate("addresses(7)") == direct + proxy


@pytest.mark.parametrize(
    ("allow", "answer"),
    [
        ("", "This notebook is shown inside another page or program, which gives it no"),
        ('allow="microphone"', "live"),
    ],
    ids=["refused", "allowed"],
)
def test_a_frame_that_gets_no_microphone_says_that_the_page_around_it_is_why(
    page, serve, allow, answer
):
    inner = f"http://localhost:{serve()}/"
    page.goto(f"http://localhost:{serve(f'<iframe src={inner} {allow}></iframe>', script='')}/")
    frame = page.frame(url=inner)
    frame.wait_for_load_state()
    assert frame.evaluate(ASK).startswith(answer)
