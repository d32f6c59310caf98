"""Securing one's own account: a password, and a second factor with its recovery codes."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from capacity.board import totp
from capacity.board.access import Caller
from capacity.board.clocks import Clock
from capacity.errors import NotSignedIn, TotpActive, WrongCode, WrongPassword
from capacity.services.hashing import Hashing
from capacity.services.limiting import ACCOUNT, Limiting
from capacity.services.passwords import refuse_weak
from capacity.services.second_factor import SecondFactor
from capacity.services.sessions import Sessions
from capacity.store.credentials import Way
from capacity.store.people import PeopleStore, Person
from capacity.store.sessions import Opened

ISSUER = "Capacity"
RIGHT_AFTER = timedelta(minutes=30)
"""So long a link that signed in stands for the present password."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A second factor that waits for its first code: what the app is told, by hand or by a QR code."""

    secret: str
    uri: str


class Securing:
    """Every method raises NotSignedIn, NotAllowed (no person's session), LedgerUnavailable."""

    def __init__(
        self,
        people: PeopleStore,
        sessions: Sessions,
        second_factor: SecondFactor,
        hashing: Hashing,
        limiting: Limiting,
        *,
        clock: Clock,
        random_bytes: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        self._people = people
        self._sessions = sessions
        self._second_factor = second_factor
        self._hashing = hashing
        self._limiting = limiting
        self._clock = clock
        self._random_bytes = random_bytes

    async def set_password(self, caller: Caller, password: str, current: str | None) -> None:
        """A new password. The person's other sessions end: somebody else may have begun one.

        Raises:
            WeakPassword, TooBusy, StoreUnavailable
            WrongPassword: `current` is not the present one, or was left out.
            TooManyTries: of the present password.
        """
        opened, person = await self._own(caller)
        refuse_weak(password, person.email)
        if person.password_hash is not None and not self._is_right_after_a_link(opened):
            await self._limiting.attempt(ACCOUNT, person.id)
            if current is None or not await self._hashing.verify(person.password_hash, current):
                raise WrongPassword
            await self._limiting.forget(ACCOUNT, person.id)
        password_hash = await self._hashing.hash(password)
        await self._people.set_password(person.id, password_hash, keep=opened.id, at=self._now())

    async def offer_totp(self, caller: Caller) -> Offer:
        """A secret for an app, active once a code of it came back. Raises TotpActive."""
        _, person = await self._own(caller)
        secret = totp.secret_of(self._random_bytes(totp.SECRET_BYTES))
        if not await self._people.offer_totp(person.id, secret):
            raise TotpActive
        return Offer(secret, totp.uri_of(secret, person.email, ISSUER))

    async def accept_totp(self, caller: Caller, code: str) -> list[str]:
        """Make the offered second factor the person's; answers its recovery codes, told once.

        Raises:
            TotpActive, WrongCode, TooManyTries, StoreUnavailable
        """
        _, person = await self._own(caller)
        if person.totp_secret is not None:
            raise TotpActive
        if person.totp_pending is None:
            raise WrongCode("No second factor was offered; ask for one first.")
        step = await self._second_factor.first_step(person.totp_pending, code, person.id)
        codes = [totp.recovery_code(self._random_bytes(totp.RECOVERY_BYTES)) for _ in range(totp.RECOVERY_CODES)]
        hashes = [totp.recovery_hash(one) for one in codes]
        if step is None or not await self._people.accept_totp(person.id, person.totp_pending, step, hashes):
            raise WrongCode
        return codes

    async def end_totp(self, caller: Caller, code: str) -> None:
        """Take the second factor off, by a code of it or a recovery code. Raises as `accept_totp`."""
        _, person = await self._own(caller)
        if person.totp_secret is None or not await self._second_factor.take(person, code):
            raise WrongCode
        await self._people.end_totp(person.id)

    async def _own(self, caller: Caller) -> tuple[Opened, Person]:
        opened = await self._sessions.own(caller)
        person = await self._people.by_id(caller.id)
        if person is None:
            raise NotSignedIn
        return opened, person

    def _is_right_after_a_link(self, opened: Opened) -> bool:
        return opened.begun_by is Way.LINK and self._now() - opened.created_at <= RIGHT_AFTER

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._clock() / 1000, UTC)
