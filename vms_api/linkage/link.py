"""One thing that a rule does beside raising an alert, as the API takes it."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from vms_api.accounts.permission import Permission

CameraId = Annotated[str, Field(min_length=1, max_length=64)]
Token = Annotated[str, Field(min_length=1, max_length=128)]


class _Link(BaseModel):
    """`camera_id` null: the camera of the alert."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    camera_id: CameraId | None = None


class WallLink(_Link):
    """Pages that show the wall bring the camera up over it."""

    kind: Literal["wall"]


class TileLink(_Link):
    """Pages that show the wall put the camera into this tile; the first is 0."""

    kind: Literal["tile"]
    tile: Annotated[int, Field(ge=0, le=63)]


class PresetLink(_Link):
    """The camera turns to a stored position, unless somebody has it in hand."""

    kind: Literal["ptz-preset"]
    preset: Token


class RecordLink(_Link):
    """The camera is recorded for so many seconds, whatever its plan says."""

    kind: Literal["record"]
    seconds: Annotated[int, Field(ge=5, le=3600)] = 60


class RelayLink(_Link):
    """A relay output of the camera's device is switched on for so many seconds."""

    kind: Literal["relay"]
    token: Token
    seconds: Annotated[int, Field(ge=1, le=600)] = 10


Link = Annotated[WallLink | TileLink | PresetLink | RecordLink | RelayLink, Field(discriminator="kind")]
Links = Annotated[list[Link], Field(max_length=10)]

ON_PAGES = frozenset({"wall", "tile"})
"""These are told to pages, which do them; whoever may not see the camera is shown nothing by it."""

PERMISSIONS: Mapping[str, Permission] = MappingProxyType(
    {
        "wall": Permission.LIVE_VIEW,
        "tile": Permission.LIVE_VIEW,
        "ptz-preset": Permission.PTZ_CONTROL,
        "record": Permission.CAMERA_MANAGE,
        "relay": Permission.DEVICE_RELAY,
    }
)
"""What the person who saves a rule must be allowed on the camera of each link, then and when it is carried out."""
