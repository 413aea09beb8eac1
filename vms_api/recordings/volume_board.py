"""What the node last said about the volumes, beside what is stored of them."""

from collections.abc import Mapping, Sequence

from vms_api.database import Database
from vms_api.events import EventLog
from vms_api.recordings import volume_store
from vms_api.recordings.settings import VolumeSettings
from vms_api.recordings.volume import VolumeState


class VolumeBoard:
    """The latest state by name. A change is told at once; the figures change all the time and are asked for."""

    def __init__(self, database: Database, events: EventLog, settings: Sequence[VolumeSettings]) -> None:
        self._database = database
        self._events = events
        self._settings = {volume.name: volume for volume in settings}
        self._states: dict[str, VolumeState] = {}

    def report(self, states: Sequence[VolumeState]) -> None:
        """All that the node says about its volumes."""
        for state in states:
            before = self._states.get(state.name)
            self._states[state.name] = state
            if before is None or before.state != state.state:
                self._events.pass_on("recording.volume", state.name, state.model_dump(mode="json"))

    async def states(self) -> Sequence[VolumeState]:
        """Every volume, by name: as the node has it, else as it was last stored."""
        async with self._database.read() as connection:
            stored = {state.name: state for state in await volume_store.list_volumes(connection)}
        latest = {**stored, **{name: _identified(state, stored.get(name)) for name, state in self._states.items()}}
        return [state for _, state in sorted(latest.items())]

    @property
    def settings(self) -> Mapping[str, VolumeSettings]:
        """What the site file says of each, by name."""
        return self._settings


def _identified(state: VolumeState, stored: VolumeState | None) -> VolumeState:
    """A volume that is missing has no identity to tell; the one that is expected there is known."""
    if state.volume_id is not None or stored is None:
        return state
    return state.model_copy(update={"volume_id": stored.volume_id})
