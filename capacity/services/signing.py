"""All that signing in needs, built once around open stores."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from capacity.board.clocks import Clock
from capacity.services.admitting import Admitting
from capacity.services.doorkeeping import Doorkeeper
from capacity.services.hashing import Hashing
from capacity.services.inviting import Inviting
from capacity.services.limiting import Limiting
from capacity.services.oidc import Oidc
from capacity.services.second_factor import SecondFactor
from capacity.services.securing import Securing
from capacity.services.sessions import Sessions
from capacity.services.signing_in import SigningIn
from capacity.store.credentials import CredentialStore
from capacity.store.doors import DoorStore
from capacity.store.live import LiveStore
from capacity.store.members import MemberStore
from capacity.store.people import PeopleStore
from capacity.store.postgres import Database
from capacity.store.registry import RegistryStore
from capacity.store.sessions import SessionStore
from capacity.wire.oidc import Provider


@dataclass(frozen=True, slots=True)
class Signing:
    """What the routes of people and their sessions call."""

    sessions: Sessions
    signing_in: SigningIn
    securing: Securing
    inviting: Inviting
    limiting: Limiting
    oidc: Oidc
    hashing: Hashing

    @classmethod
    def over(
        cls,
        live: LiveStore,
        database: Database,
        doorkeeper: Doorkeeper,
        *,
        clock: Clock,
        hashing: Hashing | None = None,
        providers: Sequence[Provider] = (),
    ) -> Self:
        """The services on these stores."""
        doors, people = DoorStore(live), PeopleStore(database)
        hashing, limiting = hashing or Hashing(), Limiting(doors, clock=clock)
        admitting = Admitting(CredentialStore(database), clock=clock)
        sessions = Sessions(people, SessionStore(database), admitting, doorkeeper, clock=clock)
        second_factor = SecondFactor(people, limiting, clock=clock)
        return cls(
            sessions=sessions,
            signing_in=SigningIn(people, sessions, second_factor, hashing, limiting, clock=clock),
            securing=Securing(people, sessions, second_factor, hashing, limiting, clock=clock),
            inviting=inviting_on(database, clock),
            limiting=limiting,
            oidc=Oidc(providers, doors),
            hashing=hashing,
        )


def inviting_on(database: Database, clock: Clock) -> Inviting:
    """Inviting needs Postgres alone: a command may do it while nothing else runs."""
    return Inviting(PeopleStore(database), MemberStore(database), RegistryStore(database), clock=clock)
