"""Holds and contingents as they come in and go out. Source: wire.md, Holds; laws 5 and 9."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from capacity.vocabulary.words import Acceptance, Channel, HoldState, ReleaseReason, Said, Side
from capacity.wire.board import Row, Seq
from capacity.wire.moments import Moment
from capacity.wire.numbers import WHOLE
from capacity.wire.parties import Party
from capacity.wire.registry import Position
from capacity.wire.reports import MOST_PLACES, CommandId, PoolId

MOST_LINES = 5
MOST_MINUTES = 240

Minutes = Annotated[int, Field(ge=5, le=MOST_MINUTES, strict=True), WHOLE]


class _Body(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Line(_Body):
    """Places of one pool."""

    pool: PoolId
    places: Annotated[int, Field(ge=1, le=50, strict=True), WHOLE]


def _once_each(lines: tuple[Line, ...]) -> tuple[Line, ...]:
    if len({line.pool for line in lines}) != len(lines):
        raise ValueError("a pool stands twice")
    return lines


class HoldBody(_Body):
    """What is to be held, all of it or none, for how long and for whom."""

    id: CommandId
    lines: Annotated[tuple[Line, ...], Field(min_length=1, max_length=MOST_LINES)]
    minutes: Minutes
    party: Party | None = None
    channel: Channel = Channel.THE_115

    @model_validator(mode="after")
    def _names_each_pool_once(self) -> "HoldBody":
        _once_each(self.lines)
        return self


class ArrivalBody(_Body):
    """Who was awaited is here; with `lines`, only so many, and the rest is released."""

    id: CommandId
    lines: Annotated[tuple[Line, ...], Field(min_length=1, max_length=MOST_LINES)] | None = None

    @model_validator(mode="after")
    def _names_each_pool_once(self) -> "ArrivalBody":
        _once_each(self.lines or ())
        return self


class ReleaseBody(_Body):
    """The places are given back: nobody will come, or nobody came, or nobody was let in."""

    id: CommandId
    reason: ReleaseReason


class ExtensionBody(_Body):
    """So many minutes more, at most 240 from now."""

    id: CommandId
    minutes: Minutes


class StatementBody(_Body):
    """What a side says became of a hold that has ended."""

    id: CommandId
    side: Side
    says: Said


class AcceptanceBody(_Body):
    """A command that says no more than its id."""

    id: CommandId


class ContingentBody(_Body):
    """Places kept for one channel until an hour."""

    channel: Channel
    places: Annotated[int, Field(ge=1, le=MOST_PLACES, strict=True), WHOLE]
    until: Moment


class ContingentsBody(_Body):
    """All contingents of a pool; none ends them."""

    contingents: Annotated[tuple[ContingentBody, ...], Field(max_length=len(Channel))]

    @model_validator(mode="after")
    def _names_each_channel_once(self) -> "ContingentsBody":
        if len({one.channel for one in self.contingents}) != len(self.contingents):
            raise ValueError("a channel stands twice")
        return self


class Statement(BaseModel):
    """What one side said, and when."""

    side: Side
    says: Said
    at: Moment


class Hold(BaseModel):
    """Places promised to a household. `seq` is the number of the command that last changed it.

    `reason` tells why it was released; `pool_gone` says that a pool of it left the board. `disputed`: the two sides
    tell different things of how it ended.
    """

    id: CommandId
    code: str = Field(description="said at the door; unique among the territory's active holds")
    channel: Channel
    lines: list[Line]
    state: HoldState
    expires_at: Moment
    seq: Seq
    created_at: Moment
    party: Party | None
    ended_at: Moment | None
    reason: ReleaseReason | Literal["pool_gone"] | None
    arrived: list[dict[str, Any]] | None
    statements: list[Statement]
    disputed: bool
    acceptance: Acceptance | None = Field(description="of a household announced at a protected site; null elsewhere")


class HoldAnswer(BaseModel):
    """A hold, and its pools' rows after it."""

    hold: Hold
    rows: list[Row]


class ToldSite(BaseModel):
    """What a team needs to know of a protected site to go there."""

    id: str
    name: str
    address: str | None
    position: Position | None
    phone: str | None
    opening_hours: str | None


class AddressAnswer(BaseModel):
    """Where the household may go; `site` is the first of `sites`, which are those whose pools are held."""

    site: ToldSite | None
    sites: list[ToldSite]


class Holds(BaseModel):
    """The active holds, soonest end first."""

    holds: list[Hold]


class Expiry(BaseModel):
    """Places of one pool that are held, and when they are free again. Whose they are is not said."""

    pool: PoolId
    places: int
    expires_at: Moment


class Expiries(BaseModel):
    """What is held, soonest end first."""

    expiries: list[Expiry]


class ContingentsAnswer(BaseModel):
    """What is kept of a pool now, and its row."""

    contingents: list[dict[str, Any]]
    row: Row
