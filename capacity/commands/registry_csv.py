"""The registry as CSV: one line a pool, with the columns of its site repeated."""

import csv
import io
from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from capacity.commands.tables import Flaw, Line, Table, read_table
from capacity.errors import FileRefused
from capacity.wire.registry import Pool, Site

SITE_COLUMNS = (
    "site", "name", "kind", "visibility", "address", "lat", "lon", "phone", "opening_hours", "organisation",
    "reminder_hours",
)  # fmt: skip
POOL_COLUMNS = ("pool", "unit", "sleeps", "audience", "traits", "capacity", "fresh_for")
COLUMNS = SITE_COLUMNS + POOL_COLUMNS
NEEDED = ("site", "name", "kind", "pool", "audience", "capacity")
WHOLE_NUMBERS = ("sleeps", "capacity", "fresh_for")

Shape = TypeVar("Shape", bound=BaseModel)


def write_csv(sites: Iterable[Site], *, separator: str = ",") -> str:
    """All pools in the order of their sites; a site without pools keeps a line of its own."""
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, COLUMNS, delimiter=separator, lineterminator="\n")
    writer.writeheader()
    for site in sites:
        for pool in site.pools or (None,):
            writer.writerow(_site_cells(site) | (_pool_cells(pool) if pool else {}))
    return out.getvalue()


def read_csv(text: str, file: str) -> list[Site]:
    """The sites in the order in which they first appear.

    Raises:
        FileRefused: with every flaw of the file, by line and column.
    """
    table = read_table(text, file)
    table.require(NEEDED)
    unknown = [column for column in table.columns if column not in COLUMNS]
    table.flaws += [table.flaw(1, column, "is no column of the registry") for column in unknown]
    by_site: dict[str, list[Line]] = {}
    for line in table.lines:
        by_site.setdefault(line.cells["site"], []).append(line)
    table.flaws += _pools_named_twice(table)
    sites = [_site(table, lines) for lines in by_site.values()]
    if table.flaws:
        raise FileRefused(*sorted(table.flaws, key=lambda flaw: flaw.line))
    return [site for site in sites if site is not None]


def _site(table: Table, lines: list[Line]) -> Site | None:
    first = lines[0]
    for line in lines[1:]:
        table.flaws += _disagreements(table, first, line)
    pools = [_pool(table, line) for line in lines if line.cells["pool"]]
    cells = {column: first.cells.get(column, "") for column in SITE_COLUMNS}
    lat, lon = cells.pop("lat"), cells.pop("lon")
    fields: dict[str, Any] = {column: cell for column, cell in cells.items() if cell}
    fields["id"] = fields.pop("site", "")
    fields["reminder_hours"] = cells["reminder_hours"].split()
    if lat or lon:
        # French spreadsheets write a decimal comma.
        fields["position"] = {"lat": lat.replace(",", "."), "lon": lon.replace(",", ".")}
    fields["pools"] = [pool for pool in pools if pool is not None]
    return _checked(table, first.number, Site, fields)


def _pool(table: Table, line: Line) -> Pool | None:
    cells = {column: line.cells.get(column, "") for column in POOL_COLUMNS}
    fields: dict[str, Any] = {column: cell for column, cell in cells.items() if cell}
    fields["id"] = fields.pop("pool", "")
    fields["traits"] = cells["traits"].split()
    for column in WHOLE_NUMBERS:
        if cells[column].isascii() and cells[column].isdigit():
            fields[column] = int(cells[column])
    return _checked(table, line.number, Pool, fields)


def _checked(table: Table, number: int, shape: type[Shape], fields: dict[str, Any]) -> Shape | None:
    try:
        return shape.model_validate(fields)
    except ValidationError as exc:
        for error in exc.errors(include_url=False):
            column = next((str(part) for part in reversed(error["loc"]) if part in COLUMNS), "")
            if error["loc"] == ("id",):
                column = "site" if shape is Site else "pool"
            table.flaws.append(table.flaw(number, column, f"{error['msg']}{_seen(error)}"))
        return None


def _seen(error: Any) -> str:
    value = error.get("input")
    return f", not {value!r}" if isinstance(value, str) else ""


def _disagreements(table: Table, first: Line, line: Line) -> Iterator[Flaw]:
    """A cell of the site that is blank here says the same as above; another value cannot be meant."""
    for column in SITE_COLUMNS:
        above, here = first.cells.get(column, ""), line.cells.get(column, "")
        if here and here != above:
            yield table.flaw(line.number, column, f"is {here!r} here and {above!r} on line {first.number}")


def _pools_named_twice(table: Table) -> Iterator[Flaw]:
    first_line: dict[str, int] = {}
    for line in table.lines:
        pool = line.cells["pool"]
        if pool and pool in first_line:
            yield table.flaw(line.number, "pool", f"{pool!r} stands on line {first_line[pool]} already")
        first_line.setdefault(pool, line.number)


def _site_cells(site: Site) -> dict[str, Any]:
    fields = site.model_dump(mode="json", exclude={"pools", "position", "id"})
    position = site.position
    place = {"lat": position.lat, "lon": position.lon} if position else {}
    return {"site": site.id, **fields, **place, "reminder_hours": " ".join(site.reminder_hours)}


def _pool_cells(pool: Pool) -> dict[str, Any]:
    fields = pool.model_dump(mode="json", exclude={"id"})
    return {"pool": pool.id, **fields, "traits": " ".join(fields["traits"])}
