"""Devices and tokens as they come in and go out. Source: RFC 8628; domain.md, law 9: a label names a thing."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    PlainSerializer,
    RootModel,
    StringConstraints,
    WithJsonSchema,
)

from capacity.board.clocks import rfc3339, to_ms
from capacity.vocabulary.codes import USER_CODE_PATTERN
from capacity.vocabulary.roles import Role
from capacity.vocabulary.slugs import SITE_PATTERN, SITE_SIGNS

LABEL_SIGNS = 80
MOST_SITES = 100
MOST_DAYS = 3_660

Instant = Annotated[
    datetime,
    PlainSerializer(lambda at: rfc3339(to_ms(at)), when_used="unless-none"),
    WithJsonSchema({"type": "string", "format": "date-time", "examples": ["2026-11-22T22:41:07.120Z"]}),
]
"""A moment that we tell."""

Label = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=LABEL_SIGNS, pattern=r"^[^\x00-\x1f\x7f]*$"),
    Field(description="what it is or where it hangs, never whose", examples=["Tablette, accueil"]),
]
ClientId = Annotated[
    str,
    Field(pattern=r"^[a-z][a-z0-9-]{0,39}$", description="what kind of screen asks", examples=["wall", "halte"]),
]
UserCode = Annotated[str, Field(pattern=USER_CODE_PATTERN, examples=["K7F2-R9M4"])]


def _once_each(sites: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(sites)) != len(sites):
        raise ValueError("a site stands twice")
    return sites


Sites = Annotated[
    tuple[Annotated[str, StringConstraints(pattern=SITE_PATTERN, max_length=SITE_SIGNS)], ...],
    Field(max_length=MOST_SITES, description="needed for `staff` and `integration`, and for no other role"),
    AfterValidator(_once_each),
]


class _Body(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class AuthorizationBody(_Body):
    """A screen asks to be let in."""

    client_id: ClientId
    label: Label | None = None


class DeviceAuthorization(BaseModel):
    """What the screen shows, and what it keeps to itself: the `device_code`."""

    device_code: str
    user_code: UserCode
    verification_uri: str = Field(description="the page of this service on which the code is typed")
    verification_uri_complete: str = Field(description="the same with the code in it, behind `#`")
    expires_in: int = Field(description="seconds")
    interval: int = Field(description="seconds between two polls")
    qr_svg: str = Field(description="the complete address as a picture, for a phone")


class DeviceTokenBody(_Body):
    """A screen asks what was decided."""

    grant_type: Literal["urn:ietf:params:oauth:grant-type:device_code"]
    device_code: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{43}$")]
    client_id: ClientId


class DeviceToken(BaseModel):
    """The token of a screen that was let in. It is told once."""

    access_token: str
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 its kind


class DeviceTokenRefusal(BaseModel):
    """Why there is no token, as RFC 8628 names it."""

    error: Literal["authorization_pending", "slow_down", "expired_token", "access_denied"]


class DeviceRequest(BaseModel):
    """A screen that waits. Its label is its own word."""

    user_code: UserCode
    client_id: ClientId
    label: str
    asked_at: Instant
    expires_at: Instant


class DeviceRequestAnswer(BaseModel):
    """The screen that shows a code."""

    request: DeviceRequest


class Approval(_Body):
    """The screen is let in."""

    decision: Literal["approve"]
    role: Role
    sites: Sites = ()
    label: Label | None = Field(None, description="without one it keeps its own")


class Denial(_Body):
    """The screen is not let in."""

    decision: Literal["deny"]


class DecisionBody(RootModel[Annotated[Approval | Denial, Field(discriminator="decision")]]):
    """What an operator or admin says of a screen."""


class Device(BaseModel):
    """A device or a system that was let in."""

    model_config = ConfigDict(frozen=True)

    id: str
    kind: Literal["device", "token"]
    label: str
    role: Role
    sites: tuple[str, ...]
    created_at: Instant
    last_used_at: Instant | None = Field(description="about half a minute behind")
    expires_at: Instant | None
    revoked_at: Instant | None


class DeviceAnswer(BaseModel):
    """One device."""

    device: Device


class Devices(BaseModel):
    """The devices and tokens of a territory, newest first; those that ended within a month stand behind."""

    devices: list[Device]


class TokenBody(_Body):
    """A token for a system is asked for."""

    role: Role
    sites: Sites = ()
    label: Label
    days: Annotated[int, Field(ge=1, le=MOST_DAYS, strict=True)]


class TokenAnswer(BaseModel):
    """A token for a system. It is told once."""

    token: str
    device: Device
