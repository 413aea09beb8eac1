"""Everything that may be wrong, as it is at one moment."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ingest.clock import Clock
from vms_api.accounts.rights_board import RightsBoard
from vms_api.cameras.health_board import HealthBoard
from vms_api.database import Database
from vms_api.nodes.link import NODE_ID, NodeLink, NodeState
from vms_api.recordings.problem_board import ProblemBoard
from vms_api.recordings.volume_board import VolumeBoard
from vms_api.tickets import maintenance_store, store
from vms_api.tickets.camera_memory import CameraMemory
from vms_api.tickets.cause import WATCHED, Cause
from vms_api.tickets.fold import Whereabouts
from vms_api.tickets.reading import Reading, volume_reading
from vms_api.tickets.settings import TicketSettings
from vms_api.tickets.standing import Concern
from vms_api.tickets.ticket import Ticket
from vms_api.tickets.watch_store import CameraRow


@dataclass(frozen=True, slots=True)
class WatchGround:
    """What is looked at, and with what."""

    database: Database
    health: HealthBoard
    node: NodeLink
    volumes: VolumeBoard
    problems: ProblemBoard
    rights: RightsBoard
    clock: Clock
    settings: TicketSettings


@dataclass(slots=True)
class Survey:
    """One look: the cameras in service, the open tickets with their cameras, and what is read of all else.

    `changed` are the cameras of which something may follow: what is said of them is new, or wrong.
    """

    memory: CameraMemory
    open: Sequence[Ticket]
    members: Mapping[str, frozenset[str]]
    changed: Sequence[str] = ()
    others: dict[Concern, Reading] = field(default_factory=dict)

    @property
    def cameras(self) -> Mapping[str, CameraRow]:
        """Those in service, by id."""
        return self.memory.cameras

    @property
    def places(self) -> Mapping[str, Whereabouts]:
        """Where they are, by id."""
        return self.memory.places

    def is_away(self, camera_id: str) -> bool | None:
        """Whether the camera is away; None where nothing can be said."""
        return self.memory.of(camera_id).offline

    def has(self, concern: Concern) -> bool:
        """Whether it was looked at."""
        kind, _, name = concern.subject.partition(":")
        return name in self.cameras if kind == "camera" else concern in self.others


def offline(camera_id: str) -> Concern:
    """That this camera may be away."""
    return Concern(f"camera:{camera_id}", Cause.OFFLINE)


async def surveyed(ground: WatchGround, memory: CameraMemory, waiting: Collection[str]) -> Survey:
    """Reads all that is known now, in one view of the database and from the boards.

    `memory` is brought up to date; `waiting` are cameras that are to be among the changed ones in any case.
    """
    now, tree = ground.clock.now(), ground.rights.index.tree
    async with ground.database.read() as connection:
        await memory.refresh(connection, tree)
        tickets = await store.list_open(connection, WATCHED)
        survey = Survey(memory, tickets, await store.cameras_of_open(connection, Cause.OFFLINE))
        windows = await maintenance_store.approved_windows(connection, now, now)
    survey.changed = await memory.judge(windows, now, waiting)
    survey.others.update(await _of_the_system(ground))
    survey.others.update(_of_shared(survey, ground.settings.fold_share))
    return survey


async def _of_the_system(ground: WatchGround) -> dict[Concern, Reading]:
    is_up = ground.node.state is NodeState.UP
    found = {Concern(f"node:{NODE_ID}", Cause.NODE): Reading(not is_up, {"node_state": ground.node.state})}
    for volume in await ground.volumes.states():
        reading = volume_reading(volume, ground.problems.problems, is_node_up=is_up)
        found[Concern(f"volume:{volume.name}", Cause.STORAGE)] = reading
    return found


def _of_shared(survey: Survey, share: float) -> Iterator[tuple[Concern, Reading]]:
    """Cameras that share a ticket are well again once most of those of which anything is known are."""
    for ticket in survey.open:
        if ticket.cause is not Cause.OFFLINE or ticket.camera_id is not None:
            continue
        told = [survey.is_away(camera_id) for camera_id in survey.members.get(ticket.id, ())]
        known = [is_wrong for is_wrong in told if is_wrong is not None]
        is_wrong = sum(known) > (1 - share) * len(known) if known else None
        yield Concern(ticket.subject, ticket.cause), Reading(is_wrong, {})
