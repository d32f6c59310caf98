"""`capacity person`: lets a person in, straight in the database. So the first admin of a territory is made."""

import asyncio
import sys
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from capacity.board.access import Caller, Grant
from capacity.board.clocks import system_clock
from capacity.commands.stores import addresses
from capacity.errors import InvalidBody, LastAdmin, StartFailed
from capacity.services.inviting import Link
from capacity.services.signing import inviting_on
from capacity.store.audit import AuditStore, at_this_machine
from capacity.store.people import PeopleStore
from capacity.store.postgres import Database
from capacity.vocabulary.acts import Act
from capacity.vocabulary.roles import Role
from capacity.vocabulary.slugs import is_territory
from capacity.wire.people import InvitationBody

WHOEVER_HAS_THE_DATA = Caller("terminal", elsewhere=Grant(Role.ADMIN))


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for on the command line. `url` is where people reach the service."""

    email: str
    role: Role
    territory: str
    sites: tuple[str, ...]
    forget_second_factor: bool
    url: str
    data: Path | None


def run(wish: Wish) -> None:
    """Let a person in and print a link on the last line; what it is for goes to standard error. Raises StartFailed."""
    body = _checked(wish)
    link = asyncio.run(_let_in(addresses(wish.data).database_url, wish, body))
    at = f" at {', '.join(body.sites)}" if body.sites else ""
    told = f"{body.role} of {wish.territory}{at}; the link signs in once until {link.expires_at:%Y-%m-%d %H:%M} UTC:"
    print(told, file=sys.stderr)
    print(f"{wish.url.rstrip('/')}{link.address}")


def _checked(wish: Wish) -> InvitationBody:
    if not is_territory(wish.territory):
        raise StartFailed(f"{wish.territory!r} names no territory.")
    try:
        return InvitationBody.model_validate({"email": wish.email, "role": wish.role, "sites": wish.sites})
    except ValidationError as problem:
        first = problem.errors(include_input=False)[0]
        where = "".join(f" --{part}" for part in first["loc"][:1])
        raise StartFailed(f"This person cannot be let in{where}: {first['msg'].lower()}.") from problem


async def _let_in(ledger_url: str, wish: Wish, body: InvitationBody) -> Link:
    async with Database.open(ledger_url) as database:
        inviting, grant = inviting_on(database, system_clock), Grant(body.role, frozenset(body.sites))
        try:
            member, link = await inviting.invite(wish.territory, WHOEVER_HAS_THE_DATA, body.email, grant)
        except InvalidBody as problem:
            raise StartFailed(f"This person cannot be let in: {problem.errors[0]['msg']}.") from problem
        except LastAdmin as problem:
            raise StartFailed(f"The territory {wish.territory} would have no admin any more.") from problem
        if wish.forget_second_factor:
            await PeopleStore(database).end_totp(member.id)
        acts = [Act.PERSON_ADDED, Act.LINK_MADE, *[Act.SECOND_FACTOR_REMOVED] * wish.forget_second_factor]
        for act in acts:
            await AuditStore(database).add(at_this_machine(wish.territory, act, system_clock(), member.id))
    if link is None:
        raise StartFailed("No link could be made.")  # whoever has the data reaches everybody
    return link
