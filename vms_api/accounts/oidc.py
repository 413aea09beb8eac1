"""Login by an OpenID Connect provider as values, and the seam behind which the protocol is spoken."""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from vms_api.accounts.oidc_settings import OidcSettings, origin_of
from vms_api.errors import SettingsRefused

SECRET_VARIABLE = "XUELIANG_OIDC_CLIENT_SECRET"  # noqa: S105 - the variable's name
CALLBACK_PATH = "/api/v1/login/oidc/callback"

_RANDOM_BYTES = 48


@dataclass(frozen=True, slots=True)
class OidcClient:
    """This site as the provider knows it. `origins` are all that is ever asked on its behalf."""

    issuer: str
    client_id: str
    secret: str | None = field(repr=False)
    redirect_uri: str
    origins: frozenset[str]

    @classmethod
    def of(cls, settings: OidcSettings, public_origin: str, secret: str | None) -> "OidcClient":
        """As the settings say, which have an issuer."""
        issuer = settings.issuer or ""
        origins = frozenset({origin_of(issuer), *settings.endpoint_origins})
        return cls(issuer, settings.client_id or "", secret, public_origin + CALLBACK_PATH, origins)


@dataclass(frozen=True, slots=True)
class Challenge:
    """What ties the provider's answer to one login: `nonce` in the ID token, `verifier` for the code (RFC 7636)."""

    nonce: str = field(repr=False)
    verifier: str = field(repr=False)

    @classmethod
    def fresh(cls) -> "Challenge":
        """64 random characters each; RFC 7636 clause 4.1 wants 43 to 128."""
        return cls(secrets.token_urlsafe(_RANDOM_BYTES), secrets.token_urlsafe(_RANDOM_BYTES))


class IdentityProvider(Protocol):
    """Whom people show who they are. Both calls raise OidcUnavailable when it does not answer as it should."""

    async def authorization(self, state: str, challenge: Challenge) -> str:
        """Where to send the browser."""
        ...

    async def claims(self, code: str, challenge: Challenge) -> Mapping[str, Any]:
        """What the provider says about the person, checked in every way; `sub` is a text.

        Raises:
            OidcRefused: the code is not taken, or the ID token cannot be believed.

        """
        ...

    async def close(self) -> None:
        """Ends its connections."""
        ...


def client_secret(settings: OidcSettings, environ: Mapping[str, str]) -> str | None:
    """The secret agreed with the provider: of the environment, else of the file, else of the settings.

    Raises:
        SettingsRefused: the file cannot be read, or is empty.

    """
    if text := environ.get(SECRET_VARIABLE):
        return text
    if settings.client_secret_file is not None:
        return _secret_in(settings.client_secret_file)
    return settings.client_secret.get_secret_value() if settings.client_secret else None


def state_key(state: str) -> str:
    """What the browser that began a login keeps of its state: nobody can finish it in another browser (CSRF)."""
    return hashlib.sha256(state.encode()).hexdigest()


def _secret_in(file: Path) -> str:
    try:
        text = file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsRefused([f"oidc.client_secret_file: cannot be read ({error})"]) from error
    if not text:
        raise SettingsRefused(["oidc.client_secret_file: is empty"])
    return text
