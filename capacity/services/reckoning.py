"""Reckoning: from the ends of holds to how far each site keeps its word, and to where the two sides disagree."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import timedelta
from itertools import groupby

from capacity.board.clocks import Clock, to_ms
from capacity.board.nights import Night
from capacity.board.testimony import Ending, Reliability, Statement
from capacity.store.hold_ledger import EndLine, Ends, HoldLedger
from capacity.store.registry import RegistryStore

NIGHTS = 30
NIGHTS_OF_DISAGREEMENTS = 2
TOLD_WITHIN = timedelta(days=7)
"""A statement comes within 48 hours of when an end was carried out; an expiry may have been carried out late."""
COUNTED = ("arrived", "full_on_arrival", "refused", "no_show", "expired")


class Reckoning:
    """Reads of how holds ended, as far as it is recorded. Every method raises UnknownTerritory, LedgerUnavailable."""

    def __init__(self, ledger: HoldLedger, registry: RegistryStore, *, clock: Clock) -> None:
        self._ledger = ledger
        self._registry = registry
        self._clock = clock

    async def reliability(self, territory: str) -> list[Reliability]:
        """Each site with a hold that ended in its last 30 nights, tonight among them, by site."""
        await self._registry.version(territory)
        tonight = Night.of(self._clock())
        ends = await self._ledger.ends(territory, tonight.before(NIGHTS - 1).start, tonight.end)
        return by_site(ends)

    async def disagreements(self, territory: str) -> list[Ending]:
        """The disputed ends of tonight and of the night before, the latest word first."""
        await self._registry.version(territory)
        since = Night.of(self._clock()).before(NIGHTS_OF_DISAGREEMENTS - 1).start
        endings = endings_of(await self._ledger.doubted(territory, since, since - TOLD_WITHIN))
        disputed = [ending for ending in endings if ending.is_disputed]
        return sorted(disputed, key=lambda ending: (-ending.latest_ms, ending.hold))


def by_site(ends: Iterable[Ends]) -> list[Reliability]:
    """The counts of each site, from counts in the order of sites."""
    told = []
    for site, group in groupby(ends, key=lambda each: each.site):
        counts = {each.says: each.holds for each in group if each.says in COUNTED}
        if counts:
            told.append(Reliability(site, **counts))
    return told


def endings_of(lines: Iterable[EndLine]) -> list[Ending]:
    """Each hold with its end, from their lines in the order of the numbers; one whose end is not there is left out."""
    by_hold: defaultdict[str, list[EndLine]] = defaultdict(list)
    for line in lines:
        by_hold[line.hold].append(line)
    return [_ending(hold, told) for hold, told in by_hold.items() if any(line.side is None for line in told)]


def _ending(hold: str, lines: list[EndLine]) -> Ending:
    ends = [line for line in lines if line.side is None]
    said = [Statement(line.side, line.says, to_ms(line.observed_at)) for line in lines if line.side is not None]
    return Ending(
        hold=hold,
        pools=[line.pool for line in ends],
        site=ends[0].site,
        ended_as=ends[0].says,
        ended_ms=to_ms(ends[0].observed_at),
        free={line.pool: line.free for line in ends if line.free},
        statements=list(dict.fromkeys(said)),  # each has a line a pool
    )
