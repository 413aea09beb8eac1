"""What the control process asks of the diagnosis: look now, and take back what a person says was wrong."""

from typing import Any

from fastapi import APIRouter, HTTPException

from analytics.quality.finding import Finding
from vms_api.node.picture_checks import PictureChecks


def quality_router(checks: PictureChecks) -> APIRouter:
    """The routes of one node's diagnosis."""
    router = APIRouter()

    @router.post("/cameras/{camera_id}/quality/check", status_code=202)
    async def post_check(camera_id: str) -> None:
        checks.hasten(camera_id)

    @router.post("/cameras/{camera_id}/quality/objections", status_code=202)
    def post_objection(camera_id: str, body: dict[str, Any]) -> None:
        try:
            finding = Finding.from_json(body)
        except (KeyError, ValueError, TypeError) as error:
            raise HTTPException(422, "no finding") from error
        checks.object_to(camera_id, finding)

    return router
