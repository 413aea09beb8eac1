"""A control process without cameras, for those who want to see a desk with many alerts.

    python -m benchmarks.desk_page_child FOLDER

Prints its address, then obeys one line at a time from standard input, and answers each with one line: `fill COUNT` puts
in that many open alerts, `storm PER_SECOND SECONDS` raises so many for so long, every fifth a repeat of the one before.
"""

import asyncio
import base64
import os
import sys
from datetime import timedelta
from pathlib import Path

import cv2
import numpy as np

from ingest.clock import SystemClock
from ingest.identifier import new_identifier
from vms_api.alerts import store
from vms_api.app import create_app
from vms_api.commands.serve import ControlServer, control_url, listening_socket
from vms_api.control import Control
from vms_api.nodes.delivery import AlertPayload
from vms_api.settings import ServerSettings, SiteFile, StorageSettings

CAMERAS = 40
AT_ONCE = 500
REPEAT_EVERY = 5
SEVERITIES = ("low", "medium", "medium", "high")


class Raiser:
    """Raises alerts as a node would; each is an incident of its own, save the repeats."""

    def __init__(self, control: Control) -> None:
        self._control = control
        self._clock = SystemClock()
        self._picture = base64.b64encode(_picture()).decode()
        self._count = 0

    async def fill(self, count: int) -> None:
        """Open alerts of the last hours, the oldest first; put in as they are stored, without what goes with each."""
        for first in range(0, count, AT_ONCE):
            async with self._control.database.write() as transaction:
                for number in range(first, min(first + AT_ONCE, count)):
                    payload = self._next(age_s=float(count - number), is_repeat=False)
                    alert = payload.alert(
                        area_id=self._control.rights.index.tree.root.id,
                        camera_name=payload.camera_id,
                        instructions="",
                        stored_at=payload.raised_at,
                    )
                    await store.insert_alert(transaction, alert, payload.evidence)

    async def storm(self, per_second: float, seconds: float) -> None:
        """So many in each second, each at its time however long the one before takes."""
        began, tasks = self._clock.monotonic_s(), []
        for number in range(round(per_second * seconds)):
            await asyncio.sleep(max(0.0, began + number / per_second - self._clock.monotonic_s()))
            payload = self._next(age_s=0.0, is_repeat=number % REPEAT_EVERY == 1)
            tasks.append(asyncio.create_task(self._control.alerts.deliver(payload)))
        await asyncio.gather(*tasks)

    def _next(self, *, age_s: float, is_repeat: bool) -> AlertPayload:
        self._count += not is_repeat
        number = self._count
        at = self._clock.now() - timedelta(seconds=age_s)
        return AlertPayload.model_validate(
            {
                "id": new_identifier(),
                "camera_id": f"camera-{number % CAMERAS:02}",
                "rule_id": f"rule-{number}",
                "rule_name": "Night yard",
                "kind": "intrusion",
                "severity": SEVERITIES[number % len(SEVERITIES)],
                "label": "person",
                "score": 0.8,
                "box": [0.4, 0.2, 0.5, 0.7],
                "frame_received_at": at,
                "raised_at": at,
                "evidence": self._picture,
                "epoch": 1,
            }
        )


def _picture() -> bytes:
    noise = np.random.default_rng(8).integers(0, 255, (9, 16, 3), dtype=np.uint8)
    image = cv2.resize(noise, (640, 360), interpolation=cv2.INTER_CUBIC)
    return bytes(cv2.imencode(".jpg", image)[1])


async def _serve(folder: Path) -> None:
    settings = SiteFile(server=ServerSettings(port=0), storage=StorageSettings(data_dir=folder))
    with listening_socket(settings.server) as listener:
        url = control_url(settings.server, listener.getsockname()[1])
        app = create_app(settings, environ=os.environ)
        async with app.router.lifespan_context(app):
            server = ControlServer(app, settings.server, _nothing)
            serving = asyncio.create_task(server.serve(sockets=[listener]))
            await _obey(Raiser(app.state.control), url)
            server.stop()
            await serving


async def _obey(raiser: Raiser, url: str) -> None:
    _say(url)
    while line := (await asyncio.to_thread(sys.stdin.readline)).split():
        act, *numbers = line
        if act == "fill":
            await raiser.fill(int(numbers[0]))
        else:
            await raiser.storm(*map(float, numbers))
        _say("done")


async def _nothing() -> None:
    """Nobody waits for the start here: the address is said when the server listens."""


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(_serve(Path(sys.argv[1])))
