"""Hostile input at length: `python -m tests.hostile [--seconds 600] [--seed 0]`, or `make fuzz`.

Half of the time rounds of raw bytes at the HTTP edge and the feed, the other half schemathesis on every operation.
Each round is made of the seed and its number, which a failure names: `--only KIND:NUMBER` plays it alone. The log has a
line for each round.
"""

import argparse
import asyncio
import itertools
import json
import random
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

import structlog
import uvloop

from capacity.processes.engines.postgres import Postgres
from capacity.processes.engines.running import running
from capacity.processes.engines.valkey import Valkey
from capacity.processes.migrating import migrate
from tests.hostile.playing import ROUNDS
from tests.hostile.stage import stage_on

ROUNDS_A_STAGE = 20
"""Then the territory is another: what is compared should not grow with the run."""
LOGS = Path("fuzz-logs")


class Run:
    """What a run has found, written down as it goes on."""

    def __init__(self, seed: int, log: Path) -> None:
        self._seed, self._log = seed, log
        self.rounds = self.connections = 0
        self.failures: list[str] = []

    async def play(self, urls: tuple[str, str], names: list[tuple[str, int]], until: float) -> None:
        """Some rounds in one territory."""
        kind, number = names[0]
        async with stage_on(*urls, f"{kind}-{number:06}") as stage:
            for kind, number in names:
                if time.monotonic() > until:
                    return
                await self._round(stage, kind, number)
                if self.failures and self.failures[-1].startswith(f"{kind}:{number} "):
                    return  # what broke in this stage may break the next round as well

    async def _round(self, stage, kind: str, number: int) -> None:
        began, broke = time.monotonic(), ""
        try:
            said = await ROUNDS[kind](stage, random.Random(f"{self._seed}:{kind}:{number}"))
            self.connections += len(said)
        except Exception as exc:  # noqa: BLE001  # whatever it is, it is what we look for
            broke = f"{type(exc).__name__}: {exc}"
            self.failures.append(f"{kind}:{number} {broke}")
        self.rounds += 1
        took = round(time.monotonic() - began, 3)
        with self._log.open("a") as lines:
            lines.write(json.dumps({"round": f"{kind}:{number}", "seconds": took, "broke": broke}) + "\n")


def fuzz(run: Run, seconds: float, only: str | None) -> None:
    """Rounds of each kind in turn on engines of their own."""
    until = time.monotonic() + seconds
    with (
        tempfile.TemporaryDirectory(prefix="capacity-fuzz-", ignore_cleanup_errors=True) as name,
        ExitStack() as engines,
    ):
        folder = Path(name)
        folder.chmod(0o711)  # the account of Postgres must pass
        valkey, postgres = Valkey(folder), Postgres(folder)
        engines.enter_context(running(valkey))
        engines.enter_context(running(postgres))
        urls = (valkey.url, postgres.url("postgres"))
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(migrate(urls[1]))
            if only is not None:
                kind, _, number = only.partition(":")
                runner.run(run.play(urls, [(kind, int(number))], until))
                return
            for first in itertools.count(0, ROUNDS_A_STAGE):
                for kind in ROUNDS:
                    runner.run(run.play(urls, [(kind, first + n) for n in range(ROUNDS_A_STAGE)], until))
                if time.monotonic() > until:
                    return


def schemathesis(seed: int, seconds: float) -> int:
    """The tests of the contract with as many examples as the time allows; their exit status."""
    until, status = time.monotonic() + seconds, 0
    for number in itertools.count(seed):
        if time.monotonic() > until:
            return status
        words = ["-q", "tests/contract/test_openapi.py", f"--hypothesis-seed={number}", "--schemathesis-examples=40"]
        status |= subprocess.run([sys.executable, "-m", "pytest", *words], check=False).returncode
    return status


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", help="one round, as a failure names it: http:17")
    parser.add_argument("--bytes-only", action="store_true", help="leave schemathesis out")
    asked = parser.parse_args()
    LOGS.mkdir(exist_ok=True)
    log = LOGS / f"fuzz-{asked.seed}.jsonl"
    log.unlink(missing_ok=True)
    structlog.configure(
        processors=[structlog.processors.KeyValueRenderer()], logger_factory=structlog.ReturnLoggerFactory()
    )
    alone = asked.only is not None or asked.bytes_only
    this = Run(asked.seed, log)
    fuzz(this, asked.seconds if alone else asked.seconds / 2, asked.only)
    status = 0 if alone else schemathesis(asked.seed, asked.seconds / 2)
    print(f"{this.rounds} rounds, {this.connections} connections, seed {asked.seed}, log {log}")
    for failure in this.failures:
        print(failure)
    sys.exit(1 if this.failures or status else 0)
