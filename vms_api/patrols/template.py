"""Plans to begin with. Their names and questions are the page's words: only keys are kept here."""

from collections.abc import Sequence
from typing import Literal

from pydantic import BaseModel, ConfigDict

from vms_api.patrols.schedule import PatrolSchedule, PatrolWindow

_ALL_DAYS = tuple(range(7))
_WORKDAYS = tuple(range(5))
TemplateKey = Literal["day-and-night", "hourly", "school-run", "night-surprise", "month-end"]


class PatrolTemplate(BaseModel):
    """All of a plan but its area, cameras and people. `key` names it; the page has its words."""

    model_config = ConfigDict(frozen=True)

    key: TemplateKey
    order: Literal["fixed", "shuffled"]
    grid: Literal[1, 4, 9]
    dwell_s: float
    schedule: PatrolSchedule
    complete_at: float = 1.0
    deadline_s: int


def _window(starts: str, ends: str, days: tuple[int, ...] = _ALL_DAYS, every_s: int | None = None) -> PatrolWindow:
    return PatrolWindow(days=days, starts=starts, ends=ends, every_s=every_s)


TEMPLATES: Sequence[PatrolTemplate] = (
    PatrolTemplate(
        key="day-and-night",
        order="fixed",
        grid=1,
        dwell_s=15,
        schedule=PatrolSchedule(windows=(_window("08:00", "10:00"), _window("20:00", "22:00"))),
        deadline_s=2 * 3600,
    ),
    PatrolTemplate(
        key="hourly",
        order="fixed",
        grid=4,
        dwell_s=10,
        schedule=PatrolSchedule(windows=(_window("00:00", "00:00", every_s=3600),)),
        complete_at=0.95,
        deadline_s=3000,
    ),
    PatrolTemplate(
        key="school-run",
        order="fixed",
        grid=1,
        dwell_s=20,
        schedule=PatrolSchedule(
            windows=(_window("07:00", "08:30", _WORKDAYS), _window("16:00", "17:30", _WORKDAYS)), skip_holidays=True
        ),
        deadline_s=90 * 60,
    ),
    PatrolTemplate(
        key="night-surprise",
        order="shuffled",
        grid=1,
        dwell_s=10,
        schedule=PatrolSchedule(
            windows=(PatrolWindow(days=_ALL_DAYS, starts="22:00", ends="06:00", every_s=4 * 3600, randomised=True),)
        ),
        deadline_s=3600,
    ),
    PatrolTemplate(
        key="month-end",
        order="fixed",
        grid=1,
        dwell_s=30,
        schedule=PatrolSchedule(
            windows=(PatrolWindow(days=_ALL_DAYS, month_days=(-1,), starts="09:00", ends="12:00"),)
        ),
        deadline_s=3 * 3600,
    ),
)
