"""Looking at devices before they are taken in, as the API takes and shows it."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from vms_api.cameras.camera import Address, AreaId, Camera, CameraName, Login, Password
from vms_api.discovery.proposal import Caution, Stream
from vms_api.ptz.command import DeviceLink

DeviceAddress = Annotated[str, Field(min_length=1, max_length=1000)]


class ExamineIn(BaseModel):
    """Devices to look at with one login, which each of them is given once: a host, or the address discovery told.

    `unverified_tls` takes any certificate of them; `with_pictures` wants a small picture of each. Both are recorded.
    """

    model_config = ConfigDict(extra="forbid")

    addresses: Annotated[list[DeviceAddress], Field(min_length=1, max_length=16)]
    username: Login | None = None
    password: Password = None
    login: Literal["auto", "digest", "token"] = "auto"
    unverified_tls: bool = False
    with_pictures: bool = False


class DeviceFault(BaseModel):
    """Why a device could not be looked at."""

    code: str
    message: str


class Examined(BaseModel):
    """One device: who it says it is, and its streams as they really are. With a `fault` the rest is empty.

    `clock_offset_s` is its clock minus ours. `known_as` names a camera with the same address that the caller manages.
    `picture` is a JPEG in base64 of its smallest stream. There is none of a camera that was taken in already, whoever
    manages it: such a one may be masked.
    """

    address: str
    fault: DeviceFault | None = None
    manufacturer: str = ""
    model: str = ""
    firmware: str = ""
    serial: str = ""
    login: str | None = None
    clock_offset_s: float | None = None
    has_ptz: bool = False
    has_events: bool = False
    has_imaging: bool = False
    has_snapshot: bool = False
    streams: list[Stream] = []
    cautions: list[Caution] = []
    known_as: str | None = None
    picture: str | None = None


class Examination(BaseModel):
    """One row for each address, in their order."""

    items: list[Examined]


class AdoptedIn(BaseModel):
    """One camera to be taken in, under addresses of the examination; with a device it can be moved."""

    model_config = ConfigDict(extra="forbid")

    name: CameraName
    address: Address
    sub_address: Address | None = None
    device: DeviceLink | None = None


class AdoptIn(BaseModel):
    """Cameras to be taken into one area with one login."""

    model_config = ConfigDict(extra="forbid")

    area_id: AreaId
    username: Login | None = None
    password: Password = None
    cameras: Annotated[list[AdoptedIn], Field(min_length=1, max_length=64)]


class Adopted(BaseModel):
    """One row: the camera, or why it was not taken in. With both, it was taken in, but cannot be moved."""

    name: str
    camera: Camera | None = None
    fault: DeviceFault | None = None


class Adoption(BaseModel):
    """One row for each camera, in their order."""

    items: list[Adopted]
