"""Reporting: clocks, memory, refusals, and odd but good input, on the real store."""

import json
import logging

import pytest

from capacity.board.clocks import rfc3339
from capacity.errors import InvalidBody, StoreUnavailable, UnknownTerritory
from capacity.services.reporting import AT_ONCE
from tests.world import DAY_MS, HOUR_MS, MINUTE_MS, NOW_MS, body_of, may_report, new_id, report, standing_on

POOL = "halte.women"
HELD_SECONDS = 48 * 3600


@pytest.fixture
async def ground(redis_url, territory):
    async with standing_on(redis_url, territory) as ground:
        yield ground


@pytest.fixture
async def halte(ground):
    await ground.open(POOL)
    return ground


async def row_of(ground, pool=POOL):
    return (await ground.rows())[pool]


async def test_a_report_without_a_moment_is_of_now(halte):
    await halte.post(report("count", POOL, occupied=3))
    assert (await row_of(halte))["observed_at"] == rfc3339(NOW_MS)


@pytest.mark.parametrize("skew_ms", [-5 * HOUR_MS, -1, 0, 1, 3 * HOUR_MS, 400 * DAY_MS, -20_000 * DAY_MS])
async def test_a_sender_whose_clock_is_wrong_is_understood(halte, skew_ms):
    said = report("count", POOL, NOW_MS + skew_ms - 10 * MINUTE_MS, occupied=3)
    (result,) = await halte.post(said, sent_ms=NOW_MS + skew_ms)
    assert result["outcome"] == "applied"
    assert result["row"]["observed_at"] == rfc3339(NOW_MS - 10 * MINUTE_MS)


@pytest.mark.parametrize("sent_ms", [None, NOW_MS, NOW_MS - HOUR_MS])
async def test_nothing_is_ever_observed_in_the_future(halte, sent_ms):
    (result,) = await halte.post(report("count", POOL, NOW_MS + 1, occupied=3), sent_ms=sent_ms)
    assert result["row"]["observed_at"] == rfc3339(NOW_MS)


async def test_a_moment_of_another_zone_is_the_same_moment(halte):
    said = {**report("count", POOL, occupied=3), "observed_at": "2026-11-22T23:38:50+01:00"}
    (result,) = await halte.post(said)
    assert result["row"]["observed_at"] == "2026-11-22T22:38:50.000Z"


@pytest.mark.parametrize(
    ("moment", "sent_at"),
    [
        ("0001-01-01T00:00:00+14:00", None),
        ("0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"),
        ("9999-12-31T23:59:59.999999-12:00", None),
        ("9999-12-31T23:59:59Z", "0001-01-01T00:00:00+14:00"),
        ("1969-12-31T23:59:59Z", None),
    ],
)
async def test_the_ends_of_the_calendar_break_nothing(halte, moment, sent_at):
    said = {**report("count", POOL, occupied=3), "observed_at": moment}
    body = json.dumps({"reports": [said]} | ({"sent_at": sent_at} if sent_at else {})).encode()
    (result,) = json.loads(await halte.reporting.post(halte.name, body, may_report()))["results"]
    too_old = result["outcome"] == "rejected" and result["problem"]["type"] == "/problems/too-old"
    assert too_old or result["row"]["observed_at"] == rfc3339(NOW_MS)


async def test_seven_days_are_kept_and_one_millisecond_more_is_refused(halte):
    week_ms = 7 * DAY_MS
    late, refused = await halte.post(
        report("count", POOL, NOW_MS - week_ms, occupied=3), report("count", POOL, NOW_MS - week_ms - 1, occupied=3)
    )
    assert late["outcome"] == "late"
    assert (refused["outcome"], refused["problem"]["type"]) == ("rejected", "/problems/too-old")
    assert [command["id"] for command in (await halte.commands())[1:]] == [late["id"]]


async def test_a_report_of_exactly_a_day_ago_takes_effect(halte):
    (result,) = await halte.post(report("count", POOL, NOW_MS - DAY_MS, occupied=9))
    assert (result["outcome"], result["row"]["occupied"]) == ("applied", 9)


async def test_a_report_older_than_a_day_is_kept_and_changes_nothing_live(halte):
    before = await row_of(halte)
    (result,) = await halte.post(report("count", POOL, NOW_MS - DAY_MS - 1, occupied=9))
    assert (result["outcome"], result["row"]) == ("late", before)
    assert (await halte.commands())[-1]["occupied"] == 9


async def test_a_movement_of_yesterday_still_counts_after_it_was_folded(halte):
    await halte.post(report("movement", POOL, delta=4))
    halte.clock.forward(DAY_MS + HOUR_MS)
    (result,) = await halte.post(report("movement", POOL, delta=1))
    assert result["row"]["occupied"] == 5
    kept = await halte.redis.zrange(halte.keys.movements(POOL), 0, -1)
    assert kept == [f"1:{result['id']}:admin".encode()]


async def test_a_count_of_almost_a_day_ago_still_finds_all_movements_since(halte):
    almost_a_day_ms = DAY_MS - MINUTE_MS
    await halte.post(report("movement", POOL, NOW_MS - almost_a_day_ms + 1, delta=2))
    await halte.post(report("movement", POOL, delta=1))
    (result,) = await halte.post(report("count", POOL, NOW_MS - almost_a_day_ms, occupied=4))
    assert result["row"]["occupied"] == 7


async def test_an_offline_queue_undoes_nothing_that_was_counted_since(halte):
    halte.clock.forward(2 * HOUR_MS)
    await halte.post(report("count", POOL, halte.clock() - MINUTE_MS, occupied=8))
    queue = [
        report("count", POOL, NOW_MS + HOUR_MS, occupied=2),
        report("movement", POOL, NOW_MS + HOUR_MS + 1, delta=1),
        report("movement", POOL, halte.clock() - 1, delta=-3),
    ]
    results = await halte.post(*queue)
    assert [result["outcome"] for result in results] == ["late", "late", "applied"]
    assert (await row_of(halte))["occupied"] == 5


async def test_two_people_who_each_tap_plus_one_make_two(halte):
    await halte.post(report("count", POOL, NOW_MS - 1, occupied=3))
    await halte.post(report("movement", POOL, NOW_MS, delta=1))
    (second,) = await halte.post(report("movement", POOL, NOW_MS, delta=1))
    assert second["row"]["occupied"] == 5


async def test_a_sum_below_zero_is_shown_as_zero_and_not_cut(halte):
    (left,) = await halte.post(report("movement", POOL, delta=-3))
    (came,) = await halte.post(report("movement", POOL, delta=4))
    assert (left["row"]["occupied"], came["row"]["occupied"]) == (0, 1)


async def test_over_capacity_is_a_fact_to_show(halte):
    (result,) = await halte.post(report("count", POOL, occupied=100_000))
    assert (result["row"]["free"], result["row"]["over"]) == (0, 99_990)


async def test_a_closed_pool_keeps_its_true_numbers_and_has_nothing_free(halte):
    await halte.post(report("count", POOL, occupied=3))
    (result,) = await halte.post(report("status", POOL, status="closed"))
    row = result["row"]
    assert (row["status"], row["occupied"], row["capacity"], row["free"], row["over"]) == ("closed", 3, 10, 0, 0)


async def test_an_answer_is_remembered_48_hours(halte):
    (result,) = await halte.post(report("count", POOL, occupied=3))
    remaining = await halte.redis.ttl(halte.keys.answer(result["id"]))
    assert HELD_SECONDS - 60 < remaining <= HELD_SECONDS


async def test_a_refused_report_is_not_remembered(halte):
    said = report("count", "halte.men", occupied=3)
    assert (await halte.post(said))[0]["outcome"] == "rejected"
    await halte.register("halte.men")
    assert (await halte.post(said))[0]["outcome"] == "applied"


async def test_the_same_id_with_another_body_gets_the_first_answer_and_the_log_says_so(halte, caplog):
    first = report("count", POOL, occupied=3)
    (taken,) = await halte.post(first)
    before = await halte.everything()
    with caplog.at_level(logging.WARNING):
        (again,) = await halte.post({**first, "occupied": 4})
        (moved,) = await halte.post({**report("movement", POOL, delta=1), "id": first["id"]})
    assert [(each["outcome"], each["seq"]) for each in (again, moved)] == [("duplicate", taken["seq"])] * 2
    assert await halte.everything() == before
    warned = [record for record in caplog.records if "other body" in record.message]
    assert [record.command for record in warned] == [first["id"]] * 2


async def test_a_resend_is_no_other_body_even_when_its_clock_was_shifted_anew(halte, caplog):
    said = report("count", POOL, NOW_MS - MINUTE_MS, occupied=3)
    await halte.post(said, sent_ms=NOW_MS)
    halte.clock.forward(7_000)
    (again,) = await halte.post(said, sent_ms=NOW_MS + 6_000)
    assert again["outcome"] == "duplicate"
    assert not caplog.records


async def test_a_resend_gets_its_first_answer_even_when_it_has_become_too_old(halte):
    said = report("count", POOL, NOW_MS - 7 * DAY_MS, occupied=3)
    (first,) = await halte.post(said)
    halte.clock.forward(HOUR_MS)
    (again,) = await halte.post(said)
    assert (again["outcome"], again["seq"]) == ("duplicate", first["seq"])


async def test_a_resend_gets_its_first_answer_even_when_the_pool_is_gone(halte):
    said = report("count", POOL, occupied=3)
    (first,) = await halte.post(said)
    await halte.remove(POOL)
    (again,) = await halte.post(said)
    assert (again["outcome"], again["seq"], again["row"]["gone"]) == ("duplicate", first["seq"], True)


async def test_the_same_id_twice_in_one_batch_takes_effect_once(halte):
    said = report("movement", POOL, delta=2)
    first, second = await halte.post(said, {**said, "id": said["id"].upper()})
    assert (first["outcome"], second["outcome"], second["seq"]) == ("applied", "duplicate", first["seq"])
    assert (await row_of(halte))["occupied"] == 2


async def test_a_confirmation_of_a_row_that_has_changed_shows_the_present_one(halte):
    seen = await row_of(halte)
    (counted,) = await halte.post(report("count", POOL, occupied=3))
    (refused,) = await halte.post(report("confirmation", POOL, seq=seen["seq"]))
    assert (refused["outcome"], refused["problem"]["type"]) == ("rejected", "/problems/row-changed")
    assert refused["row"] == counted["row"]


async def test_a_confirmation_makes_the_row_young_and_nothing_else(halte):
    (counted,) = await halte.post(report("count", POOL, NOW_MS - HOUR_MS, occupied=3))
    (confirmed,) = await halte.post(report("confirmation", POOL, seq=counted["seq"]))
    expected = {**counted["row"], "seq": confirmed["seq"], "observed_at": rfc3339(NOW_MS)}
    assert (confirmed["outcome"], confirmed["row"]) == ("applied", expected)


async def test_a_confirmation_of_before_the_newest_report_is_late(halte):
    (counted,) = await halte.post(report("count", POOL, NOW_MS - MINUTE_MS, occupied=3))
    (late,) = await halte.post(report("confirmation", POOL, NOW_MS - MINUTE_MS - 1, seq=counted["seq"]))
    assert (late["outcome"], late["row"]) == ("late", counted["row"])


async def test_an_inventory_moves_only_the_fields_it_names(halte):
    (result,) = await halte.post(report("inventory", POOL, out_of_service=2, reason="pests"))
    row = result["row"]
    assert (row["capacity"], row["extra"], row["out_of_service"], row["free"]) == (10, 0, 2, 8)


async def test_field_by_field_the_newest_inventory_wins(halte):
    newest = report("inventory", POOL, NOW_MS, capacity=12)
    older = report("inventory", POOL, NOW_MS - MINUTE_MS, capacity=5, extra=3)
    oldest = report("inventory", POOL, NOW_MS - HOUR_MS, capacity=1, extra=1)
    results = await halte.post(newest, older, oldest)
    assert [result["outcome"] for result in results] == ["applied", "applied", "late"]
    assert (results[1]["row"]["capacity"], results[1]["row"]["extra"]) == (12, 3)


async def test_the_ledger_is_told_exactly_what_was_said(halte):
    moment = NOW_MS - MINUTE_MS
    sayings = [
        report("count", POOL, moment, occupied=3),
        report("movement", POOL, moment + 1, delta=-2),
        report("inventory", POOL, moment, extra=0, out_of_service=1, reason="pests"),
        report("status", POOL, moment, status="suspended", reason="heating", until="2026-11-23T06:00:00.000Z"),
    ]
    results = await halte.post(*sayings)
    expected = [
        {"seq": result["seq"], "outcome": "applied", **said, "by": "admin", "received_at": rfc3339(NOW_MS)}
        for said, result in zip(sayings, results, strict=True)
    ]
    assert (await halte.commands())[1:] == expected


async def test_each_report_of_a_batch_stands_alone_and_results_keep_its_order(halte):
    bad, unknown = report("count", POOL, occupied=-1), report("count", "no.such", occupied=1)
    good, last = report("count", POOL, occupied=1), report("movement", POOL, delta=1)
    halte.clock.forward(1)
    results = await halte.post(bad, good, unknown, {**last, "observed_at": rfc3339(halte.clock() + 5)})
    assert [result["id"] for result in results] == [each["id"] for each in (bad, good, unknown, last)]
    assert [result["outcome"] for result in results] == ["rejected", "applied", "rejected", "late"]
    problems = [result["problem"]["type"] for result in results if result["outcome"] == "rejected"]
    assert problems == ["/problems/invalid-report", "/problems/unknown-pool"]
    told = [("count", "rejected"), ("count", "applied"), ("count", "rejected"), ("movement", "late")]
    assert halte.observed == told


async def test_a_thousand_reports_take_a_thousand_numbers_in_order(halte):
    results = await halte.post(*(report("movement", POOL, delta=1) for _ in range(1_000)))
    assert [result["seq"] for result in results] == list(range(2, 1_002))
    assert (await row_of(halte))["occupied"] == 1_000


async def test_a_report_that_breaks_inside_the_store_does_not_lose_the_others(halte):
    await halte.register("halte.men")
    await halte.redis.set(halte.keys.facts("halte.broken"), "not a hash")
    good, last = report("count", POOL, occupied=4), report("count", "halte.men", occupied=5)
    with pytest.raises(StoreUnavailable, match="WRONGTYPE"):
        await halte.post(good, report("count", "halte.broken", occupied=1), last)
    rows = await halte.rows()
    assert (rows[POOL]["occupied"], rows["halte.men"]["occupied"]) == (4, 5)
    assert [result["outcome"] for result in await halte.post(good, last)] == ["duplicate"] * 2


@pytest.mark.one_server("it counts the calls of one server")
async def test_a_slice_of_a_batch_is_one_call(halte):
    await halte.redis.config_resetstat()
    results = await halte.post(*(report("movement", POOL, delta=1) for _ in range(AT_ONCE + 2)))
    assert [result["seq"] for result in results] == list(range(2, AT_ONCE + 4))
    assert (await halte.redis.info("commandstats"))["cmdstat_fcall"]["calls"] == 2


async def test_an_unknown_territory_takes_nothing(ground):
    with pytest.raises(UnknownTerritory):
        await ground.post(report("count", POOL, occupied=1))
    assert await ground.everything() == {}


async def test_a_body_that_is_no_batch_takes_nothing_of_it(halte):
    before = await halte.everything()
    body = json.dumps({"reports": [report("count", POOL, occupied=1), {"id": "42"}]}).encode()
    with pytest.raises(InvalidBody):
        await halte.reporting.post(halte.name, body, may_report())
    assert await halte.everything() == before


async def test_a_store_that_has_lost_the_territory_is_unavailable_and_not_unknown(halte):
    await halte.post(report("count", POOL, occupied=1))
    await halte.redis.delete(*await halte.everything())
    with pytest.raises(StoreUnavailable):
        await halte.post(report("count", POOL, occupied=2))
    assert await halte.everything() == {}


async def test_a_store_that_has_lost_the_functions_is_given_them_again(halte):
    await halte.redis.function_delete("capacity")
    results = await halte.post(*(report("movement", POOL, delta=1) for _ in range(3)))
    assert [result["outcome"] for result in results] == ["applied"] * 3


async def test_ids_in_capitals_are_answered_in_small_letters(halte):
    said = report("count", POOL, occupied=1, report_id=new_id().replace("00000000-", "ABCDEF00-"))
    (result,) = json.loads(await halte.reporting.post(halte.name, body_of([said]), may_report()))["results"]
    assert result["id"] == said["id"].lower()
