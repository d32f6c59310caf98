"""What an OpenID provider says and is told, and how one is set up here."""

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

from capacity.vocabulary.slugs import TERRITORY_PATTERN

Address = Annotated[str, Field(max_length=2_000)]
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


def is_safe(address: str) -> bool:
    """Whether what is sent there cannot be read on the way."""
    parts = urlsplit(address)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)


class Provider(BaseModel):
    """One provider of identities, as CAPACITY_OIDC_PROVIDERS lists it.

    For ProConnect: `pkce` false (it refuses parameters that it does not know), `userinfo_signed` true, and
    `email_is_verified` true, since it says nothing of that and verifies every e-mail itself.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Annotated[str, Field(pattern=TERRITORY_PATTERN, max_length=40)]
    name: Annotated[str, Field(min_length=1, max_length=80)]
    issuer: Address
    client_id: Annotated[str, Field(min_length=1, max_length=200)]
    client_secret: SecretStr
    pkce: bool = True
    userinfo_signed: bool = False
    email_is_verified: bool = False
    scope: str = "openid email"

    @field_validator("issuer")
    @classmethod
    def _is_safe(cls, issuer: str) -> str:
        if not is_safe(issuer):
            raise ValueError("an issuer is an https address")
        return issuer


class Discovered(BaseModel):
    """What a provider tells of itself, as far as it is needed. Source: OpenID Connect Discovery 1.0."""

    model_config = ConfigDict(frozen=True)

    issuer: Address
    authorization_endpoint: Address
    token_endpoint: Address
    jwks_uri: Address
    userinfo_endpoint: Address | None = None
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("client_secret_basic",)

    @field_validator("authorization_endpoint", "token_endpoint", "jwks_uri", "userinfo_endpoint")
    @classmethod
    def _is_safe(cls, address: str | None) -> str | None:
        if address is not None and not is_safe(address):
            raise ValueError("an endpoint is an https address")
        return address


class Visit(BaseModel):
    """What is remembered of somebody who is at a provider."""

    model_config = ConfigDict(frozen=True)

    provider: str
    nonce: str
    code_verifier: str
    redirect_uri: str


class Claims(BaseModel):
    """What a provider says of a person; the rest is not even read."""

    model_config = ConfigDict(frozen=True)

    sub: Annotated[str, Field(min_length=1, max_length=255)]
    email: Annotated[str, Field(max_length=254)] | None = None
    email_verified: bool = False
