"""First set-up, login and logout."""

from dataclasses import dataclass

from ingest.clock import Clock
from ingest.identifier import new_identifier
from vms_api.accounts import store
from vms_api.accounts.account import MIN_PASSWORD_LENGTH, Caller, Session, User, name_key
from vms_api.accounts.errors import TokenWrong, TotpNeeded, TotpWrong
from vms_api.accounts.login_limit import LoginLimit
from vms_api.accounts.logins import LoginBoard
from vms_api.accounts.one_time import OneTimeTokens, new_token, token_key
from vms_api.accounts.passwords import Passwords, is_weak
from vms_api.accounts.people import PeopleDesk
from vms_api.accounts.permission import Role
from vms_api.accounts.second_factors import SecondFactors
from vms_api.audit.entry import SESSION_LETTERS, SYSTEM, Actor, AuditEntry, AuditKind
from vms_api.audit.log import AuditLog
from vms_api.database import Database
from vms_api.errors import (
    LoginFailed,
    LoginTokenWrong,
    NotLoggedIn,
    PresetPasswordWeak,
    SetupDone,
    SetupTokenWrong,
    TooManyAttempts,
)

SETUP_LINK_LIFETIME_S = 24 * 3600.0
LOGIN_LINK_LIFETIME_S = 600.0


@dataclass(frozen=True, slots=True)
class Login:
    """A fresh session and the token for the cookie; the token is not kept."""

    token: str
    session: Session

    def __repr__(self) -> str:
        return f"Login({self.session.user.username})"


@dataclass(frozen=True, slots=True)
class Visitor:
    """Where a login comes from: the network address and what the browser calls itself."""

    address: str = ""
    agent: str = ""


class AccountDesk:
    """Lets people in."""

    def __init__(
        self,
        database: Database,
        passwords: Passwords,
        people: PeopleDesk,
        factors: SecondFactors,
        logins: LoginBoard,
        clock: Clock,
        audit: AuditLog,
    ) -> None:
        self._database = database
        self._passwords = passwords
        self._people = people
        self._factors = factors
        self._logins = logins
        self._clock = clock
        self._audit = audit
        self._limit = LoginLimit(clock)
        self._setup_tokens: OneTimeTokens[str] = OneTimeTokens(clock, SETUP_LINK_LIFETIME_S)
        self._login_tokens: OneTimeTokens[str] = OneTimeTokens(clock, LOGIN_LINK_LIFETIME_S)

    async def is_setup_needed(self) -> bool:
        """Whether nobody can log in yet."""
        async with self._database.read() as connection:
            return await store.count_users(connection) == 0

    def issue_setup_token(self) -> str:
        """For the link that is printed at the first start."""
        return self._setup_tokens.issue("setup")

    async def issue_login_token(self, actor: Actor) -> str:
        """For a link that logs the person in once within ten minutes."""
        await self._audit.record_alone(AuditEntry(AuditKind.LOGIN_LINK, actor))
        return self._login_tokens.issue(actor.user_id or "")

    async def setup(self, token: str, username: str, password: str, visitor: Visitor) -> Login:
        """Makes the first user, an administrator of the whole site, and logs in.

        Raises:
            SetupDone: there is a user.
            PasswordWeak: the link stays valid for another try.
            SetupTokenWrong: not the link that was printed.

        """
        if not await self.is_setup_needed():
            raise SetupDone
        self._people.refuse_weak(password, username)
        if self._setup_tokens.redeem(token) is None:
            raise SetupTokenWrong
        actor = Actor(username=username, address=visitor.address)
        user = await self._people.add_to_site(username, password, actor, Role.ADMIN)
        return await self.begin_session(user, visitor, "setup link")

    async def preset_admin(self, password: str) -> User:
        """The user `admin` of an unattended installation: made if missing, its password set if it differs.

        Raises:
            PresetPasswordWeak: the process does not start with it.

        """
        if is_weak(password, "admin"):
            raise PresetPasswordWeak(MIN_PASSWORD_LENGTH)
        async with self._database.read() as connection:
            user = await store.find_user(connection, "admin")
        if user is None:
            return await self._people.add_to_site("admin", password, SYSTEM, Role.ADMIN)
        if not await self._passwords.verify(user.password_hash, password):
            await self._people.set_password(user.id, password, SYSTEM)
        return user

    async def login(self, username: str, password: str, code: str | None, visitor: Visitor) -> Login:
        """Logs in by password. Unknown and disabled users take the same time and get the same answer.

        Raises:
            TooManyAttempts: for this account or this address; nothing was checked.
            LoginFailed: the name or the password is wrong.
            TotpNeeded: the password is right, and the account has a second factor.
            TotpWrong: the code of the second factor is not valid; this counts as a failure.

        """
        account = name_key(username)
        if wait_s := self._limit.wait_s(account, visitor.address):
            raise TooManyAttempts(retry_after_s=wait_s)
        self._limit.attempt(account, visitor.address)
        async with self._database.read() as connection:
            user = await store.find_user(connection, username)
        matches = await self._passwords.verify(user.password_hash if user else None, password)
        if user is None or not matches or user.disabled_at is not None:
            raise LoginFailed
        if user.sealed_totp is not None and code is None:
            self._limit.undo(account, visitor.address)
            raise TotpNeeded
        if user.sealed_totp is not None and not await self._factors.use_code(user, code or ""):
            raise TotpWrong
        self._limit.succeeded(account, visitor.address)
        return await self.begin_session(user, visitor, "password and code" if user.sealed_totp else "password")

    async def login_by_token(self, token: str, visitor: Visitor) -> Login:
        """Logs in by a one-time link.

        Raises:
            LoginTokenWrong: used, expired or never issued, or its user was disabled meanwhile.

        """
        user_id = self._login_tokens.redeem(token)
        async with self._database.read() as connection:
            user = await store.find_user_by_id(connection, user_id) if user_id else None
        if user is None or user.disabled_at is not None:
            raise LoginTokenWrong
        return await self.begin_session(user, visitor, "login link")

    async def session(self, token: str) -> Session:
        """The session of a cookie.

        Raises:
            NotLoggedIn: there is none, or it is over.

        """
        now = self._clock.now()
        session = self._logins.session(token_key(token), now)
        if session is None:
            raise NotLoggedIn
        if session.is_due_for_touch(now):
            key = session.key
            async with self._database.write() as transaction:
                await store.touch_session(transaction, key, now)
                transaction.after_commit(lambda: self._logins.touch(key, now))
        return session

    def token_caller(self, token: str) -> Caller:
        """Whoever sends an API token.

        Raises:
            TokenWrong: there is no such token, or it has ended.

        """
        found = self._logins.token(token_key(token), self._clock.now())
        if found is None:
            raise TokenWrong
        return Caller(found.user, found.key, found.scopes)

    async def logout(self, session: Session) -> None:
        """Ends the session with its views and event streams."""
        async with self._database.write() as transaction:
            await store.delete_session(transaction, session.key)
            await self._audit.record(transaction, AuditEntry(AuditKind.LOGOUT, _actor(session)))
            transaction.after_commit(lambda: self._logins.end(key=session.key))

    async def begin_session(self, known: User, visitor: Visitor, way: str) -> Login:
        """Logs in somebody who has been recognised by the `way`, as it stands in the audit log.

        Whoever was disabled or given another password while this login was checked is not let in.

        Raises:
            LoginFailed: that is so.

        """
        token, now = new_token(), self._clock.now()
        async with self._database.write() as transaction:
            user = await store.find_user_by_id(transaction.connection, known.id)
            if user is None or user.disabled_at is not None or user.password_hash != known.password_hash:
                raise LoginFailed
            session = Session(token_key(token), new_identifier(), user, now, now, visitor.address, visitor.agent)
            await store.insert_session(transaction, session)
            await self._audit.record(transaction, AuditEntry(AuditKind.LOGIN, _actor(session), detail={"by": way}))
            transaction.after_commit(lambda: self._logins.put_session(session, now))
        return Login(token, session)


def _actor(session: Session) -> Actor:
    return Actor(session.user.id, session.user.username, session.address, session.key[:SESSION_LETTERS])
