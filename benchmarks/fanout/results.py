"""The rounds of one run or of several pieces of it, in a file."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from benchmarks.fanout.measuring import Measured


@dataclass(frozen=True, slots=True)
class Results:
    """What was measured, why a peer is not among it, and of which versions."""

    measured: Sequence[Measured] = ()
    missing: Mapping[str, str] = field(default_factory=dict)
    versions: str = ""

    @property
    def rounds(self) -> int:
        """How many there are; the next one has this number."""
        return 1 + max((one.round for one in self.measured), default=-1)

    def joined(self, measured: Sequence[Measured], missing: Mapping[str, str], versions: str) -> "Results":
        """With a further piece."""
        return Results([*self.measured, *measured], {**self.missing, **missing}, versions or self.versions)


def read(file: Path) -> Results:
    """What the file has; nothing where there is none yet."""
    if not file.exists():
        return Results()
    said = json.loads(file.read_text("utf-8"))
    return Results([Measured(**one) for one in said["measured"]], said["missing"], said["versions"])


def write(file: Path, results: Results) -> None:
    measured = [asdict(one) for one in results.measured]
    said = {"versions": results.versions, "missing": results.missing, "measured": measured}
    file.write_text(json.dumps(said, indent=1, ensure_ascii=False) + "\n", "utf-8")
