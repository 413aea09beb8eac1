"""Which rounds wait for whoever asks: what a page reminds of on whatever page somebody is."""

from datetime import datetime
from itertools import compress

from fastapi import APIRouter

from vms_api.accounts.access import CurrentAccess
from vms_api.accounts.permission import Permission
from vms_api.control import ControlPart
from vms_api.cursor import Page
from vms_api.database import Connection
from vms_api.patrols import plan_store, round_store
from vms_api.patrols.prompting import Prompter
from vms_api.patrols.round import RoundSummary
from vms_api.patrols.round_lifecycle import RoundState
from vms_api.patrols.round_store import RoundQuery

router = APIRouter(prefix="/patrol-prompts")

MOST_PROMPTS = 200


@router.get("")
async def list_patrol_prompts(access: CurrentAccess, control: ControlPart) -> Page[RoundSummary]:
    """The rounds that the caller is asked to take, or has in hand; the next deadline first, all on one page.

    Asked are those whom `Prompter.asked` names by the rosters of now: a change of shift changes who is reminded.
    """
    area_ids, user_id, now = access.area_ids(Permission.PATROL_RUN), access.user.id, control.clock.now()
    at_work = RoundQuery(area_ids, (RoundState.RUNNING, RoundState.PAUSED), user_id, limit=MOST_PROMPTS)
    due = RoundQuery(area_ids, (RoundState.DUE,), limit=MOST_PROMPTS)
    async with control.database.read() as connection:
        waiting = await round_store.list_rounds(connection, due)
        asked = [await _is_asked(connection, control.patrols.prompter, one, user_id, now) for one in waiting]
        found = [*await round_store.list_rounds(connection, at_work), *compress(waiting, asked)]
    return Page(items=sorted(found, key=lambda one: one.deadline_at), next_cursor=None)


async def _is_asked(
    connection: Connection, prompter: Prompter, round_: RoundSummary, user_id: str, now: datetime
) -> bool:
    plan = await plan_store.find_any(connection, round_.plan_id)
    return plan is not None and user_id in prompter.asked(plan.people, round_.area_id, now).user_ids
