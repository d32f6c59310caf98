"""`python -m benchmarks [NAME …]`: every figure anew, one after the other, and all of them into docs/performance.md.

With names only those are measured, and the document stays as it is. Let the machine be idle meanwhile.
"""

import subprocess
import sys
from pathlib import Path

from benchmarks import figures

ALL = (
    "latency",
    "writes",
    "access",
    "holds",
    "availability",
    "feed",
    "crowd",
    "storm",
    "stalled",
    "wall",
    "pages",
    "start",
    "rebuild",
)
DOCUMENT = Path(__file__).parent.parent / "docs" / "performance.md"
BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"


def main() -> None:
    asked = sys.argv[1:]
    if unknown := set(asked) - set(ALL):
        sys.exit(f"There is no benchmark {', '.join(sorted(unknown))}; there are {', '.join(ALL)}.")
    sections = [f"{figures.machine()}. {figures.versions()}. Commit {figures.commit()}.\n"]
    for name in asked or ALL:
        figures.progress(f"benchmarks.{name}")
        sections.append(f"### `python -m benchmarks.{name}`\n\n{_measure(name)}\n")
    told = "\n".join(sections)
    print(told)
    if not asked:
        write(told)


def _measure(name: str) -> str:
    """What one benchmark prints; it runs in a process of its own, so that none leaves anything to the next."""
    run = subprocess.run([sys.executable, "-m", f"benchmarks.{name}"], stdout=subprocess.PIPE, text=True, check=False)
    if run.returncode:
        sys.exit(f"benchmarks.{name} failed; nothing was written.")
    return run.stdout.strip()


def write(told: str) -> None:
    """Put the figures between the marks of the document."""
    before, found, rest = DOCUMENT.read_text("utf-8").partition(BEGIN)
    _, closed, after = rest.partition(END)
    if not (found and closed):
        sys.exit(f"{DOCUMENT.name} has lost its marks {BEGIN} and {END}.")
    DOCUMENT.write_text(f"{before}{BEGIN}\n\n{told}\n{END}{after}", "utf-8")
    figures.progress(f"written to {DOCUMENT.name}")


if __name__ == "__main__":
    main()
