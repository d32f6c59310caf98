"""Sites and their pools as they come in and go out. Source: wire.md, Registry."""

import operator
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter, model_validator

from capacity.vocabulary.slugs import POOL_PATTERN, POOL_SIGNS, SITE_PATTERN, SITE_SIGNS, TERRITORY_PATTERN
from capacity.vocabulary.words import Audience, Kind, Trait, Unit, Visibility
from capacity.wire.reports import MOST_PLACES

MOST_POOLS = 100
DEFAULT_FRESH_FOR = 7_200
WEEK_SECONDS = 604_800
MOST_REMINDERS = 12

# Postgres keeps any sign but NUL.
_Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=r"^[^\x00]*$")]
_Hour = Annotated[str, StringConstraints(pattern=r"^(?:[01][0-9]|2[0-3]):[0-5][0-9]$")]


class Position(BaseModel):
    """Where a site is: WGS 84 degrees."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    lat: Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)]
    lon: Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]


class Pool(BaseModel):
    """Interchangeable places of one unit for one audience at one site."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Annotated[str, StringConstraints(pattern=POOL_PATTERN, max_length=POOL_SIGNS)]
    unit: Unit = Unit.PLACE
    sleeps: Annotated[int, Field(ge=1, le=50)] | None = None
    audience: Audience
    traits: Annotated[tuple[Trait, ...], Field(max_length=len(Trait))] = ()
    capacity: Annotated[int, Field(ge=0, le=MOST_PLACES, strict=True)]
    fresh_for: Annotated[int, Field(ge=60, le=WEEK_SECONDS, strict=True)] = DEFAULT_FRESH_FOR

    @model_validator(mode="after")
    def _is_of_one_piece(self) -> "Pool":
        if self.sleeps is not None and self.unit is not Unit.ROOM:
            raise ValueError("sleeps belongs to rooms only")
        if len(set(self.traits)) != len(self.traits):
            raise ValueError("a trait stands twice")
        return self


class Site(BaseModel):
    """A physical place with its pools. What the address bar already says (`id`) may be left out of a PUT."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Annotated[str, StringConstraints(pattern=SITE_PATTERN, max_length=SITE_SIGNS)]
    name: _Line
    kind: Kind
    visibility: Visibility = Visibility.PUBLIC
    address: _Line | None = None
    position: Position | None = None
    phone: Annotated[str, StringConstraints(pattern=r"^\+?[0-9][0-9 .()-]{2,30}$")] | None = None
    opening_hours: _Line | None = None
    organisation: _Line | None = None
    reminder_hours: Annotated[
        tuple[_Hour, ...],
        Field(
            max_length=MOST_REMINDERS,
            exclude_if=operator.not_,
            description='when its tablet asks how many are there, by its own day: ["22:00", "02:00"]; absent: never',
        ),
    ] = ()
    pools: Annotated[tuple[Pool, ...], Field(max_length=MOST_POOLS)] = ()

    @model_validator(mode="after")
    def _names_each_pool_once(self) -> "Site":
        pool_ids = [pool.id for pool in self.pools]
        if len(set(pool_ids)) != len(pool_ids):
            raise ValueError("a pool id stands twice")
        return self

    @model_validator(mode="after")
    def _asks_once_an_hour(self) -> "Site":
        if len(set(self.reminder_hours)) != len(self.reminder_hours):
            raise ValueError("a reminder hour stands twice")
        return self


class Sites(BaseModel):
    """The sites of a territory that the caller may see, by id."""

    sites: list[Site]


class Territory(BaseModel):
    """The area of one 115, named by its département code or any slug."""

    id: Annotated[str, StringConstraints(pattern=TERRITORY_PATTERN)]
    name: str


class Territories(BaseModel):
    """All territories that this service carries."""

    territories: list[Territory]


site_adapter: TypeAdapter[Site] = TypeAdapter(Site)
