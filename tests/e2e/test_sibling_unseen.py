"""A dispatcher of one township at the page: no trace of the township next to it, in any word or any answer."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, Response

from benchmarks.browser import browser
from ingest.virtual_camera.camera import VirtualCamera
from ingest.virtual_camera.clip_cache import ClipCache
from ingest.virtual_camera.scene import Scene
from ingest.virtual_camera.thread import VirtualCameraThread
from vms_api.demo.site import LocalSite

TRACE = "Plumtree"
"""Part of every name in the township that must not be seen."""
OWN = "Willow"
PASSWORD = "three wet umbrellas"
PAGES = ("/wall", "/alerts", "/cameras", "/areas", "/users", "/audit", "/system", "/me")
LISTS = ("/cameras", "/areas", "/alerts", "/users", "/groups", "/grants", "/sessions", "/audit", "/system", "/me")
WHOLE_PICTURE = [[0.01, 0.01], [0.99, 0.01], [0.99, 0.99], [0.01, 0.99]]

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(150)]


@pytest.fixture
def cameras(drawn: ClipCache) -> Iterator[VirtualCameraThread]:
    """One camera for each township."""
    clip = drawn.play_scene(Scene(gop_s=1.0, duration_s=10.0, walker_count=8))
    with VirtualCameraThread([VirtualCamera("own", clip), VirtualCamera("other", clip)]) as server:
        yield server


def furnish(site: LocalSite, name: str, address: str) -> tuple[str, str]:
    """A township with a village, a camera and a rule that raises alerts; ids of the township and the camera."""
    root = next(area["id"] for area in site.call("GET", "/areas")["items"] if area["parent_id"] is None)
    township = site.call("POST", "/areas", {"parent_id": root, "name": f"{name} township", "kind": "township"})["id"]
    village = site.call("POST", "/areas", {"parent_id": township, "name": f"{name} village", "kind": "village"})["id"]
    body = {"name": f"{name} square", "address": address, "area_id": village}
    camera = site.call("POST", "/cameras", body)["id"]
    zone = {"name": f"{name} zone", "kind": "area", "points": WHOLE_PICTURE}
    zone_id = site.call("POST", f"/cameras/{camera}/zones", zone)["id"]
    rule = {"name": f"{name} rule", "kind": "intrusion", "zone_id": zone_id, "labels": ["motion"], "severity": "low"}
    site.call("POST", f"/cameras/{camera}/rules", rule | {"cooldown_s": 5})
    return township, camera


def settle_in(page: Page, given: str) -> None:
    """Logs in as a person does, and chooses a password of one's own as the page asks."""
    page.locator("input[name=username]").fill("dispatcher")
    page.locator("input[name=password]").fill(given)
    page.locator("button[type=submit]").click()
    fields = page.locator("input[type=password]")
    fields.nth(2).wait_for(timeout=10_000)
    for number, text in enumerate((given, PASSWORD, PASSWORD)):
        fields.nth(number).fill(text)
    page.locator("button[type=submit]").first.click()
    page.wait_for_timeout(1500)


def test_no_page_and_no_answer_shows_the_sibling(chromium, make_site, cameras):
    """Every page is opened while both townships raise alerts; every answer the browser got is searched."""
    site = make_site(detector="motion")
    own, own_camera = furnish(site, OWN, cameras.url("own"))
    _, other_camera = furnish(site, TRACE, cameras.url("other"))
    site.wait_live([own_camera, other_camera])
    person = {"username": "dispatcher", "role": "dispatcher", "area_id": own}
    given = site.call("POST", "/users", person)["generated_password"]
    answers: list[str] = []

    def keep(response: Response) -> None:
        if "/api/" in response.url and "text/event-stream" not in (response.headers.get("content-type") or ""):
            answers.append(f"{response.status} {response.url} {response.text() if response.ok else ''}")

    with browser("en") as context:
        page = context.new_page()
        page.goto(f"{site.url}/login")
        settle_in(page, given)
        page.on("response", keep)
        words = ""
        for path in PAGES:
            page.goto(site.url + path)
            page.wait_for_timeout(1500)
            words += page.content()
        statuses = {p: page.request.get(f"{site.url}/api/v1{p}") for p in LISTS}
        lists = "".join(answer.text() for answer in statuses.values())
        foreign = [
            page.request.get(f"{site.url}/api/v1/cameras/{other_camera}{end}").status
            for end in ("", "/health", "/snapshot.jpg", "/zones", "/rules", "/masks", "/viewers")
        ]
    raised = {alert["camera_id"] for alert in site.call("GET", "/alerts?limit=200")["items"]}
    assert raised == {own_camera, other_camera}, "both townships raise alerts, or the test proves nothing"
    assert OWN in words
    assert OWN in lists
    assert TRACE not in words
    assert TRACE not in lists
    assert [answer for answer in answers if TRACE in answer or other_camera in answer] == []
    assert set(foreign) == {404}
