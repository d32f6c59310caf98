"""The wire contract, line by line, from outside: only addresses, bodies and statuses. Source: wire.md."""

import json
import re

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from tests.serving import in_one_task, server_on
from tests.web_fixtures import is_problem
from tests.world import HOUR_MS, MINUTE_MS, body_of, command_id, report

RFC3339_MS = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
ROW = [
    "pool", "site", "seq", "status", "capacity", "extra", "out_of_service", "occupied", "held", "free", "over",
    "observed_at", "fresh_for", "contingents",
]  # fmt: skip
SITE = {
    "id": "halte-hotel-de-ville",
    "name": "Halte femmes",
    "kind": "women_halte",
    "visibility": "public",
    "address": "5 rue de Lobau",
    "position": {"lat": 48.8566, "lon": 2.3522},
    "phone": "115",
    "opening_hours": "Mo-Su 18:00-08:00",
    "organisation": "Samusocial",
    "pools": [
        {
            "id": "halte-hotel-de-ville.women",
            "unit": "room",
            "sleeps": 2,
            "audience": "women",
            "traits": ["wheelchair", "pets"],
            "capacity": 39,
            "fresh_for": 3600,
        }
    ],
}
POOL = "halte-hotel-de-ville.women"


class Outside:
    """A client that knows nothing but the contract."""

    def __init__(self, http, territory):
        self.http = http
        self.base = f"/v1/territories/{territory}"

    async def put(self, site=SITE):
        return await self.http.put(f"{self.base}/sites/{site['id']}", json=site)

    async def board(self, **query):
        return await self.http.get(f"{self.base}/board", params=query)

    async def post(self, *reports, sent_ms=None):
        content = body_of(reports, sent_ms)
        answer = await self.http.post(f"{self.base}/reports", content=content)
        assert answer.status_code == 200, answer.text
        return answer.json()["results"]

    async def reached(self, seq):
        """The whole board once it is at a number; other processes may be a moment behind the answer."""
        while True:
            board = (await self.board()).json()
            if board["seq"] >= seq:
                return board

    def feed(self, **query):
        asked = "&".join(f"{name}={value}" for name, value in query.items())
        return connect(f"ws{str(self.http.base_url)[4:].rstrip('/')}{self.base}/feed?{asked}")


@pytest.fixture
async def outside(http, world):
    outside = Outside(http, world.name)
    assert (await outside.put()).status_code == 201
    return outside


async def test_a_site_comes_back_as_it_went_in(outside):
    assert (await outside.http.get(f"{outside.base}/sites")).json() == {"sites": [SITE]}


async def test_the_board_has_one_shape(outside):
    board = (await outside.board()).json()
    assert list(board) == ["epoch", "since", "seq", "server_time", "complete", "rows"]
    assert (board["since"], board["complete"]) == (None, True)
    assert RFC3339_MS.fullmatch(board["server_time"])
    (row,) = board["rows"]
    assert list(row) == ROW
    assert (row["pool"], row["site"], row["free"], row["observed_at"], row["fresh_for"]) == (
        POOL,
        SITE["id"],
        39,
        None,
        3600,
    )


async def test_a_reader_gets_what_was_stamped_later_and_all_of_another_epoch(outside):
    first = (await outside.board()).json()
    (result,) = await outside.post(report("count", POOL, occupied=36))
    await outside.reached(result["seq"])
    later = (await outside.board(since=first["seq"], epoch=first["epoch"])).json()
    assert (later["complete"], later["since"], later["seq"]) == (False, first["seq"], result["seq"])
    assert [row["occupied"] for row in later["rows"]] == [36]
    assert (await outside.board(since=later["seq"], epoch=first["epoch"])).json()["rows"] == []
    for query in ({"since": later["seq"]}, {"since": later["seq"], "epoch": "another"}, {"epoch": first["epoch"]}):
        board = (await outside.board(**query)).json()
        assert (board["complete"], board["since"], len(board["rows"])) == (True, None, 1), query


async def test_the_board_answers_304_to_who_has_it(outside):
    first = await outside.board()
    known = {"If-None-Match": first.headers["etag"]}
    assert (await outside.http.get(f"{outside.base}/board", headers=known)).status_code == 304
    (result,) = await outside.post(report("count", POOL, occupied=1))
    await outside.reached(result["seq"])
    assert (await outside.http.get(f"{outside.base}/board", headers=known)).status_code == 200


async def test_a_pool_that_is_gone_comes_as_a_tombstone(outside):
    first = (await outside.board()).json()
    assert (await outside.http.delete(f"{outside.base}/sites/{SITE['id']}")).status_code == 204
    await outside.reached(first["seq"] + 1)
    later = (await outside.board(since=first["seq"], epoch=first["epoch"])).json()
    assert later["rows"] == [{"pool": POOL, "seq": first["seq"] + 1, "gone": True}]


async def test_the_feed_begins_with_the_catch_up_and_goes_on_with_the_rows_that_change(outside):
    first = (await outside.board()).json()
    async with outside.feed(since=first["seq"], epoch=first["epoch"]) as reader:
        caught_up = json.loads(await reader.recv())
        assert (caught_up["complete"], caught_up["rows"]) == (False, [])
        (result,) = await outside.post(report("count", POOL, occupied=7))
        while not (message := json.loads(await reader.recv()))["rows"]:
            pass
        assert list(message) == list(first)
        assert (message["seq"], [row["occupied"] for row in message["rows"]]) == (result["seq"], [7])


async def test_the_feed_offers_compression(outside):
    async with outside.feed() as reader:
        assert "permessage-deflate" in reader.response.headers["sec-websocket-extensions"]
        assert json.loads(await reader.recv())["complete"]


async def test_the_feed_of_an_unknown_territory_is_not_there(http):
    with pytest.raises(InvalidStatus) as refused:
        await connect(f"ws{str(http.base_url)[4:].rstrip('/')}/v1/territories/nowhere/feed")
    assert refused.value.response.status_code == 404


async def test_all_five_types_are_applied(outside, world):
    seen = (await outside.board()).json()["rows"][0]["seq"]
    confirmed, *_ = await outside.post(report("confirmation", POOL, seq=seen))
    results = await outside.post(
        report("count", POOL, world.clock() - MINUTE_MS, occupied=28),
        report("movement", POOL, delta=2),
        report("inventory", POOL, extra=10, out_of_service=1, reason="pests"),
        report("status", POOL, status="suspended", reason="heating", until="2026-11-23T06:00:00.000Z"),
    )
    assert [one["outcome"] for one in (confirmed, *results)] == ["applied"] * 5
    assert [one["seq"] for one in results] == list(range(results[0]["seq"], results[0]["seq"] + 4))
    row = results[-1]["row"]
    assert (row["capacity"], row["extra"], row["out_of_service"], row["occupied"]) == (39, 10, 1, 30)
    assert (row["status"], row["free"]) == ("suspended", 0)


async def test_the_same_id_again_is_a_duplicate_with_the_first_number(outside):
    said = report("count", POOL, occupied=3)
    (first,) = await outside.post(said)
    (again,) = await outside.post({**said, "occupied": 5})
    assert (again["outcome"], again["seq"], again["row"]["occupied"]) == ("duplicate", first["seq"], 3)


async def test_a_report_that_comes_too_late_is_kept_and_changes_nothing(outside, world):
    now = world.clock()
    await outside.post(report("count", POOL, now - MINUTE_MS, occupied=20))
    (late,) = await outside.post(report("count", POOL, now - HOUR_MS, occupied=9))
    assert (late["outcome"], late["row"]["occupied"]) == ("late", 20)
    assert late["seq"]


async def test_a_confirmation_of_a_row_that_has_changed_is_rejected_with_the_present_row(outside):
    seen = (await outside.board()).json()["rows"][0]["seq"]
    await outside.post(report("count", POOL, occupied=12))
    (refused,) = await outside.post(report("confirmation", POOL, seq=seen))
    assert (refused["outcome"], refused["problem"]["type"]) == ("rejected", "/problems/row-changed")
    assert refused["row"]["occupied"] == 12
    assert refused.get("seq") is None


async def test_each_bad_report_is_rejected_by_itself(outside, world):
    eight_days = world.clock() - 8 * 24 * HOUR_MS
    reports = {
        "/problems/unknown-pool": report("count", "nowhere", occupied=1),
        "/problems/too-old": report("count", POOL, eight_days, occupied=1),
        "/problems/invalid-report": report("movement", POOL, delta=0),
    }
    *refused, good = await outside.post(*reports.values(), report("count", POOL, occupied=1))
    assert [(one["outcome"], one["problem"]["type"]) for one in refused] == [("rejected", kind) for kind in reports]
    assert good["outcome"] == "applied"


async def test_the_bounds_are_those_of_the_contract(outside):
    fit = [("count", {"occupied": n}) for n in (0, 100_000)] + [("movement", {"delta": n}) for n in (-1000, 1000)]
    fit += [("inventory", {name: n}) for name in ("capacity", "extra", "out_of_service") for n in (0, 100_000)]
    unfit = [("count", {"occupied": n}) for n in (-1, 100_001)] + [("movement", {"delta": n}) for n in (-1001, 0, 1001)]
    unfit += [("inventory", {name: n}) for name in ("capacity", "extra", "out_of_service") for n in (-1, 100_001)]
    results = await outside.post(*(report(kind, POOL, **fields) for kind, fields in [*fit, *unfit]))
    outcomes = [one["outcome"] for one in results]
    assert "rejected" not in outcomes[: len(fit)]
    assert set(outcomes[len(fit) :]) == {"rejected"}


async def test_a_batch_has_one_to_a_thousand_reports(outside):
    reports = [report("movement", POOL, delta=1, id=command_id(10**9 + n)) for n in range(1000)]
    assert {one["outcome"] for one in await outside.post(*reports)} == {"applied"}
    for count in (0, 1001):
        content = body_of([report("movement", POOL, delta=1)] * count)
        answer = await outside.http.post(f"{outside.base}/reports", content=content)
        assert is_problem(answer, 422, "invalid-body")


async def test_a_senders_clock_is_put_right(outside, world):
    hour_ahead = world.clock() + HOUR_MS
    (result,) = await outside.post(report("count", POOL, hour_ahead - MINUTE_MS, occupied=1), sent_ms=hour_ahead)
    assert result["row"]["observed_at"] == "2026-11-22T22:40:07.120Z"
    (result,) = await outside.post(report("count", POOL, hour_ahead, occupied=2))
    assert result["row"]["observed_at"] == "2026-11-22T22:41:07.120Z"


async def test_history_and_ledger_tell_what_was_reported(outside, world):
    await outside.post(report("count", POOL, occupied=39))
    await world.recording.catch_up(world.name)
    points = (await outside.http.get(f"{outside.base}/pools/{POOL}/history")).json()["points"]
    assert (points[-1]["occupied"], points[-1]["free"], points[-1]["held"]) == (39, 0, 0)
    assert RFC3339_MS.fullmatch(points[-1]["at"])
    commands = (await outside.http.get(f"{outside.base}/ledger", params={"after": 0, "limit": 10})).json()["commands"]
    assert [command["seq"] for command in commands] == [1, 2]


async def test_two_processes_show_every_reader_the_same(outside, world):
    async with in_one_task(server_on(world)) as other:
        address = f"ws://127.0.0.1:{other.port}/v1/territories/{world.name}/feed"
        async with connect(address) as there, outside.feed() as here:
            assert json.loads(await there.recv())["rows"] == json.loads(await here.recv())["rows"]
            (result,) = await outside.post(report("count", POOL, occupied=11))
            messages = []
            for reader in (there, here):
                while not (message := json.loads(await reader.recv()))["rows"]:
                    pass
                messages.append((message["epoch"], message["seq"], message["rows"]))
            assert messages[0] == messages[1]
            assert messages[0][1] == result["seq"]
