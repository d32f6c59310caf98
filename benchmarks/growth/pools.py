"""1,000 and 23,000 pools in one territory: a report, a catch-up, the whole board, and the look for holds that end.

Both territories are on one server and take turns; each has been read, so its picture is kept.
"""

import asyncio
import json
import math
from collections import defaultdict
from collections.abc import Iterator
from itertools import count

import psutil

from benchmarks import bed, figures
from benchmarks.bed import Bed, Running
from benchmarks.figures import Figure, ratios
from benchmarks.load import JSON, BadAnswer, Line, exchange, head, posts, press
from capacity.board.clocks import rfc3339, system_clock
from capacity.store.holds import Creation, HoldStore, Moment
from capacity.store.live import LiveStore

SIZES = {"bench-small": 1_000, "bench-large": 23_000}
SMALL, LARGE = SIZES
ROUNDS = 5
SECONDS, CLIENTS = 1.0, 50
CATCHUPS, BEHIND, BOARDS = 300, 100, 40
LOOKS, ENDS = 1_000, 200
MOST = 1.1

REPORT = "CPU of the server a report, µs"
REPORT_STORE = "CPU of Valkey a report, µs"
CATCHUP = f"CPU a catch-up of {BEHIND} rows, µs"
BOARD = "CPU a complete board that others read too, µs"
LOOK = "Valkey's time for a look that finds no hold to end, µs"
END = "Valkey's time a hold that ends, µs"

Rounds = dict[str, dict[str, list[float]]]
_numbers = count()


def measure() -> list[Figure]:
    """All rounds, and the figures that they give; a table of them is printed."""
    found: Rounds = defaultdict(lambda: defaultdict(list))
    with bed.made(tuple(SIZES)) as here:
        server, store = here.serve(), psutil.Process(int(here.redis.info("server")["process_id"]))
        pools = {}
        for name, size in SIZES.items():
            figures.progress(f"{size:,} pools are being made")
            pools[name] = bed.fill(server.port, name, size, 100_000, token=here.token)
            exchange(server.port, "GET", f"/v1/territories/{name}/board", token=here.token)
        requests = {name: posts(name, pools[name], token=here.token) for name in SIZES}
        for number in range(-1, ROUNDS):
            for name in list(SIZES)[:: 1 if number % 2 else -1]:
                here.drop_stream(name)
                measured = _round(here, server, store, name, requests[name], pools[name])
                if number >= 0:  # the first only warms
                    for what, cost in measured.items():
                        found[what][name].append(cost)
                    figures.progress(
                        f"{SIZES[name]:,} pools: " + ", ".join(f"{cost:.3g}" for cost in measured.values())
                    )
    _tell(found)
    return [
        Figure(f"{what.rpartition(',')[0]}, 23,000 pools × 1,000", _grown(found[what]), most=MOST)
        for what in (REPORT, REPORT_STORE, CATCHUP, LOOK, END)
    ] + [Figure("CPU a whole board, 23,000 pools × 1,000", _grown(found[BOARD]), most=23 * MOST)]


def _grown(rounds: dict[str, list[float]]) -> list[float]:
    return ratios(rounds[LARGE], rounds[SMALL])


def _round(
    here: Bed, server: Running, store: psutil.Process, name: str, requests: Iterator[bytes], pools: list[str]
) -> dict[str, float]:
    spent = server.cpu_seconds(), _cpu_of(store)
    load = press(server.port, requests, lines=CLIENTS, seconds=SECONDS)
    found = {
        REPORT: 1e6 * (server.cpu_seconds() - spent[0]) / load.requests,
        REPORT_STORE: 1e6 * (_cpu_of(store) - spent[1]) / load.requests,
    }
    address = f"/v1/territories/{name}/board"
    at = exchange(server.port, "GET", address, token=here.token)
    positions = [f"?epoch={at['epoch']}&since={at['seq'] - BEHIND - n}" for n in range(CATCHUPS)]
    found[CATCHUP] = _get(server, [address + position for position in positions], here.token)
    found[BOARD] = _get(server, [address] * BOARDS, here.token)
    return found | asyncio.run(_holds(here, name, pools))


def _get(server: Running, addresses: list[str], token: str) -> float:
    """CPU microseconds of the server for each GET, one after the other on one connection."""
    with Line.to(server.port) as line:
        spent = server.cpu_seconds()
        for address in addresses:
            line.ask(f"{head('GET', address, token, **JSON)}\r\n".encode())
            while not line.hear():
                pass
        return 1e6 * (server.cpu_seconds() - spent) / len(addresses)


async def _holds(here: Bed, name: str, pools: list[str]) -> dict[str, float]:
    """Looks for what is due while holds last, one on each tenth pool, and then the ends of some of them."""
    async with LiveStore.open(here.valkey.url) as live:
        store, now_ms = HoldStore(live), system_clock()
        await asyncio.gather(*(_hold(store, name, pool, now_ms) for pool in pools[:: len(pools) // ENDS][:ENDS]))
        spent = _usec(here)
        for _ in range(LOOKS):
            await store.expire(name, _moment(now_ms), ENDS)
        looked = _usec(here)
        later = _moment(now_ms + 86_400_000)
        ended, _ = await store.expire(name, later, ENDS)
        if ended != ENDS:
            raise BadAnswer(f"{ended} of {ENDS} holds ended")
        return {LOOK: (looked - spent) / LOOKS, END: (_usec(here) - looked) / ENDS}


async def _hold(store: HoldStore, name: str, pool: str, now_ms: int) -> None:
    hold_id, at, ends = (
        f"{next(_numbers):08x}-0000-7000-8000-{now_ms:012x}",
        _moment(now_ms),
        _moment(now_ms + 3_600_000),
    )
    said = {"id": hold_id, "type": "hold_created", "hold": hold_id, "channel": "115"}
    said |= {"lines": [{"pool": pool, "places": 1}], "minutes": 60, "expires_at": ends.text}
    body = json.dumps(said | {"observed_at": at.text, "received_at": at.text}, separators=(",", ":"))[1:]
    asked = Creation(hold_id, "115", [(pool, 1)], "", at, ends, "made", body, [f"C{next(_numbers)}"])
    if (verdict := await store.create(name, asked)).outcome != "done":
        raise BadAnswer(f"no hold: {verdict.note}")


def _moment(at_ms: int) -> Moment:
    return Moment(at_ms, rfc3339(at_ms))


def _usec(here: Bed) -> float:
    """What Valkey has spent on function calls by its own account, in microseconds."""
    return float(here.redis.info("commandstats")["cmdstat_fcall"]["usec"])


def _cpu_of(process: psutil.Process) -> float:
    times = process.cpu_times()
    return times.user + times.system


def _tell(found: Rounds) -> None:
    print(
        f"{ROUNDS} rounds in which both territories take turns: reports of {CLIENTS} senders for {SECONDS:g} s, "
        f"{CATCHUPS} catch-ups from different numbers, {BOARDS} complete boards, {LOOKS:,} looks for holds that "
        f"are due, {ENDS} holds that end. {bed.PINNING}. A complete board has as many rows as there are "
        "pools, so its cost is bounded by their number.\n"
    )
    print("| | " + " | ".join(f"{size:,} pools" for size in SIZES.values()) + " | exponent |")
    print("|---|---|---|---|")
    for what, rounds in found.items():
        small, large = (Figure("", rounds[name]).median for name in SIZES)
        power = math.log(large / small) / math.log(SIZES[LARGE] / SIZES[SMALL])
        print(f"| {what} | {small:.3g} | {large:.3g} | {power:.2f} |")
