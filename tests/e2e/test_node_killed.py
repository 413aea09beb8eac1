"""Processes that die: the node comes back by itself, cameras with it, and no alert is lost on the way."""

import os
import signal
import time
from collections.abc import Callable, Iterator

import psutil
import pytest

from ingest.virtual_camera.camera import VirtualCamera
from ingest.virtual_camera.clip_cache import ClipCache
from ingest.virtual_camera.scene import Scene
from ingest.virtual_camera.thread import VirtualCameraThread
from vms_api.demo.site import LocalSite

WHOLE_PICTURE = [[0.01, 0.01], [0.99, 0.01], [0.99, 0.99], [0.01, 0.99]]
RECOVERY_LIMIT_S = 10.0


@pytest.fixture
def camera(drawn: ClipCache) -> Iterator[VirtualCameraThread]:
    """A drawn square with people walking about, key frames every second."""
    clip = drawn.play_scene(Scene(gop_s=1.0, duration_s=20.0, walker_count=8))
    with VirtualCameraThread([VirtualCamera("square", clip)]) as server:
        yield server


def watch(site: LocalSite, url: str) -> str:
    """Adds the camera with a rule that anything moving breaks again and again."""
    camera_id = site.call("POST", "/cameras", {"name": "square", "address": url})["id"]
    zone = site.call("POST", f"/cameras/{camera_id}/zones", {"name": "all", "kind": "area", "points": WHOLE_PICTURE})
    rule = {"name": "any", "kind": "intrusion", "zone_id": zone["id"], "labels": ["motion"], "severity": "low"}
    site.call("POST", f"/cameras/{camera_id}/rules", rule | {"cooldown_s": 0})
    site.wait_live([camera_id])
    return str(camera_id)


def alert_ids(site: LocalSite) -> list[str]:
    """Every alert the site knows, newest first."""
    return [alert["id"] for alert in site.call("GET", "/alerts?limit=200")["items"]]


def wait_for(condition: Callable[[], bool], timeout_s: float = 30.0) -> float:
    """Seconds until the condition holds."""
    started_s = time.monotonic()
    while not condition():
        assert time.monotonic() - started_s < timeout_s, "it did not happen in time"
        time.sleep(0.1)
    return time.monotonic() - started_s


def node_of(site: LocalSite) -> psutil.Process:
    """The media node, a child of the control process."""
    return next(p for p in psutil.Process(site.pid).children() if "vms_api.node" in " ".join(p.cmdline()))


@pytest.mark.slow
def test_a_killed_node_is_back_within_ten_seconds_and_no_alert_is_lost(make_site, camera):
    """SIGKILL while alerts are being raised: what was delivered stays, what was not comes later, the camera is back."""
    site = make_site(detector="motion")
    camera_id = watch(site, camera.url("square"))
    wait_for(lambda: len(alert_ids(site)) >= 2)
    before, node = alert_ids(site), node_of(site)
    os.kill(node.pid, signal.SIGKILL)
    wait_for(lambda: site.call("GET", f"/cameras/{camera_id}/health")["state"] != "live", 10)
    recovery_s = wait_for(lambda: site.call("GET", f"/cameras/{camera_id}/health")["state"] == "live")
    assert recovery_s <= RECOVERY_LIMIT_S
    assert node_of(site).pid != node.pid
    wait_for(lambda: len(alert_ids(site)) > len(before))
    assert set(before) <= set(alert_ids(site))


@pytest.mark.slow
def test_a_hung_node_is_replaced(make_site, camera):
    """SIGSTOP: no heartbeat for five seconds means the node is replaced, not waited for."""
    site = make_site(detector="motion")
    camera_id = watch(site, camera.url("square"))
    node = node_of(site)
    os.kill(node.pid, signal.SIGSTOP)
    wait_for(lambda: site.call("GET", f"/cameras/{camera_id}/health")["state"] == "unknown", 10)
    wait_for(lambda: site.call("GET", f"/cameras/{camera_id}/health")["state"] == "live", 15)
    assert not node.is_running() or node.status() == psutil.STATUS_ZOMBIE


@pytest.mark.slow
def test_alerts_raised_while_the_control_process_is_away_arrive_once(make_site, camera, tmp_path):
    """The control process is killed and started again on the same folder: every alert is there, none twice."""
    site = make_site(detector="motion")
    watch(site, camera.url("square"))
    wait_for(lambda: len(alert_ids(site)) >= 2)
    before = alert_ids(site)
    os.kill(site.pid, signal.SIGKILL)
    psutil.wait_procs([psutil.Process(site.pid)] if psutil.pid_exists(site.pid) else [], timeout=5)
    site.restart()
    wait_for(lambda: len(alert_ids(site)) > len(before))
    after = alert_ids(site)
    assert set(before) <= set(after)
    assert len(after) == len(set(after))


@pytest.mark.slow
def test_nothing_outlives_the_control_process(make_site, camera):
    """When the control process is killed, its node ends by itself: the life line."""
    site = make_site(detector="motion")
    watch(site, camera.url("square"))
    node = node_of(site)
    os.kill(site.pid, signal.SIGKILL)
    wait_for(lambda: not node.is_running() or node.status() == psutil.STATUS_ZOMBIE, 15)
