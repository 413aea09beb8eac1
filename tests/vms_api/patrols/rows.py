"""Rounds and stops as tests need them."""

from datetime import datetime, timedelta
from typing import Any

from tests.fakes.clock import START
from vms_api.patrols.round import DueRound
from vms_api.patrols.round_stop import RoundStop


def due_round(due_at: datetime = START, **changes: Any) -> DueRound:
    """A round of two stops that is to be over an hour after it became due."""
    told = {"plan_id": "plan", "plan_version": 1, "name": "Morning round", "area_id": "village", "stop_count": 2}
    return DueRound(**{**told, "due_at": due_at, "deadline_at": due_at + timedelta(hours=1), **changes})


def round_stop(index: int = 0, **changes: Any) -> RoundStop:
    """A stop that nobody has been at."""
    told = {"id": f"stop-{index}", "index": index, "camera_id": f"camera-{index}", "dwell_s": 10.0}
    return RoundStop.model_validate({**told, **changes})
