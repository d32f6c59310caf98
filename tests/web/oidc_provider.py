"""A small OpenID provider on a port of its own, as strict as real ones: codes once, PKCE checked, secrets asked for."""

import asyncio
import base64
import hashlib
import secrets
import time
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlencode

import uvicorn
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey
from starlette.applications import Starlette
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from capacity.processes.listening import listen
from tests.serving import START_SECONDS

FIRST_KEY = RSAKey.generate_key(2048, {"kid": "first"})
KNOWN = {"client_id", "redirect_uri", "response_type", "scope", "state", "nonce"}


@dataclass
class RealProvider:
    """Who has signed in there is told by `claims`; the rest is what a test lets it do differently."""

    issuer: str = ""
    claims: dict = field(default_factory=dict)
    nonce: str | None = None
    audience: str = "board"
    is_strict: bool = False
    """As ProConnect: a parameter that it does not know is refused, and the userinfo is a signed JWT."""
    key: RSAKey | ECKey = field(default_factory=lambda: FIRST_KEY)
    signing: ECKey | None = None
    """Another key than the one that it publishes."""
    asked: dict = field(default_factory=dict)
    _codes: dict = field(default_factory=dict)

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/.well-known/openid-configuration", self.discovery),
                Route("/authorize", self.authorize),
                Route("/token", self.token, methods=["POST"]),
                Route("/keys", self.keys),
                Route("/userinfo", self.userinfo),
            ]
        )

    async def discovery(self, _request):
        return JSONResponse(
            {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/keys",
                "userinfo_endpoint": f"{self.issuer}/userinfo",
                "token_endpoint_auth_methods_supported": ["client_secret_post"],
            }
        )

    async def keys(self, _request):
        return JSONResponse({"keys": [self.key.as_dict(private=False)]})

    async def authorize(self, request):
        asked = dict(request.query_params)
        if self.is_strict and asked.keys() - KNOWN:
            return Response("Y000400", 400)
        self.asked = asked
        code = secrets.token_urlsafe(8)
        self._codes[code] = asked
        return RedirectResponse(f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}", 302)

    async def token(self, request):
        said = {name: value for name, [value] in parse_qs((await request.body()).decode()).items()}
        asked = self._codes.pop(said.get("code"), None)
        is_known = said.get("client_id") == "board" and said.get("client_secret") == "s3cret"
        if asked is None or not is_known or asked["redirect_uri"] != said["redirect_uri"] or not _proves(asked, said):
            return JSONResponse({"error": "invalid_grant"}, 400)
        nonce = asked["nonce"] if self.nonce is None else self.nonce
        claims = {} if self.is_strict else self.claims
        told = {"sub": self.claims["sub"], "nonce": nonce, "exp": int(time.time()) + 60, **claims}
        return JSONResponse({"access_token": "access", "token_type": "Bearer", "id_token": self._signed(told)})

    async def userinfo(self, request):
        assert request.headers["authorization"] == "Bearer access"
        if self.is_strict:
            return Response(self._signed(self.claims), media_type="application/jwt")
        return JSONResponse(self.claims)

    def _signed(self, claims):
        key = self.signing or self.key
        whole = {"iss": self.issuer, "aud": self.audience, "iat": int(time.time()), **claims}
        return jwt.encode({"alg": "RS256" if key is FIRST_KEY else "ES256", "kid": key.kid}, whole, key)


def another_key(name="first"):
    return ECKey.generate_key("P-256", {"kid": name})


def _proves(asked, said):
    if "code_challenge" not in asked:
        return True
    digest = hashlib.sha256(said.get("code_verifier", "").encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == asked["code_challenge"]


@asynccontextmanager
async def provider_running():
    provider = RealProvider()
    server = uvicorn.Server(uvicorn.Config(provider.app(), log_config=None, lifespan="off"))
    server.capture_signals = nullcontext
    with listen("127.0.0.1", 0) as listener:
        provider.issuer = f"http://127.0.0.1:{listener.getsockname()[1]}"
        running = asyncio.create_task(server.serve([listener]), name="provider")
        async with asyncio.timeout(START_SECONDS):
            while not server.started:
                await asyncio.sleep(0.005)
        try:
            yield provider
        finally:
            server.should_exit = True
            await running
