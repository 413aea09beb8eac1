"""One import: a table, how its columns are mapped, what is planned, how far it is."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Protocol

from pydantic import BaseModel, ConfigDict, Field

from vms_api.accounts.permission import Permission
from vms_api.accounts.rights import RightsIndex
from vms_api.areas.area import Area
from vms_api.audit.entry import Actor
from vms_api.ledger.field import COLUMNS
from vms_api.ledger.heading import Heading
from vms_api.ledger.import_plan import described
from vms_api.ledger.planned_row import HIDDEN, Action, PlannedRow
from vms_api.ledger.table import Table

_SAMPLES = 3
_SAMPLE_LETTERS = 40


class ImportState(StrEnum):
    """Where an import stands."""

    PLANNED = "planned"
    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"


class MappingIn(BaseModel):
    """Which column is which field; columns that are not named are left out.

    `area_id`: where cameras go whose row names no area.
    """

    model_config = ConfigDict(extra="forbid")

    mapping: Annotated[dict[str, str], Field(max_length=200)]
    area_id: Annotated[str | None, Field(max_length=64)] = None


class ImportColumn(BaseModel):
    """A column of the table: some of its values, and whether it is of a kind that is not kept."""

    name: str
    samples: list[str]
    not_kept: bool


class Import(BaseModel):
    """An import as the API shows it. `progress` is 0 to 1 of the commit; `failed` rows were refused in it."""

    id: str
    file_name: str
    columns: list[str]
    column_details: list[ImportColumn]
    mapping: dict[str, str]
    is_remembered: bool
    area_id: str | None
    encoding: str | None
    state: ImportState
    progress: float
    counts: dict[str, int]
    failed: int
    expires_at: datetime


class ImporterRights(Protocol):
    """What imports need to know of who imports, at each moment anew; the guard's `Access` is one."""

    @property
    def rights(self) -> RightsIndex:
        """The rights in force."""
        ...

    def allows(self, permission: Permission, area_id: str) -> bool:
        """Whether the person may do it in the area."""
        ...

    def sees(self, area_id: str) -> bool:
        """Whether the area is there for the person."""
        ...

    def area_ids(self, permission: Permission) -> frozenset[str]:
        """Every area in which the person may do it."""
        ...

    def require(self, permission: Permission, area_id: str) -> None:
        """Lets pass who may do it in the area."""
        ...


@dataclass(slots=True)
class OpenImport:
    """An import in memory, of one person. It is lost with the process; what it has committed is not."""

    id: str
    file_name: str
    table: Table
    heading: Heading
    access: ImporterRights
    actor: Actor
    expires_at: datetime
    mapping: dict[str, str] = field(default_factory=dict)
    is_remembered: bool = False
    area: Area | None = None
    rows: list[PlannedRow] = field(default_factory=list)
    state: ImportState = ImportState.PLANNED
    done: int = 0
    is_cancelled: bool = False

    @property
    def work(self) -> list[PlannedRow]:
        """The rows that a commit writes."""
        return [row for row in self.rows if row.action in (Action.ADD, Action.UPDATE)]

    def shown(self) -> Import:
        """As the API shows it."""
        total = len(self.work)
        return Import(
            id=self.id,
            file_name=self.file_name,
            columns=list(self.heading.columns),
            column_details=[self._column(index, name) for index, name in enumerate(self.heading.columns)],
            mapping=self.mapping,
            is_remembered=self.is_remembered,
            area_id=self.area.id if self.area else None,
            encoding=self.table.encoding,
            state=self.state,
            progress=1.0 if self.state is ImportState.DONE else self.done / total if total else 0.0,
            counts=described(self.rows),
            failed=sum(row.result == "failed" for row in self.rows),
            expires_at=self.expires_at,
        )

    def _column(self, index: int, name: str) -> ImportColumn:
        below = self.table.rows[self.heading.row + 1 : self.heading.row + 1 + _SAMPLES]
        cells = [row[index] for row in below if index < len(row)]
        samples = [str(cell)[:_SAMPLE_LETTERS] for cell in cells if cell is not None and str(cell).strip()]
        is_secret = self.mapping.get(name) == "password" or any("@" in sample for sample in samples)
        is_left_out = name in self.heading.not_kept
        hidden = [HIDDEN] * bool(samples)
        return ImportColumn(name=name, samples=hidden if is_secret else samples, not_kept=is_left_out)


def usable(mapping: dict[str, str], heading: Heading) -> dict[str, str]:
    """The part of a remembered mapping that this version and this table still know."""
    known = {column: name for column, name in mapping.items() if column in heading.columns and name in COLUMNS}
    return {column: name for column, name in known.items() if column not in heading.not_kept}
