"""People, their sessions and what they sign in by, as they come in and go out."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, StringConstraints, model_validator

from capacity.board.clocks import rfc3339, to_ms
from capacity.vocabulary.roles import SITE_ROLES, Role
from capacity.vocabulary.slugs import SITE_PATTERN, SITE_SIGNS

MOST_SITES = 200
MOST_SECRET_SIGNS = 256

Email = Annotated[
    str,
    StringConstraints(
        pattern=r"^[A-Za-z0-9._%+'-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,4}$",
        max_length=254,
        to_lower=True,
    ),
    Field(description="in lower case, however it is written", examples=["claire@siao.example"]),
]
Password = Annotated[str, StringConstraints(min_length=1, max_length=MOST_SECRET_SIGNS)]
Code = Annotated[
    str,
    StringConstraints(pattern=r"^[0-9A-Za-z -]{6,24}$"),
    Field(description="six digits of the app, or a recovery code", examples=["492039"]),
]
SiteId = Annotated[str, StringConstraints(pattern=SITE_PATTERN, max_length=SITE_SIGNS)]
At = Annotated[datetime, PlainSerializer(lambda at: rfc3339(to_ms(at)), return_type=str)]
PersonRole = Literal[Role.ADMIN, Role.OPERATOR, Role.MARAUDE, Role.STAFF, Role.WALL]
"""A system that reports is no person: it has a token."""


class _Body(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SignInBody(_Body):
    """What a person signs in by."""

    email: Email
    password: Password
    code: Code | None = None


class LinkBody(_Body):
    """The secret of a link, which stood behind its #; with `code`, where there is a second factor."""

    secret: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,128}$")]
    code: Code | None = None


class PasswordBody(_Body):
    """A new password, and the present one unless a link has just signed in."""

    password: Password
    current: Password | None = None


class CodeBody(_Body):
    """A code of the second factor."""

    code: Code


class GrantBody(_Body):
    """What somebody is; `sites` are for staff, and only for staff."""

    role: PersonRole
    sites: Annotated[tuple[SiteId, ...], Field(max_length=MOST_SITES)] = ()

    @model_validator(mode="after")
    def _has_sites_where_they_mean_something(self) -> "GrantBody":
        if (self.role in SITE_ROLES) != bool(self.sites):
            raise ValueError("staff needs the sites that it is for, and nobody else has any")
        return self


class InvitationBody(GrantBody):
    """Whom to let in, and as what."""

    email: Email


class GrantAnswer(BaseModel):
    """What somebody is for a territory."""

    territory: str
    role: Role
    sites: list[str]


class SessionAnswer(BaseModel):
    """Who one is here; only the first and the last for who has not signed in."""

    signed_in: bool
    kind: Literal["session", "device", "token"] | None = None
    id: str | None = None
    label: str | None = None
    email: str | None = None
    needs: list[Literal["password", "totp"]] = []
    expires_at: At | None = None
    grants: list[GrantAnswer] = []


class SessionLine(BaseModel):
    """One of one's own sessions."""

    id: str
    label: str
    created_at: At
    last_used_at: At | None
    expires_at: At
    current: bool


class SessionsAnswer(BaseModel):
    """One's own sessions, newest first."""

    sessions: list[SessionLine]


class OfferAnswer(BaseModel):
    """A second factor for an app, active once a code of it comes back."""

    secret: str
    uri: str
    qr_svg: str


class RecoveryAnswer(BaseModel):
    """Codes that stand in for the app, each once. They are told only now."""

    recovery_codes: list[str]


class PersonLine(BaseModel):
    """One person of a territory."""

    id: str
    email: str
    role: Role
    sites: list[str]
    created_at: At
    last_used_at: At | None
    disabled: bool
    has_password: bool
    has_totp: bool


class PeopleAnswer(BaseModel):
    """The people of a territory, by e-mail."""

    people: list[PersonLine]


class PersonAnswer(BaseModel):
    """One person of a territory."""

    person: PersonLine


class LinkAnswer(BaseModel):
    """A link that signs in once. It is told only now."""

    link: str
    link_expires_at: At


class InvitationAnswer(BaseModel):
    """A person, with a link to hand over; none for one who belongs to somebody else's territory too."""

    person: PersonLine
    link: str | None
    link_expires_at: At | None


class ProviderLine(BaseModel):
    """A provider of identities."""

    id: str
    name: str


class ProvidersAnswer(BaseModel):
    """Where one may sign in elsewhere."""

    providers: list[ProviderLine]
