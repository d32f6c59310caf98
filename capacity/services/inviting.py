"""Inviting: an admin says who is what for a territory, and hands over links that sign in once."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from uuid import uuid4

from capacity.board.access import Caller, Grant
from capacity.board.clocks import Clock
from capacity.errors import InvalidBody, NotAllowed, UnknownPerson
from capacity.services.admitting import SECRET_BYTES
from capacity.services.doorkeeping import secret_hash
from capacity.store.members import Member, MemberStore
from capacity.store.people import PeopleStore
from capacity.store.registry import RegistryStore
from capacity.vocabulary.roles import Role


class Purpose(StrEnum):
    """What a link is for."""

    INVITATION = "invitation"
    PASSWORD = "password"  # noqa: S105 a word for the purpose, no secret
    DEMO = "demo"


LASTS = {Purpose.INVITATION: timedelta(days=7), Purpose.PASSWORD: timedelta(days=1), Purpose.DEMO: timedelta(days=7)}


@dataclass(frozen=True, slots=True)
class Link:
    """The secret of a link, told once, and its end."""

    secret: str
    expires_at: datetime

    @property
    def address(self) -> str:
        """Where it leads. What stands behind the # never reaches a server, nor its log."""
        return f"/connexion#lien={self.secret}"


class Inviting:
    """Every method raises LedgerUnavailable."""

    def __init__(
        self,
        people: PeopleStore,
        members: MemberStore,
        registry: RegistryStore,
        *,
        clock: Clock,
        new_id: Callable[[], str] = lambda: str(uuid4()),
        new_secret: Callable[[int], str] = secrets.token_urlsafe,
    ) -> None:
        self._people = people
        self._members = members
        self._registry = registry
        self._clock = clock
        self._new_id = new_id
        self._new_secret = new_secret

    async def people_of(self, territory: str) -> list[Member]:
        """Everybody who is something for a territory, by e-mail."""
        return await self._members.of(territory)

    async def invite(self, territory: str, caller: Caller, email: str, grant: Grant) -> tuple[Member, Link | None]:
        """Somebody is this for a territory from now on, with a link to sign in by.

        No link for one who is something in a territory where the caller is no admin: they sign in as they do there,
        and nobody becomes them by inviting them.

        Raises:
            InvalidBody: a site that the territory does not have.
            LastAdmin: the only admin would be something else.
        """
        await self._refuse_unknown_sites(territory, grant)
        person = await self._people.add(self._new_id(), email, self.now())
        await self._members.put(territory, person.id, grant)
        is_ours = await self._is_within_reach(caller, person.id)
        link = await self.link_for(person.id, Purpose.INVITATION) if is_ours else None
        return await self._member(territory, person.id), link

    async def change(self, territory: str, person_id: str, grant: Grant) -> Member:
        """Somebody is something else from now on. Raises UnknownPerson, and as `invite`."""
        await self._member(territory, person_id)
        await self._refuse_unknown_sites(territory, grant)
        await self._members.put(territory, person_id, grant)
        return await self._member(territory, person_id)

    async def remove(self, territory: str, person_id: str) -> None:
        """Somebody is nothing for a territory any more; who is nothing anywhere is forgotten.

        Raises:
            UnknownPerson, LastAdmin
        """
        if not await self._members.end(territory, person_id):
            raise UnknownPerson

    async def link(self, territory: str, caller: Caller, person_id: str) -> Link:
        """A new link for one who has lost the first, or the password.

        Raises:
            UnknownPerson
            NotAllowed: they are something in a territory where the caller is no admin.
        """
        await self._member(territory, person_id)
        if not await self._is_within_reach(caller, person_id):
            raise NotAllowed("They belong to another territory too: its admin must be yours as well to make a link.")
        return await self.link_for(person_id, Purpose.PASSWORD)

    async def link_for(self, person_id: str, purpose: Purpose) -> Link:
        """A link that signs a person in once; those before it end."""
        secret, now = self._new_secret(SECRET_BYTES), self.now()
        link = Link(secret, now + LASTS[purpose])
        await self._people.add_link(secret_hash(secret), person_id, purpose, now, link.expires_at)
        return link

    async def _is_within_reach(self, caller: Caller, person_id: str) -> bool:
        """Whether the caller is an admin wherever this person is anything."""
        grants = await self._people.grants_of(person_id)
        return all(caller.grant(territory).role is Role.ADMIN for territory in grants)

    async def _member(self, territory: str, person_id: str) -> Member:
        found = await self._members.of(territory, person_id)
        if not found:
            raise UnknownPerson
        return found[0]

    async def _refuse_unknown_sites(self, territory: str, grant: Grant) -> None:
        """A grant for a site that nobody has yet would be a key to whatever gets that name."""
        known = {site.id for site in await self._registry.sites(territory)} if grant.sites else set()
        unknown = sorted(grant.sites - known)
        if unknown:
            raise InvalidBody([{"loc": ["sites"], "msg": f"the territory has no site {unknown[0]}"}])

    def now(self) -> datetime:
        """The moment by the clock that links live by."""
        return datetime.fromtimestamp(self._clock() / 1000, UTC)
