"""The mapping file: which columns of somebody's table say when, where, for whom, and how many."""

import re
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from capacity.board.clocks import to_ms
from capacity.commands.tables import Flaw, read_text
from capacity.errors import FileRefused
from capacity.vocabulary.words import Audience, Kind, Unit
from capacity.wire.registry import DEFAULT_FRESH_FOR

Cells = dict[str, str]

_placeholder = re.compile(r"\{([^{}]+)\}")


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Template(str):
    """Text with the names of columns in braces, such as `{LOCATION_NAME}, {LOCATION_CITY}`."""

    __slots__ = ()

    @property
    def columns(self) -> list[str]:
        """The columns that it names."""
        return _placeholder.findall(self)

    def fill(self, cells: Cells) -> str | None:
        """The text of one line; None when a cell that it needs is empty."""
        if not all(cells[column] for column in self.columns):
            return None
        return _placeholder.sub(lambda found: cells[found[1]], self)


class Choice(_Part):
    """A word of ours for each word that a column may hold."""

    column: str
    words: dict[str, str] = {}
    otherwise: str

    def of(self, cells: Cells) -> str:
        """Our word for this line."""
        return self.words.get(cells[self.column], self.otherwise)


class TimePart(_Part):
    """The file's clock: columns joined by a blank, read with `format`, in `zone`, `plus_hours` later.

    `format` is that of strptime, or `iso` for RFC 3339 and its kin.
    """

    columns: Annotated[list[str], Field(min_length=1)]
    format: str
    zone: str = "UTC"
    plus_hours: float = 0

    @field_validator("zone")
    @classmethod
    def _exists(cls, zone: str) -> str:
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError, OSError) as exc:
            raise ValueError(f"there is no time zone called {zone!r}") from exc
        return zone

    @cached_property
    def _tz(self) -> ZoneInfo:
        return ZoneInfo(self.zone)

    def moment_ms(self, cells: Cells) -> int:
        """The moment of a line in ms since 1970; an hour that the clock showed twice is the first of them.

        Raises:
            ValueError, OverflowError: the cells are no moment of this format.
        """
        text = " ".join(cells[column] for column in self.columns)
        read = datetime.fromisoformat(text) if self.format == "iso" else datetime.strptime(text, self.format)  # noqa: DTZ007 the zone follows
        aware = read if read.tzinfo else read.replace(tzinfo=self._tz)
        return to_ms(aware.astimezone(UTC) + timedelta(hours=self.plus_hours))


class SitePart(_Part):
    """How a line names its site and describes it; the first line of a site is believed."""

    id: str
    name: str
    kind: Kind | Choice
    address: str | None = None
    organisation: str | None = None


class PoolPart(_Part):
    """How a line names its pool, within its site."""

    id: str
    audience: Audience | Choice
    fresh_for: int = DEFAULT_FRESH_FOR


class RowPart(_Part):
    """One kind of line: what it counts, and the columns of each figure, which are added up."""

    when: dict[str, str] = {}
    unit: Unit
    sleeps: int | None = None
    capacity: list[str] = []
    occupied: list[str] = []
    out_of_service: list[str] = []

    @property
    def figures(self) -> dict[Literal["capacity", "occupied", "out_of_service"], list[str]]:
        """The columns of each figure that this kind of line has."""
        figures: dict[Literal["capacity", "occupied", "out_of_service"], list[str]]
        figures = {"capacity": self.capacity, "out_of_service": self.out_of_service, "occupied": self.occupied}
        return {name: columns for name, columns in figures.items() if columns}


class Mapping(_Part):
    """What a mapping file says."""

    about: str = ""
    encoding: str | None = None
    time: TimePart
    site: SitePart
    pool: PoolPart
    rows: Annotated[list[RowPart], Field(min_length=1)]

    def columns(self) -> list[str]:
        """Every column that a table must have for this mapping."""
        return list(dict.fromkeys(self._columns()))

    def _columns(self) -> Iterator[str]:
        yield from self.time.columns
        for template in (self.site.id, self.site.name, self.site.address, self.site.organisation, self.pool.id):
            yield from Template(template or "").columns
        for choice in (self.site.kind, self.pool.audience):
            if isinstance(choice, Choice):
                yield choice.column
        for row in self.rows:
            yield from row.when
            for columns in row.figures.values():
                yield from columns

    def row_of(self, cells: Cells) -> RowPart | None:
        """The first kind of line that this one is."""
        return next((row for row in self.rows if all(cells[column] == word for column, word in row.when.items())), None)


def read_mapping(path: Path) -> Mapping:
    """The mapping of a TOML file. Raises FileRefused with every flaw."""
    try:
        return Mapping.model_validate(tomllib.loads(read_text(path)))
    except tomllib.TOMLDecodeError as exc:
        raise FileRefused(f"{path}: this is not TOML: {exc}") from exc
    except ValidationError as exc:
        errors: list[Any] = exc.errors(include_url=False)
        flaws = (Flaw(str(path), 0, ".".join(map(str, error["loc"])), error["msg"]) for error in errors)
        raise FileRefused(*flaws) from exc
