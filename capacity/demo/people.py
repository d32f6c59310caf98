"""The people of the demo: one for each screen, without passwords, let in by links that work once."""

from dataclasses import dataclass
from uuid import NAMESPACE_URL, uuid5

from capacity.board.access import Grant
from capacity.board.clocks import Clock
from capacity.demo.paris import plan
from capacity.services.inviting import Purpose
from capacity.services.signing import inviting_on
from capacity.store.members import MemberStore
from capacity.store.people import PeopleStore
from capacity.store.postgres import Database
from capacity.vocabulary.roles import Role

HALTE = "halte-hotel-de-ville"


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """Somebody to try the board as, and the screen that they begin at."""

    role: Role
    page: str
    sites: frozenset[str] = frozenset()

    @property
    def email(self) -> str:
        """An address that no mail can reach."""
        return f"{self.role}@demo.invalid"


PEOPLE = (
    DemoPerson(Role.OPERATOR, "/regulation"),
    DemoPerson(Role.MARAUDE, "/maraude"),
    DemoPerson(Role.STAFF, f"/halte/{HALTE}", frozenset({HALTE})),
    DemoPerson(Role.WALL, "/mur"),
    DemoPerson(Role.ADMIN, "/admin"),
)


async def demo_links(url: str, ledger_url: str, clock: Clock, territory: str | None = None) -> list[tuple[Role, str]]:
    """A fresh link for each person of the demo, who is made if there is none; the links of the last start end.

    They need neither password nor second factor: whoever reads the links on this terminal has the whole data anyway.

    Raises:
        LedgerUnavailable
    """
    territory = territory or plan()["territory"]
    links = []
    async with Database.open(ledger_url) as database:
        people, members, inviting = PeopleStore(database), MemberStore(database), inviting_on(database, clock)
        for one in PEOPLE:
            new_id = str(uuid5(NAMESPACE_URL, f"demo/person/{one.role}"))
            person = await people.add(new_id, one.email, inviting.now(), is_waived=True)
            await members.put(territory, person.id, Grant(one.role, one.sites))
            link = await inviting.link_for(person.id, Purpose.DEMO)
            links.append((one.role, f"{url}{link.address}&vers={one.page}"))
    return links
