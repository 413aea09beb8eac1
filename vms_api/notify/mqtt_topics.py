"""What is published where at a broker of MQTT. Pure; docs/operations.md tells the same to people."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from vms_api.notify.camera_feed import CameraTold
from vms_api.notify.delivery import TRIED, Delivery
from vms_api.notify.patrol_message import TOLD_OF_PATROLS

ONLINE, OFFLINE = "online", "offline"
_DISCOVERY = "homeassistant"
"""Where Home Assistant looks, unless it was told otherwise."""


@dataclass(frozen=True, slots=True)
class Topics:
    """The topics under one prefix."""

    prefix: str

    @property
    def status(self) -> str:
        """Whether this site is connected (retained; the broker says `offline` by itself when it is not)."""
        return f"{self.prefix}/status"

    @property
    def camera_states(self) -> str:
        """A filter for the states of all cameras."""
        return self.camera_state("+")

    def camera_state(self, camera_id: str) -> str:
        """How a camera is (retained)."""
        return f"{self.prefix}/cameras/{camera_id}/state"

    def camera_id(self, topic: str) -> str:
        """The camera of a topic of `camera_state`."""
        return topic.removeprefix(f"{self.prefix}/cameras/").removesuffix("/state")

    def announcement(self, camera_id: str) -> str:
        """Where Home Assistant learns of a camera (retained)."""
        return f"{_DISCOVERY}/binary_sensor/{self._site}/{camera_id}/config"

    def of(self, delivery: Delivery) -> str:
        """Where a message goes."""
        if delivery.message.type == TRIED:
            return f"{self.prefix}/test"
        message, facts = delivery.message, delivery.message.facts
        if message.is_of_ticket:
            return f"{self.prefix}/tickets/{message.area_id}/{facts['ticket_id']}"
        if message.type in TOLD_OF_PATROLS:
            return f"{self.prefix}/patrols/{message.area_id}/{facts['plan_id']}"
        return f"{self.prefix}/alerts/{message.area_id}/{facts['camera_id']}"

    def announced(self, camera: CameraTold) -> str:
        """A camera as Home Assistant takes it: a sensor of connectivity that is on while the camera is live."""
        return _json(
            {
                "name": "Live",
                "unique_id": f"{self._site}_{camera.id}_live",
                "device_class": "connectivity",
                "state_topic": self.camera_state(camera.id),
                "value_template": "{{ 'ON' if value_json.state == 'live' else 'OFF' }}",
                "json_attributes_topic": self.camera_state(camera.id),
                "availability_topic": self.status,
                "device": {"identifiers": [f"{self._site}_{camera.id}"], "name": camera.name, "model": "Xueliang"},
            }
        )

    @property
    def _site(self) -> str:
        return self.prefix.replace("/", "_")


def camera_told(camera: CameraTold) -> str:
    """The state of a camera as it is published."""
    return _json({"state": camera.state, "since": camera.since, "name": camera.name, "area_id": camera.area_id})


def _json(value: Mapping[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
