"""What the control process tells a node, read by the node's own messages: two spellings of one contract."""

from typing import get_args

import pytest

from analytics.rule import SizeRange, WrongWayRule
from analytics.rules.registry import evaluator_for
from tests.vms_api.conftest import Site
from vms_api.cameras.rule import LINE_KINDS, RuleKind
from vms_api.node import desired
from vms_api.node.messages import DesiredState

pytestmark = pytest.mark.anyio

CORNERS = [[0.1, 0.1], [0.9, 0.1], [0.5, 0.9]]
SIZED = {"size": {"min_height": 0.1, "max_height": 0.6}}
NIGHT = {"windows": [{"days": [0, 6], "start": "22:00", "end": "06:00"}]}


async def test_the_node_reads_all_that_the_control_process_writes(site: Site) -> None:
    """Streams, login, masks, every kind of rule with their zones and schedule arrive as they were entered."""
    camera = await site.add_camera(username="root", password="secret", sub_address="rtsp://192.0.2.7/sub")
    path = f"/api/v1/cameras/{camera['id']}"
    for kind in get_args(RuleKind):
        zone_kind, points = ("line", CORNERS[:2]) if kind in LINE_KINDS else ("area", CORNERS)
        zone = {"name": zone_kind, "kind": zone_kind, "points": points}
        zone_id = (await site.http.post(f"{path}/zones", json=zone)).json()["id"]
        rule = {"name": kind, "kind": kind, "zone_id": zone_id, "labels": ["person"], "schedule": NIGHT, **SIZED}
        rule |= {"parameters": {"reach": 0.2}} if kind == "wrong_way" else {}
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
    assert [evaluator_for(rule) for rule in plan.rules]
    assert {type(rule).__name__.removesuffix("Rule") for rule in plan.rules} == {
        kind.title().replace("_", "") for kind in get_args(RuleKind)
    }
    assert {rule.size for rule in plan.rules} == {SizeRange(0.1, 0.6)}
    assert [rule.reach for rule in plan.rules if isinstance(rule, WrongWayRule)] == [0.2]
    assert all(rule.schedule.windows[0].days == {0, 6} for rule in plan.rules)
