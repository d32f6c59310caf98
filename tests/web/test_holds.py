"""Holds over HTTP: what wire.md promises, and each named problem with its sentence."""

import pytest

from capacity.board.clocks import rfc3339
from tests.web_fixtures import is_problem
from tests.world import MINUTE_MS, command_id, new_id, report, site

WOMEN, FAMILIES = "halte.women", "halte.families"
AN_HOUR = 60 * MINUTE_MS


@pytest.fixture
async def halte(world):
    await world.put(site("halte", {"id": WOMEN, "capacity": 5}, {"id": FAMILIES, "capacity": 3}))
    return world


class Street:
    """What a team or an operator asks of the service."""

    def __init__(self, client, territory):
        self.client = client
        self.base = f"/v1/territories/{territory}"

    async def hold(self, *lines, hold_id=None, minutes=45, **more):
        lines = [{"pool": pool, "places": places} for pool, places in lines or [(WOMEN, 2)]]
        body = {"id": hold_id or new_id(), "lines": lines, "minutes": minutes, **more}
        return await self.client.post(f"{self.base}/holds", json=body)

    async def act(self, hold, verb, command=None, **more):
        return await self.client.post(f"{self.base}/holds/{hold}/{verb}", json={"id": command or new_id(), **more})

    async def get(self, path):
        return await self.client.get(f"{self.base}/{path}")


@pytest.fixture
def street(client, halte):
    return Street(client, halte.name)


def held(answer):
    assert answer.status_code in (200, 201), answer.text
    return answer.json()["hold"]


async def test_a_hold_is_granted_with_a_code_and_its_rows(street, halte):
    answer = await street.hold((WOMEN, 2), (FAMILIES, 1), party={"women": 2, "children": 1})
    assert answer.status_code == 201
    told = answer.json()
    hold = told["hold"]
    assert answer.headers["location"].endswith(hold["id"])
    assert hold["state"] == "active"
    assert hold["channel"] == "115"
    assert hold["lines"] == [{"pool": WOMEN, "places": 2}, {"pool": FAMILIES, "places": 1}]
    assert hold["party"] == {"women": 2, "men": 0, "children": 1}
    assert hold["expires_at"] == rfc3339(halte.clock() + 45 * MINUTE_MS)
    assert not set(hold["code"]) & set("0O1I")
    assert [(row["pool"], row["held"], row["free"], row["seq"]) for row in told["rows"]] == [
        (WOMEN, 2, 3, hold["seq"]), (FAMILIES, 1, 2, hold["seq"]),
    ]  # fmt: skip
    assert await halte.rows(hold["seq"] - 1) == {row["pool"]: row for row in told["rows"]}


async def test_the_same_id_again_is_the_same_hold_and_takes_no_number(street, halte):
    first = await street.hold(hold_id=command_id(900))
    again = await street.hold(hold_id=command_id(900))
    other = await street.hold((WOMEN, 5), hold_id=command_id(900))
    assert (again.status_code, other.status_code) == (200, 200)
    assert first.json() == again.json() == other.json()
    assert await halte.seq() == first.json()["hold"]["seq"]


async def test_all_lines_or_none(street, halte):
    refused = await street.hold((WOMEN, 2), (FAMILIES, 4))
    assert is_problem(refused, 409, "no-free-place")
    assert [(row["pool"], row["held"]) for row in refused.json()["rows"]] == [(WOMEN, 0), (FAMILIES, 0)]
    assert (await street.get("holds")).json() == {"holds": []}
    assert await halte.seq() == 2


async def test_arrival_makes_the_held_occupied(street):
    hold = held(await street.hold((WOMEN, 2)))
    answer = await street.act(hold["id"], "arrival")
    assert held(answer)["state"] == "arrived"
    (row,) = answer.json()["rows"]
    assert (row["held"], row["occupied"], row["free"]) == (0, 2, 3)


async def test_of_fewer_who_arrive_the_rest_is_released(street):
    hold = held(await street.hold((WOMEN, 3), (FAMILIES, 2)))
    answer = await street.act(hold["id"], "arrival", lines=[{"pool": WOMEN, "places": 1}])
    assert held(answer)["arrived"] == [{"pool": WOMEN, "places": 1}, {"pool": FAMILIES, "places": 0}]
    rows = {row["pool"]: row for row in answer.json()["rows"]}
    assert (rows[WOMEN]["held"], rows[WOMEN]["occupied"]) == (0, 1)
    assert (rows[FAMILIES]["held"], rows[FAMILIES]["occupied"]) == (0, 0)


async def test_more_than_was_held_cannot_arrive(street):
    hold = held(await street.hold((WOMEN, 2)))
    for lines in ([{"pool": WOMEN, "places": 3}], [{"pool": FAMILIES, "places": 1}]):
        answer = await street.act(hold["id"], "arrival", lines=lines)
        assert is_problem(answer, 409, "more-than-held")
    assert held(await street.get(f"holds/{hold['id']}"))["state"] == "active"


@pytest.mark.parametrize("reason", ["cancelled", "no_show", "refused", "full_on_arrival"])
async def test_a_release_gives_the_places_back_with_its_reason(street, reason):
    hold = held(await street.hold())
    answer = await street.act(hold["id"], "release", reason=reason)
    ended = held(answer)
    assert (ended["state"], ended["reason"]) == ("released", reason)
    assert answer.json()["rows"][0]["free"] == 5


async def test_a_hold_ended_from_both_sides_ends_once(street, halte):
    hold = held(await street.hold())
    first = await street.act(hold["id"], "arrival", command_id(901))
    second = await street.act(hold["id"], "release", reason="no_show")
    assert is_problem(second, 409, "hold-ended")
    assert second.json()["hold"] == held(first)
    resent = await street.act(hold["id"], "arrival", command_id(901))
    assert resent.json() == first.json()
    assert await halte.seq() == held(first)["seq"]


async def test_an_extension_moves_the_end_within_four_hours(street, halte):
    hold = held(await street.hold(minutes=45))
    extended = held(await street.act(hold["id"], "extension", minutes=30))
    assert extended["expires_at"] == rfc3339(halte.clock() + 75 * MINUTE_MS)
    assert is_problem(await street.act(hold["id"], "extension", minutes=240), 422, "hold-too-long")
    halte.clock.forward(74 * MINUTE_MS)
    assert await halte.expiring.end_due() == 0


async def test_a_hold_expires_at_its_time_once(street, halte):
    await halte.expiring._list()
    hold = held(await street.hold(minutes=5))
    halte.clock.forward(5 * MINUTE_MS - 1)
    assert await halte.expiring.end_due() == 0
    halte.clock.forward(30_001)
    assert await halte.expiring.end_due() == 1
    assert await halte.expiring.end_due() == 0
    answer = await street.get(f"holds/{hold['id']}")
    ended = held(answer)
    assert (ended["state"], ended["ended_at"]) == ("expired", hold["expires_at"])
    assert answer.json()["rows"][0]["held"] == 0
    command = (await halte.commands())[-1]
    assert command["type"] == "hold_expired"
    assert command["observed_at"] == hold["expires_at"]
    assert command["received_at"] == rfc3339(halte.clock())


async def test_an_arrival_after_the_end_is_told_whether_it_can_be_held_again(street, halte):
    hold = held(await street.hold((WOMEN, 2), minutes=5))
    halte.clock.forward(6 * MINUTE_MS)
    late = await street.act(hold["id"], "arrival")
    assert is_problem(late, 409, "hold-ended")
    assert (late.json()["hold"]["state"], late.json()["again"]) == ("expired", True)
    held(await street.hold((WOMEN, 4)))
    later = await street.act(hold["id"], "arrival")
    assert later.json()["again"] is False
    assert later.json()["rows"][0]["free"] == 1


@pytest.mark.parametrize(
    ("status", "slug"), [("closed", "pool-closed"), ("draining", "pool-draining"), ("suspended", "pool-suspended")]
)
async def test_a_pool_that_is_not_open_takes_no_hold(street, halte, status, slug):
    await halte.post(report("status", WOMEN, status=status))
    refused = await street.hold((FAMILIES, 1), (WOMEN, 1))
    assert is_problem(refused, 409, slug)
    assert len(refused.json()["rows"]) == 2


async def test_holds_outlive_a_closing_and_end_with_the_pool(street, halte):
    hold = held(await street.hold((WOMEN, 2), (FAMILIES, 2)))
    await halte.post(report("status", WOMEN, status="closed"))
    assert held(await street.get(f"holds/{hold['id']}"))["state"] == "active"
    await halte.put(site("halte", {"id": FAMILIES, "capacity": 3}))
    answer = await street.get(f"holds/{hold['id']}")
    assert (held(answer)["state"], held(answer)["reason"]) == ("released", "pool_gone")
    assert (await halte.rows())[FAMILIES]["held"] == 0
    assert is_problem(await street.hold((WOMEN, 1)), 410, "pool-gone")


async def test_unknown_things_are_named(street, client, halte):
    assert is_problem(await street.hold(("nowhere", 1)), 404, "unknown-pool")
    assert is_problem(await street.get(f"holds/{command_id(1)}"), 404, "unknown-hold")
    assert is_problem(await street.get("holds/none-such"), 404, "unknown-hold")
    assert is_problem(await street.act(command_id(1), "arrival"), 404, "unknown-hold")
    assert is_problem(await street.get("holds?site=nowhere"), 404, "unknown-site")
    elsewhere = Street(client, "nowhere")
    assert is_problem(await elsewhere.hold(), 404, "unknown-territory")
    assert is_problem(await elsewhere.get("holds"), 404, "unknown-territory")
    assert is_problem(await elsewhere.act(command_id(1), "arrival"), 404, "unknown-territory")


@pytest.mark.parametrize(
    "wrong",
    [
        {"lines": []},
        {"lines": [{"pool": WOMEN, "places": 0}]},
        {"lines": [{"pool": WOMEN, "places": 51}]},
        {"lines": [{"pool": WOMEN, "places": 1}] * 2},
        {"lines": [{"pool": f"p{n}", "places": 1} for n in range(6)]},
        {"minutes": 0},
        {"minutes": 4},
        {"minutes": 241},
        {"minutes": 10_000},
        {"minutes": "45"},
        {"id": "no-uuid"},
        {"party": {"women": 0}},
        {"party": {"women": 51}},
        {"party": {"names": ["…"]}},
        {"channel": "friend"},
        {"note": "free text"},
    ],
)
async def test_a_body_of_another_shape_is_refused_and_holds_nothing(street, client, halte, wrong):
    body = {"id": new_id(), "lines": [{"pool": WOMEN, "places": 1}], "minutes": 45, **wrong}
    answer = await client.post(f"{street.base}/holds", json=body)
    assert is_problem(answer, 422, "invalid-body")
    assert answer.json()["errors"]
    assert await halte.seq() == 2


async def test_an_id_of_another_command_holds_nothing(street, halte):
    await halte.post(report("count", WOMEN, occupied=1, report_id=command_id(902)))
    assert is_problem(await street.hold(hold_id=command_id(902)), 409, "id-taken")
    one, other = held(await street.hold((WOMEN, 1))), held(await street.hold((WOMEN, 1)))
    held(await street.act(one["id"], "release", command_id(903), reason="cancelled"))
    assert is_problem(await street.act(other["id"], "release", command_id(903), reason="cancelled"), 409, "id-taken")


async def test_the_holds_of_a_site_are_its_own_soonest_end_first(street, halte):
    await halte.put(site("other", {"id": "other.men", "capacity": 5}))
    late = held(await street.hold((WOMEN, 1), minutes=60))
    soon = held(await street.hold((FAMILIES, 1), minutes=10))
    held(await street.hold(("other.men", 1), minutes=20))
    listed = (await street.get("holds?site=halte")).json()["holds"]
    assert listed == [soon, late]
    assert len((await street.get("holds")).json()["holds"]) == 3


async def test_a_contingent_is_kept_until_its_hour(street, halte):
    until = rfc3339(halte.clock() + AN_HOUR)
    kept = {"channel": "maraude", "places": 4, "until": until}
    answer = await street.client.put(f"{street.base}/pools/{WOMEN}/contingents", json={"contingents": [kept]})
    assert answer.json()["contingents"] == answer.json()["row"]["contingents"] == [kept]
    assert is_problem(await street.hold((WOMEN, 2)), 409, "no-free-place")
    held(await street.hold((WOMEN, 2), channel="maraude"))
    row = (await halte.rows())[WOMEN]
    assert row["contingents"] == [{**kept, "held": 2}]
    assert (await street.hold((WOMEN, 1))).status_code == 201
    assert is_problem(await street.hold((WOMEN, 1)), 409, "no-free-place")
    halte.clock.forward(AN_HOUR)
    await halte.expiring._list()
    await halte.expiring.end_due()
    row = (await halte.rows())[WOMEN]
    assert (row["contingents"], row["free"]) == ([], 5)
    ended = (await halte.commands())[-1]
    assert (ended["type"], ended["observed_at"]) == ("contingents_ended", until)


async def test_contingents_of_another_shape_are_refused(street, halte):
    address = f"{street.base}/pools/{WOMEN}/contingents"
    ahead, past = rfc3339(halte.clock() + AN_HOUR), rfc3339(halte.clock())
    for wrong in (
        [{"channel": "115", "places": 0, "until": ahead}],
        [{"channel": "115", "places": 1, "until": past}],
        [{"channel": "115", "places": 1, "until": "2199-01-01T00:00:00Z"}],
        [{"channel": "115", "places": 1, "until": ahead}] * 2,
        [{"channel": "115", "places": 1}],
    ):
        answer = await street.client.put(address, json={"contingents": wrong})
        assert is_problem(answer, 422, "invalid-body"), wrong
    unknown = f"{street.base}/pools/nowhere/contingents"
    assert is_problem(await street.client.put(unknown, json={"contingents": []}), 404, "unknown-pool")
    same = await street.client.put(address, json={"contingents": []})
    assert same.status_code == 200
    assert await halte.seq() == 2


async def test_what_the_other_side_says_is_kept_and_disputed(street, halte):
    hold = held(await street.hold())
    assert is_problem(await street.act(hold["id"], "statement", side="team", says="arrived"), 409, "hold-active")
    held(await street.act(hold["id"], "release", reason="no_show"))
    told = held(await street.act(hold["id"], "statement", side="site", says="no_show"))
    assert told["disputed"] is False
    told = held(await street.act(hold["id"], "statement", side="team", says="full_on_arrival"))
    assert told["disputed"] is True
    assert {(one["side"], one["says"]) for one in told["statements"]} == {
        ("site", "no_show"), ("team", "full_on_arrival"),
    }  # fmt: skip
    assert (await halte.commands())[-1]["says"] == "full_on_arrival"
