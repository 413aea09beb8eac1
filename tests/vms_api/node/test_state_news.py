"""What becomes a row of a camera's history."""

from hypothesis import given
from hypothesis import strategies as st

from ingest.camera import CameraId, StreamRole
from ingest.health import Fault, StreamHealth
from ingest.lifecycle import StreamState
from tests.fakes.clock import START
from vms_api.node.state_news import StateNews

CAMERA = CameraId("cam")
_S = StreamState


def stream(state: StreamState, code: str | None = None, role: StreamRole = StreamRole.MAIN) -> StreamHealth:
    """A stream in a state, with the code of its last fault."""
    return StreamHealth(role, state, START, fault=Fault(code, "", START) if code else None)


def told(*streams: StreamHealth) -> list[tuple[StreamState, str | None]]:
    """What of these changes is news."""
    news = StateNews()
    return [(one.state, one.fault and one.fault.code) for one in streams if news.is_news(CAMERA, one)]


def test_retries_that_lead_nowhere_are_no_news() -> None:
    """A camera that is off for a day has two rows: it went, it came back."""
    tries = [stream(_S.OPENING, "host-refused"), stream(_S.WAITING, "host-refused")] * 1000
    down = (stream(_S.LIVE), stream(_S.WAITING, "host-refused"))
    back = (stream(_S.OPENING, "host-refused"), stream(_S.LIVE, "host-refused"))
    assert told(*down, *tries, *back) == [
        (_S.LIVE, None),
        (_S.WAITING, "host-refused"),
        (_S.LIVE, "host-refused"),
    ]


def test_another_reason_is_news() -> None:
    """First the switch was off, then the password wrong."""
    changes = (stream(_S.WAITING, "host-refused"), stream(_S.OPENING), stream(_S.REFUSED, "credentials-refused"))
    assert [state for state, _ in told(*changes)] == [_S.WAITING, _S.REFUSED]
    assert len(told(stream(_S.WAITING, "source-ended"), stream(_S.WAITING, "host-refused"))) == 2


def test_the_first_opening_is_news() -> None:
    """A camera that was just added has a history from its first moment."""
    assert told(stream(_S.OPENING)) == [(_S.OPENING, None)]


def test_streams_have_histories_of_their_own() -> None:
    """The sub-stream's state says nothing of the main one's."""
    assert len(told(stream(_S.LIVE), stream(_S.LIVE, role=StreamRole.SUB))) == 2


@given(st.lists(st.sampled_from(_S), max_size=30))
def test_the_last_thing_told_is_how_it_is(states: list[StreamState]) -> None:
    """Whatever happened, the history ends with the present state, or with the one that is being tried to leave."""
    rows = told(*(stream(state, "host-refused") for state in states))
    if states:
        assert rows
        assert states[-1] is rows[-1][0] or (states[-1] is _S.OPENING and rows[-1][0] in {_S.WAITING, _S.REFUSED})
