"""Where verdicts about pictures come in, and what people say about them."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from analytics.quality.category import Category
from vms_api.audit.entry import SYSTEM, Actor, AuditEntry, AuditKind
from vms_api.cameras import store as camera_store
from vms_api.cameras.camera import CameraRecord
from vms_api.cameras.registry import existing_camera
from vms_api.care import store as device_store
from vms_api.database import Connection, Transaction
from vms_api.diagnosis import picture_store, store
from vms_api.diagnosis.errors import CameraMoves, VerdictGone
from vms_api.diagnosis.outcome import SEVERITIES, Outcome, cause_of, facts_of, is_proposal, outcome_of
from vms_api.diagnosis.picture_store import QualityPicture
from vms_api.diagnosis.settings import DiagnosisSettings
from vms_api.diagnosis.store import KeptCheck, QualityQuery
from vms_api.diagnosis.verdict import (
    CameraQuality,
    QualityChange,
    QualityCheck,
    QualityFault,
    QualityFinding,
    QualityReport,
    QualityState,
    ReferencePicture,
)
from vms_api.errors import NotFound
from vms_api.recordings.desk import Surroundings
from vms_api.tickets.desk import TicketDesk
from vms_api.tickets.ticket import Finding

EVENT = "camera.quality"
OBJECTED, REPLACED = "objected", "reference-replaced"
"""Why a fault ended that no look has seen end."""

_CHANGES_SHOWN = 50


class DiagnosisGround(NamedTuple):
    """What the desk stands on; `zone` is the site's."""

    around: Surroundings
    tickets: TicketDesk
    settings: DiagnosisSettings
    zone: ZoneInfo


class QualityDesk:
    """Stores what nodes find and opens or clears its tickets in the same transaction.

    Who may ask is the routes' business.
    """

    def __init__(self, ground: DiagnosisGround) -> None:
        self._around = ground.around
        self._database = ground.around.database
        self._tickets = ground.tickets
        self._settings = ground.settings
        self._zone = ground.zone

    async def deliver(self, report: QualityReport) -> bool:
        """Stores a look, once; False when it was delivered before or the camera was removed meanwhile."""
        async with self._database.write() as transaction:
            connection = transaction.connection
            camera = await camera_store.find_camera(connection, report.camera_id)
            before = await store.find_check(connection, report.camera_id)
            if camera is None or (before is not None and before.report_id == report.id):
                return False
            faults = (await store.list_faults(connection, [camera.id])).get(camera.id, [])
            outcome = outcome_of(report, {fault.category for fault in faults})
            was = before.state if before is not None else QualityState.UNKNOWN
            is_news = bool(outcome.begun or outcome.ended) or outcome.state is not was
            await self._keep_picture(transaction, report, of_change=is_news)
            await store.put_check(transaction, camera.id, _kept(report, outcome, before))
            await self._begin(transaction, report, outcome)
            for finding in outcome.ended:
                await self._end(transaction, camera, finding, report.checked_at, finding.reason, _picture_id(report))
            if is_news:
                await self._change_whole(transaction, camera, was, report)
            await self._propose(transaction, camera, report)
            await picture_store.delete_old_pictures(transaction, camera.id, self._settings.keep_pictures)
        return True

    async def lose(self, camera_ids: Sequence[str], reason: str) -> None:
        """Nothing is known of these cameras' pictures any more; what was abnormal stays noted."""
        async with self._database.write() as transaction:
            for camera in await camera_store.list_by_id(transaction.connection, camera_ids):
                before = await store.find_check(transaction.connection, camera.id)
                if before is None or before.state is QualityState.UNKNOWN:
                    continue
                lost = KeptCheck(
                    before.report_id,
                    before.checked_at,
                    QualityState.UNKNOWN,
                    reason,
                    before.method_version,
                    (),
                    before.picture_id,
                )
                await store.put_check(transaction, camera.id, lost)
                whole = _whole(camera, before.state, QualityState.UNKNOWN, self._around.clock.now(), reason)
                await store.insert_change(transaction, whole)
                if reason != "node-away":  # of which everybody hears once, not once for each camera
                    await self._tell(transaction, camera, QualityState.UNKNOWN)

    async def listed(self, asked: QualityQuery) -> Sequence[QualityCheck]:
        """Cameras by their ids, each with its last look."""
        async with self._database.read() as connection:
            found = await store.list_checks(connection, asked)
        return [check.model_copy(update=self._today(check)) for check in found]

    async def counted(self, area_ids: Collection[str]) -> tuple[Mapping[QualityState, int], Mapping[Category, int]]:
        """How many enabled cameras of these areas are in each state, and how many abnormal in each category."""
        async with self._database.read() as connection:
            found = await store.count_states(connection, area_ids)
            categories = await store.count_faults(connection, area_ids)
        return {state: found.get(state, 0) for state in QualityState}, categories

    async def read(self, camera_id: str) -> CameraQuality:
        """One camera with its reference picture and its latest changes.

        Raises:
            NotFound: no such camera.

        """
        until = self._around.clock.now() + timedelta(days=1)
        since = until - timedelta(days=self._settings.keep_days + 1)
        async with self._database.read() as connection:
            found = await store.find_quality(connection, camera_id)
            if found is None:
                raise NotFound("no such camera")
            changes = await store.list_changes(connection, camera_id, since, until, _CHANGES_SHOWN)
            reference = await picture_store.find_reference(connection, camera_id)
            moves = await _moves(connection, camera_id)
        more = {"changes": list(changes), "reference": reference, "moves": moves}
        return found.model_copy(update={**self._today(found), **more})

    async def picture(self, picture_id: str) -> QualityPicture:
        """A picture, if it was taken under the masks that are in force now.

        Raises:
            NotFound: it was not, or is not kept any more.

        """
        async with self._database.read() as connection:
            found = await picture_store.find_picture(connection, picture_id)
        if found is None:
            raise NotFound("no such picture, or one that was taken under other masks")
        return found

    async def check(self, camera_id: str, actor: Actor) -> None:
        """Has the node look at the camera now; what it finds comes as every other look.

        Raises:
            NotFound: no such camera.
            NodeUnavailable: there is no node that could.

        """
        async with self._database.read() as connection:
            camera = await existing_camera(connection, camera_id)
        await self._around.client.call("POST", f"/internal/v1/cameras/{camera_id}/quality/check")
        await self._around.audit.record_alone(AuditEntry(AuditKind.QUALITY_CHECK, actor, camera.place, camera_id))

    async def take_reference(self, camera_id: str, picture_id: str, actor: Actor) -> ReferencePicture:
        """Says that this picture shows how the camera should point. Where it points is judged anew against it.

        Raises:
            NotFound: no such camera, or no such picture of it.
            CameraMoves: it is moved by people.

        """
        now = self._around.clock.now()
        async with self._database.write() as transaction:
            connection = transaction.connection
            camera = await existing_camera(connection, camera_id)
            picture = await picture_store.find_picture(connection, picture_id)
            if picture is None or picture.camera_id != camera_id:
                raise NotFound("no such picture of this camera")
            if await _moves(connection, camera_id):
                raise CameraMoves
            reference = ReferencePicture(id=picture_id, state="confirmed", at=now, by=actor.username)
            await picture_store.put_reference(transaction, camera_id, reference, actor)
            faults = (await store.list_faults(connection, [camera_id])).get(camera_id, [])
            if any(fault.category is Category.SHIFT for fault in faults):
                finding = await _finding(connection, camera_id, Category.SHIFT)
                await self._end(transaction, camera, finding, now, REPLACED, picture_id)
                await self._settle(transaction, camera, now, REPLACED)
            await self._around.registry.wake_node(transaction)
            entry = AuditEntry(AuditKind.QUALITY_REFERENCE, actor, camera.place, picture_id)
            await self._around.audit.record(transaction, entry)
        return reference

    async def object_to(self, camera_id: str, category: Category, note: str, actor: Actor) -> None:
        """Somebody says that a verdict is wrong: it ends, and the node takes the like of it as usual from now on.

        Raises:
            NotFound: no such camera.
            VerdictGone: the camera is not abnormal in that respect now.
            NodeUnavailable: there is no node that could learn from it.

        """
        async with self._database.read() as connection:
            await existing_camera(connection, camera_id)
            faults = (await store.list_faults(connection, [camera_id])).get(camera_id, [])
            if all(fault.category is not category for fault in faults):
                raise VerdictGone
            finding = await _finding(connection, camera_id, category)
        learnt = finding.model_dump(mode="json", exclude={"standing"})
        await self._around.client.call("POST", f"/internal/v1/cameras/{camera_id}/quality/objections", json=learnt)
        now = self._around.clock.now()
        async with self._database.write() as transaction:
            camera = await existing_camera(transaction.connection, camera_id)
            await picture_store.insert_objection(transaction, camera_id, finding, actor, now, note)
            await self._end(transaction, camera, finding, now, OBJECTED, None)
            await self._settle(transaction, camera, now, OBJECTED)
            detail = {"category": category.value, "note": note}
            entry = AuditEntry(AuditKind.QUALITY_WRONG, actor, camera.place, camera_id, detail=detail)
            await self._around.audit.record(transaction, entry)

    async def _begin(self, transaction: Transaction, report: QualityReport, outcome: Outcome) -> None:
        for finding in outcome.begun:
            fault = QualityFault(category=finding.category, since=report.checked_at)
            await store.put_fault(transaction, report.camera_id, fault)
            change = _of_finding(report.camera_id, finding, QualityState.OK, QualityState.ABNORMAL, report.checked_at)
            about = {"picture_id": _picture_id(report), "method_version": report.method_version}
            await store.insert_change(transaction, change.model_copy(update=about))
            found = Finding(
                camera_id=report.camera_id,
                cause=cause_of(finding.category),
                at=report.checked_at,
                severity=SEVERITIES[finding.category],
                facts=facts_of(finding),
                evidence=_picture_id(report),
            )
            await self._tickets.found(transaction, found)

    async def _end(
        self,
        transaction: Transaction,
        camera: CameraRecord,
        finding: QualityFinding,
        at: datetime,
        reason: str,
        picture_id: str | None,
    ) -> None:
        await store.delete_fault(transaction, camera.id, finding.category)
        change = _of_finding(camera.id, finding, QualityState.ABNORMAL, QualityState.OK, at)
        await store.insert_change(transaction, change.model_copy(update={"reason": reason, "picture_id": picture_id}))
        await self._tickets.cleared(transaction, camera.id, cause_of(finding.category), at, picture_id)

    async def _settle(self, transaction: Transaction, camera: CameraRecord, at: datetime, reason: str) -> None:
        """After a person has ended a fault: how the camera is as a whole, until the next look."""
        before = await store.find_check(transaction.connection, camera.id)
        faults = (await store.list_faults(transaction.connection, [camera.id])).get(camera.id, [])
        if before is None or faults or before.state is not QualityState.ABNORMAL:
            return
        state = QualityState.UNKNOWN
        kept = KeptCheck(
            before.report_id,
            before.checked_at,
            state,
            reason,
            before.method_version,
            (),
            before.picture_id,
        )
        await store.put_check(transaction, camera.id, kept)
        await store.insert_change(transaction, _whole(camera, before.state, state, at, reason))
        await self._tell(transaction, camera, state)

    async def _change_whole(
        self, transaction: Transaction, camera: CameraRecord, was: QualityState, report: QualityReport
    ) -> None:
        if report.state is not was:
            change = _whole(camera, was, report.state, report.checked_at, report.reason)
            about = {"picture_id": _picture_id(report), "method_version": report.method_version}
            await store.insert_change(transaction, change.model_copy(update=about))
        await self._tell(transaction, camera, report.state)

    async def _tell(self, transaction: Transaction, camera: CameraRecord, state: QualityState) -> None:
        faults = (await store.list_faults(transaction.connection, [camera.id])).get(camera.id, [])
        data = {
            "camera_id": camera.id,
            "camera_name": camera.name,
            "state": state.value,
            "faults": [fault.category.value for fault in faults],
        }
        await self._around.events.record(transaction, EVENT, data, camera.area_id)

    async def _keep_picture(self, transaction: Transaction, report: QualityReport, *, of_change: bool) -> None:
        if report.picture is None or report.mask_version is None:
            return
        picture = QualityPicture(
            report.id, report.camera_id, report.checked_at, report.mask_version, of_change, report.picture
        )
        await picture_store.insert_picture(transaction, picture)

    async def _propose(self, transaction: Transaction, camera: CameraRecord, report: QualityReport) -> None:
        """The first good picture by daylight is proposed as reference, for a person to confirm."""
        if not is_proposal(report, self._zone):
            return
        connection = transaction.connection
        if await picture_store.find_reference(connection, camera.id) or await _moves(connection, camera.id):
            return
        proposal = ReferencePicture(id=report.id, state="proposed", at=report.checked_at)
        await picture_store.put_reference(transaction, camera.id, proposal, SYSTEM)

    def _today(self, check: QualityCheck) -> dict[str, object]:
        """What of a stored look no longer holds: of a camera that is not seen now nothing is known."""
        health = self._around.health.reported(check.camera_id)
        if check.state is QualityState.UNKNOWN or (health is not None and health.state in SEEN):
            return {}
        return {"state": QualityState.UNKNOWN, "reason": "offline" if health is not None else "node-away"}


SEEN = frozenset({"live", "silent"})
"""States of a camera in which its pictures can be known."""


def _kept(report: QualityReport, outcome: Outcome, before: KeptCheck | None) -> KeptCheck:
    """The look as it is kept; one that could not see anything keeps the time and the picture of the one before."""
    is_blind = not report.findings and before is not None
    return KeptCheck(
        report_id=report.id,
        checked_at=before.checked_at if is_blind and before is not None else report.checked_at,
        state=outcome.state,
        reason=report.reason,
        method_version=report.method_version,
        findings=report.findings,
        picture_id=_picture_id(report) or (before.picture_id if before is not None else None),
    )


def _picture_id(report: QualityReport) -> str | None:
    return report.id if report.picture is not None and report.mask_version is not None else None


def _of_finding(
    camera_id: str, finding: QualityFinding, was: QualityState, state: QualityState, at: datetime
) -> QualityChange:
    measured = finding.model_dump(include={"category", "score", "value", "threshold", "usual", "confidence", "reason"})
    return QualityChange(id=0, camera_id=camera_id, was=was, state=state, at=at, **measured)


def _whole(camera: CameraRecord, was: QualityState, state: QualityState, at: datetime, reason: str) -> QualityChange:
    return QualityChange(id=0, camera_id=camera.id, category=None, was=was, state=state, at=at, reason=reason)


async def _finding(connection: Connection, camera_id: str, category: Category) -> QualityFinding:
    """The last look's finding of the category; an empty one where that look could not judge it."""
    check = await store.find_check(connection, camera_id)
    found = next((one for one in check.findings if one.category is category), None) if check is not None else None
    return found or QualityFinding(category=category, state=QualityState.UNKNOWN, standing=QualityState.ABNORMAL)


async def _moves(connection: Connection, camera_id: str) -> bool:
    """Whether the camera's device can be moved, as far as it was asked."""
    state = await device_store.find_state(connection, camera_id)
    return state is not None and state.facts is not None and bool(state.facts.ptz)
