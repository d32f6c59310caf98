"""Signing in: by e-mail, password and second factor, by a link that works once, or by an OpenID provider."""

from datetime import UTC, datetime

from capacity.board.clocks import Clock
from capacity.errors import CodeNeeded, IdentityRefused, LinkUsed, TooBusy, WrongCredentials
from capacity.services.admitting import Admission
from capacity.services.doorkeeping import secret_hash
from capacity.services.hashing import Hashing
from capacity.services.limiting import ACCOUNT, ADDRESS, LINK, Limiting
from capacity.services.oidc import Identity
from capacity.services.second_factor import SecondFactor
from capacity.services.sessions import Sessions
from capacity.store.credentials import Way
from capacity.store.people import PeopleStore, Person


class SigningIn:
    """Begins sessions. Every method raises LedgerUnavailable, and StoreUnavailable where tries are counted."""

    def __init__(
        self,
        people: PeopleStore,
        sessions: Sessions,
        second_factor: SecondFactor,
        hashing: Hashing,
        limiting: Limiting,
        *,
        clock: Clock,
    ) -> None:
        self._people = people
        self._sessions = sessions
        self._second_factor = second_factor
        self._hashing = hashing
        self._limiting = limiting
        self._clock = clock

    async def by_password(self, email: str, password: str, code: str | None, *, address: str, label: str) -> Admission:
        """A session of whoever knows the password and has the second factor, if there is one.

        Whatever was wrong, the answer and the work are the same: nobody learns which e-mails are known here.

        Raises:
            TooManyTries, TooBusy, WrongCredentials
            CodeNeeded: the password is right.
        """
        self._hashing.refuse_when_full()  # in a storm most are refused: that must cost next to nothing
        await self._limiting.attempt(ADDRESS, address)
        await self._limiting.attempt(ACCOUNT, email)
        person = await self._people.by_email(email)
        try:
            is_right = await self._hashing.verify(None if person is None else person.password_hash, password)
        except TooBusy:  # nothing was looked at: who comes in a storm of others does not wait for it too
            await self._limiting.forgive(ACCOUNT, email)
            await self._limiting.forgive(ADDRESS, address)
            raise
        if person is None or not is_right:
            raise WrongCredentials
        await self._check_code(person, code, ADDRESS, address)
        await self._limiting.forgive(ADDRESS, address)
        await self._limiting.forget(ACCOUNT, email)
        return await self._sessions.begin(person, Way.PASSWORD, label)

    async def by_link(self, secret: str, code: str | None, *, address: str, label: str) -> Admission:
        """A session of whoever was given a link. It stands for the password only, where there is a second factor.

        Raises:
            TooManyTries, LinkUsed, WrongCredentials
            CodeNeeded: the link is still good.
        """
        await self._limiting.attempt(LINK, address)
        now, kept = datetime.fromtimestamp(self._clock() / 1000, UTC), secret_hash(secret)
        person = await self._people.by_link(kept, now)
        if person is None:
            raise LinkUsed
        await self._check_code(person, code, LINK, address)
        if not await self._people.use_link(kept, now):
            raise LinkUsed
        await self._limiting.forgive(LINK, address)
        return await self._sessions.begin(person, Way.LINK, label)

    async def by_identity(self, identity: Identity, *, label: str) -> Admission:
        """A session of whom an admin has invited: known by an earlier visit, or by an e-mail that was verified.

        Raises:
            IdentityRefused: `unverified` or `uninvited`.
        """
        person = await self._people.by_identity(identity.issuer, identity.subject)
        if person is None:
            person = await self._invited(identity)
        return await self._sessions.begin(person, Way.OIDC, label)

    async def _invited(self, identity: Identity) -> Person:
        if identity.email is None or not identity.email_is_verified:
            raise IdentityRefused("unverified")
        person = await self._people.by_email(identity.email.lower())
        if person is None or not await self._people.add_identity(identity.issuer, identity.subject, person.id):
            raise IdentityRefused("uninvited")
        return person

    async def _check_code(self, person: Person, code: str | None, kind: str, address: str) -> None:
        if person.totp_secret is None:
            return
        if code is None:
            await self._limiting.forgive(kind, address)  # half a visit is no guess; of the account it still counts
            raise CodeNeeded
        if not await self._second_factor.take(person, code):
            raise WrongCredentials
