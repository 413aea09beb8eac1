"""Who may move a camera now. Pure: one holder per camera, for some seconds after each act."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from vms_api.accounts.permission import Role

LEASE_S = 15.0
"""How long the camera stays with somebody after the last act."""

RANK: Mapping[Role, int] = MappingProxyType(
    {Role.PATROLLER: 1, Role.MAINTAINER: 2, Role.DISPATCHER: 3, Role.SUPERVISOR: 4, Role.ADMIN: 5}
)
"""Whoever stands higher may take the camera from whoever stands lower."""


@dataclass(frozen=True, slots=True)
class Operator:
    """Somebody who may move the camera, and how high that person stands there."""

    user_id: str
    username: str
    rank: int


@dataclass(frozen=True, slots=True)
class Lease:
    """The camera is with somebody until `ends_s` of monotonic time."""

    holder: Operator
    ends_s: float

    def is_over(self, now_s: float) -> bool:
        """Whether the camera is free again."""
        return now_s >= self.ends_s


def granted(current: Lease | None, operator: Operator, now_s: float) -> Lease | None:
    """The lease after somebody asked to move: that person's, or None when the holder keeps the camera."""
    if current is None or current.is_over(now_s) or current.holder.user_id == operator.user_id:
        return Lease(operator, now_s + LEASE_S)
    return Lease(operator, now_s + LEASE_S) if operator.rank > current.holder.rank else None
