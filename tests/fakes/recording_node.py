"""The fake node with real recorded files: what it is asked about recordings, the node's own routes answer."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI

from analytics.motion_detector import MotionDetector
from analytics.settings import AnalyticsSettings
from tests.fakes.node import Answer, FakeNode
from vms_api.node.export_builds import ExportBuilds
from vms_api.node.recorded_files import RecordedFiles
from vms_api.node.recording_routes import answer_refusals, recording_router
from vms_api.node.simulation_routes import answer_simulation_refusals, simulation_router
from vms_api.node.simulations import Simulations

VOLUME_ID = "volume"
_REAL = ("recordings", "exports", "simulations")


def recording_app(volume: Path, exports: Path) -> FastAPI:
    """The node's routes over one volume."""
    files = RecordedFiles(lambda volume_id: volume if volume_id == VOLUME_ID else None)
    app = FastAPI()
    settings = AnalyticsSettings(detector="motion")
    simulations = Simulations(files, settings, 5.0, lambda: MotionDetector(settings.gate))
    for router in (recording_router(files, ExportBuilds(exports, files)), simulation_router(simulations)):
        app.include_router(router, prefix="/internal/v1")
    answer_refusals(app)
    answer_simulation_refusals(app)
    return app


class RecordingNode(FakeNode):
    def __init__(self, launch: Mapping[str, Any], volume: Path, exports: Path) -> None:
        super().__init__(launch)
        self.volume, self.exports = volume, exports
        self.restart()

    def restart(self) -> None:
        """As a new process would begin: it remembers nothing but the files."""
        self._app = recording_app(self.volume, self.exports)

    def answer(self, method: str, path: str, body: bytes) -> Answer:
        is_of_files = path.startswith(
            ("/internal/v1/recordings/", "/internal/v1/exports/", "/internal/v1/simulations/")
        )
        if not is_of_files or path.startswith("/internal/v1/recordings/open"):
            return super().answer(method, path, body)
        self.calls.append((method, path, body))
        for start, answer in self.answers.items():
            if f"{method} {path}".startswith(start):
                return answer
        real = asyncio.run(self._real(method, path, body))
        kept = {k: v for k, v in real.headers.items() if k.startswith("x-") or k == "content-type"}
        return Answer(real.status_code, real.content, kept)

    async def _real(self, method: str, path: str, body: bytes) -> httpx.Response:
        transport = httpx.ASGITransport(self._app)
        headers = {"Content-Type": "application/json"} if body else {}
        async with httpx.AsyncClient(transport=transport, base_url="http://node") as http:
            return await http.request(method, path, content=body, headers=headers)
