"""What the street of a made-up night sent and what came back, and what became of its households."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from rich.table import Table

from capacity.commands.service import Answer
from capacity.commands.tally import figure
from capacity.vocabulary.words import UnmetReason

WHATS = ("request", "search", "hold", "outcome", "extension", "arrival", "release", "statement")
TAKEN, AGAIN, REFUSED = "taken", "taken before", "refused"
CAME_BACK = (TAKEN, AGAIN, REFUSED)


@dataclass(slots=True)
class StreetTally:
    """Grows by one answer at a time."""

    answers: Counter[tuple[str, str]] = field(default_factory=Counter)
    problems: Counter[str] = field(default_factory=Counter)
    endings: Counter[str] = field(default_factory=Counter)
    unmet: Counter[str] = field(default_factory=Counter)
    households: int = 0
    oriented: int = 0

    def add(self, what: str, answer: Answer, *, is_again: bool = False) -> None:
        """Count one answer; `is_again`: to a command that had been answered before."""
        if answer.is_yes:
            self.answers[what, AGAIN if is_again else TAKEN] += 1
            return
        self.answers[what, REFUSED] += 1
        self.problems[f"{what}: {answer.body['type']}: {answer.body['title']}"] += 1

    def close(self, reason: str | None) -> None:
        """Count what a household was told: oriented, or why not."""
        if reason is None:
            self.oriented += 1
        else:
            self.unmet[reason] += 1

    def taken(self, what: str) -> int:
        """How many commands of this kind took effect."""
        return self.answers[what, TAKEN]

    @property
    def sent(self) -> int:
        """How many messages were answered."""
        return self.answers.total()

    def table(self) -> Table:
        """Commands down, what came back across, with sums."""
        table = Table("the street", title="sent from the street, and what came back", title_justify="left")
        table.show_footer = True
        table.columns[0].footer = "all"
        for came in CAME_BACK:
            sums = sum(count for (_, each), count in self.answers.items() if each == came)
            table.add_column(came, footer=figure(sums), justify="right")
        table.add_column("sent", footer=figure(self.sent), justify="right")
        for what in WHATS:
            counts = [self.answers[what, came] for came in CAME_BACK]
            if sum(counts):
                table.add_row(what, *map(figure, counts), figure(sum(counts)))
        return table

    def lines(self) -> Iterable[str]:
        """The households, the holds and the problems, a line each."""
        told = [(f"{self.oriented:,} oriented", self.oriented)]
        told += [(f"{self.unmet[reason]:,} {reason}", self.unmet[reason]) for reason in UnmetReason]
        yield f"{self.households:,} households asked {self.taken('request'):,} times: {_joined(told)}"
        held, ended = self.taken("hold"), self.endings.total()
        ways = [(f"{count:,} {ending}", count) for ending, count in self.endings.most_common()]
        ways.append((f"{held - ended:,} not ended by anyone here", held - ended))
        yield f"{held:,} holds: {_joined(ways)}"
        for problem, count in self.problems.most_common():
            yield f"{count:,} x {problem}"


def _joined(told: Iterable[tuple[str, int]]) -> str:
    return ", ".join(words for words, count in told if count) or "none"
