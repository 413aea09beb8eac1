"""Rights over the tree of areas: pure rules, whatever the tree."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vms_api.accounts.permission import ROLE_PERMISSIONS, Permission, Role
from vms_api.accounts.rights import Grant, RightsIndex, RightsRecord
from vms_api.areas.area import MAX_DEPTH, Area, AreaTree
from vms_api.areas.errors import AreaCodeTaken, AreaCycle, AreaNameTaken, AreaTooDeep

NOW = datetime(2026, 11, 21, tzinfo=UTC)


def area(identifier: str, parent: Area | None, code: str | None = None) -> Area:
    path = f"{parent.path if parent else '/'}{identifier}/"
    return Area(identifier, parent.id if parent else None, f"area {identifier}", "other", code, path, NOW, NOW)


@st.composite
def trees(draw: st.DrawFn) -> list[Area]:
    """A tree of up to 25 areas; the first is the root."""
    areas = [area("0", None)]
    for number in range(1, draw(st.integers(1, 25))):
        shallow = [other for other in areas if other.depth < MAX_DEPTH]
        areas.append(area(str(number), draw(st.sampled_from(shallow))))
    return areas


def grant(number: int, role: Role, area_id: str, user: str | None = "user", group: str | None = None) -> Grant:
    return Grant(str(number), user, group, role, area_id, NOW, "admin")


@given(trees(), st.data())
def test_rights_are_inherited_downwards_and_nowhere_else(areas: list[Area], data: st.DataObject) -> None:
    """Somebody may do what a role granted on the area or above it permits, and the three answers agree."""
    places = data.draw(st.lists(st.tuples(st.sampled_from(Role), st.sampled_from(areas)), max_size=4))
    grants = [grant(number, role, place.id) for number, (role, place) in enumerate(places)]
    index = RightsIndex(RightsRecord(AreaTree(areas), grants, (), {"user": "u"}))
    for permission in Permission:
        expected = {
            other.id
            for other in areas
            if any(place.id in other.lineage and permission in ROLE_PERMISSIONS[role] for role, place in places)
        }
        assert index.area_ids("user", permission) == expected
        assert {other.id for other in areas if index.allows("user", permission, other.id)} == expected
        assert {other.id for other in areas if permission in index.permissions("user", other.id)} == expected
        tops = index.top_areas("user", permission)
        assert all(not set(top.lineage[:-1]) & expected for top in tops)
        holders = {other.id for other in areas if index.holders(permission, other.id)}
        assert holders == expected
    assert not index.area_ids("somebody else", Permission.AREA_VIEW)


def test_groups_carry_rights_and_the_disabled_none() -> None:
    """A member has what the group was granted; who is disabled has nothing, directly or through a group."""
    tree = AreaTree([area("0", None)])
    record = RightsRecord(
        tree,
        [grant(1, Role.ADMIN, "0", None, "duty"), grant(2, Role.VIEWER, "0", "disabled")],
        [("duty", "anna"), ("duty", "disabled")],
        {"anna": "Anna"},
        {"duty": "Duty room"},
    )
    index = RightsIndex(record)
    assert index.allows("anna", Permission.USER_MANAGE, "0")
    assert [held.group for held in index.holdings("anna")] == ["Duty room"]
    assert not index.sees("disabled", "0")
    assert index.who_can_grant("0") == ["Anna"]
    assert index.has_administrator()


def test_auditors_see_no_picture_and_nobody_but_admins_grants() -> None:
    """The table keeps duties apart."""
    pictures = {Permission.LIVE_VIEW, Permission.SNAPSHOT_VIEW, Permission.PLAYBACK_VIEW, Permission.ALERT_VIEW}
    assert not ROLE_PERMISSIONS[Role.AUDITOR] & pictures
    assert [role for role in Role if Permission.USER_MANAGE in ROLE_PERMISSIONS[role]] == [Role.ADMIN]
    assert all(Permission.AREA_VIEW in permitted for permitted in ROLE_PERMISSIONS.values())
    assert set(ROLE_PERMISSIONS) == set(Role)


@given(trees(), st.data())
def test_moves_keep_the_tree_a_tree(areas: list[Area], data: st.DataObject) -> None:
    """A move is refused below itself or too deep; else every path ends in its own id and begins with its parent's."""
    moved, parent = data.draw(st.sampled_from(areas)), data.draw(st.sampled_from(areas))
    tree = AreaTree(areas)
    if moved.id in parent.lineage:
        with pytest.raises(AreaCycle):
            tree.placed(moved, parent)
        return
    height = max(other.depth for other in tree.below(moved)) - moved.depth
    if parent.depth + 1 + height > MAX_DEPTH:
        with pytest.raises(AreaTooDeep):
            tree.placed(moved, parent)
        return
    placed = {other.id: other for other in tree.placed(moved, parent)}
    after = {other.id: placed.get(other.id, other) for other in areas}
    assert set(placed) == {other.id for other in tree.below(moved)}
    for other in after.values():
        above = after[other.parent_id].path if other.parent_id else "/"
        assert other.path == f"{above}{other.id}/"


def test_siblings_have_different_names_and_codes() -> None:
    """Elsewhere in the tree the same ones are fine: whether they are taken there is nobody's business here."""
    root = area("0", None)
    east, west = area("1", root, "11"), area("2", root, "12")
    tree = AreaTree([root, east, west])
    with pytest.raises(AreaNameTaken):
        tree.placed(Area("3", "0", "AREA 1", "other", None, "", NOW, NOW), root)
    with pytest.raises(AreaCodeTaken):
        tree.placed(Area("3", "0", "new", "other", "12", "", NOW, NOW), root)
    assert tree.placed(Area("3", "1", "area 1", "other", "12", "", NOW, NOW), east)[0].path == "/0/1/3/"
