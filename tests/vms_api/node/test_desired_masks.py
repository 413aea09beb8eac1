"""Masks on the wire: what a node cannot read hides its camera, and no other."""

from typing import Any

import pytest

from ingest.mask import MaskSet
from vms_api.node.desired import cameras
from vms_api.node.messages import DesiredState

SQUARE = [[0.1, 0.1], [0.9, 0.1], [0.9, 0.9]]


def state_with(**fields: Any) -> DesiredState:
    """One camera as told, and one that is in order."""
    plain = {
        "name": "Gate",
        "enabled": True,
        "analysed": True,
        "streams": [{"role": "main", "address": "rtsp://10.0.0.1/", "transport": "tcp"}],
    }
    good = {**plain, "id": "good", "masks": {"version": 0, "polygons": []}}
    return DesiredState.model_validate(
        {"version": 1, "time_zone": "UTC", "cameras": [{**plain, "id": "told", **fields}, good]}
    )


def test_masks_reach_the_camera() -> None:
    """Version and outlines."""
    told, good = cameras(state_with(masks={"version": 4, "polygons": [SQUARE]}))
    assert told.masks == MaskSet(4, (tuple((x, y) for x, y in SQUARE),))
    assert good.masks == MaskSet(0)


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"masks": None},
        {"masks": "unavailable"},
        {"masks": {"version": 1}},
        {"masks": {"version": 1, "polygons": [SQUARE[:2]]}},
        {"masks": {"version": 1, "polygons": [[[0, 0], [1, 0], [1, 1.5]]]}},
        {"masks": {"version": 1, "polygons": [[[0, 0], [1, 0], [1, "nan"]]]}},
        {"masks": {"version": 1, "polygons": [], "mode": "blur"}},
        {"masks": []},
    ],
    ids=str,
)
def test_what_cannot_be_read_hides_its_camera(fields: dict[str, Any]) -> None:
    """No field, or a field with anything wrong in it; the other camera is not touched."""
    told, good = cameras(state_with(**fields))
    assert told.masks is None
    assert good.masks == MaskSet(0)
