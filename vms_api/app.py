"""The control process as an ASGI app: the one place where its parts meet."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from functools import cache, partial
from typing import Any

import structlog
from argon2 import PasswordHasher
from fastapi import APIRouter, FastAPI
from fastapi.openapi.utils import get_openapi
from starlette.routing import BaseRoute

from ingest.clock import Clock, SystemClock
from vms_api import __version__, event_stream, system_routes
from vms_api.accounts import login_routes, oidc_routes, right_routes, user_routes
from vms_api.accounts import routes as account_routes
from vms_api.alerts import act_routes as alert_act_routes
from vms_api.alerts import attachment_routes, bulk_routes, related_routes
from vms_api.alerts import map_routes as alert_map_routes
from vms_api.alerts import routes as alert_routes
from vms_api.areas import routes as area_routes
from vms_api.audit import routes as audit_routes
from vms_api.audit.refusal import record_refusal
from vms_api.cameras import history_routes, mask_routes, unmask_routes
from vms_api.cameras import routes as camera_routes
from vms_api.care import device_rule_routes
from vms_api.care import routes as care_routes
from vms_api.control import Control, open_control
from vms_api.diagnosis import routes as diagnosis_routes
from vms_api.discovery import routes as discovery_routes
from vms_api.dispatch import routes as dispatch_routes
from vms_api.dispatch import supervise_routes
from vms_api.duty import routes as duty_routes
from vms_api.exports import routes as export_routes
from vms_api.ledger import import_routes as ledger_import_routes
from vms_api.ledger import routes as ledger_routes
from vms_api.nodes import inspection_routes, live_routes, network_routes, view_routes
from vms_api.nodes import routes as node_routes
from vms_api.nodes.link import NodeLink
from vms_api.nodes.placement import Launch, LocalPlacement
from vms_api.nodes.whep_cors import WhepCors
from vms_api.notify import routes as notify_routes
from vms_api.overview import map_routes, plan_routes
from vms_api.overview import routes as overview_routes
from vms_api.page import page_router
from vms_api.patrols import lookout_routes, round_routes, stop_routes
from vms_api.patrols import plan_routes as patrol_plan_routes
from vms_api.patrols import report_routes as patrol_report_routes
from vms_api.playback import clip_routes, simulation_routes
from vms_api.playback import routes as playback_routes
from vms_api.problems import PROBLEM_RESPONSES, ProblemDocument, install_problem_handlers
from vms_api.ptz import routes as ptz_routes
from vms_api.purposes import routes as purpose_routes
from vms_api.rates import routes as rate_routes
from vms_api.recordings import hold_routes
from vms_api.recordings import routes as recording_routes
from vms_api.reports import routes as report_routes
from vms_api.reports import schedule_routes
from vms_api.request_guard import RequestGuard
from vms_api.settings import SiteFile
from vms_api.tickets import bulk_routes as ticket_bulk_routes
from vms_api.tickets import maintenance_routes, photo_routes
from vms_api.tickets import report_routes as ticket_report_routes
from vms_api.tickets import routes as ticket_routes

log = structlog.get_logger()

_PUBLIC_API = (
    account_routes,
    login_routes,
    oidc_routes,
    user_routes,
    right_routes,
    area_routes,
    ledger_import_routes,  # before the cameras: /cameras/export is no camera's id
    ledger_routes,
    camera_routes,
    history_routes,
    discovery_routes,
    ptz_routes,
    care_routes,
    device_rule_routes,
    diagnosis_routes,
    mask_routes,
    unmask_routes,
    view_routes,
    live_routes,
    network_routes,
    playback_routes,
    clip_routes,
    simulation_routes,
    inspection_routes,
    export_routes,
    alert_routes,
    alert_act_routes,
    supervise_routes,
    dispatch_routes,
    duty_routes,
    patrol_plan_routes,
    lookout_routes,
    round_routes,
    stop_routes,
    bulk_routes,
    attachment_routes,
    related_routes,
    notify_routes,
    alert_map_routes,
    recording_routes,
    hold_routes,
    ticket_bulk_routes,
    ticket_routes,
    photo_routes,
    maintenance_routes,
    report_routes,
    patrol_report_routes,
    ticket_report_routes,
    overview_routes,
    map_routes,
    plan_routes,
    rate_routes,
    schedule_routes,
    purpose_routes,
    audit_routes,
    system_routes,
    event_stream,
)
_CHECK_NODE_EVERY_S = 0.5
_RESTART_S = 1.0


def create_app(
    settings: SiteFile,
    *,
    launch: Launch | None = None,
    environ: Mapping[str, str] = os.environ,
    clock: Clock | None = None,
    hasher: PasswordHasher | None = None,
) -> FastAPI:
    """The app; its lifespan opens the data folder and, with a `launch`, supervises the media node.

    While it runs, `app.state.control` holds the parts. Raises nothing itself; the lifespan raises StartRefused.
    """
    time_source = clock or SystemClock()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with open_control(settings, environ, time_source, hasher or PasswordHasher()) as control:
            app.state.control = control
            async with _background(control, launch):
                yield

    app = FastAPI(
        title="Xueliang",
        version=__version__,
        lifespan=lifespan,
        openapi_url="/api/v1/openapi.json",
        docs_url=None,  # the viewers load scripts from the internet
        redoc_url=None,
        routes=list(_routes()),
    )
    install_problem_handlers(app, record_refusal)
    app.include_router(page_router())
    app.add_middleware(WhepCors, origins=settings.live.player_origins)
    app.add_middleware(
        RequestGuard,
        public_origin=settings.server.public_origin,
        player_origins=settings.live.player_origins,
        media_origin=settings.live.media_origin,
        on_problem=record_refusal,
    )
    _describe_problems(app)
    return app


@cache
def _routes() -> Sequence[BaseRoute]:
    """Those of both APIs, the same for all apps of a process.

    At the first request FastAPI works out for each inclusion what its hundreds of routes take and answer, which takes
    longer than the rest of a start.
    """
    whole = APIRouter(responses=PROBLEM_RESPONSES)
    for part in _PUBLIC_API:
        whole.include_router(part.router, prefix="/api/v1")
    whole.include_router(node_routes.router, prefix="/internal/v1", include_in_schema=False)
    whole.include_router(system_routes.probe_router)
    return whole.routes


@asynccontextmanager
async def _background(control: Control, launch: Launch | None) -> AsyncIterator[None]:
    """Runs what goes on beside the requests."""
    jobs: dict[str, Callable[[], Awaitable[None]]] = {
        "reconciler": control.reconciler.run,
        "node-check": partial(_check_node, control.node),
        "audit-signer": control.signer.run,
        "audit-denials": control.denials.run,
        "view-warden": control.warden.run,
        "playback-board": control.playback.board.run,
        "export-builder": control.export_builder.run,
        "dispatch": control.dispatch.rounds.run,
        "patrols-due": control.patrols.due.run,
        "device-care": control.devices.rounds.run,
        "device-notices": control.devices.notice_watch.run,
        "diagnosis-watch": control.diagnosis.watch.run,
        "ptz-idle-return": control.devices.idle_return.run,
        "device-rules": control.devices.judge.run,
        "node-gaps": control.recordings.node_gaps.run,
        "retention": control.recordings.retention.run,
        "alert-storms": control.alerts.storms.run,
        "notify-lanes": control.notify.lanes.run,
        "alert-links": control.linkage.run,
        "rate-watch": control.rates.watch.run,
        "rate-turn": control.rates.turn.run,
        "ticket-watch": control.ticket_watch.run,
        "ticket-rounds": control.tickets.rounds.run,
        "ticket-retention": control.tickets.retention.run,
    }
    if launch is not None:
        jobs["placement"] = LocalPlacement(launch, control.node, control.clock).run
    tasks = [asyncio.create_task(_keep_running(name, job), name=name) for name, job in jobs.items()]
    try:
        yield
    finally:
        control.events.close()
        for task in tasks:
            task.cancel()
        for task in tasks:
            with suppress(asyncio.CancelledError):
                await task


async def _keep_running(name: str, job: Callable[[], Awaitable[None]]) -> None:
    while True:
        try:
            await job()
        except Exception:  # nobody awaits this task, so it must not die silently: a full disk, say, passes
            log.exception("task.failed", task=name)
        await asyncio.sleep(_RESTART_S)


async def _check_node(node: NodeLink) -> None:
    while True:
        node.check()
        await asyncio.sleep(_CHECK_NODE_EVERY_S)


def _describe_problems(app: FastAPI) -> None:
    """Adds the problem document to the schemas of the OpenAPI document, which all answers refer to."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            schema = get_openapi(title=app.title, version=app.version, routes=app.routes)
            schemas = schema.setdefault("components", {}).setdefault("schemas", {})
            document = ProblemDocument.model_json_schema(ref_template="#/components/schemas/{model}")
            schemas.update(document.pop("$defs"))
            schemas["ProblemDocument"] = document
            app.openapi_schema = schema
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's documented way of extending the document
