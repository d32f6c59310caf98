"""Laws 1 to 4 on random nights, against the functions inside the real store."""

import itertools
import json

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from tests.store.reference import PLACES, Model, Said
from tests.world import DAY_MS, HOUR_MS, MINUTE_MS, NOW_MS, HandClock, command_id, report, standing_on

POOLS = ("halte.women", "halte.families", "other-site.men")
TRUE_SEQ = "the row's own"

on_real_servers = settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])

ages = st.sampled_from(
    [0, 0, 1, 2, MINUTE_MS, MINUTE_MS, HOUR_MS, 9 * HOUR_MS, 14 * HOUR_MS, 18 * HOUR_MS, 22 * HOUR_MS]
)
edges = st.sampled_from([DAY_MS - 1, DAY_MS, DAY_MS + 1, 3 * DAY_MS, 7 * DAY_MS, 7 * DAY_MS + 1, 30 * DAY_MS])
places = st.integers(0, 40) | st.sampled_from([0, 9, 10, 11, 100_000])
deltas = st.sampled_from([1, 1, 1, -1, -1, 2, -7, 1000, -1000])
said = {
    "count": st.fixed_dictionaries({"occupied": places}),
    "movement": st.fixed_dictionaries({"delta": deltas}),
    "inventory": st.fixed_dictionaries({}, optional=dict.fromkeys(PLACES, places)).filter(bool),
    "status": st.fixed_dictionaries({"status": st.sampled_from(["open", "draining", "suspended", "closed"])}),
    "confirmation": st.fixed_dictionaries({"seq": st.just(TRUE_SEQ) | st.integers(0, 12)}),
}


@st.composite
def utterances(draw, kinds=tuple(said), aged=ages, pools=POOLS):
    """Something that a sender says: kind, pool, what, how long ago, and an id in no order at all."""
    kind = draw(st.sampled_from(kinds))
    number = draw(st.integers(1, 2**40))
    return kind, draw(st.sampled_from(pools)), draw(said[kind]), draw(aged), command_id(number)


skews = st.sampled_from([None, 0, 3 * HOUR_MS, -5 * HOUR_MS, 400 * DAY_MS])


def shuffled(draw, sayings):
    """The same sayings in any order, each at least once, cut into batches anywhere."""
    again = draw(st.lists(st.sampled_from(sayings), max_size=8)) if sayings else []
    deliveries = draw(st.permutations(sayings + again))
    cuts = sorted(draw(st.sets(st.integers(1, max(1, len(deliveries) - 1)), max_size=4)))
    return [batch for start, end in itertools.pairwise([0, *cuts, len(deliveries)]) if (batch := deliveries[start:end])]


_territories = itertools.count(1)


class Night:
    """The same things said to the store and to the model, and what both make of it."""

    def __init__(self, ground):
        self.ground = ground
        self.model = Model()

    async def register(self, pool, site="halte", capacity=10, fresh_for=7200):
        self.ground.clock.forward(1)
        edit_id = command_id(2**41 + self.model.seq)
        await self.ground.register(pool, site=site, capacity=capacity, fresh_for=fresh_for, edit_id=edit_id)
        self.model.register(pool, edit_id, site, capacity, fresh_for, self.ground.clock())

    async def remove(self, pool):
        edit_id = command_id(2**41 + self.model.seq)
        await self.ground.remove(pool, edit_id=edit_id)
        self.model.remove(pool, edit_id)

    async def send(self, sayings, skew, *, since=None):
        """Send a batch whose moments count back from `since` (else from now); check every result against the model."""
        received = self.ground.clock()
        batch, expected = [], []
        for kind, pool, words, age, report_id in sayings:
            at = (received if since is None else since) - age
            fields = self._with_true_seq(pool, words)
            batch.append(report(kind, pool, at + (skew or 0), report_id=report_id, **fields))
            expected.append((report_id, *self.model.take(pool, Said(report_id, kind, at, fields), received)))
        results = await self.ground.post(*batch, sent_ms=None if skew is None else received + skew)
        assert [self._seen(result) for result in results] == expected
        return [outcome for _, outcome, _, _ in expected]

    def _with_true_seq(self, pool, words):
        if words.get("seq") != TRUE_SEQ:
            return words
        return {"seq": self.model.pools[pool].row_seq if pool in self.model.pools else 0}

    @staticmethod
    def _seen(result):
        if result["outcome"] == "rejected":
            assert "seq" not in result
            return result["id"], "rejected", result["problem"]["type"], result["row"]
        return result["id"], result["outcome"], result["seq"], result["row"]

    async def agrees(self):
        """The board, the numbers and the stream are what the model says."""
        assert await self.ground.rows() == self.model.rows()
        assert await self.ground.seq() == self.model.seq
        stream = await self.ground.stream()
        commands = [json.loads(entry.command) for entry in stream]
        assert [entry.seq for entry in stream] == list(range(1, self.model.seq + 1))
        assert [command["seq"] for command in commands] == [entry.seq for entry in stream]
        assert [(each["id"], each["pool"], each["outcome"]) for each in commands] == self.model.numbered
        stamps = {}
        for entry, command in zip(stream, commands, strict=True):
            assert bool(entry.rows) == (command["outcome"] == "applied")
            for change in entry.rows:
                assert change.pool == command["pool"]
                stamps[change.pool] = json.loads(change.row)
        assert stamps == self.model.rows()
        for row in stamps.values():
            assert "gone" in row or never_lies(row)


def never_lies(row):
    """Law 1, by itself."""
    left = row["capacity"] + row["extra"] - row["out_of_service"] - row["occupied"] - row["held"]
    assert row["free"] == (max(0, left) if row["status"] == "open" else 0)
    assert row["over"] == max(0, -left)
    assert row["occupied"] >= 0
    return True


@pytest.fixture
async def night(redis_url):
    """Makes nights, each on a territory of its own."""
    async with standing_on(redis_url, "of-laws") as ground:

        async def begin(*pools):
            fresh = type(ground)(ground.live, ground.redis, f"laws-{next(_territories)}", HandClock(NOW_MS))
            await fresh.open()
            began = Night(fresh)
            for pool in pools:
                await began.register(pool, site=pool.partition(".")[0])
            return began

        yield begin


@on_real_servers
@given(data=st.data())
async def test_any_shuffle_with_any_retries_ends_in_the_same_rows(night, data):
    sayings = data.draw(st.lists(utterances(("count", "movement", "inventory", "status")), max_size=14))
    sayings = list({saying[-1]: saying for saying in sayings}.values())
    ends = []
    for _ in range(2):
        tonight = await night(*POOLS)
        for batch in shuffled(data.draw, sayings):
            tonight.ground.clock.forward(data.draw(st.sampled_from([0, 1, MINUTE_MS, HOUR_MS // 8])))
            await tonight.send(batch, data.draw(skews.filter(lambda skew: skew is not None)), since=NOW_MS)
        await tonight.agrees()
        ends.append({pool: {**row, "seq": None} for pool, row in (await tonight.ground.rows()).items()})
    assert ends[0] == ends[1]


fresh_fors = st.sampled_from([600, 7200])
steps = st.one_of(
    st.tuples(st.just("say"), st.lists(utterances(aged=ages | edges), min_size=1, max_size=8), skews),
    st.tuples(st.just("say"), st.lists(utterances(aged=ages), min_size=1, max_size=8), skews),
    st.tuples(st.just("again"), st.integers(0, 9), st.none()),
    st.tuples(st.just("register"), st.sampled_from(POOLS), st.tuples(st.sampled_from([7, 10]), fresh_fors)),
    st.tuples(st.just("remove"), st.sampled_from(POOLS), st.none()),
)


@on_real_servers
@given(plan=st.lists(st.tuples(st.sampled_from([0, 1, MINUTE_MS, 5 * HOUR_MS, 13 * HOUR_MS]), steps), max_size=9))
async def test_a_night_of_reports_and_edits_goes_as_the_laws_say(night, plan):
    tonight = await night(*POOLS[:2])
    sent = []
    for pause, (verb, what, how) in plan:
        tonight.ground.clock.forward(pause)
        before, seq = await tonight.ground.everything(), tonight.model.seq
        if verb == "say":
            outcomes = await tonight.send(what, how)
            sent.append(what)
            for outcome in outcomes:
                event(outcome)
        elif verb == "again" and sent:
            await tonight.send(sent[what % len(sent)], how)
        elif verb == "register":
            await tonight.register(what, what.partition(".")[0], *how)
        elif verb == "remove":
            await tonight.remove(what)
        if tonight.model.seq == seq and verb != "register":
            assert await tonight.ground.everything() == before, "what takes no number leaves no trace"
    await tonight.agrees()
    for since in range(tonight.model.seq + 1):
        newer = {pool: row for pool, row in tonight.model.rows().items() if row["seq"] > since}
        assert await tonight.ground.rows(since) == newer
