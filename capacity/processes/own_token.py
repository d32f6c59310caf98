"""A token of our own, for what we send to the service from the machine that has its stores."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from capacity.board.access import Grant
from capacity.board.clocks import system_clock
from capacity.services.admitting import Admitting
from capacity.store.credentials import CredentialKind, CredentialStore
from capacity.store.postgres import Database
from capacity.vocabulary.roles import Role

LIFE = timedelta(days=1)
"""Should we be killed before we end it."""


@asynccontextmanager
async def own_token(territory: str, label: str, ledger_url: str) -> AsyncIterator[str]:
    """An admin's token for a command of ours that speaks to the service, ended with the context."""
    async with Database.open(ledger_url) as database:
        admitting = Admitting(CredentialStore(database), clock=system_clock)
        grants = {territory: Grant(Role.ADMIN)}
        made = await admitting.admit(CredentialKind.TOKEN, label, lasts=LIFE, grants=grants)
        try:
            yield made.secret
        finally:
            await admitting.end(made.credential)
