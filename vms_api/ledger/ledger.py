"""The ledger of one camera: its values, how complete they are, and what the API shows of it."""

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from vms_api.errors import FieldError, InvalidRequest
from vms_api.ledger.coordinates import are_swapped, check_pair, to_wgs84
from vms_api.ledger.field import FIELDS, REQUIRED
from vms_api.ledger.value import Cell, Value, ValueUnfit, value_of

Values = Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class CellFault:
    """What is wrong with one value. `code` is what the page translates, with `params`; `detail` is for programs."""

    field: str
    code: str
    detail: str = ""
    params: Mapping[str, Any] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LedgerRecord:
    """A camera's ledger as it is stored; version 0 is one that nobody has written yet."""

    values: Values = dataclasses.field(default_factory=dict)
    version: int = 0
    updated_at: datetime | None = None
    updated_by: str | None = None


NO_LEDGER = LedgerRecord()

_COORDINATES = ("longitude", "latitude")


def judged(cells: Mapping[str, Cell]) -> tuple[dict[str, Value], list[CellFault]]:
    """What was typed, as it is stored, and what is wrong with it. Empty values are left out."""
    values: dict[str, Value] = {}
    faults: list[CellFault] = []
    for name, cell in cells.items():
        try:
            value = value_of(FIELDS[name], cell)
        except ValueUnfit as unfit:
            faults.append(CellFault(name, unfit.code, params=unfit.params))
        else:
            if value is not None:
                values[name] = value
    if are_swapped(_plain_number(cells.get("longitude")), _plain_number(cells.get("latitude"))):
        other = [fault for fault in faults if fault.field not in _COORDINATES]
        return values, [*other, CellFault("longitude", "coordinates-swapped")]
    if not any(fault.field in _COORDINATES for fault in faults):
        faults += _placed(values)
    return values, faults


def _placed(values: dict[str, Value]) -> list[CellFault]:
    """Looks at the coordinates together, and turns them into WGS-84."""
    system = values.pop("coordinate_system", None)
    longitude, latitude = values.get("longitude"), values.get("latitude")
    try:
        check_pair(longitude, latitude)
    except ValueUnfit as unfit:
        return [CellFault("longitude" if longitude is None else "latitude", unfit.code)]
    if longitude is None or latitude is None:
        return []
    if system == "gcj02":
        longitude, latitude = to_wgs84(float(longitude), float(latitude))
    values.update(longitude=longitude, latitude=latitude, coordinate_system="wgs84")
    return []


def _plain_number(cell: Cell) -> float | None:
    try:
        return float(str(cell))
    except ValueError:
        return None


def checked(cells: Mapping[str, Cell]) -> dict[str, Value]:
    """The values of a whole ledger as it is sent to the API.

    Raises:
        InvalidRequest: a field is unknown, or a value is none of its field.

    """
    unknown = [FieldError("values", "field-unknown", "no such field") for name in cells if name not in FIELDS]
    if unknown:
        raise InvalidRequest(errors=unknown[:1])
    values, faults = judged(cells)
    if faults:
        raise InvalidRequest(errors=[FieldError(fault.field, fault.code, fault.code) for fault in faults])
    return values


def missing(values: Values) -> list[str]:
    """The mandatory fields without a value, in the order of the ledger."""
    return [name for name in REQUIRED if name not in values]


def filled(values: Values) -> int:
    """How many of the mandatory fields have a value."""
    return len(REQUIRED) - len(missing(values))


def without_restricted(values: Values) -> dict[str, Value]:
    """What those see who do not manage the camera."""
    return {name: value for name, value in values.items() if name in FIELDS and not FIELDS[name].restricted}


class LedgerIn(BaseModel):
    """A whole ledger: a field that is absent or null is emptied. `base_version` is the one that was read."""

    model_config = ConfigDict(extra="forbid")

    values: Annotated[dict[str, str | int | float | bool | None], Field(max_length=100)]
    base_version: Annotated[int, Field(ge=0)]


class SignIn(BaseModel):
    """The sign that tells people of the camera: put up on that day (2026-05-01), there."""

    model_config = ConfigDict(extra="forbid")

    placed_on: Annotated[str, Field(min_length=1, max_length=40)]
    place: Annotated[str, Field(min_length=1, max_length=200)]


class Completeness(BaseModel):
    """How many of the mandatory fields have a value."""

    filled: int
    required: int


class CameraLedger(BaseModel):
    """A camera's ledger. Fields that are `restricted` are not among the values for who does not manage the camera."""

    camera_id: str
    values: dict[str, str | int | float | bool]
    completeness: Completeness
    missing: list[str]
    version: int
    updated_at: datetime | None
    updated_by: str | None

    @classmethod
    def of(cls, camera_id: str, record: LedgerRecord, *, with_restricted: bool) -> "CameraLedger":
        """As the API shows it."""
        return cls(
            camera_id=camera_id,
            values=dict(record.values) if with_restricted else without_restricted(record.values),
            completeness=Completeness(filled=filled(record.values), required=len(REQUIRED)),
            missing=missing(record.values),
            version=record.version,
            updated_at=record.updated_at,
            updated_by=record.updated_by,
        )


class AreaCompleteness(BaseModel):
    """An area with all below it: `complete` of `cameras` lack nothing; `rate` is filled to mandatory fields, 0 to 1."""

    area_id: str
    cameras: int
    complete: int
    rate: float | None


def area_completeness(
    lineages: Mapping[str, Iterable[str]], cameras: Iterable[tuple[str, int]]
) -> list[AreaCompleteness]:
    """The completeness of areas. `cameras` are (area id, filled fields); `lineages` lead from an area to the root."""
    sums: dict[str, list[int]] = {area_id: [0, 0, 0] for area_id in lineages}
    for area_id, count in cameras:
        for above in lineages.get(area_id, ()):
            if above in sums:
                total = sums[above]
                total[0] += 1
                total[1] += count == len(REQUIRED)
                total[2] += count
    return [
        AreaCompleteness(
            area_id=area_id,
            cameras=count,
            complete=complete,
            rate=round(fields / (count * len(REQUIRED)), 4) if count else None,
        )
        for area_id, (count, complete, fields) in sums.items()
    ]
