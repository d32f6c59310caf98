"""The audit and the publicity of a territory, as they go out. Source: wire.md, Audit."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from pydantic.json_schema import SkipJsonSchema

from capacity.vocabulary.acts import Act
from capacity.vocabulary.roles import Role
from capacity.vocabulary.slugs import TERRITORY_PATTERN
from capacity.wire.moments import Moment

MOST_LINES = 500
MOST_ID = 2**63 - 1


class Actor(BaseModel):
    """Who did it: a role, how it came in, and a device's or a system's label. Never who a person is."""

    role: Role
    kind: str = Field(description="`session`, `device`, `token`, `command` (at the machine itself), or empty")
    label: str = Field(description="of a device or a system; empty for people")


class Event(BaseModel):
    """Something that was done."""

    id: int
    at: Moment
    actor: Actor
    action: Act
    subject: str = Field(description="the id of what it was done to; empty for the territory itself")


class Events(BaseModel):
    """What was done, latest first. Ask for more with the last `id` as `before`."""

    events: list[Event]


class AuditQuery(BaseModel):
    """Which lines."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    before: Annotated[int, Field(ge=0, le=MOST_ID)] | SkipJsonSchema[None] = Field(
        None, description="only those before this id"
    )
    limit: int = Field(100, ge=1, le=MOST_LINES, description="at most so many")


class OneTerritory(BaseModel):
    """A territory, and whether everybody may read the numbers of its public sites."""

    id: Annotated[str, StringConstraints(pattern=TERRITORY_PATTERN)]
    name: str
    is_public: bool


class TerritoryAnswer(BaseModel):
    """One territory."""

    territory: OneTerritory


class PublicityBody(BaseModel):
    """Whether everybody may read the numbers of a territory's public sites."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    is_public: Annotated[bool, Field(strict=True)]
