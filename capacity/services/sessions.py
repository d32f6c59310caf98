"""Sessions of people: begun, told, listed, gone on with by another secret, and ended one by one."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from capacity.board.access import Caller, Grant, Need, need_of
from capacity.board.clocks import Clock
from capacity.errors import NotAllowed, NotSignedIn, UnknownSession
from capacity.services.admitting import SECRET_BYTES, Admission, Admitting
from capacity.services.doorkeeping import Doorkeeper, secret_hash
from capacity.store.credentials import CredentialKind, Way
from capacity.store.people import PeopleStore, Person
from capacity.store.sessions import Opened, Session, SessionStore

IDLE = timedelta(days=30)
"""How long a session lasts that nobody goes on with."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Who somebody is here, as told to themselves."""

    opened: Opened
    grants: Mapping[str, Grant]
    need: Need | None


class Sessions:
    """Every method raises LedgerUnavailable."""

    def __init__(
        self,
        people: PeopleStore,
        store: SessionStore,
        admitting: Admitting,
        doorkeeper: Doorkeeper,
        *,
        clock: Clock,
    ) -> None:
        self._people = people
        self._store = store
        self._admitting = admitting
        self._doorkeeper = doorkeeper
        self._clock = clock

    async def begin(self, person: Person, way: Way, label: str) -> Admission:
        """A new session of a person who has shown to be it."""
        return await self._admitting.admit(CredentialKind.SESSION, label, lasts=IDLE, person=person.id, begun_by=way)

    async def standing(self, credential: str) -> Standing | None:
        """What a credential is and may be; None for nobody's."""
        opened = await self._store.opened(credential) if credential else None
        if opened is None:
            return None
        grants = await self._people.grants_of(opened.person or opened.id)
        return Standing(opened, grants, await self._need(opened, grants))

    async def own(self, caller: Caller) -> Opened:
        """The session of a person who asks. Raises NotSignedIn, or NotAllowed for a device or a system."""
        opened = await self._store.opened(caller.credential) if caller.credential else None
        if opened is None:
            raise NotSignedIn("Sign in first.")
        if opened.person is None:
            raise NotAllowed("Only a person who has signed in has an account.")
        return opened

    async def of(self, caller: Caller) -> list[Session]:
        """The open sessions of the person who asks, newest first. Raises as `own`."""
        await self.own(caller)
        return await self._store.of(caller.id, self._now())

    async def end(self, caller: Caller, credential: str) -> None:
        """End one session of the person who asks. Raises UnknownSession, and as `own`."""
        await self.own(caller)
        if not await self._store.revoke(caller.id, credential, self._now()):
            raise UnknownSession
        await self._doorkeeper.look()

    async def leave(self, caller: Caller) -> None:
        """End what somebody came in by; nobody leaves as well."""
        if caller.credential and await self._admitting.end(caller.credential):
            await self._doorkeeper.look()

    async def rotate(self, caller: Caller, old_secret: str) -> str | None:
        """Another secret for the same session, which lasts anew; None when another request was first.

        Raises as `own`.
        """
        await self.own(caller)
        secret = secrets.token_urlsafe(SECRET_BYTES)
        hashes = secret_hash(old_secret), secret_hash(secret)
        if not await self._store.rotate(caller.credential, *hashes, self._now() + IDLE):
            return None
        await self._doorkeeper.look()
        return secret

    async def _need(self, opened: Opened, grants: Mapping[str, Grant]) -> Need | None:
        if opened.kind is not CredentialKind.SESSION or opened.begun_by is Way.OIDC or opened.person is None:
            return None
        person = await self._people.by_id(opened.person)
        if person is None or person.second_factor_waived:
            return None
        has_password, has_totp = person.password_hash is not None, person.totp_secret is not None
        return need_of(grants.values(), has_password=has_password, has_totp=has_totp)

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._clock() / 1000, UTC)
