"""An OpenID Connect provider over HTTP: the authorisation code flow with PKCE, the one place that knows authlib.

OpenID Connect Core 1.0 clause 3.1, Discovery 1.0 clause 4, RFC 7636. Discovery document and keys are read at each
login: logins are rare, and keys change.
"""

import ssl
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import httpx
import structlog
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from ingest.clock import Clock
from vms_api.accounts.errors import OidcRefused, OidcUnavailable
from vms_api.accounts.oidc import Challenge, OidcClient
from vms_api.accounts.oidc_settings import origin_of

log = structlog.get_logger()

SCOPE = "openid profile"
_ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
"""Signatures by the provider's private key only; never `none`, nor a secret that is not a key (RFC 8725 clause 3.1)."""
_TIMEOUT = httpx.Timeout(10.0, connect=5.0)
_LEEWAY_S = 60
"""How much the provider's clock may differ."""


class OidcProvider:
    """Speaks with the provider of the settings and with nobody else: redirects are not followed."""

    def __init__(self, client: OidcClient, clock: Clock) -> None:
        self._client = client
        self._clock = clock
        # trust_env: a proxy of the environment must not get the secret. The context has the system's authorities,
        # closed networks have their own.
        self._http = httpx.AsyncClient(timeout=_TIMEOUT, trust_env=False, verify=ssl.create_default_context())

    async def authorization(self, state: str, challenge: Challenge) -> str:
        """Where to send the browser. Raises OidcUnavailable."""
        endpoint = self._endpoint(await self._metadata(), "authorization_endpoint")
        return str(
            prepare_grant_uri(
                endpoint,
                self._client.client_id,
                "code",
                redirect_uri=self._client.redirect_uri,
                scope=SCOPE,
                state=state,
                nonce=challenge.nonce,
                code_challenge=create_s256_code_challenge(challenge.verifier),
                code_challenge_method="S256",
            )
        )

    async def claims(self, code: str, challenge: Challenge) -> Mapping[str, Any]:
        """The claims of the ID token for the code, checked. Raises OidcRefused, OidcUnavailable."""
        metadata = await self._metadata()
        tokens = await self._tokens(metadata, code, challenge)
        keys = await self._document(self._endpoint(metadata, "jwks_uri"))
        try:
            key_set = KeySet.import_key_set(keys)  # type: ignore[arg-type]  # what it is, the function finds out
        except (JoseError, ValueError, KeyError, TypeError) as error:
            raise self._unavailable("its keys cannot be read") from error
        try:
            token = jwt.decode(str(tokens.get("id_token")), key_set, algorithms=_ALGORITHMS)
            return self._checked(token, str(tokens.get("access_token")), challenge)
        except (JoseError, ValueError, TypeError) as error:
            log.warning("oidc.refused", reason=type(error).__name__)
            raise OidcRefused from error

    async def close(self) -> None:
        """Ends the connections."""
        await self._http.aclose()

    def _checked(self, token: jwt.Token, access_token: str, challenge: Challenge) -> Mapping[str, Any]:
        """The checks of OpenID Connect Core clause 3.1.3.7. Raises JoseError."""
        options = {
            "iss": {"essential": True, "value": self._client.issuer},
            "aud": {"essential": True, "value": self._client.client_id},
        }
        expected = {"nonce": challenge.nonce, "client_id": self._client.client_id, "access_token": access_token}
        claims = CodeIDToken(token.claims, token.header, options, expected)
        claims.validate(now=int(self._clock.now().timestamp()), leeway=_LEEWAY_S)
        if not isinstance(claims["sub"], str) or not claims["sub"]:
            raise TypeError("the subject is no text")
        return dict(claims)

    async def _tokens(self, metadata: Mapping[str, Any], code: str, challenge: Challenge) -> Mapping[str, Any]:
        client = self._client
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": client.redirect_uri,
            "code_verifier": challenge.verifier,
            "client_id": client.client_id,
        }
        basic: httpx.Auth | None = None
        methods = metadata.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        if client.secret is not None and "client_secret_basic" in methods:
            basic = httpx.BasicAuth(client.client_id, client.secret)
        elif client.secret is not None:
            form["client_secret"] = client.secret
        endpoint = self._endpoint(metadata, "token_endpoint")
        return await self._answered(self._http.build_request("POST", endpoint, data=form), basic)

    async def _metadata(self) -> Mapping[str, Any]:
        issuer = self._client.issuer
        metadata = await self._document(issuer.rstrip("/") + "/.well-known/openid-configuration")
        if metadata.get("issuer") != issuer:
            raise self._unavailable("it calls itself by another name than oidc.issuer")
        return metadata

    def _endpoint(self, metadata: Mapping[str, Any], name: str) -> str:
        """An endpoint of the discovery document; one elsewhere is refused, or the document could send us anywhere."""
        address = metadata.get(name)
        try:
            is_known = isinstance(address, str) and origin_of(address) in self._client.origins
        except ValueError:
            is_known = False
        if not is_known:
            raise self._unavailable(f"its {name} is neither on its own origin nor on one of oidc.endpoint_origins")
        return str(address)

    async def _document(self, address: str) -> Mapping[str, Any]:
        return await self._answered(self._http.build_request("GET", address), None)

    async def _answered(self, request: httpx.Request, auth: httpx.Auth | None) -> Mapping[str, Any]:
        """The JSON object of the answer."""
        try:
            answer = await self._http.send(request, auth=auth)
            document = answer.json()
        except (httpx.HTTPError, ValueError) as error:
            raise self._unavailable(type(error).__name__) from error
        if request.method == "POST" and answer.status_code in {HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED}:
            log.warning("oidc.refused", reason="token endpoint", status=answer.status_code)
            raise OidcRefused
        if answer.status_code != HTTPStatus.OK or not isinstance(document, dict):
            raise self._unavailable(f"it answered {answer.status_code}")
        return document

    def _unavailable(self, reason: str) -> OidcUnavailable:
        log.warning("oidc.unavailable", issuer=self._client.issuer, reason=reason)
        return OidcUnavailable()
