"""What a `serve` is planned for, as whole HTTP requests: 23,000 pools told of every two minutes, and who looks."""

from collections.abc import Iterator
from itertools import count, cycle

from benchmarks import bed
from benchmarks.holds.asking import asks
from benchmarks.load import head, posts
from benchmarks.pressure.offering import Stream

REPORTS, HOLDS, SEARCHES = "reports of staff", "holds", "searches of operators"
BOARDS, RECHECKS = "boards", "boards that the asker has"
PAST, ANONYMOUS = "ledger and history", "searches of nobody known"
A_SECOND = {REPORTS: 200.0, HOLDS: 5.0, SEARCHES: 10.0, BOARDS: 20.0, RECHECKS: 20.0, PAST: 5.0, ANONYMOUS: 20.0}
"""Planned for one process."""
LAST_FIRST = (ANONYMOUS, PAST, BOARDS, RECHECKS, SEARCHES, HOLDS, REPORTS)
"""Who is to be refused first, to who is to be refused last."""


def streams(pools: list[str], token: str, etag: str, times: float) -> list[Stream]:
    """The planned load, so many times over."""
    here = f"/v1/territories/{bed.TERRITORY}"
    asked: dict[str, Iterator[bytes]] = {
        REPORTS: posts(bed.TERRITORY, pools, token=token),
        HOLDS: asks([(bed.TERRITORY, pool) for pool in pools], token),
        SEARCHES: _same(f"{here}/availability?women=1&children=1", token),
        BOARDS: _same(f"{here}/board", token),
        RECHECKS: _same(f"{here}/board", token, **{"If-None-Match": etag}),
        PAST: _past(here, pools, token),
        ANONYMOUS: _same(f"{here}/availability?women=1", ""),
    }
    return [Stream(kind, times * a_second, asked[kind]) for kind, a_second in A_SECOND.items()]


def _same(path: str, token: str, **more: str) -> Iterator[bytes]:
    return cycle([f"{head('GET', path, token, **more)}\r\n".encode()])


def _past(here: str, pools: list[str], token: str) -> Iterator[bytes]:
    for number in count():
        asked = f"ledger?after={number}&limit=100" if number % 2 else f"pools/{pools[number % len(pools)]}/history"
        yield f"{head('GET', f'{here}/{asked}', token)}\r\n".encode()
