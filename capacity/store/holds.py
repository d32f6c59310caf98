"""Holds and contingents in the live store: the functions of `holds.lua` and `contingents.lua`, as values."""

from collections.abc import Sequence
from dataclasses import dataclass

from capacity.errors import StoreUnavailable
from capacity.store.gathering import Argument
from capacity.store.keys import Keys
from capacity.store.live import GETTING_BACK, LiveStore, fcall

Line = tuple[str, int]
"""A pool and how many of its places."""


@dataclass(frozen=True, slots=True)
class Moment:
    """One moment, in milliseconds and as the wire shows it."""

    ms: int
    text: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a command about a hold.

    `outcome` is `done`, `duplicate` or `refused`; `note` is the problem's slug, or `other-body` of a duplicate.
    `hold` is its JSON (empty when there is none), `rows` are the present rows of its pools.
    """

    outcome: str
    note: str
    hold: bytes
    rows: list[bytes]


@dataclass(frozen=True, slots=True)
class Found:
    """A hold as JSON, the present rows of its pools, and whose it is ('': nobody's in particular)."""

    hold: bytes
    rows: list[bytes]
    owner: str


@dataclass(frozen=True, slots=True)
class Creation:
    """A hold as the store is asked for it; `body` is the ledger's JSON without its opening brace."""

    id: str
    channel: str
    lines: Sequence[Line]
    party: str
    at: Moment
    expires: Moment
    digest: str
    body: str
    codes: Sequence[str]
    owner: str = ""
    """Who asks, by an id that tells nothing; the team of a hold by the maraude."""
    needs_acceptance: bool = False

    def call(self, territory: str) -> tuple[Argument, ...]:
        """The command that asks for it."""
        return fcall("hold_create_v2", (_meta(territory),), self.args())

    def args(self) -> tuple[Argument, ...]:
        """What `holds.lua` reads."""
        at, expires = self.at, self.expires
        return (
            self.id, self.channel, expires.ms, expires.text, at.ms, at.text, written(self.lines), self.party,
            self.digest, self.body, self.owner, "pending" if self.needs_acceptance else "", *self.codes,
        )  # fmt: skip


class HoldStore:
    """Asks the live store to decide on holds. Every method raises StoreUnavailable."""

    def __init__(self, live: LiveStore) -> None:
        self._live = live

    async def create(self, territory: str, creation: "Creation") -> Verdict:
        """Hold all lines or none."""
        return await self._decide("hold_create_v2", territory, creation.args())

    async def arrive(self, territory: str, command_id: str, hold_id: str, at: Moment, lines: Sequence[Line]) -> Verdict:
        """End a hold by arrival, of all who were awaited when no lines are named."""
        return await self._act("hold_arrive_v1", territory, command_id, hold_id, at, written(lines))

    async def release(self, territory: str, command_id: str, hold_id: str, at: Moment, reason: str) -> Verdict:
        """Give a hold's places back."""
        return await self._act("hold_release_v1", territory, command_id, hold_id, at, reason)

    async def extend(
        self, territory: str, command_id: str, hold_id: str, at: Moment, *, by_ms: int, latest_ms: int
    ) -> Verdict:
        """Let a hold end later, at the latest then. What is asked is `by_ms`; the rest moves with the clock."""
        digest = _digest("hold_extend_v1", hold_id, by_ms)
        args = (command_id, hold_id, at.ms, at.text, digest, by_ms, latest_ms)
        return await self._decide("hold_extend_v1", territory, args)

    async def tell(self, territory: str, command_id: str, hold_id: str, at: Moment, side: str, says: str) -> Verdict:
        """Keep what a side says became of a hold that has ended."""
        return await self._act("hold_tell_v1", territory, command_id, hold_id, at, side, says)

    async def accept(self, territory: str, command_id: str, hold_id: str, at: Moment) -> Verdict:
        """Take in whom a team has announced."""
        return await self._act("hold_accept_v1", territory, command_id, hold_id, at)

    async def give_address(self, territory: str, command_id: str, hold_id: str, at: Moment) -> Verdict:
        """Note that the address was given by this command, once: another id is refused from then on. Law 10."""
        return await self._decide("hold_address_v1", territory, (command_id, hold_id, at.ms, at.text))

    async def expire(self, territory: str, at: Moment, most: int) -> tuple[int, int | None]:
        """End at most so many holds that have reached their time; answers how many, and when the next one will."""
        ended, soonest = await self._live.call("hold_expire_v1", (_meta(territory),), (at.ms, at.text, most))
        return int(ended), int(soonest) if soonest else None

    async def hold(self, territory: str, hold_id: str) -> Found | None:
        """A hold, also one that has ended; None when there is none.

        Raises:
            UnknownTerritory
        """
        found: list[bytes] = await self._live.read("hold_v1", (_meta(territory),), (hold_id,))
        if found == [b"unopened"]:
            raise self._live.unopened(territory)
        return Found(found[0], found[1].splitlines(), found[2].decode()) if found else None

    async def active(self, territory: str, pools: Sequence[str] | None) -> list[tuple[bytes, str]]:
        """The active holds and their owners, soonest end first, of all pools or of these. Raises UnknownTerritory."""
        if pools is not None and not pools:
            return []
        found: list[bytes] = await self._live.read("holds_v1", (_meta(territory),), pools or ())
        if found == [b"unopened"]:
            raise self._live.unopened(territory)
        return [(hold, owner.decode()) for hold, owner in zip(found[::2], found[1::2], strict=True)]

    async def keep_contingents(
        self, territory: str, command_id: str, pool: str, contingents: Sequence[tuple[str, int, Moment]], at: Moment
    ) -> tuple[str, bytes]:
        """Keep places for channels until their hour; answers `done` or `same` and the row, or `refused` and why."""
        kept = " ".join(f"{channel}={places}={until.ms}={until.text}" for channel, places, until in contingents)
        outcome, told = await self._live.call(
            "contingents_set_v1", (_meta(territory),), (command_id, pool, kept, at.text)
        )
        return outcome.decode(), bytes(told)

    async def _act(
        self, function: str, territory: str, command_id: str, hold_id: str, at: Moment, *more: Argument
    ) -> Verdict:
        digest = _digest(function, hold_id, *more)
        return await self._decide(function, territory, (command_id, hold_id, at.ms, at.text, digest, *more))

    async def _decide(self, function: str, territory: str, args: Sequence[Argument]) -> Verdict:
        outcome, note, hold, rows = await self._live.call(function, (_meta(territory),), args)
        if note == b"partial-board":
            if await self._live.position(territory) is None:
                raise self._live.unopened(territory)
            raise StoreUnavailable(GETTING_BACK)
        return Verdict(outcome.decode(), note.decode(), hold, rows.splitlines())


def written(lines: Sequence[Line]) -> str:
    """Lines as the functions read them."""
    return " ".join(f"{pool}={places}" for pool, places in lines)


def _digest(*said: Argument) -> str:
    """What tells one command from another one of the same id; the functions look for the hold's id in it."""
    return " ".join(map(str, said))


def _meta(territory: str) -> str:
    return Keys.of(territory).meta
