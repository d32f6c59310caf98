"""What lets people, devices and systems in, in Postgres: hashes of secrets, never a secret."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from capacity.board.access import Grant, Need, need_of
from capacity.store.postgres import Database
from capacity.store.queries import load
from capacity.vocabulary.roles import Role

_sql = load("access")


class CredentialKind(StrEnum):
    """How somebody was let in."""

    SESSION = "session"
    DEVICE = "device"
    TOKEN = "token"  # noqa: S105 a word for the kind, no secret


class Way(StrEnum):
    """How the person of a session came."""

    PASSWORD = "password"  # noqa: S105 a word for the way, no secret
    LINK = "link"
    OIDC = "oidc"


@dataclass(frozen=True, slots=True)
class Credential:
    """One credential that lets somebody in at present, with what its holder may be."""

    id: str
    kind: CredentialKind
    secret_hash: bytes
    holder: str
    expires_at: datetime | None
    grants: Mapping[str, Grant]
    need: Need | None = None
    """What its person has to set before anything else."""


class CredentialStore:
    """Every method raises LedgerUnavailable."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def version(self) -> int:
        """A number that grows with every change of who is let in."""
        async with self._database.connection() as connection:
            return int(await connection.fetchval(_sql["version"]))

    async def live(self, at: datetime) -> list[Credential]:
        """Every credential that lets somebody in at a moment."""
        async with self._database.connection() as connection:
            lines = await connection.fetch(_sql["live_credentials"], at)
        grants: dict[UUID, dict[str, Grant]] = {}
        for line in lines:
            grant = Grant(Role(line["role"]), frozenset(line["sites"]))
            grants.setdefault(line["credential"], {})[line["territory"]] = grant
        return [
            Credential(
                str(line["credential"]),
                CredentialKind(line["kind"]),
                line["secret_hash"],
                str(line["holder"]),
                line["expires_at"],
                grants[line["credential"]],
                _need(line, grants[line["credential"]]),
            )
            for line in {line["credential"]: line for line in lines}.values()
        ]

    async def add(
        self,
        credential_id: str,
        kind: CredentialKind,
        secret_hash: bytes,
        *,
        label: str,
        at: datetime,
        expires_at: datetime | None,
        person: str | None = None,
        grants: Mapping[str, Grant] | None = None,
        begun_by: Way | None = None,
        admitted_by: str | None = None,
    ) -> None:
        """Let somebody in from now on; `grants` are those of a credential that is no person's."""
        async with self._database.transaction() as connection:
            await connection.execute(
                _sql["add_credential"],
                credential_id,
                kind,
                secret_hash,
                person,
                label,
                at,
                expires_at,
                begun_by,
                admitted_by,
            )
            for territory, grant in (grants or {}).items():
                await connection.execute(_sql["put_grant"], credential_id, territory, grant.role, sorted(grant.sites))
            await connection.execute(_sql["grow_version"])

    async def revoke(self, credential_id: str, at: datetime) -> bool:
        """Let it in no more; False when it had ended or never was."""
        async with self._database.transaction() as connection:
            ended = await connection.fetchval(_sql["revoke"], credential_id, at)
            await connection.execute(_sql["grow_version"])
        return ended is not None

    async def hand_out(self, credential_id: str, placeholder: bytes, secret_hash: bytes) -> bool:
        """Give a credential its secret in place of what stands for it; False when it has one, or ended."""
        async with self._database.transaction() as connection:
            handed_out = await connection.fetchval(_sql["hand_out"], credential_id, placeholder, secret_hash)
            await connection.execute(_sql["grow_version"])
        return handed_out is not None

    async def withdraw(self, credential_id: str, placeholder: bytes) -> None:
        """Forget a credential that was never handed out."""
        async with self._database.connection() as connection:
            await connection.execute(_sql["withdraw"], credential_id, placeholder)

    async def touch(self, used: Mapping[str, datetime]) -> None:
        """Keep when credentials were last used."""
        async with self._database.connection() as connection:
            await connection.execute(_sql["touch"], list(used), list(used.values()))


def _need(line: Any, grants: Mapping[str, Grant]) -> Need | None:
    if not line["must_prove"]:
        return None
    return need_of(grants.values(), has_password=line["has_password"], has_totp=line["has_totp"])
