"""What a mapped table says: readings of pools at moments of the file's clock, and the sites that they belong to."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from capacity.commands.mapping import Cells, Choice, Mapping, RowPart, Template
from capacity.commands.tables import Flaw, Line, Table
from capacity.errors import FileRefused
from capacity.vocabulary.slugs import POOL_SIGNS, SITE_SIGNS, slug_of
from capacity.wire.registry import Site
from capacity.wire.reports import MOST_PLACES


@dataclass(frozen=True, slots=True)
class Reading:
    """What one line says of one pool at one moment (ms since 1970, by the file's clock); None: it says nothing."""

    line: int
    at_ms: int
    pool: str
    capacity: int | None
    out_of_service: int | None
    occupied: int | None


@dataclass(slots=True)
class Readings:
    """Every line that can be read, in the order of the file, and what was wrong with the others."""

    good: list[Reading] = field(default_factory=list)
    flaws: list[Flaw] = field(default_factory=list)

    def repeated(self) -> int:
        """How many lines speak of a pool and a moment of which a line before them spoke already."""
        return len(self.good) - len({(reading.pool, reading.at_ms) for reading in self.good})

    def over_capacity(self) -> int:
        """How many lines have more inside than there is room for, which is a fact and not a flaw."""
        return sum(
            reading.occupied > reading.capacity - (reading.out_of_service or 0)
            for reading in self.good
            if reading.occupied is not None and reading.capacity is not None
        )


class _Unreadable(Exception):
    def __init__(self, column: str, message: str) -> None:
        super().__init__(message)
        self.column = column


def read_lines(table: Table, mapping: Mapping) -> Readings:
    """The readings of a table. Raises FileRefused when the table lacks a column of the mapping."""
    table.require(mapping.columns())
    readings = Readings(flaws=list(table.flaws))
    for line in table.lines:
        try:
            readings.good.append(_reading(line, mapping))
        except _Unreadable as exc:
            readings.flaws.append(table.flaw(line.number, exc.column, str(exc)))
    readings.flaws.sort(key=lambda flaw: flaw.line)
    return readings


def sites_of(table: Table, mapping: Mapping) -> list[Site]:
    """The sites and pools that the lines of a table speak of, as the first line of each describes it.

    A line that cannot be read makes no pool. A site without an address stays without one.

    Raises:
        FileRefused: a column is missing, or a pool would be counted in two units, or a site cannot be named.
    """
    table.require(mapping.columns())
    drafts: dict[str, dict[str, Any]] = {}
    pools: dict[str, tuple[int, dict[str, Any]]] = {}
    flaws: list[Flaw] = []
    for line in table.lines:
        try:
            row, site_id, pool_id = _named(line.cells, mapping)
            capacity = _figure(line.cells, row.capacity)
        except _Unreadable:
            continue
        site = drafts.setdefault(site_id, _site(site_id, line.cells, mapping))
        if pool_id not in pools:
            pools[pool_id] = line.number, _pool(pool_id, line.cells, row, capacity or 0, mapping)
            site["pools"].append(pools[pool_id][1])
        elif pools[pool_id][1]["unit"] != row.unit:
            first, pool = pools[pool_id]
            message = f"{pool_id} is counted in {row.unit}s here and in {pool['unit']}s on line {first}"
            flaws.append(table.flaw(line.number, "", message))
    sites = list(_checked(drafts.values(), table.file, flaws))
    if flaws:
        raise FileRefused(*flaws)
    return sites


def _reading(line: Line, mapping: Mapping) -> Reading:
    cells = line.cells
    row, _, pool_id = _named(cells, mapping)
    try:
        at_ms = mapping.time.moment_ms(cells)
    except (ValueError, OverflowError) as exc:
        raise _Unreadable(mapping.time.columns[0], f"is no moment: {exc}") from exc
    figures = {name: _figure(cells, columns) for name, columns in row.figures.items()}
    if not any(figure is not None for figure in figures.values()):
        raise _Unreadable("", "says no figure at all")
    return Reading(
        line.number, at_ms, pool_id,
        figures.get("capacity"), figures.get("out_of_service"), figures.get("occupied"),
    )  # fmt: skip


def _named(cells: Cells, mapping: Mapping) -> tuple[RowPart, str, str]:
    """The kind of a line, and the ids of its site and pool."""
    row = mapping.row_of(cells)
    if row is None:
        raise _Unreadable("", "is of no kind that the mapping names")
    site_id = slug_of(Template(mapping.site.id).fill(cells) or "")
    pool_part = slug_of(Template(mapping.pool.id).fill(cells) or "")
    pool_id = f"{site_id}.{pool_part}"
    if not site_id or not pool_part:
        raise _Unreadable("", "does not name its site and pool")
    if len(site_id) > SITE_SIGNS or len(pool_id) > POOL_SIGNS:
        raise _Unreadable("", f"makes a name that is too long: {pool_id}")
    return row, site_id, pool_id


def _figure(cells: Cells, columns: Iterable[str]) -> int | None:
    """The sum of some columns; None when all are empty. Several of them: an empty one counts as nothing."""
    filled = [(column, cells[column]) for column in columns if cells[column]]
    return sum(_whole(column, text) for column, text in filled) if filled else None


def _whole(column: str, text: str) -> int:
    try:
        number = float(text)
        whole = int(number)
    except (ValueError, OverflowError) as exc:
        raise _Unreadable(column, f"is no number: {text!r}") from exc
    if whole != number:
        raise _Unreadable(column, f"is no whole number: {text}")
    if whole < 0:
        raise _Unreadable(column, f"is negative: {text}")
    if whole > MOST_PLACES:
        raise _Unreadable(column, f"is more than {MOST_PLACES:,}: {text}")
    return whole


def _site(site_id: str, cells: Cells, mapping: Mapping) -> dict[str, Any]:
    part = mapping.site
    described = {
        "name": Template(part.name).fill(cells) or site_id,
        "kind": part.kind.of(cells) if isinstance(part.kind, Choice) else part.kind,
        "address": Template(part.address or "").fill(cells) or None,
        "organisation": Template(part.organisation or "").fill(cells) or None,
    }
    return {"id": site_id, **described, "pools": []}


def _pool(pool_id: str, cells: Cells, row: RowPart, capacity: int, mapping: Mapping) -> dict[str, Any]:
    audience = mapping.pool.audience
    return {
        "id": pool_id,
        "unit": row.unit,
        "sleeps": row.sleeps,
        "audience": audience.of(cells) if isinstance(audience, Choice) else audience,
        "capacity": capacity,
        "fresh_for": mapping.pool.fresh_for,
    }


def _checked(drafts: Iterable[dict[str, Any]], file: str, flaws: list[Flaw]) -> Iterable[Site]:
    for draft in drafts:
        try:
            yield Site.model_validate(draft)
        except ValidationError as exc:
            for error in exc.errors(include_url=False):
                place = ".".join(map(str, error["loc"]))
                flaws.append(Flaw(file, 0, f"site {draft['id']}: {place}", error["msg"]))
