"""A drawing of a place, made safe: decoded, and drawn anew, so that nothing but its pixels is kept.

What it is is read from its bytes (`file_kind`), and its size from its head before anything is decoded: a small file
may say that it is a picture of a gigapixel.
"""

import io
from dataclasses import dataclass

import cv2
import numpy as np
from pydantic import BaseModel, ConfigDict, Field, model_validator

from vms_api.alerts.file_kind import kind_of
from vms_api.overview.errors import PlanDamaged, PlanKindWrong

MAX_BYTES = 20 * 1024 * 1024
LONGEST_EDGE = 4096
"""Pixels; a larger drawing is made smaller. An A1 sheet at 125 dots to the inch."""
JPEG_QUALITY = 88
_PICTURES = {"image/jpeg", "image/png", "image/webp"}
_WHITE = 255


class Bounds(BaseModel):
    """Where the edges of the drawing are, in degrees of WGS-84; north is up."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    south: float = Field(ge=-85, le=85, allow_inf_nan=False)
    west: float = Field(ge=-180, le=180, allow_inf_nan=False)
    north: float = Field(ge=-85, le=85, allow_inf_nan=False)
    east: float = Field(ge=-180, le=180, allow_inf_nan=False)

    @model_validator(mode="after")
    def _is_a_field(self) -> "Bounds":
        if not (self.south < self.north and self.west < self.east):
            raise ValueError("south is below north, west is left of east")
        return self


@dataclass(frozen=True, slots=True)
class PlanImage:
    """A drawing as it is kept: PNG, or JPEG if it came as one."""

    media_type: str
    data: bytes
    width: int
    height: int


def redrawn(data: bytes) -> PlanImage:
    """The picture of a file, drawn anew.

    Raises:
        PlanKindWrong: not a JPEG, PNG or WebP picture, or one of too many pixels.
        PlanDamaged: it cannot be decoded.

    """
    kind = kind_of(io.BytesIO(data))
    if kind is None or kind not in _PICTURES:
        raise PlanKindWrong
    picture = _decoded(data, kind)
    height, width = picture.shape[:2]
    if (scale := LONGEST_EDGE / max(width, height)) < 1:
        size = max(1, round(width * scale)), max(1, round(height * scale))
        picture = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
        width, height = size
    if kind == "image/jpeg":
        ending, options, media_type = ".jpg", [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY], "image/jpeg"
    else:
        ending, options, media_type = ".png", [cv2.IMWRITE_PNG_COMPRESSION, 6], "image/png"
    ok, encoded = cv2.imencode(ending, picture, options)
    if not ok:
        raise PlanDamaged
    return PlanImage(media_type, encoded.tobytes(), width, height)


def _decoded(data: bytes, kind: str) -> np.ndarray:
    """Blue, green, red; what is transparent becomes white, as paper is. A photograph is turned as its EXIF data say."""
    how = cv2.IMREAD_COLOR if kind == "image/jpeg" else cv2.IMREAD_UNCHANGED
    try:
        picture = cv2.imdecode(np.frombuffer(data, np.uint8), how)
    except cv2.error as error:
        raise PlanDamaged from error
    if picture is None:
        raise PlanDamaged
    if picture.dtype == np.uint16:
        picture = (picture // 256).astype(np.uint8)
    if picture.ndim == 2:  # noqa: PLR2004 - grey
        return cv2.cvtColor(picture, cv2.COLOR_GRAY2BGR)
    if picture.shape[2] == 4:  # noqa: PLR2004 - with transparency
        share = picture[:, :, 3:].astype(np.float32) / _WHITE
        return (picture[:, :, :3] * share + _WHITE * (1 - share)).round().astype(np.uint8)
    return picture
