"""How far sites keep their word, and where the two sides of a hold disagree."""

from pydantic import BaseModel, Field

from capacity.vocabulary.words import Said, Side
from capacity.wire.moments import Moment
from capacity.wire.reports import CommandId, PoolId


class SiteReliability(BaseModel):
    """How the holds on a site ended in its last nights: of `of` households at the door, `kept` were let in.

    `of` is `arrived` + `full_on_arrival` + `refused`. Who did not come tells nothing of the site, and is told beside.
    """

    site: str
    kept: int
    of: int
    nights: int = Field(description="from noon to noon in Paris; tonight is the last of them")
    arrived: int
    full_on_arrival: int
    refused: int
    no_show: int
    expired: int


class ReliabilityOfSites(BaseModel):
    """Every site with a hold that ended in those nights, by id."""

    sites: list[SiteReliability]


class EndOfHold(BaseModel):
    """How a hold ended: `arrived`, `expired`, or why it was released."""

    how: str = Field(alias="as")
    at: Moment


class StatementOnHold(BaseModel):
    """What a side says became of the hold."""

    side: Side
    says: Said
    at: Moment


class FreePlaces(BaseModel):
    """What the board showed free of a pool after the hold had ended."""

    pool: PoolId
    free: int


class Disagreement(BaseModel):
    """A hold whose end is told differently, or that found a site full which the board showed to have a free place."""

    hold: CommandId
    pools: list[PoolId]
    site: str
    ended: EndOfHold
    free: list[FreePlaces] = Field(description="only those with a free place")
    statements: list[StatementOnHold] = Field(description="oldest first")


class Disagreements(BaseModel):
    """Those of tonight and of the night before, the latest word first."""

    disagreements: list[Disagreement]
