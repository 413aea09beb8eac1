"""The rosters in force, in memory: who is on duty now, among those who may act there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from vms_api.accounts.permission import Permission
from vms_api.accounts.rights import RightsIndex
from vms_api.accounts.rights_board import RightsBoard
from vms_api.database import Connection
from vms_api.duty import store
from vms_api.duty.roster import Roster, Span, Turn

_FRESH = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class _Outlook:
    """The gaps of a roster as they were worked out at some time, by the rights of then."""

    roster: Roster
    rights: RightsIndex
    at: datetime
    gaps: Sequence[Span]


class RosterBoard:
    """Never older than the last commit. Who may not handle alerts at the centre (any more) counts as absent."""

    def __init__(self, rights: RightsBoard, zone: str) -> None:
        self._rights = rights
        self.zone = ZoneInfo(zone)
        self._rosters: dict[str, Roster] = {}
        self._outlooks: dict[str, _Outlook] = {}

    async def load(self, connection: Connection) -> None:
        """Takes all rosters into memory."""
        self._rosters = dict(await store.list_rosters(connection))

    def replace(self, centre_id: str, roster: Roster) -> None:
        """A centre has another roster."""
        self._rosters[centre_id] = roster

    def roster(self, centre_id: str) -> Roster:
        """The roster of a centre; an empty one where nobody has made any."""
        return self._rosters.get(centre_id, Roster())

    def people(self, centre_id: str) -> Mapping[str, str]:
        """Who may handle alerts at the centre, the nearest first: user names by their ids."""
        index = self._rights.index
        holders = index.holders(Permission.ALERT_HANDLE, centre_id)
        return {holding.user_id: index.usernames[holding.user_id] for holding in holders}

    def on_duty(self, centre_id: str, at: datetime) -> Sequence[Turn]:
        """The turns that go on then, each with those who may act there; turns without any are left out."""
        people = self.people(centre_id)
        turns = self.roster(centre_id).on_duty(at, self.zone)
        return [turn for turn in turns if not people.keys().isdisjoint(turn.user_ids)]

    def manned(self, centre_id: str, at: datetime) -> tuple[bool, datetime | None]:
        """Whether somebody is on duty, and until when; without a roster nobody is missing."""
        if not self.roster(centre_id).shifts:
            return True, None
        gap = next((gap for gap in self._gaps(centre_id, at) if gap.ends > at), None)
        if gap is None:
            return True, None
        return (False, None) if gap.starts <= at else (True, gap.starts)

    def _gaps(self, centre_id: str, at: datetime) -> Sequence[Span]:
        """The coming gaps; worked out once an hour, as long as roster and rights are the same."""
        roster, rights, known = self.roster(centre_id), self._rights.index, self._outlooks.get(centre_id)
        is_same = known is not None and known.roster is roster and known.rights is rights
        if known is None or not is_same or not known.at <= at < known.at + _FRESH:
            gaps = roster.gaps(at, self.zone, frozenset(self.people(centre_id)))
            known = self._outlooks[centre_id] = _Outlook(roster, rights, at, gaps)
        return known.gaps
