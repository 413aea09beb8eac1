"""What an import would do: every row judged by the rules of the registry, nothing written.

It is worked out beside the event loop, on a picture of the registry that was read in one go; the commit looks again.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from ingest.address import parse_address
from ingest.errors import AddressRefused
from vms_api.accounts.account import name_key
from vms_api.areas.area import Area
from vms_api.cameras.camera import CameraIn, CameraRecord
from vms_api.cameras.registry import CameraRegistry
from vms_api.errors import InvalidRequest
from vms_api.ledger.area_finder import AreaFinder
from vms_api.ledger.errors import SignMissing
from vms_api.ledger.field import COLUMNS, FIELDS, folded
from vms_api.ledger.heading import Heading
from vms_api.ledger.known_cameras import Key, KnownCameras, keys_of
from vms_api.ledger.ledger import CellFault, Values, judged
from vms_api.ledger.places import BY_LAW, check_sign
from vms_api.ledger.planned_row import HIDDEN, Action, PlannedRow
from vms_api.ledger.stream_address import composed, host_of, moved
from vms_api.ledger.table import Table
from vms_api.ledger.value import Cell, Value, ValueUnfit, value_of
from vms_api.problems import field_errors

_ONE_EACH = frozenset({"name", "national_code", "serial", "ipv4", "mac", "stream_address", "sub_stream_address"})
"""What no two cameras have in common: a merged cell of these gives its value to the first row only."""
_SHOWN_LETTERS = 80
_COLUMN_OF = {"address": "stream_address", "sub_address": "sub_stream_address", "enabled": "in_service"}


@dataclass(frozen=True, slots=True)
class Surveyed:
    """The registry as the importer sees it, at one moment. `managed` are ids of areas."""

    known: KnownCameras
    areas: AreaFinder
    managed: Collection[str]
    prohibited: Collection[str]
    sign_required: bool


@dataclass(frozen=True, slots=True)
class Order:
    """What the importer wants: which column is which field, and where cameras go whose row names no area."""

    mapping: Mapping[str, str]
    area: Area | None = None


@dataclass(slots=True)
class _Draft:
    """A row while it is judged."""

    row: int
    cells: Mapping[str, Cell]
    registry: dict[str, Value] = field(default_factory=dict)
    ledger: dict[str, Value] = field(default_factory=dict)
    faults: list[CellFault] = field(default_factory=list)
    address: str = ""
    sub_address: str | None = None
    is_explicit: bool = False
    current: CameraRecord | None = None
    area_id: str | None = None

    def blame(self, name: str, code: str, **params: object) -> None:
        """Something is wrong at a cell; what was typed there goes with it."""
        self.faults.append(CellFault(name, code, params={**self.typed(name), **params}))

    def typed(self, name: str) -> dict[str, object]:
        """What was typed, unless it is a secret."""
        shown = _as_typed(name, self.cells.get(name))
        return {} if shown in (None, HIDDEN) else {"value": shown}


class ImportPlanner:
    """Judges the rows of one table, in their order."""

    def __init__(self, registry: CameraRegistry, surveyed: Surveyed, order: Order) -> None:
        self._registry = registry
        self._surveyed = surveyed
        self._order = order
        self._seen: dict[Key, tuple[int, Mapping[str, Cell]]] = {}
        self._names: dict[tuple[str, str], int] = {}

    def plan(self, table: Table, heading: Heading) -> list[PlannedRow]:
        """All rows below the titles."""
        fields = [(index, self._order.mapping.get(column)) for index, column in enumerate(heading.columns)]
        used = [(index, name) for index, name in fields if name is not None]
        titles = [folded(column) for column in heading.columns]
        planned = []
        for number, row in enumerate(table.rows[heading.row + 1 :], heading.row + 1):
            cells = {name: row[index] for index, name in used if index < len(row)}
            if all(cell is None or not str(cell).strip() for cell in cells.values()):
                planned.append(PlannedRow(number + 1, Action.SKIP, "", {}, [CellFault("", "row-empty")]))
            elif [folded(str(cell or "")) for cell in row[: len(titles)]] == titles[: len(row)]:
                planned.append(PlannedRow(number + 1, Action.SKIP, "", {}, [CellFault("", "row-titles")]))
            else:
                planned.append(self._planned(number, cells, table, {name: index for index, name in used}))
        return planned

    def _planned(self, number: int, cells: Mapping[str, Cell], table: Table, columns: Mapping[str, int]) -> PlannedRow:
        draft = _Draft(number + 1, cells)
        _find_merged(draft, number, table, columns)
        self._judge(draft)
        if (earlier := self._earlier(draft)) is not None:
            row, same = earlier
            if same == cells:
                return self._done(draft, Action.SKIP, [CellFault("", "row-repeated", params={"row": row})])
        self._recognise(draft)
        self._place(draft)
        if draft.faults:
            return self._done(draft, Action.ERROR, draft.faults)
        given = self._given(draft)
        action = Action.ERROR if draft.faults else self._action(draft, given)
        if draft.faults:
            return self._done(draft, Action.ERROR, draft.faults)
        done = self._done(draft, action, [])
        done.given, done.ledger = given, draft.ledger
        return done

    def _done(self, draft: _Draft, action: Action, faults: list[CellFault]) -> PlannedRow:
        values: dict[str, Value | None] = {**draft.registry, **draft.ledger}
        wrong = {fault.field for fault in faults}
        shown = {
            name: values[name] if name in values and name != "password" else _as_typed(name, cell, name in wrong)
            for name, cell in draft.cells.items()
        }
        name = str(draft.registry.get("name") or (draft.current.name if draft.current else "") or "")
        done = PlannedRow(draft.row, action, name, shown, faults)
        done.camera_id = draft.current.id if draft.current else None
        done.area_id = draft.area_id
        return done

    def _judge(self, draft: _Draft) -> None:
        """Every cell by itself, and the stream's address out of its parts."""
        for name, cell in draft.cells.items():
            if name in FIELDS:
                continue
            try:
                value = str(cell) if name == "password" and cell is not None else value_of(COLUMNS[name], cell)
            except ValueUnfit as unfit:
                draft.blame(name, unfit.code, **unfit.params)
            else:
                if value not in (None, ""):
                    draft.registry[name] = value
        _split_login(draft)
        draft.ledger, faults = judged({name: cell for name, cell in draft.cells.items() if name in FIELDS})
        for fault in faults:
            draft.blame(fault.field, fault.code, **fault.params)
        if draft.ledger.get("place_kind") in BY_LAW | set(self._surveyed.prohibited):
            draft.blame("place_kind", "place-prohibited")
        _compose_address(draft)

    def _earlier(self, draft: _Draft) -> tuple[int, Mapping[str, Cell]] | None:
        """The row of the file that is the same camera; this one is remembered where there is none."""
        keys = list(keys_of(draft.ledger, draft.address))
        for key in keys:
            if key in self._seen:
                row, cells = self._seen[key]
                draft.blame(key[0], "row-duplicate", row=row)
                return row, cells
        for key in keys:
            self._seen[key] = draft.row, draft.cells
        return None

    def _recognise(self, draft: _Draft) -> None:
        """The camera that is there already, if the row is one."""
        known = self._surveyed.known
        found = known.matches(draft.ledger, draft.address or None)
        if len(found) > 1:
            names = [known.cameras[camera_id].name for camera_id in found]
            draft.blame(list(found.values())[1], "keys-disagree", cameras=names[:3])
            return
        for camera_id, by in found.items():
            draft.current = known.cameras[camera_id]
            key: Key = ("camera", camera_id)
            if key in self._seen:
                draft.blame(by, "row-duplicate", row=self._seen[key][0])
            elif draft.current.area_id not in self._surveyed.managed:
                draft.blame(by, "camera-not-managed")
            self._seen.setdefault(key, (draft.row, draft.cells))

    def _place(self, draft: _Draft) -> None:
        """The area, and the name in it."""
        typed, code = draft.registry.get("area"), draft.ledger.get("division_code")
        area: Area | CellFault | None = None
        if typed or draft.current is None:
            area = self._surveyed.areas.find(str(typed) if typed else None, str(code) if code else None)
        if not typed and draft.current is None and not isinstance(area, Area):
            area = self._order.area or area
        if isinstance(area, CellFault):
            draft.blame(area.field, area.code, **{key: value for key, value in area.params.items() if key != "value"})
            return
        if area is None and draft.current is None:
            if not {"area", "division_code"} & {fault.field for fault in draft.faults}:
                draft.blame("area", "area-missing")
            return
        draft.area_id = area.id if area else None
        self._name(draft, area.id if area else draft.current.area_id if draft.current else "")

    def _name(self, draft: _Draft, area_id: str) -> None:
        name = draft.registry.get("name")
        if not name:
            if draft.current is None and "name" not in {fault.field for fault in draft.faults}:
                draft.blame("name", "name-missing")
            return
        known = self._surveyed.known
        there = known.named(area_id, str(name))
        if there and draft.current is None and not known.contradicts(there, draft.ledger):
            draft.current = known.cameras[there]
        if there and (draft.current is None or draft.current.id != there):
            draft.blame("name", "name-taken")
        key = (area_id, name_key(str(name)))
        if key in self._names:
            draft.blame("name", "row-duplicate", row=self._names[key])
        self._names.setdefault(key, draft.row)

    def _given(self, draft: _Draft) -> dict[str, Any]:
        """The fields of the registry that the row changes or sets. Empty cells are none of them."""
        given: dict[str, Any] = {
            name: draft.registry[name]
            for name in ("name", "transport", "username", "password")
            if name in draft.registry
        }
        current = draft.current
        if draft.address and (current is None or draft.is_explicit or not current.address):
            given["address"] = draft.address
        if draft.sub_address and (current is None or draft.is_explicit or not current.address):
            given["sub_address"] = draft.sub_address
        if current is not None and current.address and "address" not in given:
            given |= self._moved(draft, current)
        if draft.area_id is not None:
            given["area_id"] = draft.area_id
        given |= self._service(draft, bool(given.get("address") or (current and current.address)))
        if current is not None and "password" in given and self._registry.is_password(current, given["password"]):
            del given["password"]
        return given

    def _moved(self, draft: _Draft, current: CameraRecord) -> dict[str, Any]:
        """A device that has another IP address than the ledger had takes its streams along."""
        before, now = self._surveyed.known.ledger(current.id).values.get("ipv4"), draft.ledger.get("ipv4")
        if now is None or before is None or before == now or host_of(current.address) != before:
            return {}
        sub = {"sub_address": moved(current.sub_address, str(now))} if current.sub_address else {}
        return {"address": moved(current.address, str(now)), **sub}

    def _service(self, draft: _Draft, has_address: bool) -> dict[str, Any]:
        """Whether the camera is in service: as the row says, else a new one is when nothing stands against it."""
        asked = draft.registry.get("in_service")
        values: Values = {**self._ledger_before(draft), **draft.ledger}
        lacks = "" if has_address else "address-needed"
        if not lacks and self._surveyed.sign_required:
            try:
                check_sign(values)
            except SignMissing as missing:
                lacks = missing.code
        if asked is None and draft.current is not None:
            return {}
        if asked and lacks:
            draft.blame("in_service", lacks)
        return {"enabled": not lacks and values.get("device_status") != "removed" if asked is None else bool(asked)}

    def _ledger_before(self, draft: _Draft) -> Values:
        return self._surveyed.known.ledger(draft.current.id).values if draft.current else {}

    def _action(self, draft: _Draft, given: dict[str, Any]) -> Action:
        """Tries the change on the registry's own rules."""
        try:
            if draft.current is None:
                area_id = given.get("area_id", "")
                self._registry.drafted(CameraIn(**{"address": None, **given}), area_id)
                return Action.ADD
            camera = self._registry.redrafted(draft.current, given)
        except ValidationError as error:
            _blame_all(draft, InvalidRequest(errors=field_errors(error.errors())))
        except InvalidRequest as refusal:
            _blame_all(draft, refusal)
        else:
            before = self._ledger_before(draft)
            is_same = camera.facts() == draft.current.facts() and "password" not in given
            return Action.SAME if is_same and {**before, **draft.ledger} == before else Action.UPDATE
        return Action.ERROR


def _blame_all(draft: _Draft, refusal: InvalidRequest) -> None:
    for error in refusal.errors:
        name = _COLUMN_OF.get(error.field, error.field)
        if name == "stream_address" and not draft.is_explicit:
            name = "ipv4"
        draft.blame(name, error.code)


def _find_merged(draft: _Draft, number: int, table: Table, columns: Mapping[str, int]) -> None:
    for name in _ONE_EACH & columns.keys():
        if (first := table.merged.get((number, columns[name]))) is not None:
            draft.blame(name, "cell-merged", row=first + 1)


def _split_login(draft: _Draft) -> None:
    """Frees addresses of logins, so that they can be compared and shown."""
    for name in ("stream_address", "sub_stream_address"):
        if name not in draft.registry:
            continue
        try:
            draft.registry[name], login = parse_address(str(draft.registry[name]))
        except AddressRefused as error:
            del draft.registry[name]
            draft.blame(name, error.code)
        else:
            if login:
                draft.registry.setdefault("username", login.username)
                draft.registry.setdefault("password", login.password)


def _compose_address(draft: _Draft) -> None:
    explicit = draft.registry.get("stream_address")
    if explicit:
        draft.address, draft.is_explicit = str(explicit), True
        draft.sub_address = (
            str(draft.registry["sub_stream_address"]) if "sub_stream_address" in draft.registry else None
        )
        return
    values = draft.ledger
    if "ipv4" not in values:
        return
    port, channel = values.get("port"), values.get("channel")
    draft.address, draft.sub_address = composed(
        str(values["ipv4"]),
        int(port) if port else None,
        str(draft.registry["rtsp_path"]) if "rtsp_path" in draft.registry else None,
        str(values["vendor"]) if "vendor" in values else None,
        int(channel) if channel else 1,
    )
    draft.is_explicit = "rtsp_path" in draft.registry


def _as_typed(name: str, cell: Cell, is_wrong: bool = True) -> Value | None:
    """A cell as it was typed, as far as that may be shown; addresses may hold passwords too."""
    if cell is None or not str(cell).strip():
        return None
    if name == "password" or "@" in str(cell):
        return HIDDEN
    return str(cell)[:_SHOWN_LETTERS] if is_wrong else None


def described(rows: Sequence[PlannedRow]) -> dict[str, int]:
    """How many rows have which action."""
    counts = dict.fromkeys(Action, 0)
    for row in rows:
        counts[row.action] += 1
    return {action.value: count for action, count in counts.items()}
