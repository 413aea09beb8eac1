"""Users over the API: who there is, and what each can see."""

from collections.abc import Collection
from datetime import datetime
from typing import Annotated, Self

from fastapi import APIRouter, Path, Response
from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from vms_api.accounts.access import Access, CurrentAccess
from vms_api.accounts.account import User
from vms_api.accounts.errors import Hidden
from vms_api.accounts.passwords import generated_password
from vms_api.accounts.permission import Permission, Role
from vms_api.accounts.rights import Holding
from vms_api.accounts.routes import Username
from vms_api.audit.actor import CurrentActor
from vms_api.control import ControlPart
from vms_api.cursor import Page
from vms_api.errors import NotFound

router = APIRouter()

Id = Annotated[str, Path(max_length=64)]
NewPassword = Annotated[
    str | None, Field(max_length=1024, repr=False, description="Null: one is generated and answered once.")
]


class UserIn(BaseModel):
    """A user to be added, with a first role on an area or without rights. The password is to be changed at once."""

    model_config = ConfigDict(extra="forbid")

    username: Username
    password: NewPassword = None
    role: Role | None = None
    area_id: Annotated[str | None, Field(min_length=1, max_length=64)] = None

    @model_validator(mode="after")
    def _whole_right(self) -> Self:
        if (self.role is None) != (self.area_id is None):
            raise PydanticCustomError("right_incomplete", "role and area_id go together")
        return self


class UserPatch(BaseModel):
    """Lets somebody in or keeps him out."""

    model_config = ConfigDict(extra="forbid")

    is_enabled: bool


class PasswordReset(BaseModel):
    """A password given by somebody else: it has to be changed at the next login."""

    model_config = ConfigDict(extra="forbid")

    password: NewPassword = None


class UserShown(BaseModel):
    """A user; `is_linked` who has come in by the login provider. No password and no second factor can be read."""

    id: str
    username: str
    is_enabled: bool
    must_change_password: bool
    has_totp: bool
    is_linked: bool
    created_at: datetime


class UserMade(UserShown):
    """A new user with the password that was generated, which is shown only here; null if one was chosen."""

    generated_password: str | None


class GeneratedPassword(BaseModel):
    """The password that was generated; null if one was chosen."""

    generated_password: str | None


class HeldRole(BaseModel):
    """A role as it reaches a person: granted to the person, or through a group."""

    grant_id: str
    role: Role
    area_id: str
    area_name: str
    group: str | None


class AreaAccess(BaseModel):
    """What a person may do in an area, and how many cameras that is about."""

    area_id: str
    area_name: str
    permissions: list[Permission]
    camera_count: int


class UserAccess(BaseModel):
    """What a person can see: the roles held, and area by area what they amount to."""

    user: UserShown
    roles: list[HeldRole]
    areas: list[AreaAccess]


@router.get("/users")
async def list_users(access: CurrentAccess, control: ControlPart) -> Page[UserShown]:
    """The users by name, all on one page: everybody for who manages all users, else those of the caller's areas."""
    if not access.allows_somewhere(Permission.USER_MANAGE):
        access.require_site(Permission.USER_MANAGE)
    people, linked = await control.accounts.people.list_people(), await control.accounts.people.linked_ids()
    return Page(items=[_shown(user, linked) for user in people if sees_user(access, user.id)], next_cursor=None)


@router.post("/users", status_code=201)
async def add_user(
    access: CurrentAccess, actor: CurrentActor, body: UserIn, response: Response, control: ControlPart
) -> UserMade:
    """Adds a user. Who manages users of some area only must grant a role there, or would not see the new user."""
    if body.area_id is None:
        access.require_site(Permission.USER_MANAGE)
    else:
        access.require(Permission.USER_MANAGE, body.area_id)
    first = (body.role, body.area_id) if body.role and body.area_id else None
    password = body.password or generated_password()
    user = await control.accounts.people.add(body.username, password, actor, first, must_change=True)
    response.headers["Location"] = f"/api/v1/users/{user.id}"
    generated = None if body.password else password
    return UserMade.model_validate({**_shown(user, frozenset()).model_dump(), "generated_password": generated})


@router.get("/users/{user_id}")
async def read_user(access: CurrentAccess, user_id: Id, control: ControlPart) -> UserShown:
    """One user."""
    return _shown(await _existing(access, user_id, control), await control.accounts.people.linked_ids())


@router.patch("/users/{user_id}")
async def change_user(
    access: CurrentAccess, actor: CurrentActor, user_id: Id, body: UserPatch, control: ControlPart
) -> UserShown:
    """Disables a user, which ends all logins, views and event streams at once; or lets the user in again."""
    await _require_manager(access, user_id, control)
    changed = await control.accounts.people.set_enabled(user_id, actor, enabled=body.is_enabled)
    return _shown(changed, await control.accounts.people.linked_ids())


@router.delete("/users/{user_id}", status_code=204)
async def remove_user(access: CurrentAccess, actor: CurrentActor, user_id: Id, control: ControlPart) -> None:
    """Removes a user with sessions, tokens and grants; what the person did stays recorded."""
    await _require_manager(access, user_id, control)
    await control.accounts.people.remove(user_id, actor)


@router.post("/users/{user_id}/password")
async def reset_password(
    access: CurrentAccess, actor: CurrentActor, user_id: Id, body: PasswordReset, control: ControlPart
) -> GeneratedPassword:
    """Gives a user another password, to be changed at the next login; the user's sessions end."""
    await _require_manager(access, user_id, control)
    password = body.password or generated_password()
    await control.accounts.people.set_password(user_id, password, actor, must_change=True)
    return GeneratedPassword(generated_password=None if body.password else password)


@router.delete("/users/{user_id}/totp", status_code=204)
async def remove_totp(access: CurrentAccess, actor: CurrentActor, user_id: Id, control: ControlPart) -> None:
    """Takes away a second factor, as when the phone was lost."""
    await _require_manager(access, user_id, control)
    await control.accounts.factors.remove(user_id, actor)


@router.delete("/users/{user_id}/oidc", status_code=204)
async def unlink_user(access: CurrentAccess, actor: CurrentActor, user_id: Id, control: ControlPart) -> None:
    """Forgets who of the login provider the user is, as when the person was made anew there; the sessions end."""
    await _require_manager(access, user_id, control)
    await control.accounts.people.unlink(user_id, actor)


@router.get("/users/{user_id}/access")
async def read_access(access: CurrentAccess, user_id: Id, control: ControlPart) -> UserAccess:
    """What can this person see? One's own access, or of others in the areas in which the caller may know."""
    user = await _existing(access, user_id, control)
    rights, counts = access.rights, control.rights.camera_counts()
    known = access.area_ids(Permission.ACCESS_VIEW)
    areas = [area for area in rights.tree if rights.sees(user_id, area.id)]
    return UserAccess(
        user=_shown(user, await control.accounts.people.linked_ids()),
        roles=[
            _held(access, held)
            for held in rights.holdings(user_id)
            if user_id == access.user.id or _is_known(access, held)
        ],
        areas=[
            AreaAccess(
                area_id=area.id,
                area_name=area.name,
                permissions=sorted(rights.permissions(user_id, area.id)),
                camera_count=counts.get(area.id, 0),
            )
            for area in areas
            if user.id == access.user.id or area.id in known
        ],
    )


def _shown(user: User, linked: Collection[str]) -> UserShown:
    return UserShown(
        id=user.id,
        username=user.username,
        is_enabled=user.disabled_at is None,
        must_change_password=user.must_change_password,
        has_totp=user.sealed_totp is not None,
        is_linked=user.id in linked,
        created_at=user.created_at,
    )


def _held(access: Access, held: Holding) -> HeldRole:
    area = access.rights.tree.find(held.grant.area_id)
    name = area.name if area and access.sees(area.id) else ""
    grant = held.grant
    return HeldRole(grant_id=grant.id, role=grant.role, area_id=grant.area_id, area_name=name, group=held.group)


def _is_known(access: Access, held: Holding) -> bool:
    return any(
        access.allows(permission, held.grant.area_id) for permission in (Permission.ACCESS_VIEW, Permission.USER_MANAGE)
    )


def sees_user(access: Access, user_id: str) -> bool:
    """Oneself; everybody for who manages all users; those who hold a role in areas of which the caller may know."""
    if user_id == access.user.id or access.allows(Permission.USER_MANAGE, access.rights.tree.root.id):
        return True
    return any(_is_known(access, held) for held in access.rights.holdings(user_id))


async def _existing(access: Access, user_id: str, control: ControlPart) -> User:
    user = next((user for user in await control.accounts.people.list_people() if user.id == user_id), None)
    if user is None:
        raise NotFound("no such user")
    if not sees_user(access, user_id):
        raise Hidden("no such user")
    return user


async def _require_manager(access: Access, user_id: str, control: ControlPart) -> None:
    """Lets pass who manages users wherever this one has a role: an account is one for all its areas."""
    await _existing(access, user_id, control)
    held = access.rights.holdings(user_id)
    if not held or not all(access.allows(Permission.USER_MANAGE, holding.grant.area_id) for holding in held):
        access.require_site(Permission.USER_MANAGE)
