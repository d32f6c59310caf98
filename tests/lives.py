"""Random lives of two pools: reports of all kinds, early and late, edits, holds however they end, and contingents."""

from dataclasses import dataclass, field

from hypothesis import strategies as st

from capacity.board.clocks import rfc3339
from capacity.store.holds import HoldStore, Moment
from capacity.wire.holds import ArrivalBody, ContingentsBody, ExtensionBody, HoldBody, ReleaseBody, StatementBody
from tests.world import HOUR_MS, MINUTE_MS, NOW_MS, new_id, report, site

POOLS = ("halte.women", "halte.families")
LASTS_MS = 5 * HOUR_MS
"""Every life ends before now, however long its pauses are."""

_pools = st.sampled_from(POOLS)
_ages = st.sampled_from([0, 0, 7, 14, 70, 350])
_which = st.integers(0, 5)
_places = st.integers(1, 4)
_minutes = st.sampled_from([5, 30, 60, 240])
_channels = st.sampled_from(["115", "site"])


_figures = {"capacity": st.integers(5, 14), "extra": st.integers(0, 5), "out_of_service": st.integers(0, 3)}


def _report(kind, fields):
    return st.tuples(st.just("report"), st.just(kind), _pools, _ages, fields)


_reports = st.one_of(
    _report("count", st.fixed_dictionaries({"occupied": st.integers(0, 14)})),
    _report("movement", st.fixed_dictionaries({"delta": st.sampled_from([-3, -1, 1, 2])})),
    _report("inventory", st.fixed_dictionaries({}, optional=_figures).filter(bool)),
    _report("status", st.fixed_dictionaries({"status": st.sampled_from(["open", "open", "draining", "closed"])})),
)
_holds = st.one_of(
    st.tuples(st.just("hold"), st.dictionaries(_pools, _places, min_size=1), _minutes, _channels),
    st.tuples(st.just("arrive"), _which, st.booleans()),
    st.tuples(st.just("release"), _which, st.sampled_from(["cancelled", "no_show", "refused", "full_on_arrival"])),
    st.tuples(st.just("extend"), _which, _minutes),
    st.tuples(st.just("tell"), _which, st.sampled_from(["team", "site"]), st.sampled_from(["arrived", "no_show"])),
    st.tuples(st.just("keep"), _pools, _channels, _places, _minutes),
    st.tuples(st.just("expire")),
)
_edits = st.one_of(
    st.tuples(st.just("edit"), _pools, st.sampled_from([8, 10])),
    st.tuples(st.just("remove"), _pools),
)
lives = st.lists(st.tuples(st.sampled_from([0, 0, 7, 35]), st.one_of(_reports, _holds, _holds, _edits)), max_size=16)


@dataclass
class Life:
    """What a life has come to: the pools on the board with their capacity, and the holds that were granted."""

    world: object
    capacities: dict = field(default_factory=lambda: dict.fromkeys(POOLS, 10))
    holds: list = field(default_factory=list)

    async def begin(self):
        self.world.clock.now_ms = NOW_MS - LASTS_MS
        await self._put()

    async def go_on(self, step):
        pause, (verb, *words) = step
        clock = self.world.clock
        clock.now_ms = min(NOW_MS, clock.now_ms + pause * MINUTE_MS)
        await getattr(self, verb)(*words)

    async def end(self):
        """It is now, and what is due has ended."""
        self.world.clock.now_ms = NOW_MS
        await self.expire()

    async def report(self, kind, pool, age, fields):
        await self.world.post(report(kind, pool, self.world.clock() - age * MINUTE_MS, **fields))

    async def edit(self, pool, capacity):
        self.capacities[pool] = capacity
        await self._put()

    async def remove(self, pool):
        self.capacities.pop(pool, None)
        await self._put()

    async def hold(self, lines, minutes, channel):
        said = [{"pool": pool, "places": places} for pool, places in lines.items()]
        asked = HoldBody.model_validate({"id": new_id(), "lines": said, "minutes": minutes, "channel": channel})
        verdict = await self.world.holding.create(self.world.name, asked)
        if verdict.outcome == "done":
            self.holds.append((asked.id, said))

    async def arrive(self, which, fewer):
        async for hold_id, lines in self._one(which):
            came = [{"pool": lines[0]["pool"], "places": 1}] if fewer else None
            asked = ArrivalBody.model_validate({"id": new_id(), "lines": came})
            await self.world.holding.arrive(self.world.name, hold_id, asked)

    async def release(self, which, reason):
        async for hold_id, _ in self._one(which):
            asked = ReleaseBody.model_validate({"id": new_id(), "reason": reason})
            await self.world.holding.release(self.world.name, hold_id, asked)

    async def extend(self, which, minutes):
        async for hold_id, _ in self._one(which):
            asked = ExtensionBody.model_validate({"id": new_id(), "minutes": minutes})
            await self.world.holding.extend(self.world.name, hold_id, asked)

    async def tell(self, which, side, says):
        async for hold_id, _ in self._one(which):
            asked = StatementBody.model_validate({"id": new_id(), "side": side, "says": says})
            await self.world.holding.testify(self.world.name, hold_id, asked)

    async def keep(self, pool, channel, places, minutes):
        if pool in self.capacities:
            until = rfc3339(self.world.clock() + minutes * MINUTE_MS)
            kept = [{"channel": channel, "places": places, "until": until}]
            asked = ContingentsBody.model_validate({"contingents": kept})
            await self.world.holding.keep(self.world.name, pool, asked)

    async def expire(self):
        now_ms = self.world.clock()
        await HoldStore(self.world.live).expire(self.world.name, Moment(now_ms, rfc3339(now_ms)), 1_000)

    async def _put(self):
        pools = [{"id": pool, "capacity": capacity} for pool, capacity in self.capacities.items()]
        await self.world.put(site("halte", *pools))

    async def _one(self, which):
        if self.holds:
            yield self.holds[which % len(self.holds)]


async def lived(world, steps):
    """The world after a life of these steps; it is now."""
    life = Life(world)
    await life.begin()
    for step in steps:
        await life.go_on(step)
    await life.end()
    return life
