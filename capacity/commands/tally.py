"""What was sent and what came back, counted by type and outcome."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from rich.table import Table

from capacity.commands.service import Report, Result
from capacity.vocabulary.words import Outcome

OUTCOMES = [outcome.value for outcome in Outcome]


@dataclass(slots=True)
class Tally:
    """Grows by one batch at a time."""

    outcomes: Counter[tuple[str, str]] = field(default_factory=Counter)
    problems: Counter[str] = field(default_factory=Counter)
    batches: int = 0
    first_seq: int | None = None
    last_seq: int = 0

    def add(self, reports: Sequence[Report], results: Sequence[Result]) -> None:
        """Count one answered batch."""
        self.batches += 1
        for report, result in zip(reports, results, strict=True):
            self.outcomes[report["type"], result["outcome"]] += 1
            if problem := result.get("problem"):
                self.problems[f"{problem['type']}: {problem['title']}"] += 1
            if (seq := result.get("seq")) is not None:
                self.first_seq = seq if self.first_seq is None else min(self.first_seq, seq)
                self.last_seq = max(self.last_seq, seq)

    @property
    def reports(self) -> int:
        """How many reports were answered."""
        return self.outcomes.total()

    def of(self, outcome: str) -> int:
        """How many reports had this outcome."""
        return sum(count for (_, each), count in self.outcomes.items() if each == outcome)

    def table(self) -> Table:
        """Types down, outcomes across, with sums."""
        table = Table("type", title="sent, and what came back", title_justify="left", show_footer=True)
        table.columns[0].footer = "all"
        for outcome in OUTCOMES:
            table.add_column(outcome, footer=figure(self.of(outcome)), justify="right")
        table.add_column("sent", footer=figure(self.reports), justify="right")
        for kind in sorted({kind for kind, _ in self.outcomes}):
            counts = [self.outcomes[kind, outcome] for outcome in OUTCOMES]
            table.add_row(kind, *map(figure, counts), figure(sum(counts)))
        return table

    def problem_lines(self) -> Iterable[str]:
        """Each problem that came back and how often, the most frequent first."""
        return (f"{count:,} x {problem}" for problem, count in self.problems.most_common())


def figure(count: int) -> str:
    """A count as it stands in a table."""
    return f"{count:,}" if count else "-"
