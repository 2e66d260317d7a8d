import subprocess
import sys

import rtkit.config
from rtkit import audio


def test_every_name_of_the_configuration_can_be_had_from_one_place():
    for name in rtkit.config.__all__:
        assert getattr(rtkit.config, name).__name__.startswith(name[:8])


def test_the_audio_format_is_the_one_of_the_audio_kit():
    assert rtkit.config.AudioFormat is audio.AudioFormat


def test_the_configuration_loads_nothing_heavy():
    code = (
        "import sys, rtkit.config; "
        "print(sorted({'numpy', 'soxr', 'openai', 'asyncio', 'matplotlib'} & set(sys.modules)))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
