"""One row of an import: what will be done with it, or what is wrong with it at which cell."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from pydantic import BaseModel

from vms_api.ledger.ledger import CellFault, Values
from vms_api.ledger.value import Value

HIDDEN = "••••••"
"""What is shown of a password."""


class Action(StrEnum):
    """What an import does with a row."""

    ADD = "add"
    UPDATE = "update"
    SAME = "same"
    SKIP = "skip"
    ERROR = "error"


class RowFault(BaseModel):
    """What is wrong at one cell. `code` is stable, `params` belong into the words that explain it."""

    field: str
    code: str
    detail: str
    params: dict[str, Any]


class ImportRow(BaseModel):
    """One row as it will be done. `row` is its number in the file, `result` what became of it in the commit.

    `values` are as they will be stored, or as they were typed where something is wrong with them.
    """

    row: int
    action: Action
    name: str
    camera_id: str | None
    values: dict[str, str | int | float | bool | None]
    errors: list[RowFault]
    result: str | None


@dataclass(slots=True)
class PlannedRow:
    """The same with what the commit needs. `given` are fields of the registry, `ledger` the values of the row.

    `area_id` is None where a camera stays where it is. `result` is "done" or "failed" after the commit.
    """

    row: int
    action: Action
    name: str
    shown: Mapping[str, Value | None]
    faults: list[CellFault] = field(default_factory=list)
    camera_id: str | None = None
    area_id: str | None = None
    given: dict[str, Any] = field(default_factory=dict, repr=False)
    ledger: Values = field(default_factory=dict)
    result: str | None = None

    def as_shown(self) -> ImportRow:
        """As the API shows it."""
        faults = [
            RowFault(field=fault.field, code=fault.code, detail=fault.detail, params=dict(fault.params))
            for fault in self.faults
        ]
        return ImportRow(
            row=self.row,
            action=self.action,
            name=self.name,
            camera_id=self.camera_id,
            values=dict(self.shown),
            errors=faults,
            result=self.result,
        )
