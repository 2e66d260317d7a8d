"""`rtkit serve` as a process of its own, for clients that connect to it."""

import re
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

ADDRESS = re.compile(r"ws://127\.0\.0\.1:\d+/v1/realtime")
COMMAND = (sys.executable, "-m", "rtkit.cli", "serve", "--port", "0")


@contextmanager
def served(folder, *arguments):
    """The URL of a running server; its log goes to `folder`, and may hold no traceback."""
    log = Path(folder) / "serve.log"
    with (
        log.open("w") as errors,
        subprocess.Popen(
            [*COMMAND, *arguments], stdout=subprocess.PIPE, stderr=errors, text=True
        ) as process,
    ):
        try:
            yield ready(process, log)
        finally:
            process.terminate()
            process.communicate(timeout=15)
    assert process.returncode == 0, log.read_text()
    assert "Traceback" not in log.read_text(), log.read_text()


def ready(process, log):
    """The address, from the lines that are printed until it is there."""
    for line in process.stdout:
        if found := ADDRESS.search(line):
            return found.group()
    raise AssertionError(f"the server printed no address: {log.read_text()}")
