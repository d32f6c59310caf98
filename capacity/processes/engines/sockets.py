"""Where the sockets of the engines lie: in the data folder, or near the root where its path is too long."""

import hashlib
import os
import stat
import tempfile
from pathlib import Path

from capacity.errors import StartFailed

# The kernel cuts a socket's path at 104 (macOS) or 108 bytes; the longest name put behind a folder is
# Postgres's `/.s.PGSQL.5432.lock`.
LONGEST_FOLDER = 80


def socket_folder(data: Path, name: str) -> Path:
    """A private folder (mode 0700) for one engine's socket, the same for the same data at every start."""
    inside = data / "run" / name
    if len(os.fsencode(inside)) <= LONGEST_FOLDER:
        return private(inside)
    short = hashlib.sha256(os.fsencode(data)).hexdigest()[:12]
    return private(_short_base() / f"capacity-{os.geteuid()}-{short}-{name}")


def _short_base() -> Path:
    """A folder with a short path: for root one where nobody else can be first, else the one for all."""
    if os.geteuid() == 0 and Path("/run").is_dir():
        return Path("/run")
    usual = Path(tempfile.gettempdir())
    return usual if len(os.fsencode(usual)) < LONGEST_FOLDER // 2 else Path(os.sep) / "tmp"


def private(folder: Path) -> Path:
    """Make the folder ours alone; one that another account made there before us is refused.

    For root it may belong to the account that Postgres runs as: nobody else can write where root's lie.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or os.geteuid() not in (0, found.st_uid):
        raise StartFailed(f"{folder} belongs to someone else; remove it, or choose another --data.")
    if found.st_mode & 0o077:
        folder.chmod(0o700)
    return folder
