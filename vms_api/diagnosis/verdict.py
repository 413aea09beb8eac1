"""What was found about a camera's pictures, as nodes deliver it and as it is kept."""

import base64
import binascii
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from analytics.quality.category import Category

Identifier = Annotated[str, Field(min_length=1, max_length=64)]
Word = Annotated[str, Field(max_length=64)]
Number = Annotated[float, Field(allow_inf_nan=False)]
_JPEG_START = b"\xff\xd8\xff"


class QualityState(StrEnum):
    """How a camera's pictures are, and how they are in one respect. What cannot be judged is never called well."""

    OK = "ok"
    ABNORMAL = "abnormal"
    UNKNOWN = "unknown"


class QualityFinding(BaseModel):
    """One respect of one look.

    `state` is what this look saw, `standing` what holds after so many in a row. `score` is 100 for a picture with which
    nothing is wrong; `value`, `threshold` and `usual` (of this camera at this hour) are in the category's own measure.
    `reason` is a code, empty where there is nothing to explain.
    """

    model_config = ConfigDict(extra="forbid")

    category: Category
    state: QualityState
    standing: QualityState
    score: Annotated[float, Field(ge=0, le=100)] | None = None
    value: Number | None = None
    threshold: Number | None = None
    usual: Number | None = None
    confidence: Annotated[float, Field(ge=0, le=1)] = 0.0
    reason: Word = ""


def _jpeg(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        data = base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        data = b""
    if not data.startswith(_JPEG_START):
        raise PydanticCustomError("picture_invalid", "not a JPEG in base64")
    return data


class QualityReport(BaseModel):
    """One look at a camera. `id` stays the same through every delivery.

    `reason` says why there was nothing to judge; then there are no findings. `picture` is covered by the masks of
    `mask_version`.
    """

    model_config = ConfigDict(extra="forbid")

    id: Identifier
    camera_id: Identifier
    checked_at: AwareDatetime
    method_version: Word
    mask_version: Annotated[int, Field(ge=0)] | None = None
    reason: Word = ""
    findings: Annotated[list[QualityFinding], Field(max_length=len(Category))] = []
    picture: Annotated[bytes | None, BeforeValidator(_jpeg), Field(repr=False)] = None

    @property
    def state(self) -> QualityState:
        """How the pictures are as a whole: one fault is enough, and nothing judged is nothing known."""
        standings = {finding.standing for finding in self.findings}
        if QualityState.ABNORMAL in standings:
            return QualityState.ABNORMAL
        return QualityState.OK if QualityState.OK in standings else QualityState.UNKNOWN

    @property
    def is_good(self) -> bool:
        """Whether this very picture is one to compare others with: no doubt about anything but where it points."""
        seen = {finding.category: finding.state for finding in self.findings if finding.category is not Category.SHIFT}
        return self.state is QualityState.OK and QualityState.ABNORMAL not in seen.values()


class QualityChange(BaseModel):
    """A change of one category's standing, or without a category of the camera as a whole.

    `was` and `state` as in `QualityState`; the camera as a whole is abnormal while one category is.
    """

    id: int
    camera_id: str
    category: Category | None
    was: QualityState
    state: QualityState
    at: datetime
    score: float | None = None
    value: float | None = None
    threshold: float | None = None
    usual: float | None = None
    confidence: float | None = None
    reason: str = ""
    picture_id: str | None = None
    method_version: str = ""


class QualityFault(BaseModel):
    """A category that is abnormal, or was when the camera could last be judged, and since when."""

    category: Category
    since: datetime


class QualityCheck(BaseModel):
    """A camera with its last look. A camera that was never looked at has no `checked_at` and is unknown."""

    camera_id: str
    camera_name: str
    area_id: str
    state: QualityState
    reason: str = ""
    checked_at: datetime | None = None
    method_version: str = ""
    findings: list[QualityFinding] = []
    faults: list[QualityFault] = []
    abnormal_since: datetime | None = None
    picture_id: str | None = None


class ReferencePicture(BaseModel):
    """The picture that shows how a camera should point. Judged by only when a person has confirmed it."""

    id: str
    state: Literal["proposed", "confirmed"]
    at: datetime
    by: str | None = None


class CameraQuality(QualityCheck):
    """The same with the reference picture and the latest changes, newest first.

    `moves`: it is no use to ask where a PTZ camera points, so it has no reference.
    """

    reference: ReferencePicture | None = None
    moves: bool = False
    changes: list[QualityChange] = []


class WrongIn(BaseModel):
    """Why a verdict was wrong, in the words of who says so."""

    model_config = ConfigDict(extra="forbid")

    note: Annotated[str, Field(max_length=1000)] = ""


class ReferenceIn(BaseModel):
    """Which picture is to be the reference."""

    model_config = ConfigDict(extra="forbid")

    picture_id: Identifier
