"""Who is what for a territory, in Postgres: the people with their grants."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

from asyncpg.pool import PoolConnectionProxy

from capacity.board.access import Grant
from capacity.errors import LastAdmin
from capacity.store.postgres import Database
from capacity.store.queries import load
from capacity.vocabulary.roles import Role

_sql = load("people")
_access = load("access")


@dataclass(frozen=True, slots=True)
class Member:
    """One person of a territory."""

    id: str
    email: str
    role: Role
    sites: frozenset[str]
    created_at: datetime
    last_used_at: datetime | None
    disabled: bool
    has_password: bool
    has_totp: bool


class MemberStore:
    """Every method raises LedgerUnavailable."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, territory: str, person_id: str | None = None) -> list[Member]:
        """The people of a territory by e-mail, or the one that is asked for."""
        async with self._database.connection() as connection:
            lines = await connection.fetch(_sql["people_of"], territory, person_id)
        return [
            Member(
                str(line["person"]), line["email"], Role(line["role"]), frozenset(line["sites"]), line["created_at"],
                line["last_used_at"], line["disabled"], line["has_password"], line["has_totp"],
            )
            for line in lines
        ]  # fmt: skip

    async def put(self, territory: str, person_id: str, grant: Grant) -> None:
        """What a person is for a territory from now on. Raises LastAdmin."""
        async with self._changing() as connection:
            if grant.role is not Role.ADMIN:
                await _keep_an_admin(connection, territory, person_id)
            args = person_id, territory, grant.role, sorted(grant.sites)
            await connection.execute(_access["put_grant"], *args)

    async def end(self, territory: str, person_id: str) -> bool:
        """Nothing any more; whether they were something. Who is nothing anywhere is forgotten. Raises LastAdmin."""
        async with self._changing() as connection:
            await _keep_an_admin(connection, territory, person_id)
            ended = await connection.fetchval(_sql["end_grant"], person_id, territory)
            if ended is not None:
                await connection.execute(_sql["forget_sessions_of_nobody"], person_id)
                await connection.execute(_sql["forget_nobody"], person_id)
        return ended is not None

    @asynccontextmanager
    async def _changing(self) -> AsyncIterator[PoolConnectionProxy]:
        async with self._database.transaction() as connection:
            yield connection
            await connection.execute(_access["grow_version"])


async def _keep_an_admin(connection: PoolConnectionProxy, territory: str, person_id: str) -> None:
    """Two admins who remove each other at once stand in line here, and the second one stays."""
    admins = {str(line["holder"]) for line in await connection.fetch(_sql["admins_of"], territory)}
    if admins == {person_id}:
        raise LastAdmin
