"""A camera of the registry, as the API takes and shows it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from vms_api.audit.entry import Place
from vms_api.cameras.health import CameraHealth

CameraName = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80, pattern=r"^[^\x00-\x1f\x7f]+$")
]
Address = Annotated[str, Field(min_length=1, max_length=1000)]
AreaId = Annotated[str, Field(min_length=1, max_length=64)]
Login = Annotated[str, Field(min_length=1, max_length=200)]
Password = Annotated[str | None, Field(max_length=200, repr=False)]
Transport = Literal["tcp", "udp"]


class CameraIn(BaseModel):
    """A camera to be registered. A login inside the address is split off and kept apart.

    Without an `area_id` it goes to the topmost area in which the caller manages cameras, if there is one such area.
    An `address` of null is one that is not known yet: such a camera is in the ledger and not in service.
    """

    model_config = ConfigDict(extra="forbid")

    area_id: AreaId | None = None
    name: CameraName
    address: Address | None
    sub_address: Address | None = None
    transport: Transport = "tcp"
    username: Login | None = None
    password: Password = None
    enabled: bool = True
    analysed: bool = True


class CameraPatch(BaseModel):
    """Any part of a camera; a password of null is removed, an absent one kept; another `area_id` moves the camera."""

    model_config = ConfigDict(extra="forbid")

    area_id: AreaId | None = None
    name: CameraName | None = None
    address: Address | None = None
    sub_address: Address | None = None
    transport: Transport | None = None
    username: Login | None = None
    password: Password = None
    enabled: bool | None = None
    analysed: bool | None = None


HOW_IT_IS_REACHED: Mapping[str, None] = MappingProxyType({"address": None, "sub_address": None, "username": None})
"""What of a camera only those are told who manage it: with it one could go to the camera past the site."""


class Camera(BaseModel):
    """A camera with its health. There is no way to read its password.

    Addresses and user name are null for who does not manage the camera.
    """

    id: str
    area_id: str
    name: str
    address: str | None
    sub_address: str | None
    has_sub_stream: bool
    transport: Transport
    username: str | None
    has_password: bool
    enabled: bool
    analysed: bool
    created_at: datetime
    updated_at: datetime
    health: CameraHealth
    rule_count: int

    def for_onlookers(self) -> "Camera":
        """As those see it who do not manage it."""
        return self.model_copy(update=HOW_IT_IS_REACHED)


class CameraSwitch(NamedTuple):
    """As much of a camera as its health is told by: whether it is in service, and since when that may be so."""

    id: str
    enabled: bool
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class CameraRecord:
    """A camera as it is stored: addresses are free of credentials, the password is sealed (see sealing.py).

    An empty `address` is one that is not known yet.
    """

    id: str
    area_id: str
    name: str
    address: str
    sub_address: str | None
    transport: Transport
    username: str | None
    sealed_password: bytes | None = field(repr=False)
    enabled: bool
    analysed: bool
    created_at: datetime
    updated_at: datetime
    rule_count: int = 0

    @property
    def place(self) -> Place:
        """Where an act on the camera is done, as the audit log has it."""
        return Place(self.area_id, self.id)

    def facts(self) -> Mapping[str, Any]:
        """What the audit log says about the camera's settings: all but the password."""
        hidden = {"id", "sealed_password", "created_at", "updated_at", "rule_count"}
        shown = {name: getattr(self, name) for name in self.__dataclass_fields__ if name not in hidden}
        return {**shown, "has_password": self.sealed_password is not None}

    def shown(self, health: CameraHealth) -> Camera:
        """As the API shows it."""
        return Camera(
            id=self.id,
            area_id=self.area_id,
            name=self.name,
            address=self.address or None,
            sub_address=self.sub_address,
            has_sub_stream=self.sub_address is not None,
            transport=self.transport,
            username=self.username,
            has_password=self.sealed_password is not None,
            enabled=self.enabled,
            analysed=self.analysed,
            created_at=self.created_at,
            updated_at=self.updated_at,
            health=health,
            rule_count=self.rule_count,
        )
