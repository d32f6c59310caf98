"""The data folder of `up`: whose it is now, how it is laid out, and whether there is room."""

import errno
import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import platformdirs

from capacity.errors import StartFailed

LAYOUT = 1
FIRST_START_BYTES = 150_000_000


def default_folder(*, demo: bool) -> Path:
    base = Path("/var/lib/capacity") if os.geteuid() == 0 else platformdirs.user_data_path("capacity", appauthor=False)
    return base / ("demo" if demo else "board")


@contextmanager
def opened(folder: Path, url: str) -> Iterator[Path]:
    """The folder, made where it is missing and ours alone until the block ends. `url` is what others are told.

    Nobody may list it; made by root, other accounts may pass through it, since Postgres runs as one of them.

    Raises:
        StartFailed: another `up` has it, a newer version made it, there is no room, or no right to write.
    """
    folder = folder.expanduser().absolute()
    with said(folder):
        folder.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700, parents=True, exist_ok=True)
        with (folder / "lock").open("a+") as lock:
            _take(lock.fileno(), folder)
            _check_layout(folder)
            _check_room(folder)
            (folder / "lock").write_text(json.dumps({"pid": os.getpid(), "url": url}))
            yield folder


@contextmanager
def said(folder: Path) -> Iterator[None]:
    """Turns the system's refusals into sentences."""
    try:
        yield
    except OSError as problem:
        if problem.errno in (errno.ENOSPC, errno.EDQUOT):
            raise StartFailed(no_room(folder)) from problem
        if problem.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            raise StartFailed(
                f"{problem.filename or folder} cannot be written; choose another with --data."
            ) from problem
        raise StartFailed(f"{problem.filename or folder} cannot be used: {problem.strerror}.") from problem


def no_room(folder: Path) -> str:
    return f"There is no room left on the disk that holds {folder}."


def _take(descriptor: int, folder: Path) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as problem:
        holder = _holder(folder / "lock")
        raise StartFailed(
            f"Another `capacity up` is already running on this data ({holder}); "
            "stop it first, or choose another with --data."
        ) from problem


def _holder(lock: Path) -> str:
    try:
        known = json.loads(lock.read_text())
        return f"pid {known['pid']}, {known['url']}"
    except (OSError, ValueError, KeyError):
        return str(lock.parent)


def _check_layout(folder: Path) -> None:
    layout = folder / "layout"
    if not layout.exists():
        layout.write_text(f"{LAYOUT}\n")
    elif (found := layout.read_text().strip()) != str(LAYOUT):
        raise StartFailed(f"The data in {folder} has layout {found}, of a newer version of capacity than this one.")


def _check_room(folder: Path) -> None:
    if not (folder / "postgres").exists() and shutil.disk_usage(folder).free < FIRST_START_BYTES:
        needed = FIRST_START_BYTES // 1_000_000
        raise StartFailed(f"{no_room(folder)} A first start needs {needed} MB.")
