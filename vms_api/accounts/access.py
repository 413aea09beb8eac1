"""The one guard: who asks, and what that person may do where. Every route depends on it."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends

from vms_api.accounts.account import Caller, User
from vms_api.accounts.current_user import CurrentCaller
from vms_api.accounts.errors import Hidden, NotAllowed, PasswordChangeRequired, TotpSetupRequired
from vms_api.accounts.permission import Permission
from vms_api.accounts.rights import RightsIndex
from vms_api.accounts.rights_board import RightsBoard
from vms_api.control import ControlPart
from vms_api.errors import NotFound


@dataclass(frozen=True, slots=True)
class Access:
    """A caller beside the rights in force. It may be kept: it answers by the rights of the moment it is asked.

    What lies in an area the caller has nothing to do with is not there (NotFound); what the caller sees but may not
    do is refused with the names of those who can grant it (NotAllowed).
    """

    caller: Caller
    board: RightsBoard

    @property
    def user(self) -> User:
        """The person, or the person whose token it is."""
        return self.caller.user

    @property
    def rights(self) -> RightsIndex:
        """The rights in force."""
        return self.board.index

    def allows(self, permission: Permission, area_id: str) -> bool:
        """Whether the caller may do it in the area."""
        return self._is_in_scope(permission) and self.rights.allows(self.user.id, permission, area_id)

    def allows_somewhere(self, permission: Permission) -> bool:
        """Whether there is an area in which the caller may do it."""
        return bool(self.area_ids(permission))

    def sees(self, area_id: str) -> bool:
        """Whether the area is there for the caller."""
        return self.rights.sees(self.user.id, area_id)

    def area_ids(self, permission: Permission) -> frozenset[str]:
        """Every area in which the caller may do it: what lists, counts and searches are cut down to."""
        return self.rights.area_ids(self.user.id, permission) if self._is_in_scope(permission) else frozenset()

    def area_ids_below(self, permission: Permission, area_id: str | None) -> frozenset[str]:
        """The same, of one area and those below it; of all areas when none is named.

        Raises:
            NotFound: the caller does not see that area.

        """
        if area_id is None:
            return self.area_ids(permission)
        area = self.rights.tree.find(area_id)
        if area is None:
            raise NotFound("no such area")
        if not self.sees(area_id):
            raise Hidden("no such area")
        return self.area_ids(permission) & {below.id for below in self.rights.tree.below(area)}

    def require(self, permission: Permission, area_id: str) -> None:
        """Lets pass who may do it in the area.

        Raises:
            NotFound: the caller does not see the area.
            NotAllowed: the caller sees it, but may not.

        """
        if self.allows(permission, area_id):
            return
        if not self.sees(area_id):
            raise Hidden
        raise NotAllowed(permission, self.rights.who_can_grant(area_id))

    def require_camera(self, permission: Permission, camera_id: str) -> str:
        """Lets pass who may do it with the camera; the id of its area.

        Raises:
            NotFound: no such camera, or in an area the caller does not see.
            NotAllowed: the caller sees it, but may not.

        """
        area_id = self.board.area_of(camera_id)
        if area_id is None:
            raise NotFound("no such camera")
        self.require(permission, area_id)
        return area_id

    def require_site(self, permission: Permission) -> None:
        """Lets pass who may do it in the whole site; for what belongs to no area.

        Raises:
            NotAllowed: the caller may not.

        """
        root = self.rights.tree.root.id
        if not self.allows(permission, root):
            raise NotAllowed(permission, self.rights.who_can_grant(root))

    def _is_in_scope(self, permission: Permission) -> bool:
        return self.caller.scopes is None or permission in self.caller.scopes


async def current_access(caller: CurrentCaller, control: ControlPart) -> Access:
    """The caller's access, once the account is in order.

    Raises:
        NotLoggedIn: nobody is logged in.
        TokenWrong: not an API token, or one that has ended.
        PasswordChangeRequired: the password was given by somebody else.
        TotpSetupRequired: the role needs a second factor that the person has not set up.

    """
    user = caller.user
    if user.must_change_password:
        raise PasswordChangeRequired
    if user.sealed_totp is None and control.accounts.factors.is_needed(user.id):
        raise TotpSetupRequired
    return Access(caller, control.rights)


CurrentAccess = Annotated[Access, Depends(current_access)]
