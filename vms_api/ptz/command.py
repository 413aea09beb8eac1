"""What can be asked of a camera that moves, as the API takes and shows it."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from ingest.onvif.ptz import MAX_MOVE_S

Part = Annotated[float, Field(ge=-1, le=1)]


class DeviceLink(BaseModel):
    """Where the device of a camera is, and by which of its profiles it moves; from the examination.

    `unverified_tls` takes any certificate of it.
    """

    model_config = ConfigDict(extra="forbid")

    address: Annotated[str, Field(min_length=1, max_length=1000)]
    profile_token: Annotated[str, Field(min_length=1, max_length=128)]
    login: Literal["auto", "digest", "token"] = "auto"
    unverified_tls: bool = False


class LinkedDevice(DeviceLink):
    """The device of a camera as it is stored, with what people decided about it.

    `expected` holds the streams' settings as they are wanted, by role; `idle_after_s` seconds without anybody the
    camera turns to `idle_preset`, or home where that is None.
    """

    pinned_pem: str | None = Field(default=None, repr=False)
    pinned_fingerprint: str | None = None
    wants_notices: bool = False
    expected: dict[str, Any] | None = None
    idle_preset: str | None = None
    idle_after_s: float | None = None


class MoveIn(BaseModel):
    """A speed, each part from -1 to 1, and for how many seconds at most; repeat it while the button is held."""

    model_config = ConfigDict(extra="forbid")

    pan: Part = 0.0
    tilt: Part = 0.0
    zoom: Part = 0.0
    seconds: Annotated[float, Field(gt=0, le=MAX_MOVE_S)] = 2.0


class GoIn(BaseModel):
    """A preset's token; null is the home position."""

    model_config = ConfigDict(extra="forbid")

    preset: Annotated[str, Field(min_length=1, max_length=128)] | None = None


PresetName = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64, pattern=r"^[^\x00-\x1f\x7f]+$")
]


class PresetIn(BaseModel):
    """What the position at which the camera points now is to be called."""

    model_config = ConfigDict(extra="forbid")

    name: PresetName


class IdleReturnIn(BaseModel):
    """Where the camera turns when nobody had it for so many seconds: a preset, null for home; `after_s` null: never."""

    model_config = ConfigDict(extra="forbid")

    preset: Annotated[str, Field(min_length=1, max_length=128)] | None = None
    after_s: Annotated[float, Field(ge=5, le=86400, allow_inf_nan=False)] | None


class Stopped(BaseModel):
    """Whether the camera says that it stands, or cannot say; false when it did not after several tries."""

    confirmed: bool


class StoredPosition(BaseModel):
    """A preset."""

    token: str
    name: str


class Ptz(BaseModel):
    """Whether the camera can be moved from here, who moves it now, and where it turns when it is left alone."""

    is_available: bool
    holder: str | None
    idle_return: IdleReturnIn | None = None
