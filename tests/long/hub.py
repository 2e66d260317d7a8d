"""A real JupyterHub on loopback: hub, proxy and a server per user, as processes of their own.

Hub and proxy have an environment of their own (`jupyterhub/` beside this file holds its pins). The
users' servers run in it, too, and find JupyterLab and rtkit in the environment of the tests.
"""

import json
import os
import site
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from browser.lab import free_port, write_notebook
from clients.environments import environment, node, python_of

import rtkit

PINS = Path(__file__).resolve().parent / "jupyterhub"
PASSWORD = "a shared word"
START_S = 60
CONFIG = """
c.JupyterHub.bind_url = "http://127.0.0.1:{port}"
c.JupyterHub.hub_bind_url = "http://127.0.0.1:{hub_port}"
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{proxy_port}"
c.ConfigurableHTTPProxy.command = {proxy!r}
c.JupyterHub.authenticator_class = "dummy"
c.DummyAuthenticator.password = {password!r}
c.Authenticator.allow_all = True
c.JupyterHub.spawner_class = "simple"
c.SimpleLocalProcessSpawner.home_dir_template = {homes!r}
c.Spawner.cmd = {server!r}
c.Spawner.environment = {environ!r}
c.Spawner.default_url = "/lab"
c.JupyterHub.services = [{{"name": "tests", "api_token": {token!r}, "admin": True}}]
"""
TOKEN = "a-token-of-the-tests-alone"
LABS_PLACES = {  # the extensions of JupyterLab in the environment of the tests
    "JUPYTER_PATH": str(Path(sys.prefix, "share/jupyter")),
    "JUPYTER_CONFIG_PATH": str(Path(sys.prefix, "etc/jupyter")),
    "JUPYTERLAB_DIR": str(Path(sys.prefix, "share/jupyter/lab")),
}


class Hub:
    """The hub, as a process in `folder`."""

    def __init__(self, folder):
        self.folder = folder
        self.place = environment(PINS)
        find_lab(self.place)
        self.port = free_port()
        self.log = (folder / "hub.log").open("wb")
        (folder / "jupyterhub_config.py").write_text(self.config())
        self.process = subprocess.Popen(
            [python_of(self.place), "-m", "jupyterhub"],
            **{"cwd": folder, "stdout": self.log, "stderr": self.log},
        )
        self.wait()

    def config(self):
        proxy = self.place / "node_modules/configurable-http-proxy/bin/configurable-http-proxy"
        root = ["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
        server = [python_of(self.place), "-m", "jupyterhub.singleuser", *root]
        return CONFIG.format(
            **{"port": self.port, "hub_port": free_port(), "proxy_port": free_port()},
            proxy=[node(), str(proxy)],
            server=[*server, "--LabApp.expose_app_in_browser=True"],
            homes=str(self.folder / "{username}"),
            environ=LABS_PLACES,
            **{"password": PASSWORD, "token": TOKEN},
        )

    def wait(self):
        deadline = time.monotonic() + START_S
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                return self.ask("GET", "/hub/api/")
            except OSError:
                time.sleep(0.2)
        raise RuntimeError(f"JupyterHub did not start:\n{self.said()[-3000:]}")

    def said(self):
        return (self.folder / "hub.log").read_text(errors="replace")

    def ask(self, method, path):
        """The answer of the hub's own interface, to an administrator."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}",
            method=method,
            headers={"Authorization": f"token {TOKEN}"},
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.loads(answer.read() or "null")

    def close(self):
        self.process.terminate()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
        self.log.close()


def find_lab(place):
    """Let the Python of this environment import what the tests can import, after its own."""
    sites = [*site.getsitepackages(), str(Path(rtkit.__file__).parent.parent)]
    own = subprocess.check_output(
        [python_of(place), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        text=True,
    )
    lines = [f"import site; site.addsitedir({path!r})" for path in sites]
    Path(own.strip(), "tests.pth").write_text("\n".join(lines))


class Seat:
    """One user's place at a hub: for a `Notebook` what a `Lab` is."""

    def __init__(self, hub, user):
        self.hub, self.user = hub, user
        self.folder = hub.folder / user
        (self.folder / "work").mkdir(parents=True)

    def url(self, name, host):
        return f"http://{host}:{self.hub.port}/user/{self.user}/lab/tree/work/{name}?reset"

    def write(self, name, *cells):
        return write_notebook(self.folder / "work" / name, *cells)

    def enter(self, page, host):
        """Log in, and wait until the user's server runs."""
        page.goto(f"http://{host}:{self.hub.port}/hub/login")
        page.locator("input[name=username]").fill(self.user)
        page.locator("input[name=password]").fill(PASSWORD)
        page.locator("input[type=submit]").click()
        page.wait_for_url(f"**/user/{self.user}/lab**", timeout=60_000)

    def stop(self):
        """Take the user's server away, as a hub does with idle ones."""
        self.hub.ask("DELETE", f"/hub/api/users/{self.user}/server")
