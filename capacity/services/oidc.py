"""OpenID Connect: somebody goes to a provider and comes back with a code, which tells us who they are.

Authorization code flow with PKCE, state and nonce. Source: OpenID Connect Core 1.0, RFC 7636, RFC 9700.
"""

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from capacity.errors import IdentityRefused, UnknownProvider
from capacity.store.doors import DoorStore
from capacity.wire.oidc import Claims, Provider, Visit

if TYPE_CHECKING:
    from capacity.services.oidc_provider import AtProvider

VISIT_SECONDS = 600
STATE_BYTES = 32


@dataclass(frozen=True, slots=True)
class Identity:
    """Who somebody is at a provider."""

    issuer: str
    subject: str
    email: str | None
    email_is_verified: bool


@dataclass(frozen=True, slots=True)
class Departure:
    """Where to send the browser, and the state that it has to bring back, in its cookie and in the address."""

    url: str
    state: str


class Oidc:
    """The providers of the settings. Every method raises StoreUnavailable."""

    def __init__(self, providers: Sequence[Provider], store: DoorStore) -> None:
        self.providers = tuple(providers)
        self._at: Mapping[str, AtProvider] = _reached(providers) if providers else {}
        self._store = store

    def check(self, provider_id: str) -> None:
        """Raises UnknownProvider."""
        self._provider(provider_id)

    async def depart(self, provider_id: str, redirect_uri: str) -> Departure:
        """Begin a visit.

        Raises:
            UnknownProvider
            IdentityRefused: `unavailable`.
        """
        at = self._provider(provider_id)
        state, nonce, code_verifier = (secrets.token_urlsafe(STATE_BYTES) for _ in range(3))
        visit = Visit(provider=provider_id, nonce=nonce, code_verifier=code_verifier, redirect_uri=redirect_uri)
        url = await at.authorization_url(visit, state)
        await self._store.begin_visit(_digest(state), visit.model_dump_json(), VISIT_SECONDS)
        return Departure(url, state)

    async def arrive(self, provider_id: str, state: str, code: str) -> Identity:
        """End a visit, which can be done once. `state` is the one of the browser's own cookie.

        Raises:
            UnknownProvider
            IdentityRefused: `failed` or `unavailable`.
        """
        at = self._provider(provider_id)
        remembered = await self._store.end_visit(_digest(state))
        visit = None if remembered is None else Visit.model_validate_json(remembered)
        if visit is None or visit.provider != provider_id:
            raise IdentityRefused("failed")
        claims: Claims = await at.claims(visit, code)
        is_verified = claims.email_verified or at.provider.email_is_verified
        return Identity(at.provider.issuer, claims.sub, claims.email, is_verified)

    def _provider(self, provider_id: str) -> "AtProvider":
        if provider_id not in self._at:
            raise UnknownProvider
        return self._at[provider_id]


def _reached(providers: Sequence[Provider]) -> "Mapping[str, AtProvider]":
    from capacity.services.oidc_provider import AtProvider  # its libraries are dear to load, and most have no provider

    return {provider.id: AtProvider(provider) for provider in providers}


def _digest(state: str) -> str:
    return hashlib.sha256(state.encode()).hexdigest()
