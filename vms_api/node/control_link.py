"""The node's line to the control process: it registers, reports its health each second and delivers the outbox."""

import asyncio
import json
import os
from collections.abc import Callable
from typing import Any

import httpx
import structlog

from vms_api import __version__
from vms_api.node.messages import DesiredState, Launch
from vms_api.node.outbox import Refused
from vms_api.node.store import Entry
from vms_api.plain_http import NO_AUTHORITY

log = structlog.get_logger()

HEARTBEAT_S = 1.0
REQUEST_TIMEOUT_S = 5.0
REGISTER_RETRY_S = 0.3
_REFUSALS = (httpx.codes.UNPROCESSABLE_ENTITY, httpx.codes.REQUEST_ENTITY_TOO_LARGE)
"""Answers that no further try changes: what waits behind such an entry must not wait for ever."""


class Superseded(Exception):
    """A newer node has taken over: this one must stop."""


class ControlLink:
    """Speaks the internal API of the control process."""

    def __init__(self, launch: Launch) -> None:
        self._launch = launch
        self._path = f"/internal/v1/nodes/{launch.node_id}"
        self._http = httpx.AsyncClient(
            base_url=launch.control_url,
            headers={"Authorization": f"Bearer {launch.token.get_secret_value()}"},
            timeout=REQUEST_TIMEOUT_S,
            trust_env=False,
            verify=NO_AUTHORITY,
        )

    async def register(self, address: str, detector: dict[str, Any]) -> DesiredState:
        """Tells where this node listens and returns what it shall do; tries until the control process answers.

        Raises:
            Superseded: the control process has started a newer node.

        """
        body = {
            "address": address,
            "pid": os.getpid(),
            "epoch": self._launch.epoch,
            "version": __version__,
            "detector": detector,
        }
        while True:
            try:
                response = await self._http.post(f"{self._path}/register", json=body)
            except httpx.TransportError as error:
                log.info("control process not reached yet", reason=repr(error))
            else:
                if response.is_success:
                    return DesiredState.model_validate_json(response.content)
                refuse_stale(response)
                log.warning("registration refused", status=response.status_code, body=response.text[:200])
            await asyncio.sleep(REGISTER_RETRY_S)

    async def report_forever(self, health: Callable[[], dict[str, Any]]) -> None:
        """Sends the health each second; a control process that is away changes nothing here.

        Raises:
            Superseded: the control process has started a newer node.

        """
        while True:
            try:
                response = await self._http.post(f"{self._path}/health", json=health())
                refuse_stale(response)
            except httpx.TransportError as error:
                log.info("health report waits", reason=repr(error))
            await asyncio.sleep(HEARTBEAT_S)

    async def deliver(self, entry: Entry) -> None:
        """Hands over one entry of the outbox.

        Raises:
            ConnectionError: not now; try again.
            Refused: never; set it aside.

        """
        body = {"id": entry.id, "kind": entry.kind, "payload": json.loads(entry.payload)}
        try:
            response = await self._http.post(f"{self._path}/deliveries", json=body)
        except httpx.TransportError as error:
            raise ConnectionError(repr(error)) from error
        if response.status_code in _REFUSALS:
            raise Refused(response.text[:500])
        if not response.is_success:
            raise ConnectionError(f"the control process answered {response.status_code}")

    async def quality_picture(self, picture_id: str) -> bytes | None:
        """A picture that was delivered before; None where it is gone, or the control process cannot be asked now."""
        try:
            response = await self._http.get(f"{self._path}/quality-pictures/{picture_id}")
        except httpx.TransportError as error:
            log.info("reference picture waits", reason=repr(error))
            return None
        return response.content if response.is_success else None

    async def close(self) -> None:
        """Closes the connections."""
        await self._http.aclose()


def refuse_stale(response: httpx.Response) -> None:
    """Raises Superseded when the control process calls this node's epoch stale."""
    if response.status_code == httpx.codes.CONFLICT:
        raise Superseded(response.text[:200])
