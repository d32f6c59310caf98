"""`python -m benchmarks.stalled`: a thousand readers, of whom a fifth stop reading for a while, round after round."""

from benchmarks import bed, figures
from benchmarks.bed import Bed, Running
from benchmarks.crowd.place import ROOM, metric, post, waits_ms, within
from benchmarks.crowd.readers import Readers
from benchmarks.figures import Figure, ratios

ROUNDS = 4
READERS, STALLED = 1_000, 200
PER_SECOND, SECONDS = 100, 8
FILLING_SECONDS = 6
"""What the kernels take for one that does not read has to be full first."""
SMALL_BUFFER_BYTES = 4_096


def main() -> None:
    with bed.made() as here:
        server = here.serve(**ROOM)
        bed.fill(server.port, token=here.token)
        crowd = Readers(server.port, bed.TERRITORY, here.token)
        crowd.come(STALLED, buffer_bytes=SMALL_BUFFER_BYTES)
        crowd.come(READERS - STALLED)
        without: list[dict[str, float]] = []
        beside: list[dict[str, float]] = []
        for _ in range(ROUNDS):
            without.append(_round(here, server, crowd))
            crowd.deafen(STALLED, is_deaf=True)
            _round(here, server, crowd, FILLING_SECONDS)
            beside.append(_round(here, server, crowd))
            crowd.deafen(STALLED, is_deaf=False)
            crowd.hear_for(1)
        behind = sum(reader.seq < crowd.everyone[-1].seq for reader in crowd.everyone)
        crowd.leave()
    print(
        f"{READERS:,} readers, {PER_SECOND} reports a second, {ROUNDS} times {SECONDS} s without and with {STALLED} "
        f"that read nothing. {bed.PINNING}. Lag: from the first reader that hears a message to another."
    )
    names = ("lag99", "p99")
    lag, answer = ([one[name] for one in beside] for name in names)
    lag_without, answer_without = ([one[name] for one in without] for name in names)
    figures.tell(
        [
            Figure("p99 of the others' lag, × without them", ratios(lag, lag_without), most=1.2),
            Figure("p99 of a report's answer, × without them", ratios(answer, answer_without)),
            Figure("p99 of the others' lag", lag, "ms"),
            Figure("the same without them", lag_without, "ms"),
            Figure("readers skipped in a tick", [one["skipped"] for one in beside]),
            Figure("memory grown for each that stalls", [one["grown"] for one in beside], "kB"),
            Figure("readers that had not caught up a second after they read again", [behind], most=0),
        ]
    )


def _round(here: Bed, server: Running, crowd: Readers, seconds: float = SECONDS) -> dict[str, float]:
    memory = server.process.memory_info().rss
    skipped, ticks = (
        metric(server.port, "capacity_feed_skipped_total"),
        metric(server.port, "capacity_feed_ticks_total"),
    )
    posting = post(server.port, here.token, PER_SECOND, seconds)
    crowd.is_timing = True
    heard = crowd.hear_for(seconds + 1)
    crowd.is_timing = False
    found = {
        "p99": within(waits_ms(posting), 0.99), "lag99": 1000 * within(heard.lags, 0.99),
        "skipped": (metric(server.port, "capacity_feed_skipped_total") - skipped)
        / max(1.0, metric(server.port, "capacity_feed_ticks_total") - ticks),
        "grown": (server.process.memory_info().rss - memory) / STALLED / 1024,
    }  # fmt: skip
    here.drop_stream()
    figures.progress(", ".join(f"{name} {value:.3g}" for name, value in found.items()))
    return found


if __name__ == "__main__":
    main()
