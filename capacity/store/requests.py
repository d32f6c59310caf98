"""Requests of households in the live store: the functions of `requests.lua`, as values."""

from collections.abc import Sequence
from dataclasses import dataclass

from capacity.board.nights import Night
from capacity.store.gathering import Argument
from capacity.store.keys import Keys
from capacity.store.live import LiveStore

HOUR_MS = 3_600_000
SALT_OUTLIVES_NIGHT_MS = 6 * HOUR_MS
COMMANDS_OUTLIVE_NIGHT_MS = 49 * HOUR_MS
"""A request may still have its outcome two days after it was opened; its night's commands are there an hour longer."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What became of a command about a request.

    `outcome` is `done`, `duplicate`, or the slug of the problem for which nothing was written. `opened` and `closed`
    are the commands that did so to the request, empty where there is none.
    """

    outcome: str
    opened: bytes
    closed: bytes
    is_other_body: bool
    """A duplicate that says something else than the first."""


@dataclass(frozen=True, slots=True)
class NightPart:
    """Commands of a night that the live store has heard, oldest first, and since when it can have heard any."""

    epoch: str
    opened_after: int
    opened_ms: int
    commands: list[bytes]


class RequestStore:
    """Asks the live store to decide on requests. Every method raises UnknownTerritory, StoreUnavailable."""

    def __init__(self, live: LiveStore) -> None:
        self._live = live

    async def salt(self, territory: str, night: Night, now_ms: int, fresh: bytes) -> bytes:
        """The salt of a night: the one that it has, else the fresh one, which is forgotten hours after the night.

        An empty `fresh` makes none; the answer is empty where there is none.
        """
        seconds = _seconds_until(night.end_ms + SALT_OUTLIVES_NIGHT_MS, now_ms)
        return bytes(await self._live.call("night_salt_v1", (_meta(territory),), (str(night), fresh, seconds)))

    async def open(
        self,
        territory: str,
        request_id: str,
        night: Night,
        now_ms: int,
        *,
        digest: str,
        body: str,
        households: Sequence[str],
    ) -> Decision:
        """Open a request for the first household that nobody has tonight, or for the one that is named alone.

        `body` is the ledger's JSON without its opening brace and its household.
        """
        kept_seconds, households_seconds = _lifetimes(night, now_ms)
        args: list[Argument] = [request_id, str(night), kept_seconds, households_seconds, digest, body, *households]
        return await self._decide("request_open_v1", territory, args)

    async def close(
        self, territory: str, command_id: str, request_id: str, *, hold_id: str, digest: str, body: str
    ) -> Decision:
        """Give a request its outcome. `body` is the ledger's JSON without its opening brace and its night."""
        return await self._decide("request_close_v1", territory, (command_id, request_id, hold_id, digest, body))

    async def search_empty(self, territory: str, night: Night, now_ms: int, *, digest: str, body: str) -> bool:
        """Count a search that found nothing; answers whether it was not counted a moment ago already."""
        kept_seconds, _ = _lifetimes(night, now_ms)
        args = (str(night), kept_seconds, digest, body)
        outcome = await self._live.call("search_empty_v1", (_meta(territory),), args)
        if outcome == b"unopened":
            raise self._live.unopened(territory)
        return bool(outcome == b"done")

    async def of_night(self, territory: str, night: Night, start: int, most: int) -> NightPart:
        """At most so many of the night's commands, after passing over `start`."""
        found = await self._live.read("night_commands_v1", (_meta(territory),), (str(night), start, most))
        if not found:
            raise self._live.unopened(territory)
        epoch, opened_after, opened_ms, *commands = found
        return NightPart(epoch.decode(), int(opened_after), int(opened_ms), commands)

    async def _decide(self, function: str, territory: str, args: Sequence[Argument]) -> Decision:
        outcome, opened, closed, note = await self._live.call(function, (_meta(territory),), args)
        if outcome == b"unopened":
            raise self._live.unopened(territory)
        return Decision(outcome.decode(), opened, closed, note == b"other-body")


def _lifetimes(night: Night, now_ms: int) -> tuple[int, int]:
    """For how many seconds from now the night's commands are kept, and its households."""
    return (
        _seconds_until(night.end_ms + COMMANDS_OUTLIVE_NIGHT_MS, now_ms),
        _seconds_until(night.end_ms + SALT_OUTLIVES_NIGHT_MS, now_ms),
    )


def _seconds_until(end_ms: int, now_ms: int) -> int:
    """Spans, not moments: the store's clock need not be ours."""
    return max(1, (end_ms - now_ms) // 1000)


def _meta(territory: str) -> str:
    return Keys.of(territory).meta
