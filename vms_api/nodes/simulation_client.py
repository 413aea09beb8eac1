"""Simulations on the node, as this process asks for them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel

from vms_api.nodes.client import NodeClient

_SIMULATIONS = "/internal/v1/simulations"


class WouldRaise(BaseModel):
    """An alert that the rule would have raised; `box` is left, top, right, bottom in 0 to 1."""

    at: datetime
    label: str
    score: float
    box: tuple[float, float, float, float]


class SimulationState(BaseModel):
    """How far it has come.

    `seen_s` are the recorded seconds it has looked at. `count` goes on when `items` are full (500); `suppressed` fell
    into the rule's quiet time; `unreadable` files could not be read to their end; on `unjudged` pictures the detector
    failed.
    """

    state: Literal["running", "done", "cancelled", "failed"]
    progress: float
    seen_s: float
    count: int
    suppressed: int
    unreadable: int
    unjudged: int
    detector: str | None
    items: list[WouldRaise]


class SimulationClient:
    """Asks the node that has the files. Every method raises NodeUnavailable and NodeProblem as NodeClient does."""

    def __init__(self, node: NodeClient) -> None:
        self._node = node

    async def start(self, simulation_id: str, plan: Mapping[str, Any]) -> None:
        """Begins it; the node refuses while another one runs."""
        await self._node.call("PUT", f"{_SIMULATIONS}/{simulation_id}", json=plan)

    async def state(self, simulation_id: str) -> SimulationState:
        """How far it has come."""
        answer = await self._node.call("GET", f"{_SIMULATIONS}/{simulation_id}")
        return SimulationState.model_validate_json(answer.content)

    async def cancel(self, simulation_id: str) -> None:
        """Nobody wants it any more."""
        await self._node.call("DELETE", f"{_SIMULATIONS}/{simulation_id}")
