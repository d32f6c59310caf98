"""A streaming replica as Postgres makes one: pg_basebackup from a running primary, then hot standby."""

import os
import shutil
from dataclasses import dataclass, field
from pathlib import Path

from capacity.processes.engines.postgres import SUPERUSER, Postgres


@dataclass(frozen=True)
class Standby(Postgres):
    """A replica of a primary that runs on the same machine."""

    primary: Postgres = field(kw_only=True)

    def _initialise(self) -> None:
        partial = self.data / "postgres.partial"
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(mode=0o700)
        os.chown(partial, self._launch.owner, -1)
        program = Path(self._launch.binaries.bin) / "pg_basebackup"
        self._run(
            str(program), "-D", str(partial), "--write-recovery-conf", "--checkpoint=fast", "--no-sync",
            "-h", str(self.primary.sockets), "-U", SUPERUSER,
        )  # fmt: skip
        partial.rename(self.folder)
