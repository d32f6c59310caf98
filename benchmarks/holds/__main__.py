"""`python -m benchmarks.holds [cost|expiry]`: what a hold costs, and ten thousand that end in the same moment."""

import sys

from benchmarks import bed, figures
from benchmarks.holds import cost, expiry

PARTS = {"cost": cost.measure, "expiry": expiry.measure}


def main() -> None:
    asked = sys.argv[1:] or list(PARTS)
    if unknown := set(asked) - set(PARTS):
        sys.exit(f"There is no part {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}.")
    found = []
    for name in asked:
        with bed.made((bed.TERRITORY, *cost.TERRITORIES)) as here:
            found += PARTS[name](here)
    figures.tell(found)


if __name__ == "__main__":
    main()
