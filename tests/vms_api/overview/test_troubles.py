"""What a duty room reads first: the list of what is wrong, the day's changes, and how cameras stand."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vms_api.cameras.health import CameraHealth, CameraState
from vms_api.overview.camera_standing import counts_of, standing_of
from vms_api.overview.day import camera_changes, midnight
from vms_api.overview.store import StreamMoment
from vms_api.overview.trouble import Trouble, listed

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)


def trouble(name: str, minutes: int = 5, **told: object) -> Trouble:
    facts = {"kind": "alert", "code": "intrusion", "severity": "medium", "since": NOW - timedelta(minutes=minutes)}
    return Trouble.model_validate({**facts, "name": name, **told})


def test_the_gravest_comes_first() -> None:
    """Late, then grave, then in nobody's hands, then the longest."""
    found = listed(
        [
            trouble("short", 5),
            trouble("long", 50),
            trouble("somebody's", 90, who="li"),
            trouble("grave", severity="high"),
            trouble("late", severity="low", overdue=True, who="li"),
        ],
        10,
    )
    assert [item.name for item in found.items] == ["late", "grave", "long", "short", "somebody's"]
    assert (found.total, found.nobody, found.overdue) == (5, 3, 1)


def test_a_camera_with_a_ticket_is_one_line() -> None:
    """The ticket's, as it says who has it; a camera down without one stays, and a ticket for blur hides no outage."""
    found = listed(
        [
            trouble("a", kind="camera", code="silent", camera_id="1"),
            trouble("a", kind="ticket", code="offline", camera_id="1", who="li"),
            trouble("b", kind="camera", code="silent", camera_id="2"),
            trouble("b", kind="ticket", code="quality-blur", camera_id="2"),
        ],
        10,
    )
    assert [(item.kind, item.camera_id) for item in found.items if item.camera_id == "1"] == [("ticket", "1")]
    assert {item.kind for item in found.items if item.camera_id == "2"} == {"camera", "ticket"}


@given(st.lists(st.sampled_from(["low", "medium", "high"]), max_size=30), st.integers(0, 30))
def test_what_is_not_listed_is_counted(severities: list[str], limit: int) -> None:
    """And nothing that is listed is less grave than what is not."""
    found = listed([trouble(str(number), severity=s) for number, s in enumerate(severities)], limit)
    assert (found.total, len(found.items)) == (len(severities), min(limit, len(severities)))
    ranks = ["high", "medium", "low"]
    expected = sorted(ranks.index(severity) for severity in severities)[:limit]
    assert [ranks.index(item.severity) for item in found.items] == expected


@pytest.mark.parametrize(
    ("state", "frozen", "at_fault", "standing"),
    [
        ("live", False, False, "online"),
        ("live", True, False, "impaired"),
        ("live", False, True, "impaired"),
        ("waiting", False, False, "offline"),
        ("opening", False, False, "offline"),
        ("refused", False, True, "offline"),
        ("unknown", False, True, "unknown"),
        ("disabled", False, True, "disabled"),
    ],
)
def test_unknown_is_not_online(state: str, frozen: bool, at_fault: bool, standing: str) -> None:
    """Nor offline; and what is switched off is no fault."""
    health = CameraHealth.model_validate({"state": state, "since": NOW, "frozen": frozen})
    assert standing_of(health, is_at_fault=at_fault) == standing


def test_counts_add_up() -> None:
    """Impaired and offline are the faulty ones."""
    counts = counts_of(["online", "online", "impaired", "offline", "unknown", "disabled"])
    assert (counts.total, counts.online, counts.faulty, counts.unknown, counts.disabled) == (6, 2, 2, 1, 1)


def moments(*told: tuple[str, CameraState]) -> list[StreamMoment]:
    return [StreamMoment(id_, state, NOW + timedelta(minutes=at)) for at, (id_, state) in enumerate(told)]


def test_a_camera_is_lost_once_and_comes_back_once() -> None:
    """However many faults it goes through; another camera's changes lie between."""
    told = moments(("a", "silent"), ("b", "live"), ("a", "waiting"), ("a", "opening"), ("a", "live"), ("a", "live"))
    found = camera_changes(told, {"a": "Gate", "b": "Yard"})
    assert [(change.kind, change.name) for change in found] == [("camera-lost", "Gate"), ("camera-back", "Gate")]
    assert found[0].at == NOW


def test_a_start_is_no_return() -> None:
    """A node that starts brings its cameras up: none of them has come back. Others' cameras are not told of."""
    assert camera_changes(moments(("a", "opening"), ("a", "live"), ("z", "silent")), {"a": "Gate"}) == []


@pytest.mark.parametrize(
    ("now", "zone", "began"),
    [
        ("2026-11-22T08:00:00+00:00", "Asia/Shanghai", "2026-11-21T16:00:00+00:00"),
        ("2026-11-22T15:59:59+00:00", "Asia/Shanghai", "2026-11-21T16:00:00+00:00"),
        ("2026-11-22T16:00:00+00:00", "Asia/Shanghai", "2026-11-22T16:00:00+00:00"),
        ("2026-03-29T10:00:00+00:00", "Europe/Berlin", "2026-03-28T23:00:00+00:00"),
    ],
)
def test_the_day_is_that_of_the_site(now: str, zone: str, began: str) -> None:
    """Midnight by its clocks, also on a day that they are changed."""
    assert midnight(datetime.fromisoformat(now), ZoneInfo(zone)) == datetime.fromisoformat(began)
