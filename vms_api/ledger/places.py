"""Places in which no camera may be: those of the law, and those that a site adds. Pure."""

from collections.abc import Collection
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from vms_api.errors import InvalidRequest
from vms_api.ledger.errors import PlaceProhibited, SignMissing
from vms_api.ledger.field import FIELDS
from vms_api.ledger.ledger import Values

BY_LAW = frozenset(
    {"guest_room", "dormitory", "bathroom", "changing_room", "nursing_room", "fitting_room", "private_home"}
)
"""Kinds of place that the 公共安全视频图像信息系统管理条例 (Decree 799) names, or that it means by private ones."""

KINDS = tuple(choice.key for choice in FIELDS["place_kind"].choices)


class ProhibitedIn(BaseModel):
    """The kinds of place that the site prohibits beside those of the law."""

    model_config = ConfigDict(extra="forbid")

    kinds: Annotated[list[Annotated[str, Field(max_length=40)]], Field(max_length=100)]


class ProhibitedPlace(BaseModel):
    """A kind of place in which no camera may be, and who says so."""

    kind: str
    by: Literal["law", "site"]


class ProhibitedPlaces(BaseModel):
    """All of them. Those of the law stay."""

    items: list[ProhibitedPlace]

    @classmethod
    def of(cls, added: Collection[str]) -> "ProhibitedPlaces":
        """As the API shows it, in the order of the field's choices."""
        kinds = [kind for kind in KINDS if kind in BY_LAW or kind in added]
        return cls(items=[ProhibitedPlace(kind=kind, by="law" if kind in BY_LAW else "site") for kind in kinds])


def added_kinds(body: ProhibitedIn) -> frozenset[str]:
    """What a site adds.

    Raises:
        InvalidRequest: not a kind of place.

    """
    if unknown := set(body.kinds) - set(KINDS):
        raise InvalidRequest.field("kinds", "choice-unknown", f"{len(unknown)} are no kinds of place")
    return frozenset(body.kinds) - BY_LAW


def check_place(values: Values, added: Collection[str]) -> None:
    """Looks where the camera is.

    Raises:
        PlaceProhibited: in a place in which no camera may be.

    """
    if values.get("place_kind") in BY_LAW | set(added):
        raise PlaceProhibited


def check_sign(values: Values) -> None:
    """Looks whether people are told of the camera.

    Raises:
        SignMissing: the ledger does not say where the sign stands, or since when.

    """
    if "sign_on" not in values or "sign_place" not in values:
        raise SignMissing
