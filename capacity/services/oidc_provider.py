"""Speaking with one OpenID provider: what it tells of itself, its keys, and who a code is for."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from time import monotonic
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx2
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from pydantic import ValidationError

from capacity.errors import IdentityRefused
from capacity.wire.oidc import LOOPBACK, Claims, Discovered, Provider, Visit

if TYPE_CHECKING:
    from authlib.integrations.httpx_client import AsyncOAuth2Client

log = logging.getLogger(__name__)

DEADLINE_SECONDS = 10.0
KNOWN_FOR_SECONDS = 3_600.0
LEEWAY_SECONDS = 60
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
"""Signed by a key of the provider's own: `none`, or our shared secret, prove nothing."""
DISCOVERY = "/.well-known/openid-configuration"


class AtProvider:
    """Every method raises IdentityRefused: `unavailable`, or `failed` when what it says does not hold."""

    def __init__(self, provider: Provider) -> None:
        self.provider = provider
        self._discovered: Discovered | None = None
        self._keys: KeySet | None = None
        self._known_until = float("-inf")

    async def authorization_url(self, visit: Visit, state: str) -> str:
        """Where the browser goes."""
        async with self._client() as client:
            about, _ = await self._about(client)
            verifier = visit.code_verifier if self.provider.pkce else None
            url, _ = client.create_authorization_url(
                about.authorization_endpoint, state=state, code_verifier=verifier, nonce=visit.nonce,
                redirect_uri=visit.redirect_uri, scope=self.provider.scope,
            )  # fmt: skip
        return str(url)

    async def claims(self, visit: Visit, code: str) -> Claims:
        """Who a code is for; what the ID token does not tell is asked of the userinfo endpoint."""
        async with self._client() as client:
            about, _ = await self._about(client)
            more = {"code_verifier": visit.code_verifier} if self.provider.pkce else {}
            token = await client.fetch_token(
                about.token_endpoint, grant_type="authorization_code", code=code, redirect_uri=visit.redirect_uri,
                auth=client.client_auth(_auth_method(about)), **more,
            )  # fmt: skip
            told = await self._verified(client, str(token["id_token"]), nonce=visit.nonce)
            if about.userinfo_endpoint is not None and not told.keys() >= {"email", "email_verified"}:
                told |= await self._userinfo(client, about.userinfo_endpoint, told["sub"])
            return Claims.model_validate(told)

    async def _userinfo(self, client: "AsyncOAuth2Client", endpoint: str, subject: str) -> dict[str, Any]:
        answer = await client.get(endpoint)
        answer.raise_for_status()
        told: dict[str, Any] = (
            await self._verified(client, answer.text) if self.provider.userinfo_signed else answer.json()
        )
        if told.get("sub") != subject:
            raise IdentityRefused("failed")
        return told

    async def _verified(self, client: "AsyncOAuth2Client", token: str, nonce: str | None = None) -> dict[str, Any]:
        """The claims of a token that this provider signed for us; an ID token lives and has our nonce."""
        _, keys = await self._about(client)
        try:
            claims = jwt.decode(token, keys, ALGORITHMS).claims
        except (JoseError, ValueError):
            _, keys = await self._about(client, anew=True)  # it may have new keys
            claims = jwt.decode(token, keys, ALGORITHMS).claims
        provider = self.provider
        wanted: dict[str, Any] = {
            "iss": {"essential": True, "value": provider.issuer},
            "aud": {"essential": True, "value": provider.client_id},
            "sub": {"essential": True},
        }
        if nonce is not None:
            wanted |= {"nonce": {"essential": True, "value": nonce}, "exp": {"essential": True}}
        jwt.JWTClaimsRegistry(leeway=LEEWAY_SECONDS, **wanted).validate(claims)
        if claims.get("azp", provider.client_id) != provider.client_id:
            raise IdentityRefused("failed")
        return claims

    async def _about(self, client: "AsyncOAuth2Client", *, anew: bool = False) -> tuple[Discovered, KeySet]:
        if self._discovered is None or self._keys is None or anew or monotonic() > self._known_until:
            told = await _get(client, self.provider.issuer.rstrip("/") + DISCOVERY)
            about = Discovered.model_validate(told)
            if about.issuer != self.provider.issuer:
                raise IdentityRefused("failed")
            keys = KeySet.import_key_set(await _get(client, about.jwks_uri))
            self._discovered, self._keys = about, keys
            self._known_until = monotonic() + KNOWN_FOR_SECONDS
        return self._discovered, self._keys

    @asynccontextmanager
    async def _client(self) -> AsyncIterator["AsyncOAuth2Client"]:
        """A client for a few requests. Whatever breaks in them is told in our words, without what was said."""
        from authlib.integrations.base_client import OAuthError
        from authlib.integrations.httpx_client import AsyncOAuth2Client  # it loads slowly, and few have a provider

        provider = self.provider
        client = AsyncOAuth2Client(
            provider.client_id, provider.client_secret.get_secret_value(), code_challenge_method="S256",
            timeout=DEADLINE_SECONDS, trust_env=urlsplit(provider.issuer).hostname not in LOOPBACK,
        )  # fmt: skip
        try:
            async with client:
                yield client
        except httpx2.TransportError as exc:
            log.warning("the provider %s cannot be reached: %s", provider.id, type(exc).__name__)
            raise IdentityRefused("unavailable") from exc
        except (httpx2.HTTPError, OAuthError, JoseError, ValidationError, ValueError, KeyError) as exc:
            log.warning("an answer of the provider %s does not hold: %s", provider.id, type(exc).__name__)
            raise IdentityRefused("failed") from exc


def _auth_method(about: Discovered) -> str:
    known = about.token_endpoint_auth_methods_supported
    return "client_secret_basic" if "client_secret_basic" in known else "client_secret_post"


async def _get(client: "AsyncOAuth2Client", url: str) -> Any:
    answer = await client.request("GET", url, withhold_token=True)
    answer.raise_for_status()
    return answer.json()
