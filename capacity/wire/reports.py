"""Reports as they come in and their results as they go out. Source: wire.md, Reports."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from capacity.vocabulary.slugs import COMMAND_PATTERN, POOL_PATTERN, POOL_SIGNS
from capacity.vocabulary.words import OutOfServiceReason, Status

MOST_REPORTS = 1_000
MOST_PLACES = 100_000
MOST_MOVED = 1_000
MOST_SEQ = 2**53 - 1

CommandId = Annotated[
    str,
    StringConstraints(pattern=COMMAND_PATTERN, to_lower=True),
    Field(description="A UUID made by the sender."),
]
PoolId = Annotated[str, StringConstraints(pattern=POOL_PATTERN, max_length=POOL_SIGNS)]
Places = Annotated[int, Field(ge=0, le=MOST_PLACES)]
Until = Annotated[AwareDatetime, Field(ge=datetime(2000, 1, 1, tzinfo=UTC), lt=datetime(3000, 1, 1, tzinfo=UTC))]
StatusReason = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(?:[_-][a-z0-9]+)*$", max_length=40)]


class _Report(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    id: CommandId
    pool: PoolId
    observed_at: AwareDatetime | None = None


class Count(_Report):
    """So many are here, true at one moment."""

    type: Literal["count"]
    occupied: Places


class Movement(_Report):
    """So many came (+) or left (-), at one moment."""

    type: Literal["movement"]
    delta: Annotated[int, Field(ge=-MOST_MOVED, le=MOST_MOVED)]

    @model_validator(mode="after")
    def _moves_somebody(self) -> "Movement":
        if self.delta == 0:
            raise ValueError("delta must not be 0")
        return self


class Confirmation(_Report):
    """What the row of this number shows is still right."""

    type: Literal["confirmation"]
    seq: Annotated[int, Field(ge=0, le=MOST_SEQ)]


class Inventory(_Report):
    """The places that the pool has; a field left out stays as it is."""

    type: Literal["inventory"]
    capacity: Places | None = None
    extra: Places | None = None
    out_of_service: Places | None = None
    reason: Annotated[OutOfServiceReason, Field(strict=False)] | None = None

    @model_validator(mode="after")
    def _says_something(self) -> "Inventory":
        if self.capacity is None and self.extra is None and self.out_of_service is None:
            raise ValueError("an inventory names capacity, extra or out_of_service")
        return self


class StatusChange(_Report):
    """Whether the pool takes arrivals, with a reason and an end where it does not for now."""

    type: Literal["status"]
    status: Annotated[Status, Field(strict=False)]
    reason: StatusReason | None = None
    until: Until | None = None


AnyReport = Count | Movement | Confirmation | Inventory | StatusChange
Report = Annotated[AnyReport, Field(discriminator="type")]


class ReportBatch(BaseModel):
    """One POST: reports with the sender's own clock at the moment of sending. Law 3."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    sent_at: AwareDatetime | None = None
    reports: Annotated[list[Report], Field(min_length=1, max_length=MOST_REPORTS)]


class ReportResult(BaseModel):
    """What became of one report. `seq` is null and `problem` tells why when it was rejected."""

    id: CommandId
    outcome: Literal["applied", "late", "duplicate", "rejected"]
    seq: int | None = None
    row: dict[str, Any] | None = None
    problem: dict[str, Any] | None = None


class ReportResults(BaseModel):
    """One result a report, in order."""

    results: list[ReportResult]
