"""Simulations over the node's internal API."""

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import JSONResponse

from vms_api.node.simulation_messages import SimulationMessage, SimulationReport
from vms_api.node.simulations import SimulationBusy, Simulations, SimulationUnknown


def simulation_router(simulations: Simulations) -> APIRouter:
    """The routes of one node."""
    router = APIRouter(prefix="/simulations/{simulation_id}")

    @router.put("", status_code=202)
    async def put_simulation(simulation_id: str, body: SimulationMessage) -> None:
        simulations.start(simulation_id, body)

    @router.get("")
    async def get_simulation(simulation_id: str) -> SimulationReport:
        return simulations.report(simulation_id)

    @router.delete("", status_code=204)
    async def delete_simulation(simulation_id: str) -> None:
        simulations.cancel(simulation_id)

    return router


def answer_simulation_refusals(app: FastAPI) -> None:
    """What these routes refuse, as answers with a code."""
    app.add_exception_handler(SimulationBusy, _busy)
    app.add_exception_handler(SimulationUnknown, _unknown)


async def _busy(_: Request, error: Exception) -> JSONResponse:
    return JSONResponse({"code": "simulation-busy", "detail": str(error)}, status_code=409)


async def _unknown(_: Request, error: Exception) -> JSONResponse:
    return JSONResponse({"code": "simulation-unknown", "detail": str(error)}, status_code=404)
