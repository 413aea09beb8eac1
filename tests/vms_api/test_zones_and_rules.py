"""What is to be watched for, over the API."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.vms_api.conftest import Site
from vms_api.cameras.zone import is_self_intersecting

SQUARE = [[0.1, 0.1], [0.9, 0.1], [0.9, 0.9], [0.1, 0.9]]
BOW_TIE = [SQUARE[0], SQUARE[2], SQUARE[1], SQUARE[3]]


@given(
    st.lists(st.integers(0, 359), min_size=3, max_size=32, unique=True).filter(lambda angles: len(angles) >= 3),
    st.data(),
)
def test_star_shaped_outlines_are_taken(angles: list[int], data: st.DataObject) -> None:
    """Corners in the order of their angle around a point inside never make edges meet."""
    angles = sorted(angles)
    gaps = [(after - before) % 360 for before, after in zip(angles, angles[1:] + angles[:1], strict=True)]
    if max(gaps) >= 175:
        return
    radii = data.draw(st.lists(st.floats(0.2, 0.5), min_size=len(angles), max_size=len(angles)))
    corners = [
        (0.5 + radius * math.cos(math.radians(angle)), 0.5 + radius * math.sin(math.radians(angle)))
        for angle, radius in zip(angles, radii, strict=True)
    ]
    assert not is_self_intersecting(corners)


@given(st.integers(4, 20), st.data())
def test_swapped_corners_are_refused(size: int, data: st.DataObject) -> None:
    """A convex outline with two neighbours swapped crosses itself."""
    turn = 2 * math.pi / size
    corners = [(0.5 + 0.4 * math.cos(i * turn), 0.5 + 0.4 * math.sin(i * turn)) for i in range(size)]
    first = data.draw(st.integers(0, size - 1))
    second = (first + 1) % size
    corners[first], corners[second] = corners[second], corners[first]
    assert is_self_intersecting(corners)


@pytest.mark.parametrize(
    "corners",
    [
        [(0.1, 0.1), (0.1, 0.1), (0.5, 0.9)],
        [(0.1, 0.1), (0.9, 0.1), (0.5, 0.1)],
        [(0, 0), (1, 0), (1, 1), (0.5, 0), (0, 1)],
    ],
    ids=["a corner twice", "folded back", "touching"],
)
def test_degenerate_outlines_are_refused(corners: list[tuple[float, float]]) -> None:
    """Outlines without an inside, or that touch themselves, are no areas."""
    assert is_self_intersecting(corners)


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("body", "code", "field"),
    [
        ({"name": "Z", "kind": "area", "points": BOW_TIE}, "zone-self-intersecting", "points"),
        ({"name": "Z", "kind": "area", "points": SQUARE[:2]}, "invalid-request", "points"),
        ({"name": "Z", "kind": "line", "points": [[0, 0]] * 17}, "invalid-request", "points"),
        ({"name": "Z", "kind": "line", "points": [[0, 0], [1.5, 0]]}, "invalid-request", "points.1.0"),
        ({"name": "Z", "kind": "circle", "points": SQUARE}, "invalid-request", "kind"),
    ],
)
async def test_bad_zones_are_refused(site: Site, body: dict[str, object], code: str, field: str) -> None:
    """Each with its field."""
    camera = await site.add_camera()
    answer = await site.http.post(f"/api/v1/cameras/{camera['id']}/zones", json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert answer.json()["errors"][0]["field"] == field


@pytest.mark.anyio
@pytest.mark.both_databases
async def test_zone_in_use_stays(site: Site) -> None:
    """It can be redrawn, but neither removed nor turned into a line until its rule is gone."""
    camera = await site.add_camera()
    zone = await site.add_zone(camera["id"])
    rule = await site.add_rule(camera["id"], zone["id"])
    path = f"/api/v1/cameras/{camera['id']}/zones/{zone['id']}"
    assert (await site.http.patch(path, json={"points": SQUARE})).json()["points"] == SQUARE
    assert (await site.http.patch(path, json={"kind": "line"})).json()["code"] == "zone-in-use"
    assert (await site.http.delete(path)).json()["code"] == "zone-in-use"
    assert (await site.http.delete(f"/api/v1/cameras/{camera['id']}/rules/{rule['id']}")).status_code == 204
    assert (await site.http.delete(path)).status_code == 204
    assert (await site.http.get(f"/api/v1/cameras/{camera['id']}/zones")).json() == {"items": [], "next_cursor": None}


@pytest.mark.anyio
async def test_zone_of_another_camera_is_none(site: Site) -> None:
    """Rules look only at zones of their own camera, and zones are found only there."""
    here, there = await site.add_camera("Here"), await site.add_camera("There")
    zone = await site.add_zone(there["id"])
    body = {"name": "R", "kind": "intrusion", "zone_id": zone["id"], "labels": ["person"]}
    answer = await site.http.post(f"/api/v1/cameras/{here['id']}/rules", json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, "zone-kind-wrong")
    assert (await site.http.delete(f"/api/v1/cameras/{here['id']}/zones/{zone['id']}")).status_code == 404


@pytest.mark.anyio
async def test_rule_reads_its_kind_of_zone(site: Site) -> None:
    """Intrusion needs an area, line crossing a line, when made and when changed."""
    camera = await site.add_camera()
    area, line = await site.add_zone(camera["id"]), await site.add_zone(camera["id"], "line")
    rule = await site.add_rule(camera["id"], area["id"])
    path = f"/api/v1/cameras/{camera['id']}/rules/{rule['id']}"
    assert (await site.http.patch(path, json={"zone_id": line["id"]})).json()["code"] == "zone-kind-wrong"
    changed = await site.http.patch(path, json={"zone_id": line["id"], "kind": "line_crossing"})
    assert changed.json()["kind"] == "line_crossing"


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"labels": ["face"]}, "labels", "label-unknown"),
        ({"labels": []}, "labels", "too-short"),
        ({"dwell_s": 3601}, "dwell_s", "less-than-equal"),
        (
            {"schedule": {"windows": [{"days": [7], "start": "08:00", "end": "09:00"}]}},
            "schedule.windows.0.days.0",
            None,
        ),
        (
            {"schedule": {"windows": [{"days": [1], "start": "24:00", "end": "09:00"}]}},
            "schedule.windows.0.start",
            None,
        ),
        ({"severity": "extreme"}, "severity", "literal-error"),
        ({"kind": "crowd"}, "kind", "literal-error"),
        ({"size": {"min_height": 0.5, "max_height": 0.5}}, "size", "size-range"),
        ({"size": {"min_height": -0.1}}, "size.min_height", "greater-than-equal"),
        ({"parameters": {"reach": 0.1}}, "", "rule-parameters"),
    ],
)
async def test_bad_rules_are_refused(site: Site, change: dict[str, object], field: str, code: str | None) -> None:
    """Persons' faces are no class; schedules and durations have bounds."""
    camera = await site.add_camera()
    zone = await site.add_zone(camera["id"])
    body = {"name": "R", "kind": "intrusion", "zone_id": zone["id"], "labels": ["person"], **change}
    answer = await site.http.post(f"/api/v1/cameras/{camera['id']}/rules", json=body)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == field
    assert code in (None, answer.json()["errors"][0]["code"])


@pytest.mark.anyio
@pytest.mark.both_databases
async def test_rule_round_trip(site: Site) -> None:
    """What was sent comes back, with the defaults; a null schedule arms always."""
    camera = await site.add_camera()
    zone = await site.add_zone(camera["id"])
    windows = {"windows": [{"days": [0, 6], "start": "22:00", "end": "06:00"}]}
    rule = await site.add_rule(camera["id"], zone["id"], schedule=windows, labels=["person", "car"])
    assert rule["schedule"] == windows
    assert (rule["cooldown_s"], rule["direction"], rule["enabled"], rule["labels"]) == (
        30,
        "any",
        True,
        ["car", "person"],
    )
    path = f"/api/v1/cameras/{camera['id']}/rules"
    assert (await site.http.patch(f"{path}/{rule['id']}", json={"schedule": None})).json()["schedule"] is None
    listed = (await site.http.get(path)).json()["items"]
    assert [one["schedule"] for one in listed] == [None]
    assert (await site.http.get(f"/api/v1/cameras/{camera['id']}")).json()["rule_count"] == 1


@pytest.mark.anyio
@pytest.mark.both_databases
async def test_sizes_and_parameters_are_kept(site: Site) -> None:
    """Defaults are filled in; another kind of rule leaves the parameters of the old one behind."""
    camera = await site.add_camera()
    area, line = await site.add_zone(camera["id"]), await site.add_zone(camera["id"], "line")
    rule = await site.add_rule(camera["id"], line["id"], kind="wrong_way", size={"min_height": 0.2})
    assert (rule["size"], rule["parameters"]) == (
        {"min_height": 0.2, "max_height": 1.0, "closely": False},
        {"reach": 0.1},
    )
    path = f"/api/v1/cameras/{camera['id']}/rules/{rule['id']}"
    wider = (await site.http.patch(path, json={"parameters": {"reach": 0.3}})).json()
    assert wider["parameters"] == {"reach": 0.3}
    assert (await site.http.patch(path, json={"parameters": {"reach": 0.9}})).status_code == 422
    other = (await site.http.patch(path, json={"kind": "loitering", "zone_id": area["id"], "dwell_s": 60})).json()
    assert (other["kind"], other["parameters"], other["dwell_s"]) == ("loitering", {}, 60)
    assert (await site.http.get(path.rpartition("/")[0])).json()["items"] == [other]
