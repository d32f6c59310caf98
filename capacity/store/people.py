"""People and what they sign in by, in Postgres: hashes of passwords, links and recovery codes, never themselves."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from asyncpg.pool import PoolConnectionProxy

from capacity.board.access import Grant
from capacity.store.postgres import Database
from capacity.store.queries import load
from capacity.vocabulary.roles import Role

_sql = load("people")
_access = load("access")


@dataclass(frozen=True, slots=True)
class Person:
    """One who signs in by an e-mail."""

    id: str
    email: str
    password_hash: str | None
    totp_secret: str | None
    totp_pending: str | None
    second_factor_waived: bool


class PeopleStore:
    """Every method raises LedgerUnavailable."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def by_email(self, email: str) -> Person | None:
        return await self._person("person_by_email", email)

    async def by_id(self, person_id: str) -> Person | None:
        return await self._person("person_by_id", person_id)

    async def by_identity(self, issuer: str, subject: str) -> Person | None:
        return await self._person("person_by_identity", issuer, subject)

    async def by_link(self, secret_hash: bytes, at: datetime) -> Person | None:
        """Whose a link is that still signs in."""
        return await self._person("person_by_link", secret_hash, at)

    async def add_identity(self, issuer: str, subject: str, person_id: str) -> bool:
        """Whether it is the person's now; not when they have another one there."""
        return await self._done("add_identity", issuer, subject, person_id)

    async def use_link(self, secret_hash: bytes, at: datetime) -> bool:
        """Once; whether it was this time."""
        return await self._done("use_link", secret_hash, at)

    async def add_link(
        self, secret_hash: bytes, person_id: str, purpose: str, at: datetime, expires_at: datetime
    ) -> None:
        """A new link, which ends those before it."""
        async with self._database.transaction() as connection:
            await connection.execute(_sql["end_links"], person_id)
            await connection.execute(_sql["add_link"], secret_hash, person_id, purpose, at, expires_at)

    async def add(self, person_id: str, email: str, at: datetime, *, is_waived: bool = False) -> Person:
        """The person of this e-mail, made if there is none yet."""
        async with self._database.connection() as connection:
            await connection.execute(_sql["add_person"], person_id, email, at, is_waived)
            return _person(await connection.fetchrow(_sql["person_by_email"], email))

    async def set_password(self, person_id: str, password_hash: str, *, keep: str, at: datetime) -> None:
        """A new password; every session but the one to keep ends."""
        async with self._changing() as connection:
            await connection.execute(_sql["set_password"], person_id, password_hash)
            await connection.execute(_sql["revoke_others"], person_id, keep, at)

    async def take_step(self, person_id: str, step: int) -> bool:
        """Use up the code of these 30 seconds; False when it, or a later one, was used."""
        return await self._done("take_step", person_id, step)

    async def take_recovery(self, person_id: str, code_hash: str) -> bool:
        """Use up a recovery code; False when there is no such one any more."""
        return await self._done("take_recovery", person_id, code_hash)

    async def offer_totp(self, person_id: str, secret: str) -> bool:
        """Keep a secret that waits for its first code; False when another one is active."""
        return await self._done("offer_totp", person_id, secret)

    async def accept_totp(self, person_id: str, secret: str, step: int, recovery: Sequence[str]) -> bool:
        """The secret that waited is active from now on; False when it is not the one that waits."""
        async with self._changing() as connection:
            kept = await connection.fetchval(_sql["accept_totp"], person_id, secret, step, list(recovery))
        return kept is not None

    async def end_totp(self, person_id: str) -> None:
        """No second factor, and no recovery codes."""
        async with self._changing() as connection:
            await connection.execute(_sql["end_totp"], person_id)

    async def grants_of(self, holder: str) -> dict[str, Grant]:
        """What a person or a credential is, by territory."""
        async with self._database.connection() as connection:
            lines = await connection.fetch(_sql["grants_of"], holder)
        return {line["territory"]: Grant(Role(line["role"]), frozenset(line["sites"])) for line in lines}

    @asynccontextmanager
    async def _changing(self) -> AsyncIterator[PoolConnectionProxy]:
        """A change of who is let in, or of how: every process learns of it."""
        async with self._database.transaction() as connection:
            yield connection
            await connection.execute(_access["grow_version"])

    async def _person(self, query: str, *args: object) -> Person | None:
        async with self._database.connection() as connection:
            line = await connection.fetchrow(_sql[query], *args)
        return None if line is None else _person(line)

    async def _done(self, query: str, *args: object) -> bool:
        async with self._database.connection() as connection:
            return await connection.fetchval(_sql[query], *args) is not None


def _person(line: Any) -> Person:
    return Person(
        str(line["person"]),
        line["email"],
        line["password_hash"],
        line["totp_secret"],
        line["totp_pending"],
        line["second_factor_waived"],
    )
