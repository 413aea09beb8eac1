"""What has happened in the demo's township before somebody looks at it. All of it is made up, and says so.

Places are near no real town; people, firms and faults are nobody's.
"""

from dataclasses import dataclass
from datetime import timedelta

from ingest.virtual_camera.fault import Fault, FaultKind
from vms_api.accounts.permission import Role
from vms_api.demo.scenario import CITY, FARM, TOWN, TOWNSHIP
from vms_api.overview.plan_image import Bounds
from vms_api.tickets.cause import Cause, Severity

MADE_UP = "演示数据 Demo data"
"""Stands with whatever was written down by people who are not there."""

DAYS = 7
"""Of history before the demo begins."""

VOLUME = "demo-history"
VOLUMES = f"""\
[[recording.volumes]]
name = "recordings"
path = "data/recordings"

[[recording.volumes]]  # what nobody recorded, apart from what is recorded now
name = "{VOLUME}"
path = "data/{VOLUME}"
"""
"""Of the demo's site file: what is made up is kept apart from what is recorded, and from its forecast."""

PLAN_BOUNDS = Bounds(south=30.5420, west=119.4420, north=30.5580, east=119.4640)
"""Where the drawing of the township lies, degrees of WGS-84."""


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """Somebody with a role in an area, called by the area's name."""

    name: str
    role: Role
    area: str


DISPATCHER, MAINTAINER, PATROLLER = "li.wei", "chen.gang", "zhao.min"
PEOPLE = (
    DemoPerson("sun.hui", Role.SUPERVISOR, CITY),
    DemoPerson(DISPATCHER, Role.DISPATCHER, TOWNSHIP),
    DemoPerson("qian.fang", Role.DISPATCHER, FARM),
    DemoPerson(PATROLLER, Role.PATROLLER, TOWNSHIP),
    DemoPerson(MAINTAINER, Role.MAINTAINER, TOWNSHIP),
    DemoPerson("he.ping", Role.VIEWER, TOWN),
    DemoPerson("wu.yan", Role.AUDITOR, CITY),
)

CENTRES = {
    CITY: "清河市综治中心 Qinghe city centre",
    TOWNSHIP: "柳林镇综治中心 Willow township centre",
    TOWN: "镇中心社区警务室 Town centre duty room",
    FARM: "东桥村值班室 Eastbridge duty room",
}
"""The duty room of each area."""


@dataclass(frozen=True, slots=True)
class Repair:
    """The ticket of a fault: how long ago it was found, and who has it: a person, a firm, or nobody."""

    cause: Cause
    severity: Severity
    found: timedelta
    person: str | None = None
    firm: str | None = None


@dataclass(frozen=True, slots=True)
class SickCamera:
    """A virtual camera with a fault from its start on; `scene` names its clip as in `Place`."""

    path: str
    name: str
    village: str
    scene: str
    fault: Fault
    repair: Repair


def _hours(count: float) -> timedelta:
    return timedelta(hours=count)


SICK = (
    SickCamera(
        "school-gate",
        "学校门口 School gate",
        TOWN,
        "town-square",
        Fault(0.0, FaultKind.BLUR),
        Repair(Cause.QUALITY_BLUR, "medium", _hours(26), firm="清河安防 Qinghe Security"),
    ),
    SickCamera(
        "clinic",
        "卫生院门口 Clinic",
        TOWN,
        "town-square",
        Fault(0.0, FaultKind.CLOCK, amount=7200.0),
        Repair(Cause.CLOCK, "low", _hours(5), person=MAINTAINER),
    ),
    SickCamera(
        "market",
        "集贸市场 Market",
        TOWN,
        "car-park",
        Fault(0.0, FaultKind.BLACK),
        Repair(Cause.QUALITY_DARK, "medium", _hours(2)),
    ),
    SickCamera(
        "east-bridge",
        "东桥桥头 East bridge",
        FARM,
        "town-square",
        Fault(0.0, FaultKind.FROZEN),
        Repair(Cause.QUALITY_FREEZE, "medium", _hours(3), person=MAINTAINER),
    ),
    SickCamera(
        "river-bend",
        "河湾视角 River bend",
        FARM,
        "car-park",
        Fault(0.0, FaultKind.SHIFT),
        Repair(Cause.QUALITY_SHIFT, "medium", _hours(8)),
    ),
    SickCamera(
        "reservoir",
        "水库大坝 Reservoir dam",
        FARM,
        "car-park",
        Fault(0.0, FaultKind.DROP),
        Repair(Cause.OFFLINE, "high", _hours(30), person=MAINTAINER),
    ),
)
"""One of each fault that the overview is to show. The dam's ticket is late: its time is a day."""

POSITIONS = {
    "square-north": (30.5496, 119.4531),
    "square-lawn": (30.5490, 119.4537),
    "school-gate": (30.5511, 119.4553),
    "clinic": (30.5506, 119.4515),
    "market": (30.5482, 119.4521),
    "car-park": (30.5462, 119.4591),
    "fire-lane": (30.5458, 119.4598),
    "east-bridge": (30.5475, 119.4607),
    "river-bend": (30.5447, 119.4572),
    "reservoir": (30.5441, 119.4622),
}
"""Latitude and longitude of each camera by its path, WGS-84."""

OUTAGES = (
    ("river-bend", 6, 8.0, 5.0),
    ("reservoir", 5, 1.0, 12.0),
    ("east-bridge", 4, 6.0, 10.0),
    ("fire-lane", 3, 2.0, 7.5),
    ("market", 3, 20.0, 2.0),
    ("car-park", 2, 13.0, 4.0),
    ("square-lawn", 1, 9.0, 1.5),
)
"""Camera, days ago, hour of that day, hours without a picture."""

UNRECORDED = ("market", 5, 9.0, 20.0)
"""The same of the camera that was there and not recorded."""

OCCLUDED = ("fire-lane", 6, 10.0, 6.0)
"""The same of the camera with a branch before its lens."""

CLOCK_OFF = ("car-park", (6, 5, 4), 23.0)
"""The camera whose clock was wrong, the days ago on which that was seen, and by how many seconds."""

_NOTICED_H = 0.2
"""A ticket is opened so many hours after a fault begins, and closed so many after it ends."""


def _ticket(cause: Cause, fault: tuple[str, int, float, float]) -> tuple[str, Cause, int, float, float]:
    path, days_ago, hour, hours = fault
    return path, cause, days_ago, hour + _NOTICED_H, hours


MENDED = (
    _ticket(Cause.QUALITY_OCCLUSION, OCCLUDED),
    _ticket(Cause.NOT_RECORDING, UNRECORDED),
    *(_ticket(Cause.OFFLINE, outage) for outage in OUTAGES),
)
"""Camera, cause, days ago, hour at which it was found, hours until it was mended and closed."""

ROUND_HOURS = (9, 15, 21)
"""At which hours of each day a round was due."""
MISSED = frozenset({(2, 21), (4, 9), (5, 21)})
"""Days ago and hour of the rounds that nobody walked."""
