"""Roles, groups and grants over the API; and the answer to "who can see this camera?"."""

from datetime import UTC, datetime
from typing import Annotated, Self

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from vms_api.accounts.access import Access, CurrentAccess
from vms_api.accounts.account import Group
from vms_api.accounts.errors import Hidden
from vms_api.accounts.permission import ROLE_PERMISSIONS, Permission, Role
from vms_api.accounts.rights import Grant
from vms_api.accounts.user_routes import sees_user
from vms_api.audit.actor import CurrentActor
from vms_api.control import ControlPart
from vms_api.cursor import Page
from vms_api.errors import NotFound

router = APIRouter()

Id = Annotated[str, Path(max_length=64)]
IdIn = Annotated[str, Field(min_length=1, max_length=64)]
IdFilter = Annotated[str | None, Query(max_length=64)]
GroupName = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80, pattern=r"^[^\x00-\x1f\x7f]+$")
]


class RoleShown(BaseModel):
    """A role and what it permits."""

    role: Role
    permissions: list[Permission]


class GroupIn(BaseModel):
    """A group's name."""

    model_config = ConfigDict(extra="forbid")

    name: GroupName


class GroupShown(BaseModel):
    """A group and the ids of its members."""

    id: str
    name: str
    member_ids: list[str]

    @classmethod
    def of(cls, group: Group) -> "GroupShown":
        """As the API shows it."""
        return cls(id=group.id, name=group.name, member_ids=list(group.member_ids))


class GrantIn(BaseModel):
    """A role on an area, for one user or for one group."""

    model_config = ConfigDict(extra="forbid")

    user_id: IdIn | None = None
    group_id: IdIn | None = None
    role: Role
    area_id: IdIn

    @model_validator(mode="after")
    def _one_holder(self) -> Self:
        if (self.user_id is None) == (self.group_id is None):
            raise PydanticCustomError("holder_unclear", "either user_id or group_id")
        return self


class GrantShown(BaseModel):
    """A grant. `created_by` is a user name."""

    id: str
    user_id: str | None
    group_id: str | None
    role: Role
    area_id: str
    created_at: datetime
    created_by: str

    @classmethod
    def of(cls, grant: Grant) -> "GrantShown":
        """As the API shows it."""
        return cls.model_validate({name: getattr(grant, name) for name in cls.model_fields})


class Viewer(BaseModel):
    """Somebody who can watch a camera live, and by which grant: on which area, and through which group if any."""

    user_id: str
    username: str
    role: Role
    grant_id: str
    area_id: str
    area_name: str
    group: str | None


@router.get("/roles")
async def list_roles(_: CurrentAccess) -> Page[RoleShown]:
    """All roles, on one page."""
    items = [RoleShown(role=role, permissions=sorted(permitted)) for role, permitted in ROLE_PERMISSIONS.items()]
    return Page(items=items, next_cursor=None)


@router.get("/groups")
async def list_groups(access: CurrentAccess, control: ControlPart) -> Page[GroupShown]:
    """All groups by name, on one page."""
    access.require_site(Permission.USER_MANAGE)
    return Page(
        items=[GroupShown.of(group) for group in await control.accounts.rights_desk.list_groups()], next_cursor=None
    )


@router.post("/groups", status_code=201)
async def add_group(
    access: CurrentAccess, actor: CurrentActor, body: GroupIn, response: Response, control: ControlPart
) -> GroupShown:
    """Adds a group without members and rights."""
    access.require_site(Permission.USER_MANAGE)
    group = await control.accounts.rights_desk.add_group(body.name, actor)
    response.headers["Location"] = f"/api/v1/groups/{group.id}"
    return GroupShown.of(group)


@router.patch("/groups/{group_id}")
async def rename_group(
    access: CurrentAccess, actor: CurrentActor, group_id: Id, body: GroupIn, control: ControlPart
) -> GroupShown:
    """Renames a group."""
    access.require_site(Permission.USER_MANAGE)
    return GroupShown.of(await control.accounts.rights_desk.rename_group(group_id, body.name, actor))


@router.delete("/groups/{group_id}", status_code=204)
async def remove_group(access: CurrentAccess, actor: CurrentActor, group_id: Id, control: ControlPart) -> None:
    """Removes a group with its grants."""
    access.require_site(Permission.USER_MANAGE)
    await control.accounts.rights_desk.remove_group(group_id, actor)


@router.put("/groups/{group_id}/members/{user_id}", status_code=204)
async def add_member(
    access: CurrentAccess, actor: CurrentActor, group_id: Id, user_id: Id, control: ControlPart
) -> None:
    """Somebody joins a group."""
    access.require_site(Permission.USER_MANAGE)
    await control.accounts.rights_desk.add_member(group_id, user_id, actor)


@router.delete("/groups/{group_id}/members/{user_id}", status_code=204)
async def remove_member(
    access: CurrentAccess, actor: CurrentActor, group_id: Id, user_id: Id, control: ControlPart
) -> None:
    """Somebody leaves a group."""
    access.require_site(Permission.USER_MANAGE)
    await control.accounts.rights_desk.remove_member(group_id, user_id, actor)


@router.get("/grants")
async def list_grants(
    access: CurrentAccess, user_id: IdFilter = None, group_id: IdFilter = None, area_id: IdFilter = None
) -> Page[GrantShown]:
    """The grants on areas in which the caller manages users, the oldest first, all on one page."""
    areas = access.area_ids_below(Permission.USER_MANAGE, area_id)
    if not areas:
        access.require_site(Permission.USER_MANAGE)
    found = [
        grant
        for grant in access.rights.grants.values()
        if grant.area_id in areas and user_id in (None, grant.user_id) and group_id in (None, grant.group_id)
    ]
    found.sort(key=lambda grant: grant.id)
    return Page(items=[GrantShown.of(grant) for grant in found], next_cursor=None)


@router.post("/grants", status_code=201)
async def add_grant(
    access: CurrentAccess, actor: CurrentActor, body: GrantIn, response: Response, control: ControlPart
) -> GrantShown:
    """Grants a role; it is in force with the answer."""
    access.require(Permission.USER_MANAGE, body.area_id)
    if body.group_id is not None:
        access.require_site(Permission.USER_MANAGE)
    if body.user_id is not None and not sees_user(access, body.user_id):
        raise Hidden("no such user")
    by, now = access.user.username, datetime.now(UTC)
    wanted = Grant("", body.user_id, body.group_id, body.role, body.area_id, now, by)
    grant = await control.accounts.rights_desk.add_grant(wanted, actor)
    response.headers["Location"] = f"/api/v1/grants/{grant.id}"
    return GrantShown.of(grant)


@router.get("/grants/{grant_id}")
async def read_grant(access: CurrentAccess, grant_id: Id) -> GrantShown:
    """One grant."""
    return GrantShown.of(_existing(access, grant_id))


@router.delete("/grants/{grant_id}", status_code=204)
async def remove_grant(access: CurrentAccess, actor: CurrentActor, grant_id: Id, control: ControlPart) -> None:
    """Takes a role away; views and event streams that lived from it end."""
    await control.accounts.rights_desk.remove_grant(_existing(access, grant_id), actor)


@router.get("/cameras/{camera_id}/viewers")
async def list_viewers(access: CurrentAccess, camera_id: Id) -> Page[Viewer]:
    """Who can see this camera? Everybody who can watch it live, by each grant that lets him, the nearest area first."""
    area_id = access.require_camera(Permission.ACCESS_VIEW, camera_id)
    rights = access.rights
    items = []
    for held in rights.holders(Permission.LIVE_VIEW, area_id):
        area = rights.tree.find(held.grant.area_id)
        items.append(
            Viewer(
                user_id=held.user_id,
                username=rights.usernames[held.user_id],
                role=held.grant.role,
                grant_id=held.grant.id,
                area_id=held.grant.area_id,
                area_name=area.name if area else "",
                group=held.group,
            )
        )
    return Page(items=items, next_cursor=None)


def _existing(access: Access, grant_id: str) -> Grant:
    """A grant that the caller may manage; any other is not there."""
    grant = access.rights.grants.get(grant_id)
    if grant is None:
        raise NotFound("no such grant")
    if not access.sees(grant.area_id):
        raise Hidden("no such grant")
    access.require(Permission.USER_MANAGE, grant.area_id)
    return grant
