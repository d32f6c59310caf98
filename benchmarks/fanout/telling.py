"""The tables of fan-out, and the figures that we asked of ourselves."""

import statistics
from collections.abc import Callable, Iterable, Sequence
from operator import attrgetter
from pathlib import Path

from benchmarks import figures
from benchmarks.fanout.measuring import HEAR_SECONDS, Measured
from benchmarks.fanout.peers import BROADCAST, CHANNELS, LIMIT, NCHAN, OURS, SOCKET_IO
from benchmarks.fanout.publishing import MESSAGE_BYTES
from benchmarks.fanout.results import Results
from benchmarks.figures import Figure

CALM, BUSY = "20 a second", "200 a second"
Key = tuple[int, bool, str]
ABOUT = """One publisher, messages of {bytes} bytes (ours are its real rows, and longer), each peer in turn alone on one
core; the readers (one C program), the publisher and Valkey share the other. {versions}.

CPU is what the server's processes took for a million deliveries, in seconds (so also µs a delivery), with the range of
the rounds. A delivery is one change at one reader, however many come in one message, and `messages` tells how many
there were for each. The readers' own CPU is beside it. Last reader: from before the message was published until the
last of all readers had it, median and p99 of the messages. Memory is what a connection adds to the server."""
NOT_ALL = (
    f"¹ Not every message had come to every reader {HEAR_SECONDS:g} s after the last; times are of those that had."
)


def tell(results: Results, picture: Path | None) -> None:
    """Print everything as Markdown."""
    measured = results.measured
    print(ABOUT.format(bytes=MESSAGE_BYTES, versions=results.versions))
    for readers, deflate in sorted({(one.readers, one.deflate) for one in measured}, key=lambda key: (key[1], key[0])):
        kind = ", permessage-deflate" if deflate else ""
        print(f"\n**{readers:,} readers{kind}**\n")
        print("| | pace | CPU-s a million | range | readers' CPU | messages | last reader p50 | p99 | memory |")
        print("|---|---|---|---|---|---|---|---|---|")
        for row in _rows([one for one in measured if (one.readers, one.deflate) == (readers, deflate)]):
            print(row)
    for name, reason in results.missing.items():
        print(f"\nWithout {name}: {reason}.")
    if any(not one.is_whole for one in measured):
        print(f"\n{NOT_ALL}")
    figures.tell(told(measured))
    if picture:
        print(f"![CPU a delivery and the last reader's p99, by readers](pictures/{picture.name})")


def _rows(measured: Sequence[Measured]) -> Iterable[str]:
    for pace in dict.fromkeys(one.pace for one in measured):
        at_pace = [one for one in measured if one.pace == pace]
        names = dict.fromkeys(one.peer for one in at_pace)
        for name in sorted(names, key=lambda name: _median(_of(at_pace, name), "cpu_us")):
            yield _row(_of(at_pace, name))


def _row(rounds: Sequence[Measured]) -> str:
    cpu = [one.cpu_us for one in rounds]
    first = rounds[0]
    mark = "" if all(one.is_whole for one in rounds) else " ¹"
    return (
        f"| {first.peer}{mark} | {first.pace} | {short(_median(rounds, 'cpu_us'))} "
        f"| {short(min(cpu))} – {short(max(cpu))} | {short(_median(rounds, 'load_cpu_us'))} "
        f"| {short(_median(rounds, 'writes_a_delivery'))} "
        f"| {short(_median(rounds, 'p50_ms'))} ms | {short(_median(rounds, 'p99_ms'))} ms "
        f"| {short(_median(rounds, 'kb_a_reader'))} kB |"
    )


def short(number: float) -> str:
    return f"{number:,.0f}" if number >= 100 else f"{number:.3g}"


def _of(measured: Iterable[Measured], peer: str) -> list[Measured]:
    return [one for one in measured if one.peer == peer]


def _median(rounds: Iterable[Measured], what: str) -> float:
    return statistics.median(map(attrgetter(what), rounds))


def told(measured: Sequence[Measured]) -> list[Figure]:
    """The figures to reach, those of which both sides were measured."""
    calm, busy, many = (1_000, False, CALM), (1_000, False, BUSY), (5_000, False, CALM)

    def compared(key: Key, peer: str, what: str) -> list[float]:
        return _compared(measured, key, peer, attrgetter(what))

    asked = [
        *(
            Figure(f"CPU a delivery, 1,000 readers, 20 a second, × {peer}", compared(calm, peer, "cpu_us"), most=most)
            for peer, most in ((LIMIT, 1.15), (NCHAN, 1.0), (BROADCAST, 0.8), (SOCKET_IO, 0.5), (CHANNELS, 0.05))
        ),
        Figure("last reader p99, 1,000 readers, 200 a second", _ours(measured, busy, "p99_ms"), "ms", most=30),
        Figure(f"CPU a delivery, the same, × {LIMIT}", compared(busy, LIMIT, "cpu_us"), most=0.3),
        Figure(f"last reader p99, 5,000 readers, 20 a second, × {NCHAN}", compared(many, NCHAN, "p99_ms"), most=1.0),
        *(
            Figure(f"memory a connection, {key[0]:,} readers", _ours(measured, key, "kb_a_reader"), "kB", most=25)
            for key in (calm, (10_000, False, CALM))
        ),
        Figure("the readers' CPU, × the server's, where that is most", _dearest_load(measured), most=1.0),
    ]  # fmt: skip
    return [figure for figure in asked if figure.rounds]


def _at(measured: Iterable[Measured], key: Key, peer: str) -> dict[int, Measured]:
    return {one.round: one for one in measured if (one.readers, one.deflate, one.pace) == key and one.peer == peer}


def _ours(measured: Sequence[Measured], key: Key, what: str) -> list[float]:
    return [getattr(one, what) for one in _at(measured, key, OURS).values()]


def _compared(measured: Sequence[Measured], key: Key, peer: str, what: Callable[[Measured], float]) -> list[float]:
    """Ours by the peer's, in those rounds that have both."""
    ours, theirs = _at(measured, key, OURS), _at(measured, key, peer)
    return [what(ours[number]) / what(theirs[number]) for number in ours if number in theirs]


def _dearest_load(measured: Sequence[Measured]) -> list[float]:
    """The readers' share at that peer, number and pace where its median is greatest."""
    shares: dict[tuple[str, Key], list[float]] = {}
    for one in measured:
        shares.setdefault((one.peer, (one.readers, one.deflate, one.pace)), []).append(one.load_cpu_us / one.cpu_us)
    return max(shares.values(), key=statistics.median, default=[])
