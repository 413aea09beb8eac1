"""Second factors: setting them up, using and removing them."""

from collections.abc import Collection
from dataclasses import replace

from ingest.clock import Clock
from vms_api.accounts import store
from vms_api.accounts.account import User
from vms_api.accounts.errors import TotpCodeRefused
from vms_api.accounts.logins import LoginBoard
from vms_api.accounts.people import existing_user
from vms_api.accounts.permission import Role
from vms_api.accounts.rights_board import RightsBoard
from vms_api.accounts.totp import matching_step, new_secret
from vms_api.audit.entry import Actor, AuditEntry, AuditKind
from vms_api.audit.log import AuditLog
from vms_api.cameras.sealing import PasswordSeal
from vms_api.database import Database, Transaction


class SecondFactors:
    """One-time codes of authenticator apps. Their secrets are sealed like camera passwords, bound to their user."""

    def __init__(
        self,
        database: Database,
        seal: PasswordSeal,
        rights: RightsBoard,
        logins: LoginBoard,
        clock: Clock,
        audit: AuditLog,
        needed_for: Collection[Role] = (),
    ) -> None:
        self._database = database
        self._seal = seal
        self._rights = rights
        self._logins = logins
        self._clock = clock
        self._audit = audit
        self._needed_for = frozenset(needed_for)
        self._offered_secrets: dict[str, str] = {}

    def is_needed(self, user_id: str) -> bool:
        """Whether one of the person's roles asks for a second factor."""
        return any(held.grant.role in self._needed_for for held in self._rights.index.holdings(user_id))

    def offer(self, user: User) -> str:
        """A secret for a second factor; it counts once a code of it was given."""
        secret = self._offered_secrets[user.id] = new_secret()
        return secret

    async def confirm(self, user: User, code: str, actor: Actor) -> User:
        """Sets up the second factor that was offered.

        Raises:
            TotpCodeRefused: none was offered, or the code is not of it.

        """
        secret = self._offered_secrets.get(user.id)
        step = matching_step(secret, code, self._clock.now(), None) if secret else None
        if secret is None or step is None:
            raise TotpCodeRefused
        del self._offered_secrets[user.id]
        async with self._database.write() as transaction:
            current = await existing_user(transaction.connection, user.id)
            sealed = self._seal.seal(secret, user.id)
            await self._record(transaction, actor, current, is_set_up=True)
            return await self._store(transaction, replace(current, sealed_totp=sealed, totp_step=step))

    async def remove(self, user_id: str, actor: Actor) -> User:
        """Takes away a second factor, as when the phone was lost.

        Raises:
            NotFound: no such user.

        """
        async with self._database.write() as transaction:
            user = await existing_user(transaction.connection, user_id)
            await self._record(transaction, actor, user, is_set_up=False)
            return await self._store(transaction, replace(user, sealed_totp=None, totp_step=None))

    async def use_code(self, user: User, code: str) -> bool:
        """Whether this is a valid code of the person's second factor; it will not be valid again."""
        async with self._database.write() as transaction:
            current = await existing_user(transaction.connection, user.id)
            if current.sealed_totp is None:
                return False
            secret = self._seal.open(current.sealed_totp, user.id)
            step = matching_step(secret, code, self._clock.now(), current.totp_step)
            if step is not None:
                await self._store(transaction, replace(current, totp_step=step))
        return step is not None

    async def _store(self, transaction: Transaction, user: User) -> User:
        await store.update_user(transaction, user)
        transaction.after_commit(lambda: self._logins.put_user(user))
        return user

    async def _record(self, transaction: Transaction, actor: Actor, user: User, *, is_set_up: bool) -> None:
        detail = {"username": user.username, "is_set_up": is_set_up}
        entry = AuditEntry(AuditKind.SECOND_FACTOR_CHANGE, actor, subject=user.id, detail=detail)
        await self._audit.record(transaction, entry)
