"""`capacity token`: a bearer token for a system, straight from the database; and one for our own commands."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from capacity.board.access import Grant
from capacity.board.clocks import system_clock
from capacity.commands.service import LOOPBACK
from capacity.commands.stores import addresses
from capacity.errors import LedgerUnavailable, StartFailed
from capacity.processes.own_token import own_token
from capacity.services.admitting import Admission, Admitting
from capacity.store.audit import AuditStore, at_this_machine
from capacity.store.credentials import CredentialKind, CredentialStore
from capacity.store.postgres import Database
from capacity.store.registry import RegistryStore
from capacity.vocabulary.acts import Act
from capacity.vocabulary.roles import SITE_ROLES, Role
from capacity.vocabulary.slugs import is_site, is_territory

TOKEN_VARIABLE = "CAPACITY_TOKEN"  # noqa: S105 the variable's name, no secret


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for on the command line. `days` is None for one that lasts until it is revoked."""

    role: Role
    territory: str
    sites: tuple[str, ...]
    label: str
    days: float | None
    data: Path | None


def run(wish: Wish) -> None:
    """Make a token and print it on the last line; what it is for goes to standard error."""
    _check(wish)
    where = addresses(wish.data)
    admission = asyncio.run(_make(where.database_url, wish))
    until = (
        "until it is revoked" if admission.expires_at is None else f"until {admission.expires_at:%Y-%m-%d %H:%M} UTC"
    )
    at = f" at {', '.join(wish.sites)}" if wish.sites else ""
    print(f"{wish.role} of {wish.territory}{at}, {until}; it is shown only now:", file=sys.stderr)
    print(admission.secret)


@asynccontextmanager
async def token_for(url: str, territory: str, label: str) -> AsyncIterator[str | None]:
    """What a command of ours signs in with: CAPACITY_TOKEN, else one of its own where this machine has the stores.

    Whoever can open the data folder of a running `up` has the whole board already. None: nothing is at hand, and the
    service will say what it makes of that.
    """
    async with AsyncExitStack() as stack:
        token = os.environ.get(TOKEN_VARIABLE)
        if not token and urlsplit(url).hostname in LOOPBACK:
            with suppress(StartFailed, LedgerUnavailable):
                token = await stack.enter_async_context(own_token(territory, label, addresses(None).database_url))
        yield token or None


def _check(wish: Wish) -> None:
    if not is_territory(wish.territory):
        raise StartFailed(f"{wish.territory!r} names no territory.")
    if wish.role is Role.PUBLIC:
        raise StartFailed("The public needs no token.")
    if (wish.role in SITE_ROLES) != bool(wish.sites):
        needed = "needs the sites that it is for: --site" if wish.role in SITE_ROLES else "is for a whole territory"
        raise StartFailed(f"The role {wish.role} {needed}.")
    wrong = [site for site in wish.sites if not is_site(site)]
    if wrong:
        raise StartFailed(f"{wrong[0]!r} names no site.")


async def _make(ledger_url: str, wish: Wish) -> Admission:
    async with Database.open(ledger_url) as database:
        if wish.sites:
            await _refuse_unknown_sites(RegistryStore(database), wish)
        grants = {wish.territory: Grant(wish.role, frozenset(wish.sites))}
        lasts = None if wish.days is None else timedelta(days=wish.days)
        admitting = Admitting(CredentialStore(database), clock=system_clock)
        made = await admitting.admit(CredentialKind.TOKEN, wish.label, lasts=lasts, grants=grants)
        noted = at_this_machine(wish.territory, Act.TOKEN_MADE, system_clock(), made.credential)
        await AuditStore(database).add(noted)
        return made


async def _refuse_unknown_sites(registry: RegistryStore, wish: Wish) -> None:
    """A token for a site that nobody has yet would be a key to whatever gets that name."""
    known = {site.id for site in await registry.sites(wish.territory)}
    unknown = [site for site in wish.sites if site not in known]
    if unknown:
        raise StartFailed(f"The territory {wish.territory} has no site {unknown[0]}.")
