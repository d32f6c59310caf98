"""The audit in Postgres: who did what, when; ids and roles, never a name."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from asyncpg.pool import PoolConnectionProxy

from capacity.store.postgres import Database
from capacity.store.queries import load
from capacity.vocabulary.acts import Act
from capacity.vocabulary.roles import Role

_sql = load("audit")


@dataclass(frozen=True, slots=True)
class Noted:
    """Something that was done, to one or more things, by whoever has a role and came in by a credential.

    `kind` says how who has no credential came: '' over the network, `command` at this machine.
    """

    territory: str
    at: datetime
    role: Role
    credential: str | None
    act: Act
    subjects: tuple[str, ...]
    kind: str = ""


def at_this_machine(territory: str, act: Act, now_ms: int, subject: str = "") -> Noted:
    """What a command did, whose user can open the database and so is nobody's to admit."""
    return Noted(territory, datetime.fromtimestamp(now_ms / 1000, UTC), Role.ADMIN, None, act, (subject,), "command")


@dataclass(frozen=True, slots=True)
class AuditLine:
    """One line as it is kept. `label` is that of a device or a system, and empty for people."""

    id: int
    at: datetime
    role: Role
    kind: str
    label: str
    act: Act
    subject: str


class AuditStore:
    """Every method raises LedgerUnavailable."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, noted: Noted) -> None:
        """Keep it by itself."""
        async with self._database.connection() as connection:
            await note(connection, noted)

    async def page(self, territory: str, before: int | None, limit: int) -> Sequence[AuditLine]:
        """The latest lines of a territory, latest first; only those before an id where one is given."""
        async with self._database.connection() as connection:
            lines = await connection.fetch(_sql["page"], territory, before, limit)
        return [
            AuditLine(
                line["id"], line["at"], Role(line["role"]), line["kind"], line["label"], Act(line["action"]),
                line["subject"],
            )
            for line in lines
        ]  # fmt: skip


async def note(connection: PoolConnectionProxy, noted: Noted) -> None:
    """Keep it in the transaction of what it tells of, so that neither is without the other."""
    await connection.execute(
        _sql["note"], noted.territory, noted.at, noted.role, noted.credential, noted.act, list(noted.subjects),
        noted.kind,
    )  # fmt: skip
