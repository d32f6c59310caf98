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


@dataclass(frozen=True, slots=True)
class Reservation:
    """A credential whose secret is made when it is fetched; `placeholder` stands for the hash of it until then."""

    credential: str
    placeholder: bytes


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
        admitted_by: str | None = None,
    ) -> Admission:
        """Let a person's session, a device or a system in; `grants` (by territory) are those of who is no person.

        `admitted_by` is the id of who lets in a device or a system, where it is somebody who was let in too.
        """
        at = datetime.fromtimestamp(self._clock() / 1000, UTC)
        expires_at = None if lasts is None else at + lasts
        credential, secret = self._new_id(), self._new_secret(SECRET_BYTES)
        await self._store.add(
            credential, kind, secret_hash(secret), label=label, at=at, expires_at=expires_at, person=person,
            grants=grants, begun_by=begun_by, admitted_by=admitted_by,
        )  # fmt: skip
        return Admission(credential, secret, expires_at)

    async def reserve(
        self, label: str, *, grants: Mapping[str, Grant], admitted_by: str | None = None
    ) -> "Reservation":
        """A device that was admitted and has yet to fetch its secret: until then nothing opens it."""
        reserved = Reservation(self._new_id(), secret_hash(self._new_secret(SECRET_BYTES)))
        at = datetime.fromtimestamp(self._clock() / 1000, UTC)
        await self._store.add(
            reserved.credential, CredentialKind.DEVICE, reserved.placeholder, label=label, at=at, expires_at=None,
            grants=grants, admitted_by=admitted_by,
        )  # fmt: skip
        return reserved

    async def hand_out(self, reserved: "Reservation") -> str | None:
        """The secret of a reserved credential, once; None when it was handed out before, or has ended."""
        secret = self._new_secret(SECRET_BYTES)
        handed_out = await self._store.hand_out(reserved.credential, reserved.placeholder, secret_hash(secret))
        return secret if handed_out else None

    async def withdraw(self, reserved: "Reservation") -> None:
        """Nobody will fetch it."""
        await self._store.withdraw(reserved.credential, reserved.placeholder)

    async def end(self, credential: str) -> bool:
        """Let it in no more; False when it had ended or never was."""
        return await self._store.revoke(credential, datetime.fromtimestamp(self._clock() / 1000, UTC))
