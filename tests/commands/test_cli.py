"""The command line: what it offers, how quickly, and how it speaks when something is wrong."""

import subprocess
import sys

import pytest
from typer.testing import CliRunner

from capacity.cli import app

COMMANDS = ["up", "serve", "record", "migrate", "watch", "simulate", "replay", "import", "export", "doctor"]
HEAVY = {"rich", "asyncpg", "redis", "starlette", "uvicorn", "httpx2", "pydantic", "websockets"}


def capacity(*arguments):
    """The command as its own process."""
    command = [sys.executable, "-m", "capacity", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)


def test_the_help_names_every_command_in_order():
    help_text = CliRunner().invoke(app, ["--help"]).stdout
    places = [help_text.index(f"\n  {name} ") for name in COMMANDS]
    assert places == sorted(places)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(name):
    result = CliRunner().invoke(app, [name, "--help"])
    assert result.exit_code == 0
    assert "Usage: " in result.stdout


def test_the_help_imports_nothing_heavy():
    code = "import sys, capacity.cli; print(*{name.partition('.')[0] for name in sys.modules})"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not HEAVY & set(loaded)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["watch", "http://127.0.0.1:9"], "capacity: http://127.0.0.1:9 does not answer."),
        (["simulate", "http://127.0.0.1:9"], "capacity: http://127.0.0.1:9 does not answer."),
        (["watch", "--audience", "dogs"], "capacity: 'dogs' is no audience: women, families,"),
        (["import", "/nowhere.csv"], "capacity: /nowhere.csv: No such file or directory"),
        (["replay", "/nowhere.csv", "--map", "/nowhere.toml"], "capacity: /nowhere.toml: No such file or directory"),
        (["export", "--data", "/nowhere"], "capacity: /nowhere is not the data folder of a capacity up."),
    ],
)
def test_what_goes_wrong_is_one_sentence_and_never_a_traceback(arguments, said):
    result = capacity(*arguments)
    assert result.returncode == 1
    assert result.stderr.startswith(said)
    assert "Traceback" not in result.stderr
