"""Why a row shows the number that it shows: what it is summed up from, part by part. Source: laws 1, 2 and 5."""

from typing import Literal

from pydantic import BaseModel, Field

from capacity.vocabulary.roles import Role
from capacity.vocabulary.words import Channel, OutOfServiceReason, Status
from capacity.wire.board import Row
from capacity.wire.moments import Moment
from capacity.wire.reports import CommandId, PoolId

SINCE = "when it was last said; null: never, it is the registry's figure or none"


class PlacesSince(BaseModel):
    """Places, and since when there are so many."""

    places: int
    since: Moment | None = Field(description=SINCE)


class OutOfServicePlaces(PlacesSince):
    """Places that cannot be given tonight, and why."""

    reason: OutOfServiceReason | None


class StatusSince(BaseModel):
    """Whether the pool takes arrivals, since when, why not and until when."""

    status: Status
    reason: str | None
    until: Moment | None
    since: Moment | None = Field(description=SINCE)


class CountMade(BaseModel):
    """The latest count. `by` is who counted, in their role; null where that is not known."""

    occupied: int
    observed_at: Moment
    by: Role | None


class MovementMade(BaseModel):
    """People who came in or left since the count, as reported, or as who arrived with a hold."""

    delta: int
    observed_at: Moment
    by: Literal["movement", "arrival"]
    role: Role | None = Field(description="of who reported it; null for an arrival, or where it is not known")


class OccupiedPlaces(BaseModel):
    """`places` is the count (none: 0) plus `earlier_movements` plus the movements, plus `cut`: never below zero."""

    places: int
    count: CountMade | None
    movements: list[MovementMade] = Field(description="those since the count, oldest first")
    earlier_movements: int = Field(
        description="what the movements since the count add up to that are a day old or more"
    )
    cut: int = Field(description="what is missing to zero, where more left than came")


class HoldOnPool(BaseModel):
    """An active hold, and how many places of this pool it keeps until when."""

    hold: CommandId
    channel: Channel
    places: int
    expires_at: Moment


class HeldPlaces(BaseModel):
    """`places` is the sum over the holds."""

    places: int
    holds: list[HoldOnPool] = Field(description="soonest end first")


class ContingentOfPool(BaseModel):
    """Places kept for a channel until an hour, and how many of them that channel holds already."""

    channel: Channel
    places: int
    held: int
    until: Moment


class Explanation(BaseModel):
    """Everything that a pool's row is computed from, at one instant; it adds up to the row exactly.

    `capacity` + `extra` - `out_of_service` - `occupied` - `held` is `free` while the status is open (else nothing is
    free), or minus `over` where it lies below zero.
    """

    pool: PoolId
    site: str
    row: Row
    capacity: PlacesSince
    extra: PlacesSince
    out_of_service: OutOfServicePlaces
    status: StatusSince
    occupied: OccupiedPlaces
    held: HeldPlaces
    contingents: list[ContingentOfPool]
    free: int
    over: int
