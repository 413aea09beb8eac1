"""Who is told of alerts and repair tickets, as the API takes and shows it, and as it is stored."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, time
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from vms_api.accounts.permission import Permission
from vms_api.accounts.rights import RightsIndex
from vms_api.alerts.alert import AlertKind
from vms_api.cameras.rule import ClockTime, Severity
from vms_api.notify.delivery import TICKET_CHANGED, UPDATED, Message
from vms_api.notify.outcome import DeliveryFault
from vms_api.notify.patrol_message import REMINDED, TOLD_OF_PATROLS
from vms_api.notify.target import Target

TICKETS = "ticket"
"""The kind of all messages about repair tickets."""
HeardKind = AlertKind | Literal["ticket"]
ReceiverName = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80, pattern=r"^[^\x00-\x1f\x7f]+$")
]
AreaId = Annotated[str, Field(min_length=1, max_length=64)]
Severities = Annotated[list[Severity], Field(min_length=1, max_length=3)]
Secret = Annotated[str, Field(min_length=1, max_length=500)]

ALL_SEVERITIES: list[Severity] = ["low", "medium", "high"]
"""The least first."""


class QuietTime(BaseModel):
    """A daily span in the site's zone; an end at or before the start lies on the next day."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    starts: ClockTime
    ends: ClockTime

    def holds(self, at: time) -> bool:
        """Whether it is quiet at that time of the day; the start belongs to it, the end does not."""
        starts, ends = time.fromisoformat(self.starts), time.fromisoformat(self.ends)
        return starts <= at < ends if starts < ends else at >= starts or at < ends


class ReceiverIn(BaseModel):
    """A receiver to be made: of an area with those below it.

    No `kinds`: alerts of every kind; repair tickets are told only to who names `ticket`. `changes`: what people do is
    told too.

    `secret` is the password of MQTT, or what webhooks are signed with (`whsec_` and base64); null keeps the one that
    is there, and makes one for a new webhook.
    """

    model_config = ConfigDict(extra="forbid")

    name: ReceiverName
    area_id: AreaId
    target: Target
    severities: Severities = ALL_SEVERITIES
    kinds: Annotated[list[HeardKind], Field(max_length=32)] = []
    changes: bool = True
    enabled: bool = True
    secret: Secret | None = Field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Receiver:
    """A receiver as it is stored. What it gets is cut down to what its owner, who saved it last, may see.

    `person_id`: it is that person's own mail, made by their choice of notifications. No `area_ids`: of everywhere.
    `stopped` is why the system itself has switched it off.
    """

    id: str
    name: str
    area_ids: tuple[str, ...]
    owner_id: str
    owner: str
    target: Target
    severities: frozenset[Severity]
    kinds: frozenset[str] = frozenset()
    changes: bool = True
    enabled: bool = True
    stopped: DeliveryFault | None = None
    quiet: tuple[QuietTime, ...] = ()
    person_id: str | None = None
    sealed_secret: bytes | None = field(default=None, repr=False)
    arrived_at: datetime | None = None
    failed_at: datetime | None = None
    fault: DeliveryFault | None = None
    detail: str = ""

    @property
    def is_served(self) -> bool:
        """Whether anything is sent to it."""
        return self.enabled and self.stopped is None

    def is_about(self, message: Message, rights: RightsIndex) -> bool:
        """Whether the message is of an area of its own, and its owner may see there what it is about."""
        area = rights.tree.find(message.area_id)
        needed = Permission.TICKET_VIEW if message.is_of_ticket else Permission.ALERT_VIEW
        if area is None or not rights.allows(self.owner_id, needed, message.area_id):
            return False
        return not self.area_ids or not set(self.area_ids).isdisjoint(area.lineage)

    def wants(self, message: Message, rights: RightsIndex, zone: ZoneInfo) -> bool:
        """Whether the message is for it. Somebody's own mail is silent in that person's quiet hours."""
        facts = message.facts
        if not self.is_served or (message.type in {UPDATED, TICKET_CHANGED} and not self.changes):
            return False
        is_any_kind = not self.kinds and not message.is_of_ticket
        if facts["severity"] not in self.severities or not (is_any_kind or facts["kind"] in self.kinds):
            return False
        if message.type in TOLD_OF_PATROLS and not self._hears_of_patrols(message, rights):
            return False
        at = message.at.astimezone(zone).time()
        return self.is_about(message, rights) and not any(quiet.holds(at) for quiet in self.quiet)

    def _hears_of_patrols(self, message: Message, rights: RightsIndex) -> bool:
        """Reminders are for those who are asked alone; the rest is for receivers of the area too."""
        if not rights.allows(self.owner_id, Permission.PATROL_VIEW, message.area_id):
            return False
        if self.person_id is None:
            return message.type != REMINDED
        return self.person_id in (message.user_ids or ())

    def camera_areas(self, rights: RightsIndex) -> Collection[str]:
        """The areas whose cameras its owner may see and it is about."""
        seen = rights.area_ids(self.owner_id, Permission.CAMERA_VIEW)
        own = [area for area in rights.tree if area.id in seen]
        return {area.id for area in own if not self.area_ids or not set(self.area_ids).isdisjoint(area.lineage)}


class ReceiverHealth(BaseModel):
    """How a receiver is served. `resting`: left alone until `rests_until`; `orphaned`: its owner sees no alerts there.

    `stopped`: it has said that it wants nothing any more (410).
    """

    state: Literal["ok", "failing", "resting", "stopped", "disabled", "orphaned"]
    waiting: int = 0
    dead: int = 0
    arrived_at: datetime | None = None
    failed_at: datetime | None = None
    fault: DeliveryFault | None = None
    detail: str = ""
    rests_until: datetime | None = None


class ReceiverShown(BaseModel):
    """A receiver as the API shows it: never its secret."""

    id: str
    name: str
    area_id: str
    target: Target
    severities: list[Severity]
    kinds: list[str]
    changes: bool
    enabled: bool
    owner: str
    has_secret: bool
    health: ReceiverHealth


class ReceiverMade(ReceiverShown):
    """The same with the secret that was just made, which is shown this once."""

    secret: str | None = None


class TrialResult(BaseModel):
    """How the test message fared."""

    arrived: bool
    fault: DeliveryFault | None
    detail: str
    seconds: float
