"""Pictures that are kept of stops: taken by the server from the camera, never sent by a page."""

import hashlib
from datetime import datetime

from ingest.identifier import new_identifier
from vms_api.accounts.permission import Permission
from vms_api.alerts.desk import Handler
from vms_api.audit.entry import AuditEntry, AuditKind, Place, StatedPurpose
from vms_api.database import Connection
from vms_api.errors import NotFound
from vms_api.nodes.client import NodeClient
from vms_api.patrols import picture_store, stop_store
from vms_api.patrols.picture_store import PatrolPicture
from vms_api.patrols.round import RoundSummary
from vms_api.patrols.round_acts import LeaseIn
from vms_api.patrols.round_book import RoundBook, RoundGround, row_of
from vms_api.patrols.round_errors import PicturesFull, StopClosed
from vms_api.patrols.round_stop import RoundStop

MOST_PICTURES = 8
"""Pictures that may be kept of one stop."""


class PatrolPictureDesk:
    """A picture is what the node shows of the camera now: under its masks, as a snapshot."""

    def __init__(self, ground: RoundGround, book: RoundBook, node: NodeClient) -> None:
        self._database = ground.database
        self._audit = ground.audit
        self._clock = ground.clock
        self._rights = ground.rights
        self._book = book
        self._node = node

    async def take(
        self, round_id: str, stop_id: str, by: Handler, body: LeaseIn, purpose: StatedPurpose | None
    ) -> RoundStop:
        """Keeps a picture of the stop as it is now.

        Raises:
            StopClosed: nobody has come there, or it was left.
            PicturesFull: it has as many as it may have.
            NodeUnavailable, NodeProblem: there is no picture to be had.
            NotFound, NotAllowed, RoundMovedOn, RoundTaken, RoundElsewhere: as `RoundBook.in_hand`.

        """
        async with self._database.read() as connection:
            _round, seen = await self._opened(connection, round_id, stop_id, by, body)
        snapshot = await self._node.snapshot(seen.camera_id, "main")
        captured_at = datetime.fromisoformat(snapshot.captured_at) if snapshot.captured_at else None
        async with self._database.write() as transaction:
            round_, stop = await self._opened(transaction.connection, round_id, stop_id, by, body)
            picture = PatrolPicture(
                id=new_identifier(),
                round_id=round_.id,
                stop_id=stop.id,
                camera_id=stop.camera_id,
                area_id=self._rights.area_of(stop.camera_id) or round_.area_id,
                taken_at=self._clock.now(),
                captured_at=captured_at,
                taken_by=by.actor.username,
                sha256=hashlib.sha256(snapshot.jpeg).hexdigest(),
            )
            await picture_store.insert_picture(transaction, picture, snapshot.jpeg)
            pictured = stop.model_copy(update={"snapshot_id": picture.id})
            await stop_store.save_stop(transaction, round_.id, pictured)
            told = {"picture": picture.id, "sha256": picture.sha256}
            row = row_of(AuditKind.PATROL_SNAPSHOT, by.actor, round_, stop, purpose, **told)
            await self._book.audit(transaction, row)
        return pictured

    async def show(self, picture_id: str, by: Handler) -> bytes:
        """The bytes of a picture, and the row that says who saw it.

        Raises:
            NotFound, NotAllowed: no such picture, or not one of a place of which the person may see stills.

        """
        async with self._database.read() as connection:
            picture = await picture_store.find_picture(connection, picture_id)
            jpeg = await picture_store.read_jpeg(connection, picture_id)
        if picture is None or jpeg is None:
            raise NotFound("no such picture")
        by.access.require(Permission.SNAPSHOT_VIEW, picture.area_id)
        place, detail = Place(picture.area_id, picture.camera_id), {"round": picture.round_id}
        row = AuditEntry(AuditKind.PATROL_PICTURE, by.actor, place, picture.id, detail=detail)
        await self._audit.record_alone(row)
        return jpeg

    async def _opened(
        self, connection: Connection, round_id: str, stop_id: str, by: Handler, body: LeaseIn
    ) -> tuple[RoundSummary, RoundStop]:
        round_ = await self._book.in_hand(connection, round_id, by, body.lease_epoch)
        stop = await stop_store.find_stop(connection, round_.id, stop_id)
        area_id = self._rights.area_of(stop.camera_id) if stop else None
        if stop is None or area_id is None:
            raise NotFound("no such stop, or no such camera any more")
        by.access.require(Permission.SNAPSHOT_VIEW, area_id)
        if not stop.is_open:
            raise StopClosed
        if await picture_store.count_pictures(connection, round_.id, stop.id) >= MOST_PICTURES:
            raise PicturesFull
        return round_, stop
