"""Requests of households and their outcomes, as they come in and go out. Source: domain.md, request; law 9."""

import re
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, RootModel, WithJsonSchema
from pydantic.json_schema import SkipJsonSchema

from capacity.vocabulary.codes import DIGITS, LETTERS
from capacity.vocabulary.words import Channel, RequestState, Trait, UnmetReason
from capacity.wire.board import Seq
from capacity.wire.moments import Moment
from capacity.wire.parties import Party
from capacity.wire.reports import CommandId

USUAL_REQUESTS, MOST_REQUESTS = 1_000, 10_000

CONTACT_PATTERN = rf"^[ .-]*(?:[{LETTERS}{LETTERS.lower()}][ .-]*[{DIGITS}][ .-]*){{2,3}}$"
CONTACT_SIGNS = 24
_contact = re.compile(CONTACT_PATTERN)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_EARLIEST, _LATEST = date(2000, 1, 1), date(2199, 12, 31)


def _code_of(typed: str) -> str:
    """The code that somebody typed, in capitals and without what separates its signs."""
    if len(typed) > CONTACT_SIGNS or _contact.fullmatch(typed) is None:
        raise ValueError("a contact code looks like M4R8: letters and digits in turn, and never 0, O, 1 or I")
    return re.sub("[ .-]", "", typed).upper()


Contact = Annotated[
    str,
    AfterValidator(_code_of),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": CONTACT_PATTERN,
            "maxLength": CONTACT_SIGNS,
            "examples": ["M4R8"],
            "description": "the code that the caller was told at its first call of the night",
        }
    ),
]

Area = Annotated[
    str, Field(pattern=r"^[a-z0-9-]{1,20}$", description="a postcode or an arrondissement", examples=["75018"])
]


def _once_each(needs: tuple[Trait, ...]) -> tuple[Trait, ...]:
    """The needs in the order of the vocabulary, so that the same needs are always the same text."""
    return tuple(need for need in Trait if need in needs)


Needs = Annotated[tuple[Trait, ...], Field(max_length=len(Trait)), AfterValidator(_once_each)]


class _Body(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class RequestBody(_Body):
    """A household asks for a night's place. Nothing here says who it is."""

    id: CommandId
    party: Party
    needs: Needs = ()
    channel: Channel = Channel.THE_115
    area: Area | None = None
    contact: Contact | None = None


class Oriented(_Body):
    """The household was sent to places that are held for it."""

    id: CommandId
    outcome: Literal["oriented"]
    hold: CommandId


class Unmet(_Body):
    """The household was told no."""

    id: CommandId
    outcome: Literal["unmet"]
    reason: UnmetReason


class OutcomeBody(RootModel[Annotated[Oriented | Unmet, Field(discriminator="outcome")]]):
    """What became of a request: oriented with its hold, or unmet with its reason."""


class Request(BaseModel):
    """A household's request. `seq` is the number of the command that last changed it."""

    id: CommandId
    seq: Seq
    opened_at: Moment
    party: Party
    needs: list[Trait]
    channel: Channel
    area: str | None
    state: RequestState
    reason: UnmetReason | None = Field(description="why it was unmet")
    hold: CommandId | None = Field(description="the hold that it was oriented to")
    household: str = Field(description="opaque, of one night only: the requests of one household have the same")
    closed_at: Moment | None


class OpenedRequest(BaseModel):
    """A request, and the code by which its household is known if it calls again this night."""

    request: Request
    contact: str | None = Field(description="to be said to the caller and kept nowhere; null once it cannot be told")


class ClosedRequest(BaseModel):
    """A request with its outcome."""

    request: Request


class RequestSummary(BaseModel):
    """What a night adds up to: requests, households and persons apart."""

    requests: int
    households: int
    persons: int = Field(description="each household once, at its largest")
    open: int
    oriented: int
    unmet: dict[UnmetReason, int] = Field(description="by reason")
    empty_searches: int = Field(description="searches that found nothing; the same one once in ten minutes")


class NightRequests(BaseModel):
    """The requests of a night, newest first; `summary` counts all of them, also those beyond `limit`."""

    night: date = Field(description="the day on which the night begins")
    requests: list[Request]
    summary: RequestSummary


def _is_a_day(text: Any) -> Any:
    if isinstance(text, str) and _DAY.fullmatch(text) is None:
        raise ValueError("a night is named by the day on which it begins: 2026-11-22")
    return text


def _is_of_our_time(day: date) -> date:
    if not _EARLIEST <= day <= _LATEST:
        raise ValueError("a night lies between the years 2000 and 2199")
    return day


class RequestsQuery(BaseModel):
    """Which night: the present one unless said otherwise."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    night: (
        Annotated[date, BeforeValidator(_is_a_day), AfterValidator(_is_of_our_time), Field(examples=["2026-11-22"])]
        | SkipJsonSchema[None]
    ) = Field(None, description="the day on which it begins at noon")
    limit: int = Field(USUAL_REQUESTS, ge=1, le=MOST_REQUESTS, description="at most so many requests")
