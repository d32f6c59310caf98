"""`python -m benchmarks.failover`: the primary dies under load, again and again; and what waiting for a replica costs.

Three Valkeys and three Sentinels, a server and a recorder that wait for the disk of one replica, six senders who resend
by id, two screens. Each round kills the primary with SIGKILL, looks at every accepted command in the ledger, and brings
the dead one back as a replica. Then the same servers answer reports with and without waiting, round by round in turn.
"""

import asyncio
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks import figures
from benchmarks.figures import Figure, ratios
from benchmarks.load import BadAnswer, posts, press
from capacity.processes.engines.postgres import Postgres
from capacity.processes.engines.running import running
from capacity.processes.migrating import migrate
from tests.crash.failover import POOLS, TERRITORY, Outcome, fail_over, house
from tests.crash.serving import serve_process
from tests.valkeys import Watched, confirms, wait_until, watched

ROUNDS, ENOUGH = 5, 300
PRESSES, PRESS_SECONDS = 5, 2.0
DOWN_AFTER_MS = 600
BETWEEN_SECONDS = 6.5
"""Sentinels do not fail over again within twice their failover-timeout, which is 3 s here."""


def main() -> None:
    with (
        _database() as database,
        tempfile.TemporaryDirectory(prefix="capacity-bench-", ignore_cleanup_errors=True) as name,
        watched(Path(name), down_after_ms=DOWN_AFTER_MS) as fleet,
    ):
        outcomes, alone, many = asyncio.run(_measure(fleet, database))
    print(
        f"{ROUNDS} kills of the primary under six senders; the Sentinels call it down after {DOWN_AFTER_MS} ms. "
        f"{sum(one.accepted for one in outcomes):,} commands were accepted, {sum(one.refusals for one in outcomes):,} "
        f"answers were 503, {sum(one.resent_duplicates for one in outcomes)} of those had counted, as the id told. "
        "Both screens kept their epoch, and the one that came back got only what it lacked. All processes share the "
        "cores."
    )
    figures.tell(
        [
            Figure("accepted and lost, doubled or out of order", [len(one.breaches) for one in outcomes], most=0),
            Figure("kill → another primary is named", [one.detected_seconds for one in outcomes], "s"),
            Figure("kill → a command is accepted", [one.silence_seconds for one in outcomes], "s"),
            Figure(
                "named → a command is accepted",
                [max(0.0, one.silence_seconds - one.detected_seconds) for one in outcomes],
                "s",
                most=5,
            ),
            Figure("one report at a time, waiting for a replica", [pair[1] for pair in alone], "ms"),
            Figure("the same, × not waiting", _ratios(alone)),
            Figure("reports a second over 50 connections, waiting", [pair[1] for pair in many]),
            Figure("the same, × not waiting", _ratios(many)),
        ]
    )


def _ratios(pairs: list[tuple[float, float]]) -> list[float]:
    return ratios([waiting for _, waiting in pairs], [hasty for hasty, _ in pairs])


@contextmanager
def _database() -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="capacity-bench-", ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o711)  # the account of Postgres must pass
        postgres = Postgres(Path(name))
        with running(postgres):
            asyncio.run(migrate(postgres.url("postgres")))
            yield postgres.url("postgres")


async def _measure(
    fleet: Watched, database: str
) -> tuple[list[Outcome], list[tuple[float, float]], list[tuple[float, float]]]:
    async with house(fleet, database) as (serve, token):
        outcomes = []
        for _ in range(ROUNDS):
            began = time.monotonic()
            dead = fleet.primary()
            outcome = await fail_over(fleet, database, serve, token, enough=ENOUGH)
            if outcome.breaches:
                raise BadAnswer("; ".join(outcome.breaches))
            outcomes.append(outcome)
            figures.progress(f"writing again {outcome.silence_seconds:.2f} s after the kill")
            dead.options["replicaof"] = f"127.0.0.1 {fleet.primary().port}"
            await asyncio.to_thread(fleet.start, dead)
            await asyncio.to_thread(wait_until, lambda: confirms(fleet.primary(), 2), "both replicas follow")
            await asyncio.sleep(max(0.0, BETWEEN_SECONDS - (time.monotonic() - began)))
        async with serve_process(fleet.url, database) as hasty:
            await hasty.until_ready()
            ports = (hasty.port, serve.port)
            alone = [(await _press(ports[0], token, 1), await _press(ports[1], token, 1)) for _ in range(PRESSES)]
            many = [(await _press(ports[0], token, 50), await _press(ports[1], token, 50)) for _ in range(PRESSES)]
    return outcomes, alone, many


async def _press(port: int, token: str, lines: int) -> float:
    """Median milliseconds of one line, or requests a second of several. What came late for its pool counts as well."""
    load = await asyncio.to_thread(
        press, port, posts(TERRITORY, POOLS, token=token), lines=lines, seconds=PRESS_SECONDS, applied=b'"outcome":"'
    )
    return load.wait_ms(0.5) if lines == 1 else load.per_second


if __name__ == "__main__":
    main()
