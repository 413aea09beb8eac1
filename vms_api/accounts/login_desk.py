"""Open sessions and API tokens: seeing and ending them."""

from datetime import timedelta

from ingest.clock import Clock
from ingest.identifier import new_identifier
from vms_api.accounts import store
from vms_api.accounts.account import ApiToken, Session, User
from vms_api.accounts.logins import LoginBoard
from vms_api.accounts.one_time import new_token, token_key
from vms_api.accounts.permission import Permission
from vms_api.audit.entry import Actor, AuditEntry, AuditKind
from vms_api.audit.log import AuditLog
from vms_api.database import Database, Transaction
from vms_api.errors import NotLoggedIn


class LoginDesk:
    """Ends logins, and makes those for programs."""

    def __init__(self, database: Database, logins: LoginBoard, clock: Clock, audit: AuditLog) -> None:
        self._database = database
        self._logins = logins
        self._clock = clock
        self._audit = audit

    async def end_session(self, session: Session, actor: Actor) -> None:
        """Logs a session out from elsewhere; its views and event streams end."""
        async with self._database.write() as transaction:
            await store.delete_session(transaction, session.key)
            detail = {"username": session.user.username}
            entry = AuditEntry(AuditKind.SESSION_REVOKE, actor, subject=session.id, detail=detail)
            await self._audit.record(transaction, entry)
            transaction.after_commit(lambda: self._logins.end(key=session.key))

    async def issue_token(
        self, user: User, name: str, scopes: frozenset[Permission], lifetime: timedelta, actor: Actor
    ) -> tuple[str, ApiToken]:
        """A new API token of a user: its text, which is not kept, and what is kept of it.

        Raises:
            NotLoggedIn: the user was disabled or removed meanwhile.

        """
        text, now = new_token(), self._clock.now()
        async with self._database.write() as transaction:
            owner = await store.find_user_by_id(transaction.connection, user.id)
            if owner is None or owner.disabled_at is not None:
                raise NotLoggedIn
            token = ApiToken(token_key(text), new_identifier(), owner, name, scopes, now, now + lifetime)
            await store.insert_token(transaction, token)
            await self._record(transaction, AuditKind.TOKEN_ADD, actor, token)
            transaction.after_commit(lambda: self._logins.put_token(token))
        return text, token

    async def withdraw_token(self, token: ApiToken, actor: Actor) -> None:
        """The API token is no longer valid."""
        async with self._database.write() as transaction:
            await store.delete_token(transaction, token.id)
            await self._record(transaction, AuditKind.TOKEN_REMOVE, actor, token)
            transaction.after_commit(lambda: self._logins.end(key=token.key))

    async def _record(self, transaction: Transaction, kind: AuditKind, actor: Actor, token: ApiToken) -> None:
        detail = {"name": token.name, "username": token.user.username, "scopes": sorted(token.scopes)}
        await self._audit.record(transaction, AuditEntry(kind, actor, subject=token.id, detail=detail))
