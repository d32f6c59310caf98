"""How the board looks in a terminal. Screens speak French; shapes and words stand beside every colour."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from rich.table import Table
from rich.text import Text

from capacity.commands.mirror import Row, free_of, freshness_of, rank
from capacity.commands.service import ms_of
from capacity.commands.watch_holds import CHANNELS
from capacity.vocabulary.words import Audience, Channel, Freshness, Status, Unit

T = TypeVar("T")

SILENT_MS = 10_000
"""The feed speaks every 5 s: after this long without a word the picture is no longer called live."""

AUDIENCES = {
    Audience.WOMEN: "femmes",
    Audience.FAMILIES: "familles",
    Audience.MEN: "hommes",
    Audience.COUPLES: "couples",
    Audience.MIXED: "mixte",
    Audience.MINORS: "mineurs",
}
UNITS = {
    Unit.PLACE: "places",
    Unit.BED: "lits",
    Unit.ARMCHAIR: "fauteuils",
    Unit.ROOM: "chambres",
    Unit.LOCKER: "casiers",
    Unit.MEAL: "repas",
    Unit.SHOWER: "douches",
}
STATUSES = {
    Status.OPEN: "ouvert",
    Status.DRAINING: "plus d’arrivées",
    Status.SUSPENDED: "suspendu",
    Status.CLOSED: "fermé",
}
MARKS = {
    Freshness.FRESH: ("●", "green"),
    Freshness.AGEING: ("◐", "yellow"),
    Freshness.STALE: ("△", "red"),
    Freshness.UNKNOWN: ("?", "dim"),
}
HEADINGS = ("structure", "public", "unité", "libres", "pour {channel}", "tenues", "occupées", "état", "fraîcheur")
FIGURES = slice(3, 7)
WIDE_ONLY = slice(5, 8)
NARROW_COLUMNS = 105
"""Below so many there is no room for names beside all columns; that a pool is not open its `libres` says too."""


@dataclass(frozen=True, slots=True)
class Known:
    """What the registry says of a pool."""

    site_name: str
    unit: Unit
    audience: Audience


@dataclass(frozen=True, slots=True)
class View:
    """What is to be seen of a board: so many rows at most, for a channel, in a terminal so many signs wide."""

    most: int
    columns: int = NARROW_COLUMNS
    channel: Channel = Channel.THE_115

    def shown(self, cells: Sequence[T]) -> list[T]:
        """The cells of a row for which there is room."""
        found = list(cells)
        if self.columns < NARROW_COLUMNS:
            del found[WIDE_ONLY]
        return found


@dataclass(frozen=True, slots=True)
class Link:
    """What the connection is worth: since when it is lost, if it is, and when it last said something (server's ms)."""

    heard_ms: int | None
    lost_ms: int | None = None


def age_words(row: Row, now_ms: int) -> str:
    """How long ago somebody last said something of the pool, in French; or that nobody has yet."""
    if row["observed_at"] is None:
        return "aucune remontée"
    minutes = max(0, now_ms - ms_of(row["observed_at"])) // 60_000
    if minutes < 1:
        return "à l’instant"
    if minutes < 60:
        return f"il y a {minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"il y a {hours} h {minutes:02d}" if hours < 24 else f"il y a {hours // 24} j"


def free_words(row: Row, now_ms: int, channel: Channel | None = None) -> str:
    """The free places, or a channel's; with a question mark when what is known is too old to count on. Law 7."""
    if row["status"] != Status.OPEN:
        return "–"
    if freshness_of(row, now_ms) is Freshness.UNKNOWN:
        return "?"
    if row["over"]:
        return f"0 (+{row['over']})"
    free = row["free"] if channel is None else free_of(row, channel, now_ms)
    return f"{free} ?" if freshness_of(row, now_ms) is Freshness.STALE else str(free)


def link_line(link: Link, now_ms: int) -> Text:
    """One line that is green only while the service speaks."""
    if link.heard_ms is None:
        return Text("connexion…" if link.lost_ms is None else "Pas de connexion : rien n’a encore été reçu", "yellow")
    silence_s = (now_ms - link.heard_ms) // 1000
    if link.lost_ms is not None:
        return Text(f"Connexion perdue : données d’il y a {silence_s} s", "bold red")
    if now_ms - link.heard_ms > SILENT_MS:
        return Text(f"Serveur muet depuis {silence_s} s : données figées", "bold yellow")
    return Text("● en direct", "green")


def board_table(rows: Mapping[str, Row], known: Mapping[str, Known], now_ms: int, view: View) -> Table:
    """The first rows by rank, and how many more there are."""
    headings = [heading.format(channel=CHANNELS[view.channel]) for heading in HEADINGS]
    table = Table(*view.shown(headings), expand=True, box=None, header_style="bold", pad_edge=False)
    for column in table.columns:
        column.no_wrap = True
        column.justify = "right" if column.header in headings[FIGURES] else "left"
    table.columns[0].ratio = 1
    ordered = sorted(rows.values(), key=lambda row: rank(row, now_ms))
    for row in ordered[: view.most]:
        table.add_row(*view.shown(_cells(row, known, now_ms, view.channel)))
    if len(ordered) > view.most:
        table.add_row(Text(f"et {len(ordered) - view.most} autres", "dim"))
    return table


def plain_line(row: Row, known: Mapping[str, Known], now_ms: int, channel: Channel = Channel.THE_115) -> str:
    """One changed row as a line of text, for a pipe."""
    cells = _cells(row, known, now_ms, channel)[1:]
    return "\t".join((row["pool"], *(Text.assemble(cell).plain for cell in cells)))


def _cells(row: Row, known: Mapping[str, Known], now_ms: int, channel: Channel) -> list[str | Text]:
    pool = known.get(row["pool"])
    is_free = rank(row, now_ms)[0] == 0
    is_ours = is_free and free_of(row, channel, now_ms) > 0
    mark, colour = MARKS[freshness_of(row, now_ms)]
    return [
        pool.site_name if pool else row["site"],
        AUDIENCES[pool.audience] if pool else "",
        UNITS[pool.unit] if pool else "",
        Text(free_words(row, now_ms), "bold green" if is_free else "dim"),
        Text(free_words(row, now_ms, channel), "bold green" if is_ours else "dim"),
        str(row["held"]) if row["held"] else "",
        f"{row['occupied']}/{row['capacity'] + row['extra'] - row['out_of_service']}",
        STATUSES[Status(row["status"])],
        Text(f"{mark} {age_words(row, now_ms)}", colour),
    ]
