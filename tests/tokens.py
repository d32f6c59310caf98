"""Bearer tokens for tests, made as `capacity token` makes them."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from concurrent.futures import ThreadPoolExecutor

from capacity.board.access import Grant
from capacity.board.clocks import system_clock
from capacity.services.admitting import Admitting
from capacity.store.credentials import CredentialKind, CredentialStore
from capacity.store.postgres import Database
from capacity.vocabulary.roles import Role


async def token_of(database_url: str, grants: Mapping[str, Grant]) -> str:
    """A token with these grants, by territory."""
    async with Database.open(database_url) as database:
        admitting = Admitting(CredentialStore(database), clock=system_clock)
        return (await admitting.admit(CredentialKind.TOKEN, "test", lasts=None, grants=grants)).secret


async def admin_of(database_url: str, *territories: str) -> str:
    """A token of an admin of these territories."""
    return await token_of(database_url, dict.fromkeys(territories, Grant(Role.ADMIN)))


def made_outside(token: Callable[[], Coroutine[None, None, str]]) -> str:
    """The same from a test that is not async, also where an event loop runs in this thread."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(lambda: asyncio.run(token())).result()
