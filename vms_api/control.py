"""The parts of the control process, put together once and handed to the routes."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Annotated

from argon2 import PasswordHasher
from fastapi import Depends, Request

from ingest.address import HostPolicy
from ingest.clock import Clock
from vms_api.accounts import store as account_store
from vms_api.accounts.account_desks import AccountDesks, AccountGround, account_desks
from vms_api.accounts.logins import LoginBoard
from vms_api.accounts.oidc import client_secret
from vms_api.accounts.passwords import Passwords
from vms_api.accounts.rights_board import RightsBoard
from vms_api.alerts.attachment_desk import AttachmentDesk
from vms_api.alerts.attachment_keeper import AlertFiles
from vms_api.alerts.desk import AlertDesk, AlertGround
from vms_api.areas.desk import AreaDesk
from vms_api.audit.denials import DenialLog
from vms_api.audit.log import AuditLog
from vms_api.audit.signer import AuditKey, HeadSigner, load_key
from vms_api.cameras import store as camera_store
from vms_api.cameras.health import CameraHealth
from vms_api.cameras.health_board import HealthBoard
from vms_api.cameras.intake import CameraIntake
from vms_api.cameras.mask_desk import MaskDesk
from vms_api.cameras.registry import CameraRegistry
from vms_api.cameras.sealing import PasswordSeal, load_seal
from vms_api.cameras.unmask_desk import UnmaskDesk
from vms_api.cameras.watch import WatchDesk
from vms_api.data_folder import data_folder
from vms_api.database import Database
from vms_api.database_place import database_place
from vms_api.diagnosis.diagnosis_desks import DiagnosisDesks, diagnosis_desks
from vms_api.discovery.device_desks import DeviceDesks, DeviceSurroundings, device_desks
from vms_api.dispatch.dispatch_desks import DispatchDesks, DispatchGround, dispatch_desks
from vms_api.events import Event, EventLog
from vms_api.exports.builder import ExportBuilder
from vms_api.exports.desk import ExportDesk
from vms_api.ledger.ledger_desks import LedgerDesks, ledger_desks
from vms_api.linkage.desk import LinkDesk
from vms_api.linkage.hands import Hands
from vms_api.metrics import Metrics
from vms_api.nodes.client import NodeClient
from vms_api.nodes.link import NodeLink
from vms_api.nodes.reconciler import Reconciler
from vms_api.nodes.view_board import ViewBoard, ViewWarden
from vms_api.nodes.view_journal import ViewJournal
from vms_api.notify.mail_sender import PASSWORD_VARIABLE as MAIL_PASSWORD_VARIABLE
from vms_api.notify.notify_desks import NotifyDesks, NotifySurroundings, notify_desks
from vms_api.overview.overview_desks import OverviewDesks, overview_desks
from vms_api.patrols.patrol_desks import PatrolDesks, PatrolGround, patrol_desks
from vms_api.patrols.round_desks import RoundDesks, round_desks
from vms_api.playback.desk import PlaybackDesk
from vms_api.purposes.desk import PurposeDesk
from vms_api.purposes.reach import GrantReach
from vms_api.rates.rate_desks import RateDesks, rate_desks
from vms_api.recordings.desk import RecordingDesk, Surroundings
from vms_api.settings import SiteFile
from vms_api.tickets.desk import TicketGround
from vms_api.tickets.photo_keeper import TicketFiles
from vms_api.tickets.survey import WatchGround
from vms_api.tickets.ticket_desks import TicketDesks, ticket_desks
from vms_api.tickets.watch import TicketWatch

PASSWORD_VARIABLE = "XUELIANG_ADMIN_PASSWORD"  # noqa: S105 - the variable's name


@dataclass(frozen=True, slots=True)
class Control:
    """Everything a route may need. Routes take it apart at the edge and pass the parts inward."""

    settings: SiteFile
    clock: Clock
    started_at: datetime
    database: Database
    events: EventLog
    audit: AuditLog
    denials: DenialLog
    signer: HeadSigner
    journal: ViewJournal
    purposes: PurposeDesk
    rights: RightsBoard
    logins: LoginBoard
    accounts: AccountDesks
    areas: AreaDesk
    health: HealthBoard
    registry: CameraRegistry
    devices: DeviceDesks
    ledger: LedgerDesks
    watch: WatchDesk
    masks: MaskDesk
    unmasks: UnmaskDesk
    dispatch: DispatchDesks
    patrols: PatrolDesks
    rounds: RoundDesks
    alerts: AlertDesk
    tickets: TicketDesks
    diagnosis: DiagnosisDesks
    recordings: RecordingDesk
    node: NodeLink
    node_client: NodeClient
    reconciler: Reconciler
    views: ViewBoard
    warden: ViewWarden
    notify: NotifyDesks
    linkage: LinkDesk
    overview: OverviewDesks
    rates: RateDesks
    playback: PlaybackDesk
    export_builder: ExportBuilder
    metrics: Metrics

    @property
    def exports(self) -> ExportDesk:
        """What is asked for and decided about exports."""
        return self.export_builder.desk

    @property
    def attachments(self) -> AttachmentDesk:
        """Files of alerts."""
        keeper = AlertFiles(self.events)
        return AttachmentDesk(attachment_folder(self.settings), self.database, self.audit, self.clock, keeper)

    @property
    def ticket_watch(self) -> TicketWatch:
        """What finds faults by itself."""
        recordings, settings = self.recordings, self.settings.tickets
        boards = (self.health, self.node, recordings.volumes, recordings.problems, self.rights)
        return TicketWatch(self.tickets.desk, WatchGround(self.database, *boards, self.clock, settings))

    @property
    def ticket_photos(self) -> AttachmentDesk:
        """Files of repair tickets, in the same folder."""
        keeper = TicketFiles(self.tickets.desk)
        return AttachmentDesk(attachment_folder(self.settings), self.database, self.audit, self.clock, keeper)

    async def passing_states(self, area_ids: Collection[str]) -> Sequence[Event]:
        """What every new listener is told first: the node and the cameras of these areas, as they are now."""
        healths = await self.camera_healths(area_ids)
        told = [{"camera_id": id_, "health": health.model_dump(mode="json")} for id_, health in healths.items()]
        return [
            Event(None, "node.state", {"state": self.node.state}),
            *(Event(None, "camera.health", data) for data in told),
        ]

    async def camera_healths(self, area_ids: Collection[str] | None = None) -> Mapping[str, CameraHealth]:
        """The health of the cameras of these areas, by their ids; of all cameras when no areas are named."""
        async with self.database.read() as connection:
            cameras = await camera_store.list_switches(connection, area_ids)
        return {camera.id: self.health.of(camera) for camera in cameras}


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
        secrets = _Secrets(
            seal=load_seal(folder, environ),
            key=load_key(folder),
            oidc=client_secret(settings.oidc, environ),
            mail=environ.get(MAIL_PASSWORD_VARIABLE),
        )
        database = await Database.open(database_place(settings.storage.database_url, folder, environ))
        stack.push_async_callback(database.close)
        control = _assembled(settings, database, secrets, clock, Passwords(hasher))
        control.registry.subscribe(control.reconciler.wake)
        stack.push_async_callback(control.node_client.close)
        stack.push_async_callback(control.devices.close)
        stack.push_async_callback(control.ledger.imports.close)
        stack.push_async_callback(control.accounts.close)
        await control.reconciler.desired_state()  # refuses a wrong key now, not at the first camera
        await _load(control)
        await control.areas.name_root(settings.site.name)
        await control.journal.recover()
        await control.playback.board.recover()
        if password := environ.get(PASSWORD_VARIABLE):
            await control.accounts.desk.preset_admin(password)
        yield control
        await control.journal.end_all("control process stopped")
        await control.playback.board.end_all("control process stopped")
        await control.denials.flush(is_last=True)
        await control.signer.sign()


@dataclass(frozen=True, slots=True)
class _Secrets:
    """What only this installation knows."""

    seal: PasswordSeal
    key: AuditKey
    oidc: str | None = field(repr=False)
    mail: str | None = field(repr=False)


def _assembled(
    settings: SiteFile, database: Database, secrets: _Secrets, clock: Clock, passwords: Passwords
) -> Control:
    """The parts, each with what it needs of the others."""
    events, audit, rights, logins = EventLog(database, clock), AuditLog(database, clock), RightsBoard(), LoginBoard()
    metrics, health, journal = Metrics(), HealthBoard(events, clock), ViewJournal(database, audit, clock)
    node = NodeLink(database, events, health, clock, settings.node.heartbeat_timeout_s, audit, journal)
    seal, client, views = secrets.seal, NodeClient(node), ViewBoard(journal)
    registry = CameraRegistry(database, events, health, _intake(settings, seal), clock, rights, audit)
    ground = AccountGround(database, audit, clock, rights, logins, passwords, seal)
    dispatch = dispatch_desks(settings, DispatchGround(database, events, audit, rights, health, clock))
    raising = AlertGround(database, events, clock, rights, audit)
    alerts = AlertDesk(raising, metrics.alert_raised, dispatch.dispatcher, settings.alerts)
    devices = device_desks(settings, DeviceSurroundings(database, events, audit, health, alerts, clock), seal)
    mending = TicketGround(database, events, audit, rights, clock, settings.tickets)
    tickets = ticket_desks(mending, attachment_folder(settings))
    hands = Hands(database, registry, devices.ptz, devices.acts, clock)
    telling = NotifySurroundings(database, events, audit, rights, health, clock)
    around = Surroundings(database, events, audit, clock, rights, registry, health, node, client)
    return Control(
        settings=settings,
        clock=clock,
        started_at=clock.now(),
        database=database,
        events=events,
        audit=audit,
        denials=DenialLog(audit, clock),
        signer=HeadSigner(database, secrets.key, clock, settings.audit.sign_every_s),
        journal=journal,
        purposes=PurposeDesk(database, audit, GrantReach(rights), settings.purpose, clock),
        rights=rights,
        logins=logins,
        accounts=account_desks(ground, settings, secrets.oidc),
        areas=AreaDesk(database, rights, clock, audit, events),
        health=health,
        registry=registry,
        devices=devices,
        ledger=ledger_desks(settings.ledger, database, registry, audit, clock),
        watch=WatchDesk(database, registry, audit),
        masks=MaskDesk(database, registry, audit, clock),
        unmasks=UnmaskDesk(database, audit, settings.purpose, clock),
        dispatch=dispatch,
        patrols=patrol_desks(settings.patrol, PatrolGround(database, events, audit, rights, dispatch.board, clock)),
        rounds=round_desks(around, alerts, tickets.desk),
        alerts=alerts,
        tickets=tickets,
        diagnosis=diagnosis_desks(settings, around, tickets.desk),
        recordings=RecordingDesk(settings, around, metrics.recording_problems),
        node=node,
        node_client=client,
        reconciler=Reconciler(database, client, seal, settings),
        views=views,
        warden=ViewWarden(views, rights, logins, events, node, client, clock),
        notify=notify_desks(settings, telling, secrets.seal, secrets.mail),
        linkage=LinkDesk(database, events, audit, rights, hands, clock),
        overview=overview_desks(database, events, audit, clock),
        playback=PlaybackDesk(around, logins, settings.site.time_zone),
        export_builder=ExportBuilder(around, settings, secrets.key),
        rates=rate_desks(settings, around, secrets.mail),
        metrics=metrics,
    )


def attachment_folder(settings: SiteFile) -> Path:
    """Where the files are that people put to alerts and tickets."""
    return settings.storage.data_dir / "attachments"


def _intake(settings: SiteFile, seal: PasswordSeal) -> CameraIntake:
    """What a camera's address may be, and how its password is kept."""
    return CameraIntake(seal, HostPolicy(settings.ingest.camera_networks, settings.ingest.allow_loopback))


async def _load(control: Control) -> None:
    """Takes rights and logins into memory."""
    async with control.database.read() as connection:
        await control.rights.load(connection, await camera_store.camera_areas(connection))
        await control.dispatch.load(connection)
        sessions = await account_store.list_sessions(connection)
        control.logins.load(sessions, await account_store.list_tokens(connection))
        await control.notify.roll.load(connection)


def control_of(request: Request) -> Control:
    """The control process that serves this request."""
    control = request.app.state.control
    if not isinstance(control, Control):
        raise TypeError("the app was started without its lifespan")
    return control


ControlPart = Annotated[Control, Depends(control_of)]
