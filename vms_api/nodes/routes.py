"""The internal API that media nodes call."""

from typing import Annotated

from fastapi import APIRouter, Depends, Header, Response

from vms_api.control import ControlPart
from vms_api.errors import NodeTokenWrong
from vms_api.nodes.delivery import (
    AlertDelivery,
    BetterViewDelivery,
    CameraStateDelivery,
    Delivery,
    GapDelivery,
    GarbageDelivery,
    Heartbeat,
    QualityDelivery,
    Registration,
    SegmentDelivery,
)
from vms_api.nodes.desired_state import DesiredState
from vms_api.nodes.store import insert_camera_state


def authorised_node(
    node_id: str, control: ControlPart, authorization: Annotated[str, Header(max_length=200)] = ""
) -> None:
    """Lets in only the node that was given the token at its launch.

    Raises:
        NodeTokenWrong: somebody else.

    """
    scheme, _, token = authorization.partition(" ")
    if scheme != "Bearer":
        raise NodeTokenWrong
    control.node.authorise(node_id, token)


Node = Annotated[None, Depends(authorised_node)]

router = APIRouter(prefix="/nodes/{node_id}")


@router.post("/register")
async def register(_: Node, body: Registration, control: ControlPart) -> DesiredState:
    """The node has started; the answer is what it is to do."""
    control.node.register(body)
    return await control.reconciler.desired_state()


@router.post("/health", status_code=204)
async def take_heartbeat(_: Node, body: Heartbeat, control: ControlPart) -> None:
    """The node lives, and this is how its cameras are."""
    control.node.heartbeat(body)
    control.recordings.volumes.report(body.node.volumes)
    if body.view_ids is not None:
        await control.views.keep(body.view_ids)
    control.devices.key_frame_wishes.take(body.key_frame_wishes)


@router.get("/quality-pictures/{picture_id}", response_class=Response)
async def read_reference_picture(_: Node, picture_id: str, control: ControlPart) -> Response:
    """The picture by which the node shall tell where a camera points; it has sent it itself."""
    picture = await control.diagnosis.desk.picture(picture_id)
    return Response(picture.jpeg, media_type="image/jpeg")


@router.post("/deliveries", status_code=204)
async def take_delivery(_: Node, body: Delivery, control: ControlPart) -> None:
    """One entry of the node's outbox; 204 says that it is on disk, now or since an earlier delivery."""
    intake = control.recordings.intake
    if isinstance(body, AlertDelivery):
        await control.alerts.deliver(body.payload)
    elif isinstance(body, BetterViewDelivery):
        await control.alerts.add_view(body.payload)
    elif isinstance(body, SegmentDelivery):
        await intake.take_segment(body.payload)
    elif isinstance(body, GapDelivery):
        await intake.take_gap(body.payload)
    elif isinstance(body, GarbageDelivery):
        await intake.drop_garbage(body.payload.recording_ids)
    elif isinstance(body, QualityDelivery):
        await control.diagnosis.desk.deliver(body.payload)
    elif isinstance(body, CameraStateDelivery):
        async with control.database.write() as transaction:
            await insert_camera_state(transaction, body.payload)
    else:
        await intake.take_volume(body.payload)
