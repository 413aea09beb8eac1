"""The parts of the control process, put together once and handed to the routes."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from argon2 import PasswordHasher
from fastapi import Depends, Request

from ingest.address import HostPolicy
from ingest.clock import Clock
from vms_api.accounts.desk import AccountDesk
from vms_api.accounts.passwords import Passwords
from vms_api.alerts.desk import AlertDesk
from vms_api.cameras import store as camera_store
from vms_api.cameras.health_board import HealthBoard
from vms_api.cameras.mask_desk import MaskDesk
from vms_api.cameras.registry import CameraRegistry
from vms_api.cameras.sealing import load_seal
from vms_api.cameras.watch import WatchDesk
from vms_api.data_folder import data_folder
from vms_api.database import Database
from vms_api.events import Event, EventLog
from vms_api.metrics import Metrics
from vms_api.nodes.client import NodeClient
from vms_api.nodes.link import NodeLink
from vms_api.nodes.reconciler import Reconciler
from vms_api.settings import SiteFile

PASSWORD_VARIABLE = "XUELIANG_ADMIN_PASSWORD"  # noqa: S105 - the variable's name


@dataclass(frozen=True, slots=True)
class Control:
    """Everything a route may need. Routes take it apart at the edge and pass the parts inward."""

    settings: SiteFile
    clock: Clock
    started_at: datetime
    database: Database
    events: EventLog
    accounts: AccountDesk
    health: HealthBoard
    registry: CameraRegistry
    watch: WatchDesk
    masks: MaskDesk
    alerts: AlertDesk
    node: NodeLink
    node_client: NodeClient
    reconciler: Reconciler
    metrics: Metrics

    async def passing_states(self) -> Sequence[Event]:
        """What every new listener is told first: the node and all cameras, as they are now."""
        async with self.database.read() as connection:
            cameras = await camera_store.list_cameras(connection)
        healths = [(camera.id, self.health.of(camera).model_dump(mode="json")) for camera in cameras]
        return [
            Event(None, "node.state", {"state": self.node.state}),
            *(Event(None, "camera.health", {"camera_id": id_, "health": health}) for id_, health in healths),
        ]

    async def camera_states(self) -> Mapping[str, int]:
        """How many cameras are in which state."""
        async with self.database.read() as connection:
            cameras = await camera_store.list_cameras(connection)
        counts: dict[str, int] = {}
        for camera in cameras:
            state = self.health.of(camera).state
            counts[state] = counts.get(state, 0) + 1
        return counts


@asynccontextmanager
async def open_control(
    settings: SiteFile, environ: Mapping[str, str], clock: Clock, hasher: PasswordHasher
) -> AsyncIterator[Control]:
    """The control process without its HTTP side, for as long as the block lasts.

    Raises:
        StartRefused: the data folder, the database, the key or the preset password does not do.

    """
    async with AsyncExitStack() as stack:
        folder = stack.enter_context(data_folder(settings.storage.data_dir))
        seal = load_seal(folder, environ)
        database = await Database.open(folder / "xueliang.db")
        stack.push_async_callback(database.close)
        events = EventLog(database, clock)
        health, metrics = HealthBoard(events, clock), Metrics()
        node = NodeLink(database, events, health, clock, settings.node.heartbeat_timeout_s)
        node_client = NodeClient(node)
        stack.push_async_callback(node_client.close)
        reconciler = Reconciler(database, node_client, seal, settings.site.time_zone)
        await reconciler.desired_state()  # refuses a wrong key now, not at the first camera
        hosts = HostPolicy(settings.ingest.camera_networks, settings.ingest.allow_loopback)
        registry = CameraRegistry(database, events, health, seal, hosts, clock, reconciler.wake)
        control = Control(
            settings=settings,
            clock=clock,
            started_at=clock.now(),
            database=database,
            events=events,
            accounts=AccountDesk(database, Passwords(hasher), events, clock),
            health=health,
            registry=registry,
            watch=WatchDesk(database, registry),
            masks=MaskDesk(database, registry, clock),
            alerts=AlertDesk(database, events, clock, metrics.alert_raised),
            node=node,
            node_client=node_client,
            reconciler=reconciler,
            metrics=metrics,
        )
        if password := environ.get(PASSWORD_VARIABLE):
            await control.accounts.preset_admin(password)
        yield control


def control_of(request: Request) -> Control:
    """The control process that serves this request."""
    control = request.app.state.control
    if not isinstance(control, Control):
        raise TypeError("the app was started without its lifespan")
    return control


ControlPart = Annotated[Control, Depends(control_of)]
