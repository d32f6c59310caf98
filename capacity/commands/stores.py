"""Finds the two stores for the commands that speak to them directly: named, of a running `up`, or configured."""

import fcntl
import os
from dataclasses import dataclass
from pathlib import Path

from capacity.errors import StartFailed
from capacity.processes import datafolder
from capacity.processes.engines.postgres import Postgres
from capacity.processes.engines.valkey import Valkey
from capacity.processes.settings import read_settings
from capacity.processes.up import DATABASE

VARIABLES = ("CAPACITY_REDIS_URL", "CAPACITY_DATABASE_URL")


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the two stores are, and how a person would name that place. The addresses may hold passwords."""

    redis_url: str
    database_url: str
    said: str
    min_replicas: int = 0
    """How many replicas a success is to wait for."""


def addresses(data: Path | None) -> Addresses:
    """The data folder that was named, else the environment, else the folder of the one `up` that runs here.

    Raises:
        StartFailed: there is nothing of the kind; the sentence says what to give.
    """
    if data is not None:
        if not (data / "postgres").exists():
            raise StartFailed(f"{data} is not the data folder of a capacity up.")
        return _of_folder(data)
    if any(name in os.environ for name in VARIABLES):
        settings = read_settings()
        said = "the stores of the environment"
        return Addresses(settings.live_url, settings.ledger_url, said, settings.redis_min_replicas)
    folders = [datafolder.default_folder(demo=demo) for demo in (False, True)]
    running = [folder for folder in folders if _is_in_use(folder)]
    if len(running) == 1:
        return _of_folder(running[0])
    found = "two of them run" if running else "none runs in its own folder"
    raise StartFailed(f"Which stores? Give the --data folder of a capacity up ({found}), or set {VARIABLES[1]}.")


def _is_in_use(folder: Path) -> bool:
    """Whether an `up` holds the lock of a data folder."""
    try:
        with (folder / "lock").open() as lock:
            fcntl.flock(lock.fileno(), fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def _of_folder(folder: Path) -> Addresses:
    folder = folder.expanduser().absolute()
    return Addresses(Valkey(folder).url, Postgres(folder).url(DATABASE), f"the data in {folder}")
