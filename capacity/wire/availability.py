"""A search for free places as it comes in and goes out: `GET …/availability`. Source: wire.md, Holds; domain.md."""

import re
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema
from pydantic.json_schema import SkipJsonSchema
from pydantic_core import to_json

from capacity.board.clocks import rfc3339
from capacity.board.distance import Point
from capacity.board.fit import Line
from capacity.board.needs import Household
from capacity.board.ranking import FRESHNESS, Option
from capacity.board.reasons import why
from capacity.board.search import Findings, Question
from capacity.vocabulary.finding import Because, Certainty, Doors, Note, Stay, Why
from capacity.vocabulary.words import Audience, Channel, Freshness, Kind, Trait, Unit, Visibility
from capacity.wire.moments import Moment
from capacity.wire.parties import MOST_OF_A_KIND
from capacity.wire.registry import Position
from capacity.wire.reports import PoolId

MOST_OPTIONS = 100
_LATITUDE = r"-?(?:[1-8]?[0-9](?:\.[0-9]{1,15})?|90(?:\.0{1,15})?)"
_LONGITUDE = r"-?(?:(?:1[0-7][0-9]|[1-9]?[0-9])(?:\.[0-9]{1,15})?|180(?:\.0{1,15})?)"
_NEAR = re.compile(f"({_LATITUDE}),({_LONGITUDE})")
_FLAGS = {"1": True, "true": True, "0": False, "false": False}


def _point(text: Any) -> Any:
    if text is None:
        return None
    found = _NEAR.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        raise ValueError("a latitude from -90 to 90 and a longitude from -180 to 180, as 48.8566,2.3522")
    return Point.of(float(found[1]), float(found[2]))


def _flag(text: Any) -> Any:
    if text not in _FLAGS:
        raise ValueError("1 or 0, true or false")
    return _FLAGS[text]


_Persons = Annotated[int, Field(ge=0, le=MOST_OF_A_KIND)]
_Flag = Annotated[
    bool, BeforeValidator(_flag), WithJsonSchema({"type": "string", "enum": list(_FLAGS), "default": "0"})
]
_Near = Annotated[
    Point,
    BeforeValidator(_point),
    WithJsonSchema({"type": "string", "pattern": f"^{_LATITUDE},{_LONGITUDE}$", "examples": ["48.8566,2.3522"]}),
]


class AvailabilityQuery(BaseModel):
    """For whom: at least one person."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    women: _Persons = 0
    men: _Persons = 0
    children: _Persons = 0
    pets: _Flag = Field(False, description="only pools that take pets")
    wheelchair: _Flag = Field(False, description="only pools that a wheelchair can reach")
    babies: _Flag = Field(False, description="only pools that take babies")
    stay: Stay = Field(Stay.NIGHT, description="`day` adds the day centres")
    channel: Channel = Field(Channel.THE_115, description="who asks: places may be kept for another channel")
    near: _Near | SkipJsonSchema[None] = Field(None, description="where the household is: latitude,longitude")
    limit: int = Field(20, ge=1, le=MOST_OPTIONS, description="at most so many options")

    @property
    def question(self) -> Question:
        """What is asked."""
        traits = frozenset(trait for trait in Trait if getattr(self, trait))
        household = Household(self.women, self.men, self.children)
        return Question(household, traits, self.stay, self.channel, self.near, self.limit)


class OptionSite(BaseModel):
    """Where it is."""

    id: str
    name: str
    kind: Kind
    phone: str | None
    address: str | None
    position: Position | None
    visibility: Visibility


class OptionLine(BaseModel):
    """So many places of one pool; `pool` and `places` are a line of a hold as it is."""

    pool: PoolId
    places: int
    unit: Unit
    audience: Audience
    sleeps: int | None = Field(description="for how many a room is; null: nobody wrote it down, and it counts for one")
    free: int
    free_for_you: int = Field(description="of these, how many the asking channel may promise")
    observed_at: Moment | None
    freshness: Freshness


class OptionWalk(BaseModel):
    """How long on foot, an estimate from the straight line."""

    minutes: int
    estimate: bool


class OptionOpening(BaseModel):
    """The doors at the moment of arrival: now, and the walk."""

    state: Doors
    at: Moment
    next: Moment | None = Field(None, description="when a site that is closed then opens next")


class AvailableOption(BaseModel):
    """One way to take in the whole household, at one site."""

    site: OptionSite
    lines: list[OptionLine] = Field(description="several pools only where no pool alone is enough")
    persons: int = Field(description="for how many the places are, never fewer than the household has")
    certainty: Certainty = Field(description="never `certain` where nobody has reported for long")
    freshness: Freshness = Field(description="that of the line of which least is known")
    distance_m: int | None = Field(description="great circle; null: no `near`, or the site has no position")
    walk: OptionWalk | None
    opening: OptionOpening
    why: list[Why]


class AvailableBecause(BaseModel):
    """What puts the first option before the second, with the number of each where numbers tell it.

    `nearer` tells metres, `fresher` seconds since the oldest report, the others pools, rooms or places left over.
    """

    code: Because
    first: int | None
    second: int | None


class Availability(BaseModel):
    """Options, best first. What might not be free comes after all that is; then closed sites; then by what suits."""

    options: list[AvailableOption]
    found: int = Field(description="how many options there are in all")
    unfiltered: int = Field(description="how many there would be if no pets, wheelchair or babies were asked for")
    searched: int = Field(description="how many sites were looked at")
    note: Note | None = Field(description="what is to be said where no option is certain")
    first_because: AvailableBecause | None
    server_time: Moment


def tell(findings: Findings, now_ms: int) -> bytes:
    """The answer as JSON."""
    return to_json(
        {
            "options": [_option(option, findings.nearest_metres) for option in findings.options],
            "found": findings.found,
            "unfiltered": findings.unfiltered,
            "searched": findings.searched,
            "note": findings.note,
            "first_because": findings.first_because and findings.first_because._asdict(),
            "server_time": rfc3339(now_ms),
        }
    )


def _option(option: Option, nearest_metres: int | None) -> dict[str, Any]:
    place, opening = option.place, option.place.opening
    said = {"state": opening.doors, "at": rfc3339(place.arrival_ms)}
    return {
        "site": place.shelter.shown,
        "lines": [_line(line) for line in option.fit.lines],
        "persons": option.fit.persons,
        "certainty": option.certainty,
        "freshness": option.freshness,
        "distance_m": place.metres,
        "walk": None if place.walk_minutes is None else {"minutes": place.walk_minutes, "estimate": True},
        "opening": said if opening.opens_ms is None else {**said, "next": rfc3339(opening.opens_ms)},
        "why": why(option, nearest_metres),
    }


def _line(line: Line) -> dict[str, Any]:
    lodging, vacancy, free_for_you, _, oldness = line.candidate
    return {
        "pool": lodging.pool_id,
        "places": line.places,
        "unit": lodging.unit,
        "audience": lodging.audience,
        "sleeps": lodging.sleeps,
        "free": vacancy.free,
        "free_for_you": free_for_you,
        "observed_at": vacancy.observed_at,
        "freshness": FRESHNESS[oldness],
    }
