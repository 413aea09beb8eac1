"""A small OpenID Connect provider on a real port: discovery, authorisation, tokens and keys, with ways to go wrong."""

import asyncio
import base64
import hashlib
import hmac
import json
import secrets
import socket
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import parse_qsl, urlencode

import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, RedirectResponse
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

CLIENT_ID = "xueliang"
CLIENT_SECRET = "the provider and the site know this"


@dataclass
class FakeProvider:
    """Says that everybody is `person`. `claims`, `metadata`, `key` and `algorithm` are what it says wrongly."""

    issuer: str
    key: RSAKey
    person: dict[str, Any] = field(default_factory=lambda: {"sub": "s-1", "preferred_username": "li"})
    claims: dict[str, Any] = field(default_factory=dict)
    metadata: dict[str, Any] = field(default_factory=dict)
    signing_key: RSAKey | None = None
    algorithm: str = "RS256"
    grants: dict[str, tuple[str, str]] = field(default_factory=dict)
    redirect_uris: list[str] = field(default_factory=list)

    def id_token(self, nonce: str) -> str:
        now = int(time.time())
        said = {"iss": self.issuer, "aud": CLIENT_ID, "iat": now, "exp": now + 300, "nonce": nonce}
        claims = {k: v for k, v in {**said, **self.person, **self.claims}.items() if v is not None}
        header = {"alg": self.algorithm, "kid": self.key.kid}
        if self.algorithm in {"none", "HS256"}:
            return _by_hand(header, claims, self.key.as_pem(private=False))
        return jwt.encode(header, claims, self.signing_key or self.key, algorithms=[self.algorithm])


def _by_hand(header: dict[str, Any], claims: dict[str, Any], secret: bytes) -> str:
    """What joserfc does not make: a token without a signature, or with a public key as the secret of an HMAC."""
    text = ".".join(_base64(json.dumps(part).encode()) for part in (header, claims))
    return f"{text}." + (_base64(hmac.digest(secret, text.encode(), "sha256")) if header["alg"] == "HS256" else "")


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def provider_app(provider: FakeProvider) -> FastAPI:
    app = FastAPI()

    @app.get("/.well-known/openid-configuration")
    async def discovery() -> dict[str, Any]:
        endpoints = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "keys"}
        places = {name: f"{provider.issuer}/{path}" for name, path in endpoints.items()}
        return {"issuer": provider.issuer, **places, **provider.metadata}

    @app.get("/authorize")
    async def authorize(request: Request) -> RedirectResponse:
        asked = request.query_params
        assert (asked["response_type"], asked["client_id"]) == ("code", CLIENT_ID)
        assert asked["code_challenge_method"] == "S256"
        assert "openid" in asked["scope"].split()
        code = secrets.token_urlsafe()
        provider.grants[code] = (asked["nonce"], asked["code_challenge"])
        provider.redirect_uris.append(asked["redirect_uri"])
        return RedirectResponse(asked["redirect_uri"] + "?" + urlencode({"code": code, "state": asked["state"]}))

    @app.post("/token")
    async def token(request: Request) -> JSONResponse:
        form = dict(parse_qsl((await request.body()).decode()))
        expected = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        if request.headers.get("authorization") != f"Basic {expected}":
            return JSONResponse({"error": "invalid_client"}, 401)
        nonce, challenge = provider.grants.pop(form["code"], ("", ""))
        digest = _base64(hashlib.sha256(form["code_verifier"].encode()).digest())
        if digest != challenge:
            return JSONResponse({"error": "invalid_grant"}, 400)
        answer = {"access_token": "not used", "token_type": "Bearer", "id_token": provider.id_token(nonce)}
        return JSONResponse(answer)

    @app.get("/keys")
    async def keys() -> dict[str, Any]:
        return dict(KeySet([provider.key]).as_dict(private=False))

    return app


@asynccontextmanager
async def running_provider() -> AsyncIterator[FakeProvider]:
    """The provider on a free port of this loop."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        provider = FakeProvider(f"http://127.0.0.1:{listener.getsockname()[1]}", _key())
        config = uvicorn.Config(provider_app(provider), log_config=None, lifespan="off", timeout_graceful_shutdown=1)
        server = _Server(config)
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            yield provider
        finally:
            server.should_exit = True
            await serving


@cache
def _key() -> RSAKey:
    """Finding its primes takes longer than all that is done with them."""
    return RSAKey.generate_key(2048, {"kid": "k1"}, private=True)


class _Server(uvicorn.Server):
    """Leaves the signals to the tests."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield
