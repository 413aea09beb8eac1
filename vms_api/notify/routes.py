"""Receivers of notifications, what did not reach them, and one's own choice, over the API."""

from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel

from vms_api.accounts.access import Access, CurrentAccess
from vms_api.accounts.permission import Permission
from vms_api.audit.actor import CurrentActor
from vms_api.control import Control, ControlPart
from vms_api.cursor import Cursor, Limit, Page, decode_cursor, encode_cursor
from vms_api.nothing_in import NothingIn
from vms_api.notify.delivery import DeliveryShown, DeliveryState
from vms_api.notify.receiver import (
    ALL_SEVERITIES,
    Receiver,
    ReceiverHealth,
    ReceiverIn,
    ReceiverMade,
    ReceiverShown,
    TrialResult,
)
from vms_api.notify.subscription import Subscription

router = APIRouter()

Id = Annotated[str, Path(max_length=64)]
State = Annotated[DeliveryState, Query()]


class Replayed(BaseModel):
    """How many dead letters are tried anew."""

    count: int


class MyNotifications(Subscription):
    """One's own choice; `can_mail`: whether this site has a mail server."""

    can_mail: bool


@router.get("/notify/receivers")
async def list_receivers(access: CurrentAccess, control: ControlPart) -> Page[ReceiverShown]:
    """The receivers of areas that the caller manages, with how they are served, all on one page."""
    found = [receiver for receiver in control.notify.desk.listed() if _manages(access, receiver)]
    healths = await control.notify.desk.healths(found)
    return Page(items=[_shown(receiver, healths[receiver.id]) for receiver in found], next_cursor=None)


@router.post("/notify/receivers", status_code=201)
async def add_receiver(
    access: CurrentAccess, actor: CurrentActor, body: ReceiverIn, control: ControlPart
) -> ReceiverMade:
    """Makes a receiver; the secret that is made for a webhook is answered this once."""
    access.require(Permission.AREA_MANAGE, body.area_id)
    receiver, secret = await control.notify.desk.add(body, actor)
    return await _made(receiver, secret, control)


@router.put("/notify/receivers/{receiver_id}")
async def replace_receiver(
    access: CurrentAccess, actor: CurrentActor, receiver_id: Id, body: ReceiverIn, control: ControlPart
) -> ReceiverShown:
    """Replaces a receiver; from now on it gets what the caller may see there."""
    _managed(access, receiver_id, control)
    access.require(Permission.AREA_MANAGE, body.area_id)
    return await _made(await control.notify.desk.replace(receiver_id, body, actor), None, control)


@router.delete("/notify/receivers/{receiver_id}", status_code=204)
async def remove_receiver(access: CurrentAccess, actor: CurrentActor, receiver_id: Id, control: ControlPart) -> None:
    """Removes a receiver with all that waits for it."""
    _managed(access, receiver_id, control)
    await control.notify.desk.remove(receiver_id, actor)


@router.post("/notify/receivers/{receiver_id}/secret")
async def renew_secret(
    access: CurrentAccess, actor: CurrentActor, receiver_id: Id, _body: NothingIn, control: ControlPart
) -> ReceiverMade:
    """Makes a new secret for a webhook and answers it this once; the old one signs nothing any more."""
    _managed(access, receiver_id, control)
    receiver, secret = await control.notify.desk.renew_secret(receiver_id, actor)
    return await _made(receiver, secret, control)


@router.post("/notify/receivers/{receiver_id}/test")
async def try_receiver(
    access: CurrentAccess, actor: CurrentActor, receiver_id: Id, _body: NothingIn, control: ControlPart
) -> TrialResult:
    """Sends a test message now and says how it fared."""
    _managed(access, receiver_id, control)
    return await control.notify.desk.attempt(receiver_id, actor)


@router.get("/notify/receivers/{receiver_id}/deliveries")
async def list_deliveries(
    access: CurrentAccess,
    receiver_id: Id,
    control: ControlPart,
    state: State = DeliveryState.WAITING,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[DeliveryShown]:
    """What has not reached the receiver yet, or never did (`dead`), the oldest first."""
    _managed(access, receiver_id, control)
    after = decode_cursor(cursor, 1)[0] if cursor else None
    found = await control.notify.desk.deliveries(receiver_id, state, after, limit + 1)
    more = encode_cursor(found[limit - 1].id) if len(found) > limit else None
    return Page(items=[DeliveryShown.of(delivery) for delivery in found[:limit]], next_cursor=more)


@router.post("/notify/receivers/{receiver_id}/replay")
async def replay_receiver(
    access: CurrentAccess, actor: CurrentActor, receiver_id: Id, _body: NothingIn, control: ControlPart
) -> Replayed:
    """Has all dead letters of the receiver tried anew, each under its old id."""
    _managed(access, receiver_id, control)
    return Replayed(count=await control.notify.desk.replay(receiver_id, None, actor))


@router.post("/notify/deliveries/{delivery_id}/replay")
async def replay_delivery(
    access: CurrentAccess, actor: CurrentActor, delivery_id: Id, _body: NothingIn, control: ControlPart
) -> Replayed:
    """Has one dead letter tried anew, under its old id."""
    delivery = await control.notify.desk.delivery(delivery_id)
    _managed(access, delivery.receiver_id, control)
    return Replayed(count=await control.notify.desk.replay(delivery.receiver_id, delivery_id, actor))


@router.get("/me/notifications")
async def read_notifications(access: CurrentAccess, control: ControlPart) -> MyNotifications:
    """What the caller has chosen to hear of, and how."""
    return await _mine(access, control)


@router.put("/me/notifications")
async def change_notifications(
    access: CurrentAccess, actor: CurrentActor, body: Subscription, control: ControlPart
) -> MyNotifications:
    """Chooses what to hear of, and how; of areas, only those in which the caller sees alerts."""
    for area_id in body.areas:
        access.require(Permission.ALERT_VIEW, area_id)
    await control.notify.subscriptions.change(body, actor)
    return await _mine(access, control)


async def _mine(access: Access, control: Control) -> MyNotifications:
    chosen = await control.notify.subscriptions.read(access.user.id)
    return MyNotifications(**chosen.model_dump(), can_mail=control.notify.subscriptions.has_mail)


def _manages(access: Access, receiver: Receiver) -> bool:
    return access.allows(Permission.AREA_MANAGE, _area_of(access, receiver))


def _managed(access: Access, receiver_id: str, control: Control) -> None:
    """Lets pass who manages the receiver's area. Raises NotFound, NotAllowed."""
    access.require(Permission.AREA_MANAGE, _area_of(access, control.notify.desk.found(receiver_id)))


def _area_of(access: Access, receiver: Receiver) -> str:
    """The receiver's area; of one whose area was removed, the area above all."""
    tree = access.rights.tree
    area_id = receiver.area_ids[0]
    return area_id if tree.find(area_id) else tree.root.id


def _shown(receiver: Receiver, health: ReceiverHealth) -> ReceiverShown:
    return ReceiverShown(
        id=receiver.id,
        name=receiver.name,
        area_id=receiver.area_ids[0],
        target=receiver.target,
        severities=sorted(receiver.severities, key=ALL_SEVERITIES.index, reverse=True),
        kinds=sorted(receiver.kinds),
        changes=receiver.changes,
        enabled=receiver.enabled,
        owner=receiver.owner,
        has_secret=receiver.sealed_secret is not None,
        health=health,
    )


async def _made(receiver: Receiver, secret: str | None, control: Control) -> ReceiverMade:
    healths = await control.notify.desk.healths([receiver])
    return ReceiverMade(**_shown(receiver, healths[receiver.id]).model_dump(), secret=secret)
