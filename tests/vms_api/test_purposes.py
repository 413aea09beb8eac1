"""Saying why: asked for where the site wants it, valid for a while, shown in the log."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from tests.fakes.clock import ManualClock
from tests.vms_api.audit.trail import trail
from tests.vms_api.conftest import Site, running_site
from tests.vms_api.people import add_area, person
from vms_api.accounts.permission import Role
from vms_api.audit.entry import Place
from vms_api.purposes.policy import covering, is_asked
from vms_api.purposes.purpose import Purpose
from vms_api.purposes.settings import Occasion, PurposeSettings

pytestmark = pytest.mark.anyio

PURPOSES = "/api/v1/purposes"
NOW = datetime(2026, 11, 21, tzinfo=UTC)


def snapshot(http: httpx.AsyncClient, camera: dict[str, Any]) -> Any:
    return http.get(f"/api/v1/cameras/{camera['id']}/snapshot.jpg")


async def tree(site: Site) -> tuple[str, str, dict[str, Any]]:
    """City → township → village with a camera; the ids of city and village, and the camera."""
    city = await add_area(site, "City", kind="city")
    village = await add_area(site, "Village", await add_area(site, "Township", city, "township"))
    return city, village, await site.add_camera(area_id=village)


async def test_view_outside_ones_own_area_needs_a_purpose(tmp_path: Path) -> None:
    """The city's dispatcher looks two levels down: refused and recorded, then shown with the purpose, for its time."""
    clock = ManualClock()
    async with running_site(tmp_path, clock=clock) as site:
        city, village, camera = await tree(site)
        await site.start_node()
        async with person(site, "dispatcher", Role.DISPATCHER, city) as http:
            answer = await snapshot(http, camera)
            assert (answer.status_code, answer.json()["code"]) == (403, "purpose-required")
            assert answer.json()["occasion"] == "other_area"
            view = await http.post(f"/api/v1/cameras/{camera['id']}/whep", headers={"Content-Type": "application/sdp"})
            assert view.json()["code"] == "purpose-required"
            body = {"key": "incident", "reference": "110-2026-0815", "area_id": village}
            stated = (await http.post(PURPOSES, json=body)).json()
            assert (await snapshot(http, camera)).status_code == 200
            assert (await http.get(PURPOSES)).json()["valid"] == [stated]
            clock.advance(30 * 60)
            assert (await snapshot(http, camera)).status_code == 403
            assert (await http.get(PURPOSES)).json()["valid"] == []
        rows = await trail(site)
    told = {row["kind"]: row for row in rows if row["actor"]["name"] == "dispatcher"}
    expected = {"id": stated["id"], "key": "incident", "reference": "110-2026-0815"}
    assert told["purpose.state"]["purpose"] == told["picture.snapshot"]["purpose"] == expected
    assert told["request.denied"]["detail"]["code"] == "purpose-required"


async def test_own_areas_and_the_next_level_need_none(site: Site) -> None:
    """A village's own viewer is not asked; nor is a township for its villages."""
    _city, village, camera = await tree(site)
    township = site.control.rights.index.tree.find(village).parent_id
    await site.start_node()
    for name, area_id in (("villager", village), ("township", township)):
        async with person(site, name, Role.DISPATCHER, area_id) as http:
            assert (await snapshot(http, camera)).status_code == 200


@pytest.mark.both_databases
async def test_purpose_is_bound_to_its_person_and_place(site: Site) -> None:
    """One for another camera, or stated by a colleague, does not help."""
    city, village, camera = await tree(site)
    other = await site.add_camera("Other", area_id=village)
    await site.start_node()
    async with (
        person(site, "one", Role.DISPATCHER, city) as one,
        person(site, "two", Role.DISPATCHER, city) as two,
    ):
        body = {"key": "case", "reference": "A-1", "camera_ids": [other["id"]]}
        assert (await one.post(PURPOSES, json=body)).status_code == 201
        assert (await snapshot(one, other)).status_code == 200
        assert (await snapshot(one, camera)).status_code == 403
        assert (await snapshot(two, other)).status_code == 403


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"key": "curiosity"}, "purpose-unknown"),
        ({"reference": "  "}, "string-too-short"),
        ({"area_id": None}, "purpose-scope"),
        ({"camera_ids": ["x"]}, "purpose-scope"),
        ({"expires_at": "2099-01-01T00:00:00Z"}, "extra-forbidden"),
    ],
)
async def test_purposes_that_are_none_are_refused(site: Site, change: dict[str, Any], code: str) -> None:
    """A closed list, a reference, one scope, and a time that only the site sets."""
    body = {"key": "case", "reference": "A-1", "area_id": site.control.rights.index.tree.root.id, **change}
    answer = await site.http.post(PURPOSES, json=body)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, code)
    assert await trail(site, "purpose.state") == []


async def test_purpose_for_what_one_cannot_see_is_refused(site: Site) -> None:
    """The sibling's area and camera are not there."""
    here, there = await add_area(site, "Here"), await add_area(site, "There")
    camera = await site.add_camera(area_id=there)
    async with person(site, "viewer", Role.VIEWER, here) as http:
        for scope in ({"area_id": there}, {"camera_ids": [camera["id"]]}):
            answer = await http.post(PURPOSES, json={"key": "case", "reference": "A-1", **scope})
            assert answer.status_code == 404


def test_two_choices_with_one_key_are_refused() -> None:
    """The log would not say which was meant."""
    choice = {"key": "case", "zh": "x", "en": "x"}
    with pytest.raises(ValidationError, match="same key"):
        PurposeSettings.model_validate({"choices": [choice, choice]})


@given(st.integers(0, 5) | st.none(), st.integers(0, 5))
def test_only_views_look_at_the_distance(distance: int | None, own_levels: int) -> None:
    """Playback and export ask everywhere, live views beyond the own levels, nothing where that is not wanted."""
    settings = PurposeSettings(own_levels=own_levels)
    assert is_asked(Occasion.PLAYBACK, distance, settings)
    assert is_asked(Occasion.EXPORT, distance, settings)
    assert is_asked(Occasion.OTHER_AREA, distance, settings) == (distance is None or distance > own_levels)
    assert not is_asked(Occasion.EXPORT, distance, settings.model_copy(update={"asked_for": ()}))


@given(st.lists(st.sampled_from("abcd"), unique=True), st.sampled_from("abcd"))
def test_area_covers_itself_and_what_is_below(lineage: list[str], area_id: str) -> None:
    """A purpose for an area covers a place if the area is in the place's lineage, and never by the camera alone."""
    purpose = Purpose("p", "u", "case", "A-1", area_id, (), NOW, NOW + timedelta(minutes=30))
    place = Place(lineage[-1] if lineage else None, "cam")
    assert (covering([purpose], place, lineage) is purpose) == (area_id in lineage)
