"""Lets people in whom the OpenID Connect provider knows. Roles are granted here alone, never by the provider."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ingest.clock import Clock
from vms_api.accounts import oidc_store, store
from vms_api.accounts.account import User
from vms_api.accounts.desk import AccountDesk, Login, Visitor
from vms_api.accounts.errors import OidcRefused, OidcSecondFactor, OidcUserUnknown
from vms_api.accounts.login_limit import ADDRESS_LIMIT, FailureWindow
from vms_api.accounts.oidc import Challenge, IdentityProvider
from vms_api.accounts.oidc_settings import OidcSettings
from vms_api.accounts.one_time import OneTimeTokens
from vms_api.accounts.passwords import generated_password
from vms_api.accounts.people import PeopleDesk
from vms_api.audit.entry import Actor, AuditEntry, AuditKind
from vms_api.audit.log import AuditLog
from vms_api.database import Database, RowRefused
from vms_api.errors import TooManyAttempts

LOGIN_LIFETIME_S = 600.0
_MAX_PENDING = 10_000
_MAX_USERNAME = 64


@dataclass(frozen=True, slots=True)
class PendingLogin:
    """A login that the provider has not answered yet. `next_path` is where the page goes on."""

    challenge: Challenge
    next_path: str


class OidcDesk:
    """Sends people to the provider and takes them when they come back."""

    def __init__(
        self,
        settings: OidcSettings,
        database: Database,
        people: PeopleDesk,
        accounts: AccountDesk,
        provider: IdentityProvider,
        clock: Clock,
        audit: AuditLog,
    ) -> None:
        self._settings = settings
        self._issuer = settings.issuer or ""
        self._database = database
        self._people = people
        self._accounts = accounts
        self._provider = provider
        self._clock = clock
        self._audit = audit
        self._addresses = FailureWindow(ADDRESS_LIMIT)
        self._pending: OneTimeTokens[PendingLogin] = OneTimeTokens(clock, LOGIN_LIFETIME_S, _MAX_PENDING)

    @property
    def label(self) -> str:
        """What the login page calls the provider."""
        return self._settings.label

    async def begin(self, next_path: str, visitor: Visitor) -> tuple[str, str]:
        """A login's state, and where at the provider the browser goes with it. It counts as failed until it succeeds.

        Raises:
            TooManyAttempts: from this address.
            OidcUnavailable: the provider does not answer as it should.

        """
        now_s = self._clock.monotonic_s()
        if wait_s := self._addresses.wait_s(visitor.address, now_s):
            raise TooManyAttempts(retry_after_s=int(wait_s) + 1)
        self._addresses.add(visitor.address, now_s)
        challenge = Challenge.fresh()
        state = self._pending.issue(PendingLogin(challenge, next_path))
        return state, await self._provider.authorization(state, challenge)

    async def finish(self, state: str, code: str, issuer: str | None, visitor: Visitor) -> tuple[Login, str]:
        """Logs in whoever the provider says it is; the session, and where the page goes on.

        `issuer` is what the answer says of itself, where it does (RFC 9207).

        Raises:
            OidcRefused: no login was begun with this state, or it was finished already, or the provider refuses.
            OidcUserUnknown: nobody here, or a disabled user.
            OidcSecondFactor: the account is to be entered by password and code.
            OidcUnavailable: the provider does not answer as it should.
            LoginFailed: the user was disabled just now.

        """
        pending = self._pending.redeem(state)
        if pending is None or issuer not in {None, self._issuer}:
            raise OidcRefused
        claims = await self._provider.claims(code, pending.challenge)
        user = await self._user(claims, visitor)
        login = await self._accounts.begin_session(user, visitor, "oidc")
        self._addresses.take_back(visitor.address)
        return login, pending.next_path

    async def close(self) -> None:
        """Ends the connections to the provider."""
        await self._provider.close()

    async def _user(self, claims: Mapping[str, Any], visitor: Visitor) -> User:
        """By the subject; at the first login by the name, and from then on by the subject."""
        subject, username = str(claims["sub"]), _username(claims.get(self._settings.username_claim))
        async with self._database.read() as connection:
            linked = await oidc_store.find_linked(connection, self._issuer, subject)
            named = None if linked or not username else await store.find_user(connection, username)
        if linked is not None:
            return _admitted(linked)
        user = _admitted(named or await self._created(username, visitor))
        await self._link(user, subject, visitor)
        return user

    async def _created(self, username: str | None, visitor: Visitor) -> User:
        """A new user without any role, whose password nobody knows. The first user is not made this way."""
        if username is None or not self._settings.auto_create or await self._accounts.is_setup_needed():
            raise OidcUserUnknown(username)
        return await self._people.add(username, generated_password(), Actor(username=username, address=visitor.address))

    async def _link(self, user: User, subject: str, visitor: Visitor) -> None:
        """Whoever has the name of a user that is another person of the provider is not let in."""
        actor = Actor(user.id, user.username, visitor.address)
        detail = {"username": user.username, "oidc_subject": subject}
        async with self._database.write() as transaction:
            try:
                await oidc_store.insert_link(transaction, self._issuer, subject, user.id)
            except RowRefused:
                raise OidcUserUnknown(user.username) from None
            entry = AuditEntry(AuditKind.USER_CHANGE, actor, subject=user.id, detail=detail)
            await self._audit.record(transaction, entry)


def _admitted(user: User) -> User:
    if user.disabled_at is not None:
        raise OidcUserUnknown(user.username)
    if user.sealed_totp is not None:
        raise OidcSecondFactor(user.username)
    return user


def _username(claim: object) -> str | None:
    """The claim as a user name; None if it cannot be one."""
    name = claim.strip() if isinstance(claim, str) else ""
    return name if 0 < len(name) <= _MAX_USERNAME and name.isprintable() else None
