"""Who is asked to walk a round, and who hears of one that is not walked; by the rights and rosters of now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from vms_api.accounts.permission import Permission
from vms_api.accounts.rights_board import RightsBoard
from vms_api.areas.area import Area
from vms_api.dispatch.ladder import centre_name, centres
from vms_api.duty.roster_board import RosterBoard
from vms_api.patrols.plan import PatrolByName, PatrolByRoster


@dataclass(frozen=True, slots=True)
class Told:
    """A centre with those of its people who are told."""

    centre_id: str
    centre: str
    user_ids: Sequence[str]


class Prompter:
    """Nobody is asked who may not patrol there (any more)."""

    def __init__(self, rights: RightsBoard, rosters: RosterBoard) -> None:
        self._rights = rights
        self._rosters = rosters

    def asked(self, people: PatrolByName | PatrolByRoster, area_id: str, at: datetime) -> Told:
        """Those whom the plan names, or who are on duty then; where there is none of them, all who may patrol there."""
        centre, index = self._centres(area_id)[0], self._rights.index
        if isinstance(people, PatrolByName):
            wanted = people.user_ids
        else:
            turns = self._rosters.on_duty(centre.id, at)
            wanted = tuple(dict.fromkeys(user_id for turn in turns for user_id in turn.user_ids))
        fit = [user_id for user_id in wanted if index.allows(user_id, Permission.PATROL_RUN, area_id)]
        return _told(centre, fit or self._nearest(Permission.PATROL_RUN, area_id))

    def supervisors(self, area_id: str, levels: int) -> Told | None:
        """Those who manage patrols at the centre so many levels above the nearest; None where there is no such centre.

        At each centre they are those whose right was given nearest to it: not everybody up to the city.
        """
        found = self._centres(area_id)
        if levels >= len(found):
            return None
        return _told(found[levels], self._nearest(Permission.PATROL_MANAGE, found[levels].id))

    def _centres(self, area_id: str) -> Sequence[Area]:
        return centres(self._rights.index.tree, area_id)

    def _nearest(self, permission: Permission, area_id: str) -> Sequence[str]:
        holders = self._rights.index.holders(permission, area_id)
        nearest = holders[0].grant.area_id if holders else None
        return list(dict.fromkeys(each.user_id for each in holders if each.grant.area_id == nearest))


def _told(centre: Area, user_ids: Sequence[str]) -> Told:
    return Told(centre.id, centre_name(centre), user_ids)
