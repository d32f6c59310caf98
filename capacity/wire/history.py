"""What the ledger tells: a pool over time, and the numbered commands. Source: wire.md, History."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field
from pydantic.json_schema import SkipJsonSchema

from capacity.wire.moments import Moment
from capacity.wire.reports import MOST_SEQ

MOST_COMMANDS = 1_000
LONGEST_STEP = 366 * 86_400


class HistoryPoint(BaseModel):
    """A pool at a moment. Over a step it is the moment with the fewest free places, never an average."""

    at: Moment
    capacity: int
    occupied: int
    held: int
    free: int


class History(BaseModel):
    """A point a step, or a point a change where no step was asked for, oldest first."""

    points: list[HistoryPoint]


class HistoryQuery(BaseModel):
    """From when to when: the last 24 hours unless said otherwise."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    start: Moment | SkipJsonSchema[None] = Field(
        None, alias="from", description="RFC 3339; 24 hours before `to` unless given"
    )
    end: Moment | SkipJsonSchema[None] = Field(None, alias="to", description="RFC 3339; now unless given")
    step: Annotated[int, Field(ge=1, le=LONGEST_STEP, examples=[300])] | SkipJsonSchema[None] = Field(
        None, description="seconds a point; without it, a point a change"
    )


class Commands(BaseModel):
    """Numbered commands, oldest first. Each has `seq`, `id`, `type`, `outcome`, `pool` and the fields of its type."""

    commands: list[dict[str, Any]]


class LedgerQuery(BaseModel):
    """Which commands."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    after: int = Field(0, ge=0, le=MOST_SEQ, description="only those numbered after this")
    limit: int = Field(100, ge=1, le=MOST_COMMANDS, description="at most so many")
