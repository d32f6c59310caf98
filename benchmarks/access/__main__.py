"""`python -m benchmarks.access [cost|storm]`: what access costs a report, and what a storm of wrong passwords does."""

import sys

from benchmarks import bed, figures
from benchmarks.access import cost, storm

PARTS = {"cost": cost.measure, "storm": storm.measure}


def main() -> None:
    asked = sys.argv[1:] or list(PARTS)
    if unknown := set(asked) - set(PARTS):
        sys.exit(f"There is no part {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}.")
    found = []
    for name in asked:
        with bed.made() as here:
            found += PARTS[name](here)
    figures.tell(found)


if __name__ == "__main__":
    main()
