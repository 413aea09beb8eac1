"""What the control process tells a node, read by the node's own messages: two spellings of one contract."""

import pytest

from tests.vms_api.conftest import Site
from vms_api.node import desired
from vms_api.node.messages import DesiredState

pytestmark = pytest.mark.anyio

CORNERS = [[0.1, 0.1], [0.9, 0.1], [0.5, 0.9]]
NIGHT = {"windows": [{"days": [0, 6], "start": "22:00", "end": "06:00"}]}


async def test_the_node_reads_all_that_the_control_process_writes(site: Site) -> None:
    """Streams, login, masks, both kinds of rules with their zones and schedule arrive as they were entered."""
    camera = await site.add_camera(username="root", password="secret", sub_address="rtsp://192.0.2.7/sub")
    path = f"/api/v1/cameras/{camera['id']}"
    for kind, zone_kind, points in (("intrusion", "area", CORNERS), ("line_crossing", "line", CORNERS[:2])):
        zone = {"name": zone_kind, "kind": zone_kind, "points": points}
        zone_id = (await site.http.post(f"{path}/zones", json=zone)).json()["id"]
        rule = {"name": kind, "kind": kind, "zone_id": zone_id, "labels": ["person"], "schedule": NIGHT}
        assert (await site.http.post(f"{path}/rules", json=rule)).status_code == 201
    mask = {"polygons": [{"name": "window", "points": CORNERS}], "base_version": 0}
    assert (await site.http.put(f"{path}/masks", json=mask)).is_success
    written = (await site.control.reconciler.desired_state()).model_dump_json()
    read = DesiredState.model_validate_json(written)
    (known,) = desired.cameras(read)
    assert [stream.address for stream in known.streams] == [camera["address"], "rtsp://192.0.2.7/sub"]
    assert known.credential is not None
    assert (known.credential.username, known.credential.password) == ("root", "secret")
    assert known.masks is not None
    assert known.masks.version == 1
    (plan,) = desired.plans(read)
    assert {type(rule).__name__ for rule in plan.rules} == {"IntrusionRule", "LineCrossingRule"}
    assert all(rule.schedule.windows[0].days == {0, 6} for rule in plan.rules)
