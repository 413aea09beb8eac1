"""Who may do what where: grants on areas, inherited downwards. Pure, and immutable once built."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from vms_api.accounts.permission import ROLE_PERMISSIONS, Permission, Role
from vms_api.areas.area import Area, AreaTree

_NOTHING: Mapping[str, frozenset[Permission]] = {}
_MAX_NAMED = 5


@dataclass(frozen=True, slots=True)
class Grant:
    """A role on an area, for a user or for a group; one of the two ids is None. `created_by` is a user name."""

    id: str
    user_id: str | None
    group_id: str | None
    role: Role
    area_id: str
    created_at: datetime
    created_by: str


@dataclass(frozen=True, slots=True)
class Holding:
    """A grant as it reaches a person; `group` is the name of the group it comes through, None for an own grant."""

    user_id: str
    grant: Grant
    group: str | None


@dataclass(frozen=True, slots=True)
class RightsRecord:
    """All that rights are made of. `members` are (group id, user id); `usernames` and `groups` go from id to name.

    Users who are disabled are not in `usernames`.
    """

    tree: AreaTree
    grants: Sequence[Grant] = ()
    members: Sequence[tuple[str, str]] = ()
    usernames: Mapping[str, str] = field(default_factory=dict)
    groups: Mapping[str, str] = field(default_factory=dict)


class RightsIndex:
    """Answers who may do what where, by walking from an area up to the root."""

    def __init__(self, record: RightsRecord) -> None:
        self.tree = record.tree
        self.usernames = record.usernames
        self.grants = {grant.id: grant for grant in record.grants}
        self._lineages = {area.id: area.lineage for area in record.tree}
        self._holdings = _holdings(record)
        self._granted = {user_id: _permissions(held) for user_id, held in self._holdings.items()}
        self._area_ids: dict[tuple[str, Permission], frozenset[str]] = {}

    def allows(self, user_id: str, permission: Permission, area_id: str) -> bool:
        """Whether a grant on the area or above it carries the permission."""
        granted = self._granted.get(user_id, _NOTHING)
        return any(permission in granted.get(above, ()) for above in self._lineages.get(area_id, ()))

    def sees(self, user_id: str, area_id: str) -> bool:
        """Whether the person has anything to do with the area: any role on it or above it."""
        granted = self._granted.get(user_id, _NOTHING)
        return any(above in granted for above in self._lineages.get(area_id, ()))

    def area_ids(self, user_id: str, permission: Permission) -> frozenset[str]:
        """Every area in which the person has the permission. Worked out once for each."""
        key = (user_id, permission)
        if key not in self._area_ids:
            tops = {area for area, held in self._granted.get(user_id, _NOTHING).items() if permission in held}
            found = (area_id for area_id, lineage in self._lineages.items() if not tops.isdisjoint(lineage))
            self._area_ids[key] = frozenset(found)
        return self._area_ids[key]

    def top_areas(self, user_id: str, permission: Permission) -> list[Area]:
        """The areas in which the person has the permission, without those below another one of them."""
        held = self.area_ids(user_id, permission)
        return [area for area in self.tree if area.id in held and area.parent_id not in held]

    def permissions(self, user_id: str, area_id: str) -> frozenset[Permission]:
        """All the person may do in the area."""
        granted = self._granted.get(user_id, _NOTHING)
        return frozenset().union(*(granted.get(above, frozenset()) for above in self._lineages.get(area_id, ())))

    def permissions_anywhere(self, user_id: str) -> frozenset[Permission]:
        """All the person may do in some area."""
        return frozenset().union(*self._granted.get(user_id, _NOTHING).values())

    def holdings(self, user_id: str) -> Sequence[Holding]:
        """The grants that reach the person."""
        return self._holdings.get(user_id, ())

    def holders(self, permission: Permission, area_id: str) -> list[Holding]:
        """Every grant by which somebody has the permission in the area, the nearest first."""
        nearest = {above: steps for steps, above in enumerate(reversed(self._lineages.get(area_id, ())))}
        found = [
            holding
            for held in self._holdings.values()
            for holding in held
            if holding.grant.area_id in nearest and permission in ROLE_PERMISSIONS[holding.grant.role]
        ]
        return sorted(found, key=lambda holding: (nearest[holding.grant.area_id], self.usernames[holding.user_id]))

    def who_can_grant(self, area_id: str) -> list[str]:
        """Names of people who can grant rights in the area, the nearest first, at most five."""
        names = (self.usernames[holding.user_id] for holding in self.holders(Permission.USER_MANAGE, area_id))
        return list(dict.fromkeys(names))[:_MAX_NAMED]

    def has_administrator(self) -> bool:
        """Whether somebody who can log in can grant rights in the whole site."""
        root = self.tree.root.id
        return any(self.allows(user_id, Permission.USER_MANAGE, root) for user_id in self._granted)


def _holdings(record: RightsRecord) -> dict[str, list[Holding]]:
    members: dict[str, list[str]] = defaultdict(list)
    for group_id, user_id in record.members:
        members[group_id].append(user_id)
    holdings: dict[str, list[Holding]] = defaultdict(list)
    for grant in record.grants:
        group = record.groups.get(grant.group_id) if grant.group_id else None
        for user_id in _holders(grant, members):
            if user_id in record.usernames:
                holdings[user_id].append(Holding(user_id, grant, group))
    return dict(holdings)


def _holders(grant: Grant, members: Mapping[str, Sequence[str]]) -> Iterable[str]:
    if grant.user_id is not None:
        return (grant.user_id,)
    return members.get(grant.group_id or "", ())


def _permissions(held: Iterable[Holding]) -> Mapping[str, frozenset[Permission]]:
    granted: dict[str, frozenset[Permission]] = {}
    for holding in held:
        area_id = holding.grant.area_id
        granted[area_id] = granted.get(area_id, frozenset()) | ROLE_PERMISSIONS[holding.grant.role]
    return granted
