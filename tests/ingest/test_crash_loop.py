"""When a camera is left alone."""

from hypothesis import given
from hypothesis import strategies as st

from ingest.crash_loop import CrashLoop
from ingest.settings import IngestSettings

SETTINGS = IngestSettings(crash_limit=3, crash_window_s=100, quarantine_s=500)


def test_crashes_close_together_lead_to_quarantine() -> None:
    """The third within the window; afterwards they are counted anew."""
    crashes = CrashLoop(SETTINGS)
    crashes.crashed(0)
    crashes.crashed(50)
    assert crashes.wait_s(50) == 0
    crashes.crashed(100)
    assert crashes.wait_s(100) == 500
    assert crashes.wait_s(600) == 0
    crashes.crashed(601)
    assert crashes.wait_s(601) == 0


@given(st.lists(st.floats(50.1, 1000), max_size=20))
def test_rare_crashes_never_do(distances: list[float]) -> None:
    """A camera that crashes now and then is only dialled again."""
    crashes, now_s = CrashLoop(SETTINGS), 0.0
    for distance in distances:
        now_s += distance
        crashes.crashed(now_s)
        assert crashes.wait_s(now_s) == 0


def test_a_camera_that_was_set_up_anew_is_forgiven() -> None:
    """Whoever mends the address need not wait."""
    crashes = CrashLoop(SETTINGS)
    for _ in range(3):
        crashes.crashed(0)
    crashes.forgive()
    assert crashes.wait_s(0) == 0
