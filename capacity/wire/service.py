"""What the service says of itself. Source: wire.md, Service."""

from pydantic import BaseModel, Field


class Health(BaseModel):
    """The process lives."""

    alive: bool = True


class Check(BaseModel):
    """One thing that the service needs, and whether it is as it should be."""

    ok: bool
    detail: str | None = Field(None, description="what is wrong, or worth knowing")
    mode: str | None = Field(None, description="how what is accepted is kept: which disks a success waits for")


class Readiness(BaseModel):
    """Whether all that is needed is within bounds."""

    ready: bool
    checks: dict[str, Check] = Field(description="redis, postgres and recorder; replica where one is named")
