"""Sessions of people, in Postgres, beside what every credential has in `credentials.py`."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from capacity.store.credentials import CredentialKind, Way
from capacity.store.postgres import Database
from capacity.store.queries import load

_sql = load("people")
_access = load("access")


@dataclass(frozen=True, slots=True)
class Opened:
    """A credential as its holder may know it; `person` and `email` are None for a device or a system."""

    id: str
    kind: CredentialKind
    label: str
    created_at: datetime
    expires_at: datetime | None
    begun_by: Way | None
    person: str | None
    email: str | None


@dataclass(frozen=True, slots=True)
class Session:
    """An open session in the list of a person's own."""

    id: str
    label: str
    created_at: datetime
    last_used_at: datetime | None
    expires_at: datetime


class SessionStore:
    """Every method raises LedgerUnavailable."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def opened(self, credential: str) -> Opened | None:
        """What a credential is, also one that has ended."""
        async with self._database.connection() as connection:
            line = await connection.fetchrow(_sql["session"], credential)
        return None if line is None else _opened(line)

    async def of(self, person_id: str, at: datetime) -> list[Session]:
        """A person's open sessions, newest first."""
        async with self._database.connection() as connection:
            lines = await connection.fetch(_sql["sessions_of"], person_id, at)
        return [Session(str(line["credential"]), *tuple(line)[1:]) for line in lines]

    async def rotate(self, credential: str, old_hash: bytes, new_hash: bytes, expires_at: datetime) -> bool:
        """Go on by another secret; False when another request was first, or it has ended."""
        return await self._changed("rotate", credential, old_hash, new_hash, expires_at)

    async def revoke(self, person_id: str, credential: str, at: datetime) -> bool:
        """End one session of a person; False when it is no open one of theirs."""
        return await self._changed("revoke_own", person_id, credential, at)

    async def _changed(self, query: str, *args: object) -> bool:
        async with self._database.transaction() as connection:
            line = await connection.fetchval(_sql[query], *args)
            if line is not None:
                await connection.execute(_access["grow_version"])
        return line is not None


def _opened(line: Any) -> Opened:
    begun_by, person = line["begun_by"], line["person"]
    return Opened(
        str(line["credential"]),
        CredentialKind(line["kind"]),
        line["label"],
        line["created_at"],
        line["expires_at"],
        None if begun_by is None else Way(begun_by),
        None if person is None else str(person),
        line["email"],
    )
