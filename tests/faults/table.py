"""Rounds as Markdown: faults × promises with counts, how soon the service worked again, what was asked in all."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from statistics import median

from tests.faults.faults import Kind
from tests.faults.promises import PROMISES
from tests.faults.rounds import Round

WORKS_AGAIN = {
    Kind.KILL_SERVE: "that server takes a report",
    Kind.KILL_VALKEY: "a server takes a report",
    Kind.KILL_RECORD: "the ledger goes on",
    Kind.KILL_POSTGRES: "the ledger goes on",
}


def table_of(rounds: Sequence[Round], seed: int) -> str:
    """The whole page of a run."""
    total = sum((played.counts for played in rounds), Counter[str]())
    kept = [played for played in rounds if not played.breaches]
    lines = [
        f"Seed {seed}, {len(rounds)} rounds, {len(kept)} without a breach.",
        f"{total['commands']:,} commands in the ledger, {total['accepted']:,} answers of success,",
        f"{total['refused']:,} commands refused, {total['resent']:,} sent again, {total['given_up']:,} given up;",
        f"readers joined {total['joined']:,} times and read {total['messages']:,} messages.",
        "",
        *_rows(("fault", "times", "rounds", *PROMISES), _faults(rounds)),
        "",
        *_rows(("after", "until", "times", "median", "range"), _recoveries(rounds)),
    ]
    return "\n".join(lines)


def _faults(rounds: Sequence[Round]) -> Iterator[tuple[str, ...]]:
    """For each fault how often it came, in how many rounds, and in how many of those each promise was broken."""
    for kind in Kind:
        hit = [played for played in rounds if kind in played.kinds]
        times = sum(played.kinds.count(kind) for played in hit)
        yield kind.value, str(times), str(len(hit)), *_broken(hit)
    yield "all", str(sum(len(played.kinds) for played in rounds)), str(len(rounds)), *_broken(rounds)


def _broken(rounds: Sequence[Round]) -> Iterator[str]:
    for name in PROMISES:
        yield str(sum(name in played.breaches for played in rounds))


def _recoveries(rounds: Sequence[Round]) -> Iterator[tuple[str, ...]]:
    took: dict[str, list[float]] = defaultdict(list)
    for played in rounds:
        for kind, seconds in played.recoveries:
            took[kind].append(seconds)
    for kind, what in WORKS_AGAIN.items():
        if times := took[kind]:
            span = f"{min(times):.2f} to {max(times):.2f} s"
            yield kind.value, what, str(len(times)), f"{median(times):.2f} s", span


def _rows(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{'|'.join('---' for _ in head)}|"
    yield from (f"| {' | '.join(row)} |" for row in rows)
