"""The functions inside the live store, called as no code of ours calls them: what fails has done nothing at all.

The edge refuses all of this long before (tests/contract); here nothing stands in between.
"""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from redis.exceptions import ResponseError

from capacity.board.clocks import rfc3339
from tests.world import COMPACT, HOUR_MS, NOW_MS, new_id, standing_on

POOL, HOLD, REQUEST = "halte.women", new_id(), new_id()
NOT_NUMBERS = (
    "", "nan", "-nan", "inf", "-inf", "1e308", "1e3", "0x10", " 5 ", "5 ", "1.5", "--1", "+1", "1_0", "abc", "9" * 17,
    "9" * 400, "1\x00", "1\n", "\u0661", "٣",
)  # fmt: skip
NUMBERS = ("0", "-0", "-1", "1", "100000", "1000000000000000", "9007199254740991", str(NOW_MS), "00001")
TEXTS = (
    b"", b"\x00", b"a\nb", b"a\tb", b'"', b"\\", b"}{", b"\xff\xfe", b"\xed\xa0\x80", "\u202eabc".encode(),
    "😀".encode(),    b"a=1 b=2", b"=", b"%s%d%n", b"*", b"{75}:meta", b"a" * 5_000,
)  # fmt: skip
REFUSALS = {b"rejected", b"refused", b"failed"}
AT = rfc3339(NOW_MS)
anything = st.sampled_from(NOT_NUMBERS) | st.sampled_from(NUMBERS) | st.sampled_from(TEXTS) | st.text(max_size=12)


def _body(**fields) -> str:
    said = {"id": new_id(), "pool": POOL, "observed_at": AT, "received_at": AT, **fields}
    return json.dumps(said, separators=COMPACT)[1:]


def _report(kind, *fields):
    return [new_id(), kind, POOL, str(NOW_MS), AT, "digest", _body(type=kind), *fields, *[""] * (4 - len(fields))]


def _alone(kind, *fields):
    command_id, kind, pool, at_ms, at, digest, body, *rest = _report(kind, *fields)
    return [command_id, kind, pool, at_ms, at, str(NOW_MS), digest, body, *rest]


ACT = (HOLD, str(NOW_MS), AT, f"digest {HOLD}")
CALLS = {
    "count": ("report_v1", lambda: _alone("count", "4", "staff")),
    "movement": ("report_v1", lambda: _alone("movement", "-2", "staff")),
    "confirmation": ("report_v1", lambda: _alone("confirmation", "1")),
    "inventory": ("report_v1", lambda: _alone("inventory", "9", "", "2", "pests")),
    "status": ("report_v1", lambda: _alone("status", "draining", "", "")),
    "batch": ("reports_v1", lambda: [str(NOW_MS), *_report("count", "4", ""), *_report("movement", "1", "")]),
    "register": ("register_pool_v1", lambda: [new_id(), POOL, "halte", "7", "12", "600", str(NOW_MS), _body()]),
    "remove": ("remove_pool_v1", lambda: [POOL, "7", _body()]),
    "hold": ("hold_create_v2", lambda: [
        new_id(), "115", str(NOW_MS + HOUR_MS), rfc3339(NOW_MS + HOUR_MS), str(NOW_MS), AT, f"{POOL}=1", "", "digest",
        _body(type="hold_created"), "owner", "", "C0DE", "C1DE",
    ]),
    "arrive": ("hold_arrive_v1", lambda: [new_id(), *ACT, f"{POOL}=1"]),
    "release": ("hold_release_v1", lambda: [new_id(), *ACT, "cancelled"]),
    "extend": ("hold_extend_v1", lambda: [new_id(), *ACT, "60000", str(NOW_MS + 4 * HOUR_MS)]),
    "accept": ("hold_accept_v1", lambda: [new_id(), *ACT]),
    "address": ("hold_address_v1", lambda: [new_id(), *ACT[:3]]),
    "tell": ("hold_tell_v1", lambda: [new_id(), *ACT, "team", "arrived"]),
    "expire": ("hold_expire_v1", lambda: [str(NOW_MS), AT, "50"]),
    "contingents": ("contingents_set_v1", lambda: [new_id(), POOL, f"115=2={NOW_MS + HOUR_MS}={AT}", AT]),
    "request": ("request_open_v1", lambda: [new_id(), "2026-11-22", "9000", "9000", "digest", _body(), "a", "b"]),
    "outcome": ("request_close_v1", lambda: [new_id(), REQUEST, "", "digest", _body()]),
    "search": ("search_empty_v1", lambda: ["2026-11-22", "9000", new_id(), _body()]),
}  # fmt: skip
SMALL = {name for name, (function, _) in CALLS.items() if function not in ("report_v1", "reports_v1")} - {
    "register", "remove",
}  # fmt: skip


def keys_of(ground, name):
    keys = ground.keys
    if name in SMALL:
        return [keys.meta]
    pool = [keys.facts(POOL), keys.movements(POOL)]
    board = [keys.meta, keys.rows, keys.stamps, keys.stream]
    if name in ("register", "remove"):
        return board + pool
    answers = [f"{{{ground.name}}}:answer:{new_id()}" for _ in range(2)]
    return board + pool + answers[:1] + (pool + answers[1:] if name == "batch" else [])


@pytest.fixture
async def ground(redis_url, territory):
    async with standing_on(redis_url, territory) as ground:
        await ground.open(POOL, capacity=1_000)
        yield ground


async def stands(ground):
    """The numbers are whole, and every row is what a reader can read."""
    entries = await ground.stream()
    assert [entry.seq for entry in entries] == list(range(1, await ground.seq() + 1))


def _spoil(args, spoils):
    for position, value in spoils:
        args[position % len(args)] = value
    return args


@pytest.mark.parametrize("name", CALLS)
@settings(max_examples=25, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
@given(
    spoils=st.lists(st.tuples(st.integers(0, 40), anything), max_size=2), left=st.sampled_from([99, 99, 99, 0, 1, 3, 5])
)
async def test_a_call_that_fails_has_done_nothing(ground, name, spoils, left):
    function, args = CALLS[name]
    said = _spoil(args(), spoils)[:left]
    before, seq = await ground.everything(), await ground.seq()
    try:
        reply = await ground.redis.fcall(function, len(keys_of(ground, name)), *keys_of(ground, name), *said)
    except ResponseError:
        assert await ground.everything() == before
    else:
        outcomes = {one[0] for one in reply} if name == "batch" else {reply[0]}
        if outcomes <= REFUSALS:
            assert await ground.seq() == seq
    await stands(ground)


@pytest.mark.parametrize("name", CALLS)
async def test_no_number_is_taken_that_is_none(ground, name):
    """Lua reads some of them as numbers where Redis does not, and NaN would stay for good in what it is added to."""
    function, args = CALLS[name]
    hold_keys = [ground.keys.meta]
    hold = CALLS["hold"][1]()
    await ground.redis.fcall("hold_create_v2", 1, *hold_keys, HOLD, *hold[1:])
    numbers = [at for at, value in enumerate(args()) if value.lstrip("-").isdigit() and value != "115"]
    before = await ground.everything()
    for position in numbers:
        for value in NOT_NUMBERS:
            if value == "" and name == "inventory":
                continue  # there it means: stays as it is
            said = args()
            said[position] = value
            keys = keys_of(ground, name)
            if name == "batch" and position > 0:
                replies = await ground.redis.fcall(function, len(keys), *keys, *said)
                assert b"failed" in [reply[0] for reply in replies], (position, value)
                before = await ground.everything()
                continue
            with pytest.raises(ResponseError, match="not a whole number"):
                await ground.redis.fcall(function, len(keys), *keys, *said)
    assert await ground.everything() == before
    await stands(ground)
