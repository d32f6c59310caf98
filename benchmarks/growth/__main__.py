"""`python -m benchmarks.growth [territories|pools|ledger …]`: how cost grows with territories, pools and years.

`--rows 50000000` makes the ledger ten years long, which takes an hour and 50 GB; `--data DIR` keeps it between runs.
"""

import argparse
from pathlib import Path

from benchmarks import figures
from benchmarks.growth import ledger, pools, territories

PARTS = ("territories", "pools", "ledger")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.growth", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--rows", type=int, default=ledger.ROWS, help="how long the ledger becomes, in commands")
    parser.add_argument("--data", type=Path, help="where the ledger is kept, and goes on from at the next run")
    asked = parser.parse_args()
    if unknown := set(asked.parts) - set(PARTS):
        parser.error(f"There is no part {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}.")
    measures = (territories.measure, pools.measure, lambda: ledger.measure(asked.rows, asked.data))
    for part, measure in zip(PARTS, measures, strict=True):
        if part in (asked.parts or PARTS):
            figures.progress(part)
            figures.tell(measure())


if __name__ == "__main__":
    main()
