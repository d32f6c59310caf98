"""The small C programs, compiled when they are first needed and whenever their source has changed."""

import os
import shutil
import subprocess
from pathlib import Path

from benchmarks.fanout.missing import CACHE, PeerMissing

SOURCES = Path(__file__).parent / "native"
FLAGS = ("-O2", "-Wall", "-Wextra", "-std=gnu11")


def compiled(name: str) -> Path:
    """The program of `native/NAME.c`.

    Raises:
        PeerMissing: no compiler, or it refused the source.
    """
    source, program = SOURCES / f"{name}.c", CACHE / name
    if program.exists() and program.stat().st_mtime >= source.stat().st_mtime:
        return program
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if compiler is None:
        raise PeerMissing("no C compiler here; on Debian `apt-get install gcc libc6-dev` brings one")
    CACHE.mkdir(parents=True, exist_ok=True)
    new = CACHE / f"{name}.{os.getpid()}"  # the old one may be running, in another run of this benchmark
    made = subprocess.run([compiler, *FLAGS, "-o", new, source], capture_output=True, text=True, check=False)
    if made.returncode:
        raise PeerMissing(f"{source.name} could not be compiled: {made.stderr.strip()[:300]}")
    return new.replace(program)
