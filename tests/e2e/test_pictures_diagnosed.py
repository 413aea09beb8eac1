"""Cameras whose pictures go bad, from the lens to the ticket and back: real streams, a real node, a real database."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import cv2
import numpy as np
import pytest

from ingest.virtual_camera.camera import VirtualCamera
from ingest.virtual_camera.clip_cache import ClipCache
from ingest.virtual_camera.faults import WELL, Condition, Faultless
from ingest.virtual_camera.flaw import Flaw
from ingest.virtual_camera.scene import Scene
from ingest.virtual_camera.thread import VirtualCameraThread
from vms_api.demo.site import LocalSite

# An hour takes six seconds: a day is learnt in no time, and three looks a quarter of an hour apart are over at once.
HASTE = "[diagnosis]\nspeed = 600\nevery_s = 900\npair_s = 1\n"
PATIENCE_S = 150.0
LEARNT = 7
"""Looks after which what is usual at this hour is known: before, darkness says something about noon."""
JPEG_START = b"\xff\xd8\xff"
BLACK, TURNED, FROZEN = Condition(stand_in=Flaw.BLACK), Condition(stand_in=Flaw.SHIFT), Condition(is_frozen=True)


class Mishap(Faultless):
    """Implements `FaultScript`: the camera is as the test last said."""

    def __init__(self) -> None:
        self.now = WELL

    def condition(self, at_s: float) -> Condition:
        """What the test last said."""
        return self.now


class Street:
    """Three cameras: the lens of `gate`, the encoder of `lane` and the pole of `yard` can have a mishap."""

    def __init__(self, drawn: ClipCache) -> None:
        clip = drawn.play_scene(Scene(gop_s=0.5, duration_s=20.0, walker_count=8, noise=4))
        spoilt = {flaw.value: drawn.play_spoilt(clip, flaw) for flaw in (Flaw.BLACK, Flaw.SHIFT)}
        self.mishaps = {name: Mishap() for name in ("gate", "lane", "yard")}
        self.server = VirtualCameraThread(
            [VirtualCamera(name, clip, faults=mishap, stand_ins=spoilt) for name, mishap in self.mishaps.items()]
        )


@pytest.fixture
def street(drawn: ClipCache) -> Iterator[Street]:
    street = Street(drawn)
    with street.server:
        yield street


def wait_for(condition: Callable[[], object], what: str) -> None:
    """Returns when the condition holds."""
    until_s = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < until_s, what
        time.sleep(0.3)


class Desk:
    """What the site says of its cameras, by their names."""

    def __init__(self, site: LocalSite, street: Street) -> None:
        self.site = site
        self.ids = {
            name: str(site.call("POST", "/cameras", {"name": name, "address": street.server.url(name)})["id"])
            for name in street.mishaps
        }
        self._looks: dict[str, set[str]] = {name: set() for name in self.ids}
        site.wait_live(list(self.ids.values()))

    def has_learnt(self) -> bool:
        """Whether enough looks at each camera have been seen to come; ask more often than they do."""
        for name, looks in self._looks.items():
            looks.add(self.quality(name)["checked_at"])
        return min(map(len, self._looks.values())) > LEARNT

    def quality(self, name: str) -> dict[str, Any]:
        return self.site.call("GET", f"/cameras/{self.ids[name]}/quality")

    def stands(self, name: str, category: str) -> str:
        findings = {one["category"]: one["standing"] for one in self.quality(name)["findings"]}
        return findings.get(category, "unknown")

    def ticket(self, name: str, category: str) -> dict[str, Any] | None:
        found = self.site.call("GET", f"/tickets?camera_id={self.ids[name]}&cause=quality-{category}")["items"]
        return found[0] if found else None

    def picture(self, picture_id: str) -> tuple[int, bytes]:
        answer = self.site.client.get(f"/quality-pictures/{picture_id}")
        return answer.status_code, answer.content


@pytest.mark.slow
@pytest.mark.timeout(420)
def test_bad_pictures_become_tickets_and_repaired_ones_settle_them(
    make_site: Callable[..., LocalSite], street: Street
) -> None:
    """Black, frozen and turned: each its own verdict with its picture; a mended camera closes the mended ticket."""
    desk = Desk(make_site(detector="motion", more=HASTE), street)
    for name in street.mishaps:
        wait_for(lambda name=name: desk.stands(name, "dark") == desk.stands(name, "freeze") == "ok", "no look came")
    good = desk.quality("yard")["picture_id"]
    desk.site.call("PUT", f"/cameras/{desk.ids['yard']}/quality/reference", {"picture_id": good})
    wait_for(lambda: desk.stands("yard", "shift") == "ok", "the reference was not taken")
    wait_for(desk.has_learnt, "too few looks came")

    for name, condition in (("gate", BLACK), ("lane", FROZEN), ("yard", TURNED)):
        street.mishaps[name].now = condition
    for name, category in (("gate", "dark"), ("lane", "freeze"), ("yard", "shift")):
        wait_for(lambda name=name, category=category: desk.ticket(name, category), f"{name} was not found {category}")
        ticket = desk.ticket(name, category)
        assert ticket is not None
        assert ticket["state"] == "open"
        status, picture = desk.picture(ticket["evidence"])
        assert (status, picture[:3]) == (200, JPEG_START)
        assert desk.quality(name)["state"] == "abnormal"
    assert desk.site.call("GET", "/quality-counts")["states"]["abnormal"] == 3
    assert desk.ticket("lane", "dark") is desk.ticket("gate", "freeze") is None

    for mishap in street.mishaps.values():
        mishap.now = WELL
    ticket = desk.ticket("gate", "dark")
    assert ticket is not None
    desk.site.call("POST", f"/tickets/{ticket['id']}/start", {})
    desk.site.call("POST", f"/tickets/{ticket['id']}/fix", {"note": "the cap was taken off"})
    wait_for(lambda: desk.ticket("gate", "dark")["state"] == "closed", "the mended camera did not close its ticket")
    for name, category in (("lane", "freeze"), ("yard", "shift")):
        wait_for(lambda name=name, category=category: desk.stands(name, category) == "ok", f"{name} stayed {category}")
        wait_for(lambda name=name, category=category: desk.ticket(name, category)["cleared_at"], "nobody noticed")


@pytest.mark.slow
@pytest.mark.timeout(420)
def test_what_is_covered_is_covered_in_every_picture(make_site: Callable[..., LocalSite], street: Street) -> None:
    """Masks drawn today hide the pictures of yesterday, and cover what is looked at from then on."""
    desk = Desk(make_site(detector="motion", more=HASTE), street)
    wait_for(lambda: desk.stands("gate", "freeze") == "ok", "no look came")
    before = desk.quality("gate")["picture_id"]
    assert desk.picture(before)[0] == 200
    left = [[0, 0], [0.5, 0], [0.5, 1], [0, 1]]
    body = {"polygons": [{"name": "House", "points": left}], "base_version": 0}
    desk.site.call("PUT", f"/cameras/{desk.ids['gate']}/masks", body)
    assert desk.picture(before)[0] == 404
    wait_for(lambda: desk.picture(desk.quality("gate")["picture_id"])[0] == 200, "no covered picture came")
    _, jpeg = desk.picture(desk.quality("gate")["picture_id"])
    pixels = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
    assert abs(pixels[:, :300].astype(int) - 128).max() < 12
    assert pixels[:, 340:].std() > 20
