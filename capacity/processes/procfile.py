"""Reads the Procfile: which processes make up the service, and the command of each."""

import shlex
import sys
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent.parent


def path() -> Path:
    """In a wheel inside the package, in a checkout at its root."""
    inside = _PACKAGE / "Procfile"
    return inside if inside.exists() else _PACKAGE.parent / "Procfile"


def commands(text: str) -> dict[str, tuple[str, ...]]:
    """The processes in the file's order. `capacity` is this very installation, found on PATH or not."""
    found: dict[str, tuple[str, ...]] = {}
    for line in text.splitlines():
        name, separator, command = line.partition(":")
        if separator and not line.lstrip().startswith("#"):
            program, *arguments = shlex.split(command)
            found[name.strip()] = (*_ourselves(program), *arguments)
    return found


def _ourselves(program: str) -> tuple[str, ...]:
    return (sys.executable, "-m", "capacity") if program == "capacity" else (program,)
