"""What the diagnosis and the looks at clocks found in the demo's week."""

from collections.abc import Mapping
from datetime import datetime

from analytics.quality.category import Category
from vms_api.care.store import keep_clock_check
from vms_api.database import Transaction
from vms_api.diagnosis.store import insert_change
from vms_api.diagnosis.verdict import QualityChange, QualityState
from vms_api.tickets.cause import Cause

METHOD = "demo"
"""Stands where the version of the diagnosis stands: nobody has looked at a picture."""
_PREFIX = "quality-"
_USUAL_OFFSET_S = 0.4


def category_of(cause: Cause) -> Category:
    """What the diagnosis calls the cause of a ticket about a picture. ValueError: it is none."""
    return Category(cause.removeprefix(_PREFIX))


async def find_well(transaction: Transaction, camera_id: str, at: datetime) -> None:
    """The picture is as it should be from then on."""
    await _change(transaction, camera_id, None, QualityState.UNKNOWN, QualityState.OK, at)


async def find_bad(
    transaction: Transaction, camera_id: str, category: Category, since: datetime, until: datetime | None
) -> None:
    """A finding that stood, or still stands."""
    well, bad = QualityState.OK, QualityState.ABNORMAL
    for of in (category, None):
        await _change(transaction, camera_id, of, well, bad, since)
        if until is not None:
            await _change(transaction, camera_id, of, bad, well, until)


async def check_clocks(transaction: Transaction, at: datetime, offsets: Mapping[str, float | None]) -> None:
    """A look at the clocks of these cameras; None stands for a clock that is right."""
    for camera_id, offset_s in offsets.items():
        await keep_clock_check(transaction, camera_id, at, _USUAL_OFFSET_S if offset_s is None else offset_s)


async def _change(
    transaction: Transaction,
    camera_id: str,
    category: Category | None,
    was: QualityState,
    state: QualityState,
    at: datetime,
) -> None:
    change = QualityChange(
        id=0, camera_id=camera_id, category=category, was=was, state=state, at=at, method_version=METHOD
    )
    await insert_change(transaction, change)
