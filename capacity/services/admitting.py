"""Admitting: somebody gets a secret that lets them in. It is told once; what is kept is its hash."""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from capacity.board.access import Grant
from capacity.board.clocks import Clock
from capacity.services.doorkeeping import secret_hash
from capacity.store.credentials import CredentialKind, CredentialStore, Way

SECRET_BYTES = 32
"""So many that a secret cannot be guessed, and one SHA-256 is enough to keep it by."""


@dataclass(frozen=True, slots=True)
class Admission:
    """A new credential: its id, its secret, and its end (None: when it is revoked)."""

    credential: str
    secret: str
    expires_at: datetime | None


class Admitting:
    """Makes credentials. Every method raises LedgerUnavailable."""

    def __init__(
        self,
        store: CredentialStore,
        *,
        clock: Clock,
        new_id: Callable[[], str] = lambda: str(uuid4()),
        new_secret: Callable[[int], str] = secrets.token_urlsafe,
    ) -> None:
        self._store = store
        self._clock = clock
        self._new_id = new_id
        self._new_secret = new_secret

    async def admit(
        self,
        kind: CredentialKind,
        label: str,
        *,
        lasts: timedelta | None,
        person: str | None = None,
        grants: Mapping[str, Grant] | None = None,
        begun_by: Way | None = None,
    ) -> Admission:
        """Let a person's session, a device or a system in; `grants` (by territory) are those of who is no person."""
        at = datetime.fromtimestamp(self._clock() / 1000, UTC)
        expires_at = None if lasts is None else at + lasts
        credential, secret = self._new_id(), self._new_secret(SECRET_BYTES)
        await self._store.add(
            credential, kind, secret_hash(secret), label=label, at=at, expires_at=expires_at, person=person,
            grants=grants, begun_by=begun_by,
        )  # fmt: skip
        return Admission(credential, secret, expires_at)

    async def end(self, credential: str) -> bool:
        """Let it in no more; False when it had ended or never was."""
        return await self._store.revoke(credential, datetime.fromtimestamp(self._clock() / 1000, UTC))
