"""Promising: what somebody may do about holds, by what they are and what they may see. Laws 5 and 10.

Pools are named here as the caller sees them, and told so; a hold that is not theirs to see is one that nobody made.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pydantic_core import from_json, to_json

from capacity.board.access import CHANNELS, Permission, Scope
from capacity.board.visibility import View, view_of
from capacity.errors import NotAllowed, UnknownSite
from capacity.services.directory import Directories
from capacity.services.holding import Holding
from capacity.services.lens import EVERYTHING, Lens
from capacity.store.holds import Found, Verdict
from capacity.vocabulary.roles import Role
from capacity.vocabulary.words import Channel, Side
from capacity.wire.holds import ArrivalBody, HoldBody, Line, StatementBody
from capacity.wire.registry import Site

SIDES: Mapping[Role, Side] = {Role.MARAUDE: Side.TEAM, Role.STAFF: Side.SITE}
"""For which side a role speaks; whoever is not here may tell what either has said."""
MOST_EXPIRIES = 20
"""A wall tells the next few."""
PASSED_BY = View(Scope.TERRITORY)
"""What a wall shows: a protected site without its name."""
UNKNOWN_HOLD = Verdict("refused", "unknown-hold", b"", [])

Act = Callable[[], Awaitable[Verdict]]


@dataclass(frozen=True, slots=True)
class Address:
    """Where a household may go now; `sites` are told to its team only. `verdict` says why not, when there are none."""

    verdict: Verdict
    sites: Sequence[Site]


def channel_of(permitted: Permission, asked: Channel, *, is_named: bool) -> Channel:
    """The channel that a caller promises for: an admin names any, the others are of one. Raises NotAllowed."""
    own = CHANNELS.get(permitted.grant.role)
    if own is None or permitted.grant.role is Role.ADMIN:
        return asked
    if is_named and asked is not own:
        raise NotAllowed(f"Your role promises places for the channel {own}.")
    return own


class Promising:
    """Commands about holds and reads of them, for a caller. Raises as `Holding` does.

    Every method raises LedgerUnavailable too: what the caller may see was never known here, and cannot be asked.
    """

    def __init__(self, holding: Holding, directories: Directories) -> None:
        self._holding = holding
        self._directories = directories

    async def create(self, territory: str, asked: HoldBody, permitted: Permission) -> Verdict:
        """Hold every line or none. What the caller may not know by name waits for the site's acceptance.

        Raises:
            NotAllowed: the channel, or a pool, is not the caller's.
        """
        channel = channel_of(permitted, asked.channel, is_named="channel" in asked.model_fields_set)
        lens = await self._lens(territory, permitted)
        lines = _meant(lens, asked.lines)
        if lines is None:
            return Verdict("refused", "unknown-pool", b"", [])
        if not await self._covers_all(territory, permitted, [line.pool for line in lines]):
            raise NotAllowed
        verdict = await self._holding.create(
            territory,
            asked.model_copy(update={"channel": channel, "lines": lines}),
            owner=permitted.caller.id,
            needs_acceptance=any(lens.is_masked(line.pool) for line in lines),
        )
        return _seen(verdict, lens)

    async def arrive(self, territory: str, hold_id: str, asked: ArrivalBody, permitted: Permission) -> Verdict:
        """Those who were awaited are here."""
        lens = await self._lens(territory, permitted)
        lines = None if asked.lines is None else _meant(lens, asked.lines)
        if asked.lines is not None and lines is None:
            return Verdict("refused", "more-than-held", b"", [])
        meant = asked.model_copy(update={"lines": lines})
        return await self.act(territory, hold_id, permitted, lambda: self._holding.arrive(territory, hold_id, meant))

    async def testify(self, territory: str, hold_id: str, asked: StatementBody, permitted: Permission) -> Verdict:
        """A side says what became of a hold that has ended. Raises NotAllowed: it is not the caller's side."""
        if asked.side is not SIDES.get(permitted.grant.role, asked.side):
            raise NotAllowed
        return await self.act(territory, hold_id, permitted, lambda: self._holding.testify(territory, hold_id, asked))

    async def act(self, territory: str, hold_id: str, permitted: Permission, act: Act) -> Verdict:
        """Do something about a hold that the caller may do it about."""
        lens = await self._lens(territory, permitted)
        if permitted.scope is not Scope.TERRITORY:
            found = await self._holding.hold(territory, hold_id)
            if found is None or not await self._may(territory, permitted, found):
                return UNKNOWN_HOLD
        return _seen(await act(), lens)

    async def hold(self, territory: str, hold_id: str, permitted: Permission) -> Found | None:
        """A hold that the caller may see, for 48 h after its end; None when there is none."""
        lens = await self._lens(territory, permitted)
        found = await self._holding.hold(territory, hold_id)
        if found is None or not await self._may(territory, permitted, found):
            return None
        return found if lens.view.is_whole else Found(_told(found.hold, lens), lens.told_rows(found.rows), found.owner)

    async def active(self, territory: str, site_id: str | None, permitted: Permission) -> list[bytes]:
        """The active holds that the caller may see, soonest end first, of all sites or of one. Raises UnknownSite."""
        lens = await self._lens(territory, permitted)
        pools = await self._pools(territory, permitted, lens, site_id)
        found = await self._holding.active(territory, pools)
        if permitted.scope is Scope.OWN:
            found = [(hold, owner) for hold, owner in found if owner == permitted.caller.id]
        return [hold if lens.view.is_whole else _told(hold, lens) for hold, _ in found]

    async def expiries(self, territory: str) -> list[dict[str, Any]]:
        """The places that come back next, soonest first, as `Expiry`: no code, no party, no id.

        Nothing of a protected site, whoever asks: the answer stands on walls that everybody passes. Law 10.
        """
        directory = await self._directories.of(territory)
        lens = directory.lens(PASSED_BY)
        said = (from_json(hold) for hold, _ in await self._holding.active(territory, None))
        lines = ((line, hold["expires_at"]) for hold in said for line in hold["lines"])
        plain = ((line, at) for line, at in lines if lens.shown(line["pool"]) == line["pool"])
        told = [{"pool": line["pool"], "places": line["places"], "expires_at": at} for line, at in plain]
        return told[:MOST_EXPIRIES]

    async def address(self, territory: str, hold_id: str, command_id: str, permitted: Permission) -> Address:
        """Give the team the address of what it holds, once: the same command again is the same giving. Law 10."""
        lens = await self._lens(territory, permitted)
        found = await self._holding.hold(territory, hold_id)
        if found is None or not await self._may(territory, permitted, found):
            return Address(UNKNOWN_HOLD, ())
        verdict = await self._holding.give_address(territory, hold_id, command_id)
        if verdict.outcome == "refused":
            return Address(_seen(verdict, lens), ())
        directory = await self._directories.of(territory)
        sites = {site.id: site for line in from_json(found.hold)["lines"] if (site := directory.site_of(line["pool"]))}
        return Address(_seen(verdict, lens), tuple(sites.values()))

    async def _lens(self, territory: str, permitted: Permission) -> Lens:
        """What the caller may see of the whole territory, also where the action itself reaches less far."""
        view = view_of(replace(permitted, scope=Scope.TERRITORY))
        return EVERYTHING if view.is_whole else (await self._directories.of(territory)).lens(view)

    async def _may(self, territory: str, permitted: Permission, found: Found) -> bool:
        """Whether a hold is in what the caller may see or end: its own, or one that keeps places at its sites."""
        if permitted.scope is Scope.OWN:
            return found.owner == permitted.caller.id
        pools = [line["pool"] for line in from_json(found.hold)["lines"]]
        return permitted.scope is not Scope.SITES or any(await self._covered(territory, permitted, pools))

    async def _covers_all(self, territory: str, permitted: Permission, pools: Sequence[str]) -> bool:
        return permitted.scope is not Scope.SITES or all(await self._covered(territory, permitted, pools))

    async def _covered(self, territory: str, permitted: Permission, pools: Sequence[str]) -> list[bool]:
        """Which of some pools are at sites of the caller."""
        directory = await self._directories.of(territory)
        owners = map(directory.owner, pools)
        return [owner is not None and permitted.covers(owner) for owner in owners]

    async def _pools(self, territory: str, permitted: Permission, lens: Lens, site_id: str | None) -> list[str] | None:
        """The pools whose holds are asked for; None for all."""
        if site_id is None and permitted.scope is not Scope.SITES:
            return None
        directory = await self._directories.of(territory)
        if site_id is None:
            return [pool.id for site in directory.sites if permitted.covers(site.id) for pool in site.pools]
        if not lens.view.is_whole and lens.site(site_id) is None:
            raise UnknownSite
        if not permitted.covers(site_id):
            raise NotAllowed
        return [pool.id for pool in directory.site(site_id).pools]


def _meant(lens: Lens, lines: Sequence[Line]) -> tuple[Line, ...] | None:
    """Lines by the pools that are meant; None when one of them is nothing that the caller can name."""
    meant = [(lens.meant(line.pool), line) for line in lines]
    if any(pool is None for pool, _ in meant):
        return None
    return tuple(line.model_copy(update={"pool": pool}) for pool, line in meant)


def _seen(verdict: Verdict, lens: Lens) -> Verdict:
    """A verdict as the caller may see it."""
    if lens.view.is_whole:
        return verdict
    hold = _told(verdict.hold, lens) if verdict.hold else b""
    return replace(verdict, hold=hold, rows=lens.told_rows(verdict.rows))


def _told(hold: bytes, lens: Lens) -> bytes:
    """A hold as JSON, its pools under the ids by which the caller knows them."""
    said = from_json(hold)
    said["lines"] = lens.told_lines(said["lines"])
    said["arrived"] = None if said["arrived"] is None else lens.told_lines(said["arrived"])
    return to_json(said)
