"""Purposes over the API: the closed list, and the stating of one."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Self

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from vms_api.accounts.access import CurrentAccess
from vms_api.accounts.permission import Permission
from vms_api.audit.actor import CurrentActor
from vms_api.audit.entry import Place
from vms_api.control import ControlPart
from vms_api.purposes.purpose import Purpose
from vms_api.purposes.settings import Occasion, PurposeChoice

router = APIRouter()

Identifier = Annotated[str, Field(min_length=1, max_length=64)]
Reference = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80, pattern=r"^[^\x00-\x1f\x7f]+$")
]


class PurposeIn(BaseModel):
    """Why, with a reference such as a case number, and for what: some cameras, or an area with all below it."""

    model_config = ConfigDict(extra="forbid")

    key: Annotated[str, Field(max_length=40)]
    reference: Reference
    camera_ids: Annotated[list[Identifier], Field(max_length=64)] = []
    area_id: Identifier | None = None

    @model_validator(mode="after")
    def _one_scope(self) -> Self:
        if bool(self.camera_ids) == (self.area_id is not None):
            raise PydanticCustomError("purpose_scope", "either camera_ids or area_id")
        return self


class PurposeOut(BaseModel):
    """A purpose that was stated; looks at these cameras, or in this area, go by it until `expires_at`."""

    id: str
    key: str
    reference: str
    camera_ids: list[str]
    area_id: str | None
    created_at: datetime
    expires_at: datetime

    @classmethod
    def of(cls, purpose: Purpose) -> "PurposeOut":
        """As the API shows it."""
        return cls.model_validate(purpose, from_attributes=True)


class Purposes(BaseModel):
    """What may be stated, where it is asked for, and what the person has stated that still holds."""

    choices: Sequence[PurposeChoice]
    asked_for: Sequence[Occasion]
    valid: list[PurposeOut]


@router.get("/purposes")
async def read_purposes(access: CurrentAccess, control: ControlPart) -> Purposes:
    """The site's list of purposes, and one's own that still hold."""
    settings = control.settings.purpose
    valid = await control.purposes.valid(access.user.id)
    return Purposes(
        choices=settings.choices, asked_for=settings.asked_for, valid=[PurposeOut.of(purpose) for purpose in valid]
    )


@router.post("/purposes", status_code=201)
async def state_purpose(
    access: CurrentAccess, actor: CurrentActor, body: PurposeIn, control: ControlPart
) -> PurposeOut:
    """States why one is going to look at these cameras, or at those of an area and of the areas below it."""
    if body.area_id is not None:
        access.require(Permission.CAMERA_VIEW, body.area_id)
    ids = dict.fromkeys(body.camera_ids)
    cameras = [Place(access.require_camera(Permission.CAMERA_VIEW, camera_id), camera_id) for camera_id in ids]
    stated = await control.purposes.state(actor, body.key, body.reference, body.area_id, cameras)
    return PurposeOut.of(stated)
