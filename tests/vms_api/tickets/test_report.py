"""How faults were mended: figures worked out by hand; and times by area."""

from datetime import datetime, timedelta

from tests.fakes.clock import START
from vms_api.reports.alert_tally import Window
from vms_api.tickets.cause import Cause
from vms_api.tickets.lifecycle import TicketState
from vms_api.tickets.settings import TicketSettings
from vms_api.tickets.ticket import Contractor, Ticket
from vms_api.tickets.ticket_report import repaired_s, reported
from vms_api.tickets.times import TicketTimes, hours_of

NOW = START + timedelta(hours=100)
WINDOW = Window.model_validate({"from": START, "to": NOW})


def hours(number: float) -> datetime:
    return START + timedelta(hours=number)


def ticket(number: int, **changes: object) -> Ticket:
    told = {
        "id": str(number),
        "number": number,
        "subject": f"camera:{number}",
        "camera_id": str(number),
        "camera_name": "Gate",
        "area_id": "north",
        "cause": Cause.OFFLINE,
        "severity": "medium",
        "opened_at": START,
        "found_at": START,
        "due_at": hours(24),
    }
    return Ticket.model_validate(told | changes)


def closed(number: int, mended_h: float, **changes: object) -> Ticket:
    done = {"state": TicketState.CLOSED, "fixed_at": hours(mended_h), "closed_at": hours(mended_h + 1)}
    return ticket(number, **(done | changes))


def test_the_figures_of_a_handful_of_tickets():
    """Four closed of six: mended after 2, 4, 10 (12 with two hours of pause) and 30 hours; one of the open is late."""
    firm = {"contractor": Contractor(name="Lakeside Electric")}
    tickets = [
        closed(1, 2, assignee_id="ma", assignee="ma"),
        closed(2, 4, assignee_id="ma", assignee="ma"),
        closed(3, 12, paused_s=7200.0, cause=Cause.CLOCK, **firm),
        closed(4, 30, repeated=True, **firm),
        ticket(5),
        ticket(6, due_at=hours(200), cause=Cause.CLOCK),
    ]
    total = reported(tickets, "cause", WINDOW, NOW, {}).total
    assert (total.opened, total.closed, total.open, total.overdue, total.repeated) == (6, 4, 2, 1, 1)
    assert (total.closure.numerator, total.closure.denominator) == (4, 6)
    assert (total.in_time.numerator, total.in_time.denominator) == (3, 4)
    assert (total.repair.count, total.repair.p50_s, total.repair.p90_s) == (4, 4 * 3600, 30 * 3600)
    by_cause = {item.key: item.opened for item in reported(tickets, "cause", WINDOW, NOW, {}).items}
    assert by_cause == {"offline": 4, "clock": 2}
    by_who = {item.name: item.closed for item in reported(tickets, "assignee", WINDOW, NOW, {}).items}
    assert by_who == {"ma": 2, "Lakeside Electric": 2, "": 0}
    by_area = [(item.key, item.name) for item in reported(tickets, "area", WINDOW, NOW, {"north": "North"}).items]
    assert by_area == [("north", "North")]


def test_nothing_is_no_rate():
    """Of no ticket there is no closure rate and no time."""
    total = reported([], "area", WINDOW, NOW, {}).total
    assert (total.closure.share, total.in_time.share, total.repair.p50_s) == (None, None, None)


def test_what_went_away_by_itself_is_mended_from_then_on():
    """Seen to be well before anybody reported it; an open one has no time."""
    by_itself = {"cleared_at": hours(3), "closed_at": hours(27), "state": TicketState.CLOSED}
    assert repaired_s(ticket(1, **by_itself)) == 3 * 3600
    assert repaired_s(ticket(2)) is None


def test_the_nearest_area_that_says_a_time_is_asked():
    """The village says what is bad, the township what is slight, nobody what is middling."""
    times = {
        "town": TicketTimes(area_id="town", high_hours=12, low_hours=240),
        "north": TicketTimes(area_id="north", high_hours=6),
    }
    settings, lineage = TicketSettings(), ("root", "town", "north")
    found = [hours_of(times, lineage, severity, settings) for severity in ("high", "medium", "low")]
    assert found == [6, 72, 240]
    assert hours_of(times, ("root", "town"), "high", settings) == 12
    assert hours_of(times, ("root",), "high", settings) == 24
