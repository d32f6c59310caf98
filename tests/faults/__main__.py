"""Rounds of faults at length: `python -m tests.faults [--rounds 500] [--seed 0] [--only NUMBER]`, or `make faults`.

Prints the table of the run as Markdown and keeps a line for each round; of one with a breach also all processes' logs.
The seed decides what is asked and which faults come; when the machine lets a thing happen it cannot decide.
"""

import argparse
import asyncio
import json
import shutil
import sys
from collections.abc import AsyncIterator, Iterable, Sequence
from itertools import islice
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from tests.faults.house import house_with
from tests.faults.rounds import Round, planned, play
from tests.faults.table import table_of

ROUNDS_A_HOUSE = 25
"""Then all is made anew: a round should not grow with those before it."""
RESULTS = Path("fault-logs")


async def played(numbers: Sequence[int], seed: int, log: Path) -> AsyncIterator[Round]:
    """Each round once it was played, and written to the log."""
    waiting = iter(numbers)
    while some := list(islice(waiting, ROUNDS_A_HOUSE)):
        territories = {number: f"round-{number}" for number in some}
        async with house_with(list(territories.values())) as house:
            for number, territory in territories.items():
                this = await play(house, planned(seed, number), territory)
                with log.open("a") as lines:
                    lines.write(json.dumps(this.line()) + "\n")
                if this.breaches:
                    shutil.copytree(house.folder / "logs", log.with_suffix("") / str(number), dirs_exist_ok=True)
                yield this


async def _run(numbers: Sequence[int], seed: int, log: Path) -> int:
    rounds: list[Round] = []
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    try:
        with Progress(*columns, console=Console(stderr=True)) as progress:
            bar = progress.add_task("rounds", total=len(numbers))
            async for this in played(numbers, seed, log):
                rounds.append(this)
                progress.update(bar, advance=1)
                for line in _said(this):
                    progress.print(line, markup=False)
    finally:  # also of a run that somebody ends, or that cannot go on
        print(table_of(rounds, seed), flush=True)
    return 1 if any(each.breaches for each in rounds) else 0


def _said(this: Round) -> Iterable[str]:
    for name, breaches in this.breaches.items():
        yield f"round {this.number}, {', '.join(this.kinds)}: {name}: {breaches[0]} ({len(breaches)} in all)"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=500)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", type=int, help="one round of this number")
    asked = parser.parse_args()
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"faults-{asked.seed}.jsonl"
    path.unlink(missing_ok=True)
    chosen = range(asked.rounds) if asked.only is None else (asked.only,)
    sys.exit(asyncio.run(_run(chosen, asked.seed, path)))
