"""The people of a site: adding, disabling and removing them, and their passwords."""

from collections.abc import Sequence
from dataclasses import replace

from ingest.clock import Clock
from ingest.identifier import new_identifier
from vms_api.accounts import grant_store, oidc_store, store
from vms_api.accounts.account import Session, User
from vms_api.accounts.errors import PasswordReused, PasswordWrong, UsernameTaken
from vms_api.accounts.logins import LoginBoard
from vms_api.accounts.passwords import Passwords, weakness
from vms_api.accounts.permission import Role
from vms_api.accounts.rights import Grant
from vms_api.accounts.rights_board import RightsBoard
from vms_api.audit.entry import SYSTEM, Actor, AuditEntry, AuditKind
from vms_api.audit.log import AuditLog
from vms_api.database import Connection, Database, RowRefused, Transaction
from vms_api.errors import FieldError, NotFound, PasswordWeak, UserRefused

_KEPT_PASSWORDS = 5


class PeopleDesk:
    """Changes users. Whoever is logged in feels each change at once."""

    def __init__(
        self,
        database: Database,
        passwords: Passwords,
        rights: RightsBoard,
        logins: LoginBoard,
        clock: Clock,
        audit: AuditLog,
    ) -> None:
        self._database = database
        self._passwords = passwords
        self._rights = rights
        self._logins = logins
        self._clock = clock
        self._audit = audit

    def refuse_weak(self, password: str, username: str) -> None:
        """Lets pass only what would not be guessed.

        Raises:
            PasswordWeak: with the reason.

        """
        if reason := weakness(password, username):
            raise PasswordWeak(errors=[FieldError("password", "password-weak", reason)])

    async def add(
        self,
        username: str,
        password: str,
        actor: Actor,
        first: tuple[Role, str] | None = None,
        *,
        must_change: bool = False,
    ) -> User:
        """A new user; `first` is a role that is granted at once, on the area of that id.

        Raises:
            PasswordWeak: it would be guessed.
            UsernameTaken: there is a user of that name.

        """
        self.refuse_weak(password, username)
        now, password_hash = self._clock.now(), await self._passwords.hash(password)
        user = User(new_identifier(), username, None, password_hash, now, must_change_password=must_change)
        async with self._database.write() as transaction:
            try:
                await store.insert_user(transaction, user)
            except RowRefused:
                raise UsernameTaken from None
            if first is not None:
                role, area_id = first
                grant = Grant(new_identifier(), user.id, None, role, area_id, now, actor.username or "")
                await grant_store.insert_grant(transaction, grant)
            await self._rights.record_change(transaction)
            await self._record(transaction, AuditKind.USER_ADD, actor, user, first_grant=first)
        return user

    async def add_to_site(self, username: str, password: str, actor: Actor, role: Role) -> User:
        """A new user with a role on the whole site.

        Raises:
            PasswordWeak: it would be guessed.
            UsernameTaken: there is a user of that name.

        """
        return await self.add(username, password, actor, (role, self._rights.index.tree.root.id))

    async def set_enabled(self, user_id: str, actor: Actor, *, enabled: bool) -> User:
        """Lets somebody in again, or ends all logins, views and event streams at once.

        Raises:
            NotFound: no such user.
            LastAdmin: nobody would be left to grant rights.

        """
        async with self._database.write() as transaction:
            user = await existing_user(transaction.connection, user_id)
            disabled_at = None if enabled else user.disabled_at or self._clock.now()
            user = await self._store(transaction, replace(user, disabled_at=disabled_at))
            if not enabled:
                await self._end_sessions(transaction, user_id)
            await self._rights.record_change(transaction)
            await self._record(transaction, AuditKind.USER_CHANGE, actor, user, is_enabled=enabled)
        return user

    async def remove(self, user_id: str, actor: Actor) -> None:
        """Removes somebody with sessions, tokens and grants; what the person did stays recorded.

        Raises:
            NotFound: no such user.
            LastAdmin: nobody would be left to grant rights.

        """
        async with self._database.write() as transaction:
            user = await existing_user(transaction.connection, user_id)
            await store.delete_user(transaction, user_id)
            await self._rights.record_change(transaction)
            await self._record(transaction, AuditKind.USER_REMOVE, actor, user)
            transaction.after_commit(lambda: self._logins.forget_user(user_id))

    async def set_password(self, user_id: str, password: str, actor: Actor, *, must_change: bool = False) -> User:
        """Sets somebody's password and ends the person's sessions.

        Raises:
            NotFound: no such user.
            PasswordWeak: it would be guessed.

        """
        async with self._database.read() as connection:
            user = await existing_user(connection, user_id)
        self.refuse_weak(password, user.username)
        return await self._replace_password(user, password, actor, must_change=must_change)

    async def reset_password(self, username: str, password: str) -> None:
        """The same by name, for the command line.

        Raises:
            UserRefused: nobody has that name.
            PasswordWeak: it would be guessed.

        """
        async with self._database.read() as connection:
            user = await store.find_user(connection, username)
        if user is None:
            raise UserRefused(f"{username}: there is no user of that name")
        self.refuse_weak(password, username)
        await self._replace_password(user, password, SYSTEM)

    async def change_own_password(self, session: Session, present: str, password: str, actor: Actor) -> User:
        """Chooses another password; the other sessions end.

        Raises:
            PasswordWrong: `present` is not the password.
            PasswordWeak: it would be guessed.
            PasswordReused: the person has had it lately.

        """
        user = session.user
        await self.check_password(user, present)
        self.refuse_weak(password, user.username)
        async with self._database.read() as connection:
            earlier = [user.password_hash, *await store.list_old_passwords(connection, user.id)]
        if any([await self._passwords.verify(password_hash, password) for password_hash in earlier]):
            raise PasswordReused
        return await self._replace_password(user, password, actor, spared=session.key)

    async def choose_language(self, user_id: str, language: str | None) -> User:
        """Keeps the person's language."""
        async with self._database.write() as transaction:
            user = await existing_user(transaction.connection, user_id)
            return await self._store(transaction, replace(user, language=language))

    async def check_password(self, user: User, present: str) -> None:
        """Lets pass only the person whose account it is.

        Raises:
            PasswordWrong: `present` is not the password.

        """
        if not await self._passwords.verify(user.password_hash, present):
            raise PasswordWrong

    async def unlink(self, user_id: str, actor: Actor) -> None:
        """Forgets who of the login provider somebody is, and ends the person's sessions.

        The next person who comes from the provider under this name is taken for the user again: it is for accounts
        that were made anew there.

        Raises:
            NotFound: no such user, or one who never came by the provider.

        """
        async with self._database.write() as transaction:
            user = await existing_user(transaction.connection, user_id)
            if not await oidc_store.delete_links(transaction, user_id):
                raise NotFound("no such link")
            await self._end_sessions(transaction, user_id)
            await self._record(transaction, AuditKind.USER_CHANGE, actor, user, is_linked=False)

    async def linked_ids(self) -> frozenset[str]:
        """Who has come in by the login provider."""
        async with self._database.read() as connection:
            return await oidc_store.linked_ids(connection)

    async def list_people(self) -> Sequence[User]:
        """Everybody, by name."""
        async with self._database.read() as connection:
            return await store.list_users(connection)

    async def _replace_password(
        self, user: User, password: str, actor: Actor, *, must_change: bool = False, spared: str | None = None
    ) -> User:
        password_hash = await self._passwords.hash(password)
        async with self._database.write() as transaction:
            current = await existing_user(transaction.connection, user.id)
            await store.add_old_password(transaction, user.id, current.password_hash, _KEPT_PASSWORDS)
            changed = replace(current, password_hash=password_hash, must_change_password=must_change)
            await self._store(transaction, changed)
            await self._end_sessions(transaction, user.id, spared)
            await self._record(transaction, AuditKind.PASSWORD_CHANGE, actor, user)
        return changed

    async def _store(self, transaction: Transaction, user: User) -> User:
        await store.update_user(transaction, user)
        transaction.after_commit(lambda: self._logins.put_user(user))
        return user

    async def _record(
        self, transaction: Transaction, kind: AuditKind, actor: Actor, user: User, **detail: object
    ) -> None:
        entry = AuditEntry(kind, actor, subject=user.id, detail={"username": user.username, **detail})
        await self._audit.record(transaction, entry)

    async def _end_sessions(self, transaction: Transaction, user_id: str, spared: str | None = None) -> None:
        await store.delete_sessions(transaction, user_id, spared)
        transaction.after_commit(lambda: self._logins.end(user_id=user_id, spared=spared))


async def existing_user(connection: Connection, user_id: str) -> User:
    """The user.

    Raises:
        NotFound: there is none with that id.

    """
    user = await store.find_user_by_id(connection, user_id)
    if user is None:
        raise NotFound("no such user")
    return user
