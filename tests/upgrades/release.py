"""The release before this code, as a checkout beside the repository: `before` names its commit."""

import os
import subprocess
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
COMMIT = (Path(__file__).parent / "before").read_text().strip()
"""Changed at each release to the commit of that release. See docs/upgrading.md."""
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "capacity-tests"
WANTED = ("capacity", "sql", "Procfile")


def why_there_is_none() -> str | None:
    """Why this clone cannot give the release before; None when it can."""
    if not _git("cat-file", "-e", f"{COMMIT}^{{commit}}").returncode:
        return None
    return f"this clone has no commit {COMMIT[:12]}, the release before: it is shallow, or no clone"


def text_of(path: str) -> str:
    """A file as it was in the release before; empty when it was not there."""
    return _git("show", f"{COMMIT}:{path}").stdout.decode()


def files_of(folder: str) -> dict[str, str]:
    """The files of a folder as they were, by name."""
    names = _git("ls-tree", "--name-only", COMMIT, f"{folder}/").stdout.decode().split()
    return {name: text_of(name) for name in names}


def checkout() -> Path:
    """Its code, unpacked once and kept for the next run."""
    folder = CACHE / COMMIT
    if not folder.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=CACHE) as name:
            packed = _git("archive", COMMIT, *WANTED)
            packed.check_returncode()
            fresh = Path(name) / "code"
            fresh.mkdir()
            subprocess.run(["tar", "-x", "-C", str(fresh)], input=packed.stdout, check=True)
            fresh.rename(folder)
    return folder


def _git(*words: str) -> "subprocess.CompletedProcess[bytes]":
    return subprocess.run(["git", "-C", str(ROOT), *words], capture_output=True, check=False)
