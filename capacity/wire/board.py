"""The board's one shape, as the documents tell it, and where a reader stands. Source: wire.md, One shape: the board.

The rows themselves are written by the live store's functions and pass through as bytes; these models only describe.
"""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field
from pydantic.json_schema import SkipJsonSchema

from capacity.vocabulary.words import Status
from capacity.wire.moments import Moment
from capacity.wire.reports import MOST_SEQ, Places, PoolId

Seq = Annotated[int, Field(ge=0, le=MOST_SEQ, description="a number of the territory")]


class Contingent(BaseModel):
    """Places of a pool that are kept for one channel until an hour."""

    channel: str
    places: int
    until: Moment
    held: int = Field(0, description="how many of them the channel holds already; left out while it holds none")


class Row(BaseModel):
    """What is known of one pool. `free` is computed (law 1); `seq` is the number at which the row last changed."""

    pool: PoolId
    site: str
    seq: Seq
    status: Status
    capacity: Places
    extra: Places
    out_of_service: Places
    occupied: int
    held: int
    free: int
    over: int = Field(description="by how many places the pool is over its capacity")
    observed_at: Moment | None = Field(description="the newest report that took effect; null: nobody has reported yet")
    fresh_for: int = Field(description="seconds for which what was observed counts as fresh")
    contingents: list[Contingent]


class GoneRow(BaseModel):
    """A pool that is on the board no more."""

    pool: PoolId
    seq: Seq
    gone: bool


class BoardMessage(BaseModel):
    """The rows stamped after `since`, or all of them when `complete`. Every message of the feed has this shape too."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "epoch": "k3J9",
                "since": 4170,
                "seq": 4182,
                "server_time": "2026-11-22T22:41:07.120Z",
                "complete": False,
                "rows": [{"pool": "halte-hotel-de-ville.women", "seq": 4177, "gone": True}],
            }
        }
    )

    epoch: str = Field(description="changes only when the live store was rebuilt from the ledger")
    since: int | None = Field(description="null when complete")
    seq: Seq = Field(description="the number up to which the reader is now current")
    server_time: Moment
    complete: bool
    rows: list[Row | GoneRow]


class BoardQuery(BaseModel):
    """Where the reader stands; without an epoch, or with another one, it gets all rows."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    since: Seq | SkipJsonSchema[None] = Field(None, description="the number up to which the reader is current")
    epoch: Annotated[str, Field(max_length=64)] | SkipJsonSchema[None] = Field(
        None, description="the epoch of that number"
    )
