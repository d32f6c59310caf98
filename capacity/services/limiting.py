"""Limiting: who guesses waits longer and longer, by the account that is tried and by the address that tries."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil
from types import MappingProxyType

from capacity.board.clocks import Clock
from capacity.errors import TooManyTries
from capacity.store.doors import DoorStore

ACCOUNT, ADDRESS, CODE, LINK, VISIT = "account", "address", "code", "link", "visit"


@dataclass(frozen=True, slots=True)
class Limit:
    """So many tries are free; the next waits a second, and each after it twice as long, up to the longest wait."""

    free: int = 5
    longest_seconds: int = 900
    kept_seconds: int = 86_400
    """Forgotten sooner, waiting would be quicker than the longest wait."""


LIMITS: Mapping[str, Limit] = MappingProxyType(
    {ACCOUNT: Limit(), CODE: Limit(), ADDRESS: Limit(free=20), LINK: Limit(free=20), VISIT: Limit(free=40)}
)
"""Many people may stand behind one address; those that are not here have five free."""
FIRST_WAIT_MS = 1_000


class Limiting:
    """Counts tries in the live store, for all processes together. Every method raises StoreUnavailable."""

    def __init__(self, store: DoorStore, *, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def attempt(self, kind: str, subject: str) -> None:
        """Count one try of a kind by or at a subject, before it is looked at: tries at once count each.

        Raises:
            TooManyTries: it has to wait first, and was not counted.
        """
        limit = LIMITS.get(kind, Limit())
        wait_ms = await self._store.attempt(
            _digest(kind, subject),
            int(self._clock()),
            free=limit.free,
            first_ms=FIRST_WAIT_MS,
            longest_ms=limit.longest_seconds * 1000,
            kept_seconds=limit.kept_seconds,
        )
        if wait_ms:
            raise TooManyTries(ceil(wait_ms / 1000))

    async def forgive(self, kind: str, subject: str) -> None:
        """The last try was right and does not count; what was guessed before it still does."""
        await self._store.forgive(_digest(kind, subject), "one")

    async def forget(self, kind: str, subject: str) -> None:
        """The last try was right, and shows that it is the one who may."""
        await self._store.forgive(_digest(kind, subject), "all")


def _digest(kind: str, subject: str) -> str:
    return hashlib.sha256(f"{kind}:{subject}".encode()).hexdigest()[:32]
