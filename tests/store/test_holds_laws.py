"""Law 5 on random nights: whatever is asked in whatever order, a place is promised once, and every hold ends once.

A machine of Hypothesis asks the services on the real store and a small model the same things, and compares.
"""

import asyncio
import itertools
import json
import logging
from contextlib import AsyncExitStack

from hypothesis import event, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, multiple, rule, run_state_machine_as_test

from capacity.board.clocks import rfc3339
from capacity.services.holding import Holding
from capacity.store.holds import HoldStore, Moment
from capacity.wire.holds import ArrivalBody, ContingentsBody, ExtensionBody, HoldBody, ReleaseBody, StatementBody
from tests.store.reference import Said
from tests.store.reference_holds import CHANNELS, HoldsModel, lines_of
from tests.store.test_laws import never_lies
from tests.world import HOUR_MS, MINUTE_MS, NOW_MS, Ground, HandClock, command_id, report, standing_on

POOLS = ("halte.women", "halte.men", "halte.families")
SITES = ("halte", "other")
FAR_LIMIT_MS = 240 * MINUTE_MS

# So few that the same one is often given to two commands, which senders are told never to do.
ids = st.integers(1, 400).map(command_id)
pools = st.sampled_from(POOLS)
some_places = st.sampled_from([1, 1, 2, 3, 4, 6, 50])
some_lines = st.dictionaries(pools, some_places, min_size=1, max_size=len(POOLS))
channels = st.sampled_from(CHANNELS)
pauses = st.sampled_from([1, 1_000, MINUTE_MS, 5 * MINUTE_MS - 1, 5 * MINUTE_MS, HOUR_MS, 4 * HOUR_MS, 30 * HOUR_MS])
kept = st.lists(
    st.tuples(channels, st.integers(1, 8), st.sampled_from([MINUTE_MS, 6 * MINUTE_MS, HOUR_MS, 3 * HOUR_MS])),
    max_size=3, unique_by=lambda entry: entry[0],
)  # fmt: skip
sayings = st.one_of(
    st.tuples(st.just("count"), st.fixed_dictionaries({"occupied": st.integers(0, 14)})),
    st.tuples(st.just("movement"), st.fixed_dictionaries({"delta": st.sampled_from([1, 2, -1, -3])})),
    st.tuples(st.just("inventory"), st.fixed_dictionaries({"capacity": st.integers(0, 12)})),
    st.tuples(st.just("inventory"), st.fixed_dictionaries({"out_of_service": st.integers(0, 5)})),
    st.tuples(st.just("status"), st.fixed_dictionaries({"status": st.sampled_from(["open", "open", "draining"])})),
    st.tuples(st.just("status"), st.fixed_dictionaries({"status": st.sampled_from(["suspended", "closed", "open"])})),
)

_territories = itertools.count(1)


class Holds(RuleBasedStateMachine):
    """One territory, asked by everybody at once."""

    holds = Bundle("holds")

    def __init__(self, runner: asyncio.Runner, ground: Ground) -> None:
        super().__init__()
        self.run = runner.run
        self.ground = Ground(ground.live, ground.redis, f"holds-{next(_territories)}", HandClock(NOW_MS))
        self.clock, self.model = self.ground.clock, HoldsModel()
        self.edits = itertools.count(2**41)
        signs = itertools.count()
        self.holding = Holding(
            ground.live, clock=self.clock, pick=lambda text: text[next(signs) % len(text)],
            new_id=lambda: command_id(next(self.edits)), observe=lambda *_: None,
        )  # fmt: skip
        self.run(self.ground.open())
        for pool in POOLS[:2]:
            self.register(pool, "halte", 10)

    # What teams, operators and sites ask

    @rule(target=holds, hold_id=ids, lines=some_lines, channel=channels, minutes=st.sampled_from([5, 5, 6, 45, 240]))
    def create(self, hold_id, lines, channel, minutes):
        return hold_id if self.ask_for(hold_id, lines, channel, minutes) == "done" else multiple()

    @rule(hold_id=holds, lines=some_lines, channel=channels)
    def create_again(self, hold_id, lines, channel):
        assert self.ask_for(hold_id, lines, channel, 45) == "duplicate"

    def ask_for(self, hold_id, lines, channel, minutes):
        now = self.clock()
        body = {"id": hold_id, "lines": lines_of(lines), "minutes": minutes, "channel": channel}
        before = self.rows()
        verdict = self.run(self.holding.create(self.ground.name, HoldBody.model_validate(body)))
        expected = self.model.create(hold_id, channel, lines, now + minutes * MINUTE_MS, now)
        if expected[0] == "refused":
            self.compare(verdict, expected, None, lines)
        else:
            self.compare(verdict, expected, hold_id, self.model.holds[hold_id].lines)
        if verdict.outcome == "done":
            rows = self.rows()
            for pool in lines:
                assert rows[pool]["over"] == 0, "promised beyond what there is"
                assert rows[pool]["free"] <= before[pool]["free"] + before[pool]["held"]
        return verdict.outcome

    @rule(hold_id=holds, command=ids, lines=st.just({}) | some_lines)
    def arrive(self, hold_id, command, lines):
        body = ArrivalBody.model_validate({"id": command} | ({"lines": lines_of(lines)} if lines else {}))
        self.act("arrive", hold_id, command, {"lines": lines}, self.holding.arrive(self.ground.name, hold_id, body))

    @rule(hold_id=holds, command=ids, reason=st.sampled_from(["cancelled", "no_show", "refused", "full_on_arrival"]))
    def release(self, hold_id, command, reason):
        body = ReleaseBody.model_validate({"id": command, "reason": reason})
        self.act("release", hold_id, command, {"reason": reason}, self.holding.release(self.ground.name, hold_id, body))

    @rule(hold_id=holds, command=ids, minutes=st.sampled_from([5, 60, 236, 240]))
    def extend(self, hold_id, command, minutes):
        body = ExtensionBody.model_validate({"id": command, "minutes": minutes})
        said = {"by": minutes * MINUTE_MS, "latest": self.clock() + FAR_LIMIT_MS}
        self.act("extend", hold_id, command, said, self.holding.extend(self.ground.name, hold_id, body))

    @rule(
        hold_id=holds, command=ids, side=st.sampled_from(["team", "site"]),
        says=st.sampled_from(["arrived", "no_show", "refused", "full_on_arrival"]),
    )  # fmt: skip
    def tell(self, hold_id, command, side, says):
        said = {"side": side, "says": says}
        body = StatementBody.model_validate({"id": command, **said})
        self.act("tell", hold_id, command, said, self.holding.testify(self.ground.name, hold_id, body))

    @rule(hold_id=ids, command=ids)
    def arrive_at_any_id(self, hold_id, command):
        body = ArrivalBody.model_validate({"id": command})
        self.act("arrive", hold_id, command, {"lines": {}}, self.holding.arrive(self.ground.name, hold_id, body))

    def act(self, verb, hold_id, command, said, asked):
        verdict = self.run(asked)
        expected = self.model.act(verb, command, hold_id, self.clock(), said)
        known = self.model.holds.get(hold_id)
        has_hold = known is not None and expected[1] != "id-taken"
        self.compare(verdict, expected, hold_id if has_hold else None, known.lines if known else {})

    def compare(self, verdict, expected, hold_id, lines):
        note = "" if verdict.note == "other-body" else verdict.note
        event(f"{verdict.outcome} {note}")
        assert (verdict.outcome, note) == expected
        if hold_id is None:
            assert verdict.hold == b""
        else:
            assert self.shown(verdict.hold) == self.model.holds[hold_id].shown()
        rows = self.model.rows()
        if expected[1] not in ("id-taken", "unknown-hold", "hold-active"):
            assert [json.loads(row) for row in verdict.rows] == [rows[pool] for pool in lines if pool in rows]

    @staticmethod
    def shown(hold):
        told = json.loads(hold)
        assert told.pop("party") is None
        del told["code"]
        return told

    # What goes on meanwhile

    @rule(pool=pools, saying=sayings, report_id=ids, age=st.sampled_from([0, 0, 1, MINUTE_MS, HOUR_MS]))
    def say(self, pool, saying, report_id, age):
        kind, fields = saying
        now = self.clock()
        (result,) = self.run(
            self.ground.post(report(kind, pool, now - age, report_id=report_id, **fields), sent_ms=now)
        )
        outcome, seq, row = self.model.take(pool, Said(report_id, kind, now - age, fields), now)
        assert result["outcome"] == outcome
        if outcome == "rejected":
            assert result["problem"]["type"] == seq
        else:
            assert (result["seq"], result["row"]) == (seq, row)

    @rule(pool=pools, entries=kept)
    def keep(self, pool, entries):
        now = self.clock()
        entries = [(channel, places, now + ahead) for channel, places, ahead in entries]
        bodies = [{"channel": each, "places": places, "until": rfc3339(until)} for each, places, until in entries]
        asked = ContingentsBody.model_validate({"contingents": bodies})
        store = HoldStore(self.ground.live)
        moments = [(one.channel.value, one.places, Moment(until, rfc3339(until)))
                   for one, (_, _, until) in zip(asked.contingents, entries, strict=True)]  # fmt: skip
        told = self.run(
            store.keep_contingents(
                self.ground.name, command_id(next(self.edits)), pool, moments, Moment(now, rfc3339(now))
            )
        )
        expected = self.model.keep(pool, entries)
        if expected in ("done", "same"):
            assert (told[0], json.loads(told[1])) == (expected, self.model.rows()[pool])
        else:
            assert told == ("refused", expected.encode())

    @rule(pool=pools, site=st.sampled_from(["halte", "halte", "other"]), capacity=st.sampled_from([7, 10]))
    def register(self, pool, site, capacity):
        edit_id = command_id(next(self.edits))
        self.run(self.ground.register(pool, site=site, capacity=capacity, edit_id=edit_id))
        self.model.register(pool, edit_id, site, capacity, 7200, self.clock())

    @rule(pool=pools)
    def remove(self, pool):
        edit_id = command_id(next(self.edits))
        self.run(self.ground.remove(pool, edit_id=edit_id))
        self.model.take_off(pool, edit_id, self.clock())

    @rule(ms=pauses)
    def wait(self, ms):
        self.clock.forward(ms)

    @rule(most=st.sampled_from([1, 2, 200]))
    def expire(self, most):
        now = self.clock()
        ended, soonest = self.run(HoldStore(self.ground.live).expire(self.ground.name, Moment(now, rfc3339(now)), most))
        assert ended == self.model.expire(now, most)
        if most == 200:
            assert soonest is None or soonest > now or self.has_hours(now)

    def has_hours(self, now):
        return any(until <= now for pool in self.model.pools.values() for _, _, until in pool.contingents)

    # What must hold

    def rows(self):
        return self.run(self.ground.rows())

    @invariant()
    def the_board_is_the_model(self):
        rows = self.rows()
        assert rows == self.model.rows()
        assert all("gone" in row or never_lies(row) for row in rows.values())

    @invariant()
    def nothing_but_the_active_holds_is_held(self):
        self.run(self.look_at_the_keys())

    async def look_at_the_keys(self):
        """Every key that says what is held says the same."""
        redis, tag, active = self.ground.node, "{" + self.ground.name + "}:", self.model.active()
        living = list(self.model.pools)
        async with redis.pipeline(transaction=True) as instant:
            instant.zrange(tag + "holds", 0, -1, withscores=True)
            instant.hgetall(tag + "codes")
            instant.zrange(tag + "contingents", 0, -1, withscores=True)
            for pool in POOLS:
                instant.smembers(tag + "promises:" + pool)
            for pool in living:
                instant.hmget(tag + "pool:" + pool, ["held", *(f"held_{channel}" for channel in CHANNELS)])
            by_end, codes, hours, *rest = await instant.execute()
        assert [(hold.decode(), int(end)) for hold, end in by_end] == [(hold.id, hold.expires) for hold in active]
        assert sorted(hold.decode() for hold in codes.values()) == sorted(hold.id for hold in active)
        expected = {name: min(until for *_, until in pool.contingents)
                    for name, pool in self.model.pools.items() if pool.contingents}  # fmt: skip
        assert {pool.decode(): int(end) for pool, end in hours} == expected
        for pool, promises in zip(POOLS, rest[: len(POOLS)], strict=True):
            assert {each.decode() for each in promises} == {hold.id for hold in active if pool in hold.lines}
        for pool, facts in zip(living, rest[len(POOLS) :], strict=True):
            model = self.model.pools[pool]
            told = [int(value or 0) for value in facts]
            assert told == [model.held(pool), *(model.held(pool, channel) for channel in CHANNELS)]

    def teardown(self):
        """Each number was given once, and the stream alone leads to the board."""
        stream = self.run(self.ground.stream())
        assert [entry.seq for entry in stream] == list(range(1, self.model.seq + 1))
        commands = [json.loads(entry.command) for entry in stream]
        assert len({command["id"] for command in commands}) == len(commands)
        told = [
            (command["id"], command["hold"], command["type"]) if "hold" in command
            else (command["id"], command["pool"], command["type"] if "contingents" in command else command["outcome"])
            for command in commands
        ]  # fmt: skip
        for (command, what, how), expected in zip(told, self.model.numbered, strict=True):
            assert (what, how) == expected[1:]
            assert expected[0] in (command, HoldsModel.DERIVED)
        last, held = {}, {}
        for entry, command in zip(stream, commands, strict=True):
            last |= {change.pool: json.loads(change.row) for change in entry.rows}
            self.add_up(held, command)
            for change in entry.rows:
                assert held.get(change.pool, 0) == last[change.pool].get("held", 0)
        assert last == self.rows()

    @staticmethod
    def add_up(held, command):
        """What the commands alone say is held."""
        sign = {"hold_created": 1, "hold_arrived": -1, "hold_released": -1, "hold_expired": -1}.get(command["type"], 0)
        for line in command.get("lines", ()):
            held[line["pool"]] = held.get(line["pool"], 0) + sign * line["places"]
            assert held[line["pool"]] >= 0


def test_a_place_is_promised_once_and_every_hold_ends_once(redis_url, caplog):
    caplog.set_level(logging.ERROR)  # that senders give an id twice is a warning each time
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()
        ground = runner.run(stack.enter_async_context(standing_on(redis_url, "of-holds")))
        try:
            run_state_machine_as_test(
                lambda: Holds(runner, ground), settings=settings(settings(), stateful_step_count=40, deadline=None)
            )
        finally:
            runner.run(stack.aclose())
