"""Groups and grants: who gets which role where. What the caller may change is decided by the guard before."""

from collections.abc import Sequence
from dataclasses import replace

from ingest.clock import Clock
from ingest.identifier import new_identifier
from vms_api.accounts import grant_store
from vms_api.accounts.account import Group
from vms_api.accounts.errors import GrantExists, GroupNameTaken
from vms_api.accounts.people import existing_user
from vms_api.accounts.rights import Grant
from vms_api.accounts.rights_board import RightsBoard
from vms_api.audit.entry import Actor, AuditEntry, AuditKind, Place
from vms_api.audit.log import AuditLog
from vms_api.database import Database, RowRefused, Transaction
from vms_api.errors import NotFound


class RightsDesk:
    """Changes groups, their members and grants; each change is in force when it is answered."""

    def __init__(self, database: Database, rights: RightsBoard, clock: Clock, audit: AuditLog) -> None:
        self._database = database
        self._rights = rights
        self._clock = clock
        self._audit = audit

    async def add_grant(self, wanted: Grant, actor: Actor) -> Grant:
        """A grant; its id and time are set here.

        Raises:
            NotFound: no such user or group.
            GrantExists: the same role on the same area for the same holder.

        """
        grant = replace(wanted, id=new_identifier(), created_at=self._clock.now())
        async with self._database.write() as transaction:
            if grant.user_id is not None:
                await existing_user(transaction.connection, grant.user_id)
            if grant.group_id is not None:
                await self._existing_group(grant.group_id)
            if any(_is_same(grant, other) for other in self._rights.index.grants.values()):
                raise GrantExists
            try:
                await grant_store.insert_grant(transaction, grant)
            except RowRefused:
                raise NotFound("the area was removed meanwhile") from None
            await self._rights.record_change(transaction)
            await self._record_grant(transaction, AuditKind.GRANT_ADD, actor, grant)
        return grant

    async def remove_grant(self, grant: Grant, actor: Actor) -> None:
        """The right ends, and with it running views and event streams that lived from it.

        Raises:
            LastAdmin: nobody would be left to grant rights in the whole site.

        """
        async with self._database.write() as transaction:
            await grant_store.delete_grant(transaction, grant.id)
            await self._rights.record_change(transaction)
            await self._record_grant(transaction, AuditKind.GRANT_REMOVE, actor, grant)

    async def list_groups(self) -> Sequence[Group]:
        """All groups by name."""
        async with self._database.read() as connection:
            return await grant_store.list_groups(connection)

    async def add_group(self, name: str, actor: Actor) -> Group:
        """A group without members.

        Raises:
            GroupNameTaken: another group has that name.

        """
        group = Group(new_identifier(), name)
        async with self._database.write() as transaction:
            try:
                await grant_store.insert_group(transaction, group, self._clock.now())
            except RowRefused:
                raise GroupNameTaken from None
            await self._record_group(transaction, AuditKind.GROUP_ADD, actor, group)
        return group

    async def rename_group(self, group_id: str, name: str, actor: Actor) -> Group:
        """Another name for a group.

        Raises:
            NotFound: no such group.
            GroupNameTaken: another group has that name.

        """
        group = await self._existing_group(group_id)
        async with self._database.write() as transaction:
            try:
                await grant_store.rename_group(transaction, group_id, name)
            except RowRefused:
                raise GroupNameTaken from None
            await self._rights.record_change(transaction)
            await self._record_group(transaction, AuditKind.GROUP_CHANGE, actor, group, renamed_to=name)
        return replace(group, name=name)

    async def remove_group(self, group_id: str, actor: Actor) -> None:
        """Removes a group with its grants.

        Raises:
            NotFound: no such group.
            LastAdmin: nobody would be left to grant rights in the whole site.

        """
        group = await self._existing_group(group_id)
        async with self._database.write() as transaction:
            await grant_store.delete_group(transaction, group_id)
            await self._rights.record_change(transaction)
            await self._record_group(transaction, AuditKind.GROUP_REMOVE, actor, group)

    async def add_member(self, group_id: str, user_id: str, actor: Actor) -> None:
        """Somebody joins a group, if not in it already.

        Raises:
            NotFound: no such group or user.

        """
        group = await self._existing_group(group_id)
        async with self._database.write() as transaction:
            await existing_user(transaction.connection, user_id)
            if user_id not in group.member_ids:
                await grant_store.add_member(transaction, group_id, user_id)
            await self._rights.record_change(transaction)
            await self._record_group(transaction, AuditKind.GROUP_CHANGE, actor, group, joined=user_id)

    async def remove_member(self, group_id: str, user_id: str, actor: Actor) -> None:
        """Somebody leaves a group.

        Raises:
            NotFound: no such group, or the user is not in it.
            LastAdmin: nobody would be left to grant rights in the whole site.

        """
        group = await self._existing_group(group_id)
        async with self._database.write() as transaction:
            if not await grant_store.remove_member(transaction, group_id, user_id):
                raise NotFound("no such member")
            await self._rights.record_change(transaction)
            await self._record_group(transaction, AuditKind.GROUP_CHANGE, actor, group, left=user_id)

    async def _record_grant(self, transaction: Transaction, kind: AuditKind, actor: Actor, grant: Grant) -> None:
        detail = {"user_id": grant.user_id, "group_id": grant.group_id, "role": grant.role}
        entry = AuditEntry(kind, actor, Place(grant.area_id), grant.id, detail=detail)
        await self._audit.record(transaction, entry)

    async def _record_group(
        self, transaction: Transaction, kind: AuditKind, actor: Actor, group: Group, **detail: str
    ) -> None:
        entry = AuditEntry(kind, actor, subject=group.id, detail={"name": group.name, **detail})
        await self._audit.record(transaction, entry)

    async def _existing_group(self, group_id: str) -> Group:
        group = next((group for group in await self.list_groups() if group.id == group_id), None)
        if group is None:
            raise NotFound("no such group")
        return group


def _is_same(one: Grant, other: Grant) -> bool:
    return (one.user_id, one.group_id, one.role, one.area_id) == (
        other.user_id,
        other.group_id,
        other.role,
        other.area_id,
    )
