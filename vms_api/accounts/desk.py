"""First set-up, login and logout."""

from dataclasses import dataclass

from ingest.clock import Clock
from ingest.identifier import new_identifier
from vms_api.accounts import store
from vms_api.accounts.account import MIN_PASSWORD_LENGTH, Session, User, name_key
from vms_api.accounts.login_limit import LoginLimit
from vms_api.accounts.one_time import OneTimeTokens, new_token, token_key
from vms_api.accounts.passwords import Passwords, is_weak
from vms_api.database import Database, RowRefused
from vms_api.errors import (
    FieldError,
    LoginFailed,
    LoginTokenWrong,
    NotLoggedIn,
    PasswordWeak,
    PresetPasswordWeak,
    SetupDone,
    SetupTokenWrong,
    TooManyAttempts,
    UserRefused,
)
from vms_api.events import EventLog

SETUP_LINK_LIFETIME_S = 24 * 3600.0
LOGIN_LINK_LIFETIME_S = 600.0


@dataclass(frozen=True, slots=True)
class Login:
    """A fresh session and the token for the cookie; the token is not kept."""

    token: str
    session: Session

    def __repr__(self) -> str:
        return f"Login({self.session.user.username})"


class AccountDesk:
    """Lets people in."""

    def __init__(self, database: Database, passwords: Passwords, events: EventLog, clock: Clock) -> None:
        self._database = database
        self._passwords = passwords
        self._events = events
        self._clock = clock
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

    def issue_login_token(self, user_id: str) -> str:
        """For a link that logs the user in once within ten minutes."""
        return self._login_tokens.issue(user_id)

    async def setup(self, token: str, username: str, password: str) -> Login:
        """Makes the first user and logs in.

        Raises:
            SetupDone: there is a user.
            PasswordWeak: the link stays valid for another try.
            SetupTokenWrong: not the link that was printed.

        """
        if not await self.is_setup_needed():
            raise SetupDone
        if is_weak(password):
            message = f"at least {MIN_PASSWORD_LENGTH} characters"
            raise PasswordWeak(errors=[FieldError("password", "password-weak", message)])
        if self._setup_tokens.redeem(token) is None:
            raise SetupTokenWrong
        return await self._begin_session(await self.add_user(username, password))

    async def preset_admin(self, password: str) -> User:
        """The user `admin` of an unattended installation: made if missing, its password set if it differs.

        Raises:
            PresetPasswordWeak: the process does not start with it.

        """
        if is_weak(password):
            raise PresetPasswordWeak(MIN_PASSWORD_LENGTH)
        async with self._database.read() as connection:
            user = await store.find_user(connection, "admin")
        if user is None:
            return await self.add_user("admin", password)
        if not await self._passwords.verify(user.password_hash, password):
            await self._set_password(user, password)
        return user

    async def add_user(self, username: str, password: str) -> User:
        """A new user.

        Raises:
            UserRefused: the name is taken.

        """
        user = User(new_identifier(), username, None, await self._passwords.hash(password))
        try:
            async with self._database.write() as transaction:
                await store.insert_user(transaction, user, self._clock.now())
        except RowRefused:
            raise UserRefused(f"{username}: there is a user of that name") from None
        return user

    async def reset_password(self, username: str, password: str) -> None:
        """Sets a password and ends the user's sessions.

        Raises:
            UserRefused: nobody has that name.

        """
        async with self._database.read() as connection:
            user = await store.find_user(connection, username)
        if user is None:
            raise UserRefused(f"{username}: there is no user of that name")
        await self._set_password(user, password)

    async def login(self, username: str, password: str, address: str) -> Login:
        """Logs in by password. Unknown users take the same time and get the same answer.

        Raises:
            TooManyAttempts: for this account or this address; nothing was checked.
            LoginFailed: the name or the password is wrong.

        """
        account = name_key(username)
        if wait_s := self._limit.wait_s(account, address):
            raise TooManyAttempts(retry_after_s=wait_s)
        self._limit.attempt(account, address)
        async with self._database.read() as connection:
            user = await store.find_user(connection, username)
        matches = await self._passwords.verify(user.password_hash if user else None, password)
        if user is None or not matches:
            raise LoginFailed
        self._limit.succeeded(account, address)
        return await self._begin_session(user)

    async def login_by_token(self, token: str) -> Login:
        """Logs in by a one-time link.

        Raises:
            LoginTokenWrong: used, expired or never issued.

        """
        user_id = self._login_tokens.redeem(token)
        async with self._database.read() as connection:
            user = await store.find_user_by_id(connection, user_id) if user_id else None
        if user is None:
            raise LoginTokenWrong
        return await self._begin_session(user)

    async def session(self, token: str) -> Session:
        """The session of a cookie.

        Raises:
            NotLoggedIn: there is none, or it is over.

        """
        async with self._database.read() as connection:
            session = await store.find_session(connection, token_key(token))
        now = self._clock.now()
        if session is None or session.is_over(now):
            raise NotLoggedIn
        if session.is_due_for_touch(now):
            async with self._database.write() as transaction:
                await store.touch_session(transaction, session.key, now)
        return session

    async def logout(self, session: Session) -> None:
        """Ends the session and its event streams."""
        async with self._database.write() as transaction:
            await store.delete_session(transaction, session.key)
        self._events.close_session(session.key)

    async def choose_language(self, user: User, language: str | None) -> User:
        """Keeps the person's language."""
        async with self._database.write() as transaction:
            await store.set_language(transaction, user.id, language)
        return User(user.id, user.username, language, user.password_hash)

    async def _set_password(self, user: User, password: str) -> None:
        password_hash = await self._passwords.hash(password)
        async with self._database.write() as transaction:
            await store.set_password(transaction, user.id, password_hash)

    async def _begin_session(self, user: User) -> Login:
        token, now = new_token(), self._clock.now()
        session = Session(token_key(token), user, now, now)
        async with self._database.write() as transaction:
            await store.insert_session(transaction, session)
        return Login(token, session)
