"""The diagnosis benchmark in small: one drawn camera for three days, and one fault of it."""

from datetime import timedelta

from analytics.quality.category import Category
from analytics.quality.finding import State
from benchmarks.diagnosed_camera import DiagnosedCamera, Known
from benchmarks.diagnosed_place import DrawnPlace
from benchmarks.diagnosis import fault_told
from benchmarks.picture_fault import Fault


def test_three_healthy_days_are_quiet_and_a_blurred_lens_is_told() -> None:
    """No standing turns abnormal by day, dusk or night; the fault is told within hours."""
    camera = DiagnosedCamera(DrawnPlace(3, is_busy=True), 3)
    known, alarms = Known(camera.course.first_day), []
    for look in camera.days(known, known.at + timedelta(days=3)):
        known = look.known
        alarms += [category for category, _, now in look.changes if now is State.ABNORMAL]
    assert alarms == []
    told = fault_told(camera, known, Fault(Category.BLUR, 3, 1))
    assert told.after is not None
    assert told.after < timedelta(hours=4)
