"""`python -m benchmarks.pages [phone|painting|tap]`: first screens, changes on them, and from a finger to the wall."""

import sys

from benchmarks import bed, figures
from benchmarks.pages import painting, phone, tap

ON_A_BED = {"painting": painting.measure, "tap": tap.measure}
PARTS = ("phone", *ON_A_BED)


def main() -> None:
    asked = sys.argv[1:] or PARTS
    if unknown := set(asked) - set(PARTS):
        sys.exit(f"There is no part {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}.")
    for name in asked:
        if name in ON_A_BED:
            with bed.made() as here:
                figures.tell(ON_A_BED[name](here))
        else:
            phone.main()


if __name__ == "__main__":
    main()
