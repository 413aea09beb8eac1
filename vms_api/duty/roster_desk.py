"""Rosters as they are shown and changed."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from pydantic import BaseModel

from ingest.clock import Clock
from vms_api.accounts.rights_board import RightsBoard
from vms_api.areas.area import Area
from vms_api.audit.difference import difference
from vms_api.audit.entry import Actor, AuditEntry, AuditKind, Place
from vms_api.audit.log import AuditLog
from vms_api.database import Database
from vms_api.dispatch import store as dispatch_store
from vms_api.duty import store
from vms_api.duty.errors import PersonWithoutRights, RosterStale
from vms_api.duty.roster import Overlap, Roster, RosterIn, Shift, ShiftException, Span
from vms_api.duty.roster_board import RosterBoard
from vms_api.errors import NotFound


class RosterPerson(BaseModel):
    """Somebody who can be put on the roster, or is on it and may not handle alerts there any more."""

    id: str
    username: str
    may_handle: bool


class RosterShown(BaseModel):
    """A roster with what is to be known of it: the coming week's times that nobody or more than one shift covers.

    The clock times of the shifts are those of `time_zone`.
    """

    version: int
    time_zone: str
    shifts: list[Shift]
    exceptions: list[ShiftException]
    gaps: list[Span]
    overlaps: list[Overlap]
    people: list[RosterPerson]


class DutyPerson(BaseModel):
    """Somebody on duty, and on which shift."""

    id: str
    username: str
    shift: str


class OnDuty(BaseModel):
    """Who is on duty at a moment. `is_manned` is false where a roster says that somebody should be and nobody is.

    `until` is when the last one leaves without another; null: not within the coming week.
    """

    at: datetime
    shift: str | None
    people: list[DutyPerson]
    has_roster: bool
    is_manned: bool
    time_zone: str
    until: datetime | None


class RosterDesk:
    """Reads and replaces rosters. New alerts of a centre are looked at anew when its roster changes."""

    def __init__(
        self, database: Database, audit: AuditLog, rights: RightsBoard, board: RosterBoard, clock: Clock
    ) -> None:
        self._database = database
        self._audit = audit
        self._rights = rights
        self._board = board
        self._clock = clock

    def centre(self, area_id: str) -> Area:
        """The area of a centre.

        Raises:
            NotFound: the area has none. The area above all always answers, so it counts as one.

        """
        area = self._rights.index.tree.find(area_id)
        if area is None or (area.centre is None and area.parent_id is not None):
            raise NotFound("no such centre")
        return area

    def shown(self, centre_id: str) -> RosterShown:
        """The centre's roster.

        Raises:
            NotFound: no such centre.

        """
        self.centre(centre_id)
        roster, people = self._board.roster(centre_id), self._board.people(centre_id)
        now, zone = self._clock.now(), self._board.zone
        return RosterShown(
            version=roster.version,
            time_zone=zone.key,
            shifts=list(roster.shifts),
            exceptions=list(roster.exceptions),
            gaps=list(roster.gaps(now, zone, frozenset(people))) if roster.shifts else [],
            overlaps=list(roster.overlaps(now, zone)),
            people=self._people(roster, people),
        )

    async def replace(self, centre_id: str, body: RosterIn, actor: Actor) -> RosterShown:
        """The whole roster anew. Shifts may overlap; the answer says where.

        Raises:
            NotFound: no such centre.
            PersonWithoutRights: somebody may not handle alerts there.
            RosterStale: it was made from an older roster.

        """
        self.centre(centre_id)
        roster = Roster(body.version + 1, body.shifts, body.exceptions)
        strangers = roster.user_ids - self._board.people(centre_id).keys()
        if strangers:
            names = self._rights.index.usernames
            raise PersonWithoutRights(", ".join(sorted(names.get(id_, id_) for id_ in strangers)))
        async with self._database.write() as transaction:
            current = (await store.list_rosters(transaction.connection)).get(centre_id, Roster())
            if current.version != body.version:
                raise RosterStale
            await store.put_roster(transaction, centre_id, roster)
            await dispatch_store.wake_centre(transaction, centre_id, self._clock.now())
            changes = difference(current.document(), roster.document())
            entry = AuditEntry(AuditKind.DUTY_ROSTER, actor, Place(centre_id), centre_id, detail={"changes": changes})
            await self._audit.record(transaction, entry)
            transaction.after_commit(lambda: self._board.replace(centre_id, roster))
        return self.shown(centre_id)

    def on_duty(self, centre_id: str, at: datetime | None = None) -> OnDuty:
        """Who is on duty then, or now.

        Raises:
            NotFound: no such centre.

        """
        self.centre(centre_id)
        at = at or self._clock.now()
        turns, names = self._board.on_duty(centre_id, at), self._board.people(centre_id)
        on_duty = {id_: turn.shift.name for turn in reversed(turns) for id_ in turn.user_ids if id_ in names}
        is_manned, until = self._board.manned(centre_id, at)
        return OnDuty(
            at=at,
            shift=turns[0].shift.name if turns else None,
            people=[DutyPerson(id=id_, username=names[id_], shift=on_duty[id_]) for id_ in names if id_ in on_duty],
            has_roster=bool(self._board.roster(centre_id).shifts),
            is_manned=is_manned,
            time_zone=self._board.zone.key,
            until=until,
        )

    def _people(self, roster: Roster, people: Mapping[str, str]) -> list[RosterPerson]:
        names = self._rights.index.usernames
        gone: Sequence[str] = sorted(roster.user_ids - people.keys())
        return [
            *(RosterPerson(id=id_, username=name, may_handle=True) for id_, name in people.items()),
            *(RosterPerson(id=id_, username=names.get(id_, id_), may_handle=False) for id_ in gone),
        ]
