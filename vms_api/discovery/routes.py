"""Discovery over the API: plan, scan, look at devices, take them in. All of it is for who manages cameras."""

from fastapi import APIRouter

from vms_api.accounts.access import Access, CurrentAccess
from vms_api.accounts.permission import Permission
from vms_api.audit.actor import CurrentActor
from vms_api.audit.entry import Actor, AuditEntry, AuditKind
from vms_api.cameras import store
from vms_api.cameras.camera import Camera, CameraIn, CameraRecord
from vms_api.control import Control, ControlPart
from vms_api.cursor import Page
from vms_api.discovery.examination import (
    Adopted,
    AdoptedIn,
    AdoptIn,
    Adoption,
    DeviceFault,
    Examination,
    ExamineIn,
)
from vms_api.discovery.interfaces import Interface
from vms_api.discovery.recognition import recognised
from vms_api.discovery.scan import NetworksIn, Plan, Scan
from vms_api.errors import Problem

router = APIRouter()


@router.get("/discovery/interfaces")
async def list_interfaces(access: CurrentAccess, control: ControlPart) -> Page[Interface]:
    """The networks that this machine is in, all on one page: where cameras may be looked for."""
    _require_manager(access)
    return Page(items=control.devices.scans.interfaces(), next_cursor=None)


@router.post("/discovery/plan")
async def plan_scan(access: CurrentAccess, body: NetworksIn, control: ControlPart) -> Plan:
    """What a scan of these networks would do. Nothing is sent."""
    _require_manager(access)
    return control.devices.scans.plan(body)


@router.post("/discovery/scan", status_code=202)
async def start_scan(access: CurrentAccess, actor: CurrentActor, body: NetworksIn, control: ControlPart) -> Scan:
    """Asks the hosts of networks, or by multicast, who is an ONVIF device. One scan at a time."""
    _require_manager(access)
    return await control.devices.scans.start(body, actor)


@router.get("/discovery/scan")
async def read_scan(access: CurrentAccess, control: ControlPart) -> Scan:
    """The latest scan, how far it is, and what it has found."""
    _require_manager(access)
    return control.devices.scans.latest()


@router.delete("/discovery/scan", status_code=204)
async def cancel_scan(access: CurrentAccess, control: ControlPart) -> None:
    """Ends the scan that runs; what it has found stays."""
    _require_manager(access)
    await control.devices.scans.cancel()


@router.post("/discovery/examine")
async def examine_devices(
    access: CurrentAccess, actor: CurrentActor, body: ExamineIn, control: ControlPart
) -> Examination:
    """Looks at devices with one login, once each, and opens their streams. Nothing is added.

    The row of the audit log says of whom pictures were asked, before there are any.
    """
    _require_manager(access)
    detail = body.model_dump(include={"addresses", "username", "unverified_tls", "with_pictures"})
    await control.audit.record_alone(AuditEntry(AuditKind.DEVICE_EXAMINE, actor, detail=detail))
    rows = await control.devices.examiner.examine(body)
    async with control.database.read() as connection:
        cameras = await store.list_cameras(connection)
    managed = access.area_ids(Permission.CAMERA_MANAGE)
    return Examination(items=[recognised(row, cameras, managed) for row in rows])


@router.post("/discovery/adopt")
async def adopt_devices(access: CurrentAccess, actor: CurrentActor, body: AdoptIn, control: ControlPart) -> Adoption:
    """Takes cameras into an area; one that is refused has a fault, and spoils no other row."""
    access.require(Permission.CAMERA_MANAGE, body.area_id)
    return Adoption(items=[await _adopted(control, body, camera, actor) for camera in body.cameras])


async def _adopted(control: Control, body: AdoptIn, camera: AdoptedIn, actor: Actor) -> Adopted:
    given = CameraIn(**camera.model_dump(exclude={"device"}), username=body.username, password=body.password)
    shown: Camera | None = None
    try:
        record: CameraRecord = await control.registry.create(given, body.area_id, actor)
        shown = record.shown(control.health.of(record))
        if camera.device:
            await control.devices.ptz.link(record.id, camera.device, actor)
    except Problem as problem:
        message = problem.errors[0].message if problem.errors else problem.title
        return Adopted(name=camera.name, camera=shown, fault=DeviceFault(code=problem.code, message=message))
    return Adopted(name=camera.name, camera=shown)


def _require_manager(access: Access) -> None:
    """Lets pass who manages cameras somewhere: what is found belongs to no area yet.

    Raises:
        NotAllowed: the caller manages cameras nowhere.

    """
    if not access.allows_somewhere(Permission.CAMERA_MANAGE):
        access.require_site(Permission.CAMERA_MANAGE)
