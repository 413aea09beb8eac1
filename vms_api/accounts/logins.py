"""Who is logged in, in memory: this process alone writes the database, so it need not ask it at each request."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime

from vms_api.accounts.account import ApiToken, Session, User


class LoginBoard:
    """Sessions and API tokens by key. Listeners are told when some have ended before their time."""

    def __init__(self) -> None:
        self._sessions: dict[str, Session] = {}
        self._tokens: dict[str, ApiToken] = {}
        self._listeners: list[Callable[[], None]] = []

    def load(self, sessions: Iterable[Session], tokens: Iterable[ApiToken]) -> None:
        """Takes everything as it is stored."""
        self._sessions = {session.key: session for session in sessions}
        self._tokens = {token.key: token for token in tokens}

    def subscribe(self, listener: Callable[[], None]) -> None:
        """Has `listener` called when logins have ended."""
        self._listeners.append(listener)

    def session(self, key: str, now: datetime) -> Session | None:
        """The session, unless it is over or its user disabled."""
        session = self._sessions.get(key)
        return session if session and not session.is_over(now) and session.user.disabled_at is None else None

    def token(self, key: str, now: datetime) -> ApiToken | None:
        """The API token, unless it has expired or its user is disabled."""
        token = self._tokens.get(key)
        return token if token and not token.is_over(now) and token.user.disabled_at is None else None

    def is_alive(self, key: str, now: datetime) -> bool:
        """Whether a login of before would still be let in."""
        return self.session(key, now) is not None or self.token(key, now) is not None

    def sessions_of(self, user_id: str, now: datetime) -> list[Session]:
        """The user's open sessions, the latest used first."""
        found = [s for s in self._sessions.values() if s.user.id == user_id and not s.is_over(now)]
        return sorted(found, key=lambda session: session.last_used_at, reverse=True)

    def tokens_of(self, user_id: str) -> list[ApiToken]:
        """The user's API tokens, expired ones too, the newest first."""
        found = [token for token in self._tokens.values() if token.user.id == user_id]
        return sorted(found, key=lambda token: token.created_at, reverse=True)

    def find_session(self, session_id: str) -> Session | None:
        """The session with that public id."""
        return next((session for session in self._sessions.values() if session.id == session_id), None)

    def find_token(self, token_id: str) -> ApiToken | None:
        """The API token with that public id."""
        return next((token for token in self._tokens.values() if token.id == token_id), None)

    def put_session(self, session: Session, now: datetime) -> None:
        """A new session; those that are over are forgotten on the occasion."""
        self._sessions = {key: other for key, other in self._sessions.items() if not other.is_over(now)}
        self._sessions[session.key] = session

    def touch(self, key: str, at: datetime) -> None:
        """The session was used, unless it has ended meanwhile."""
        if session := self._sessions.get(key):
            self._sessions[key] = replace(session, last_used_at=at)

    def put_token(self, token: ApiToken) -> None:
        """A new API token."""
        self._tokens[token.key] = token

    def put_user(self, user: User) -> None:
        """The user was changed; the logins show it at once."""
        for key, session in self._sessions.items():
            if session.user.id == user.id:
                self._sessions[key] = replace(session, user=user)
        for key, token in self._tokens.items():
            if token.user.id == user.id:
                self._tokens[key] = replace(token, user=user)
        self._tell()

    def end(self, *, key: str | None = None, user_id: str | None = None, spared: str | None = None) -> None:
        """Ends one login by its key, or all sessions of a user but the one with the key `spared`."""
        gone = {k for k, s in self._sessions.items() if k == key or (s.user.id == user_id and k != spared)}
        self._sessions = {k: session for k, session in self._sessions.items() if k not in gone}
        self._tokens = {k: token for k, token in self._tokens.items() if k != key}
        self._tell()

    def forget_user(self, user_id: str) -> None:
        """The user was removed."""
        self._tokens = {key: token for key, token in self._tokens.items() if token.user.id != user_id}
        self.end(user_id=user_id)

    def _tell(self) -> None:
        for listener in self._listeners:
            listener()
