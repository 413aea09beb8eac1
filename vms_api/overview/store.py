"""What the overview counts, read from the tables of other domains."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Literal, NamedTuple

import sqlalchemy as sa

from vms_api.alerts.incident import DONE
from vms_api.alerts.lifecycle import AlertState
from vms_api.alerts.store import alerts
from vms_api.cameras.health import CameraState
from vms_api.database import Connection, from_us, to_us
from vms_api.diagnosis.store import quality_faults
from vms_api.nodes.store import camera_states
from vms_api.recordings.store import segments
from vms_api.tickets.cause import QUALITY, Cause
from vms_api.tickets.lifecycle import OPEN_STATES
from vms_api.tickets.store import ticket_cameras, ticket_of, tickets
from vms_api.tickets.ticket import Ticket

_IMPAIRING = QUALITY | {Cause.NOT_RECORDING, Cause.CLOCK, Cause.PATROL, Cause.OTHER}
_OPEN = [state for state in AlertState if state not in DONE]


class AlertFigures(NamedTuple):
    """Alerts that are open now, and of a day."""

    open: int
    new: int
    overdue: int
    raised_today: int
    closed_today: int


class StreamMoment(NamedTuple):
    """The main stream of a camera came into a state."""

    camera_id: str
    state: CameraState
    at: datetime


async def alert_figures(connection: Connection, area_ids: Collection[str], since: datetime) -> AlertFigures:
    """Of the alerts of these areas; those of one incident count once while they are open."""
    within = alerts.c.area_id.concat("").in_(area_ids)
    is_new = sa.case((alerts.c.state == AlertState.NEW, 1))
    columns = (sa.func.count(), sa.func.count(is_new), sa.func.count(alerts.c.overdue))
    standing = sa.select(*columns).where(within, alerts.c.state.in_(_OPEN), alerts.c.incident_id == alerts.c.id)
    raised = sa.select(sa.func.count()).where(within, alerts.c.raised_at >= to_us(since))
    # What was closed today was raised some days ago at most, or the figure would be of another kind.
    closed = sa.select(sa.func.count()).where(
        within, alerts.c.state == AlertState.CLOSED, alerts.c.closed_at >= to_us(since)
    )
    now = (await connection.execute(standing)).one()
    today = [(await connection.execute(query)).scalar_one() for query in (raised, closed)]
    return AlertFigures(*now, *today)


async def stream_moments(connection: Connection, since: datetime) -> Sequence[StreamMoment]:
    """What the main streams of all cameras came into, in the order of time."""
    columns = (camera_states.c.camera_id, camera_states.c.state, camera_states.c.at)
    query = (
        sa.select(*columns)
        .where(camera_states.c.at >= to_us(since), camera_states.c.role == "main")
        .order_by(camera_states.c.at, camera_states.c.id)
    )
    return [StreamMoment(id_, state, from_us(at)) for id_, state, at in await connection.execute(query)]


async def tickets_since(
    connection: Connection, area_ids: Collection[str], column: Literal["opened_at", "closed_at"], since: datetime
) -> Sequence[Ticket]:
    """The tickets of these areas that were opened or closed since then, the newest first."""
    query = sa.select(tickets).where(tickets.c[column] >= to_us(since), tickets.c.area_id.in_(area_ids))
    return [ticket_of(row) for row in (await connection.execute(query.order_by(tickets.c[column].desc()))).mappings()]


async def cameras_at_fault(connection: Connection) -> frozenset[str]:
    """Cameras that have an open ticket for what their picture does not tell by itself, or a picture that is bad."""
    open_tickets = (
        sa.select(ticket_cameras.c.camera_id)
        .join(tickets, tickets.c.id == ticket_cameras.c.ticket_id)
        .where(tickets.c.state.in_(OPEN_STATES), tickets.c.cause.in_(_IMPAIRING))
    )
    query = sa.union(open_tickets, sa.select(quality_faults.c.camera_id))
    return frozenset((await connection.execute(query)).scalars())


async def written_bytes(connection: Connection, volume_id: str, since: datetime) -> int:
    """What the recordings of a volume take that began since then."""
    query = sa.select(sa.func.coalesce(sa.func.sum(segments.c.size_bytes), 0)).where(
        segments.c.volume_id == volume_id, segments.c.started_at >= to_us(since)
    )
    return int((await connection.execute(query)).scalar_one())
