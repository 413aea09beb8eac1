"""The built page: files with a hash in their name for ever, everything else that is no API is index.html."""

from pathlib import Path

from fastapi import APIRouter, Response
from fastapi.responses import FileResponse, PlainTextResponse

from vms_api.errors import NotFound

DIST = Path(__file__).parent / "web" / "dist"

_NOT_THE_PAGE = ("api/", "internal/", "metrics", "healthz", "readyz")
_NOT_BUILT = "The page is not built. Run: python hatch_build.py\nThe API under /api/v1 works without it.\n"


def page_router(dist: Path = DIST) -> APIRouter:
    """Serves the folder. Must be included last: it takes every path that nothing else has taken."""
    router = APIRouter(include_in_schema=False)
    root = dist.resolve()

    @router.get("/{path:path}")
    async def read_page(path: str) -> Response:
        if path.startswith(_NOT_THE_PAGE) or path == "api":
            raise NotFound
        file = (root / path).resolve()
        if file.is_relative_to(root) and file.is_file():
            return FileResponse(file, headers={"Cache-Control": _caching(path)})
        if path.startswith("assets/"):
            raise NotFound
        index = root / "index.html"
        if not index.is_file():
            return PlainTextResponse(_NOT_BUILT, 503)
        return FileResponse(index, headers={"Cache-Control": "no-cache"})

    return router


def _caching(path: str) -> str:
    """Vite puts a hash into the names under assets/, so those never change."""
    return "public, max-age=31536000, immutable" if path.startswith("assets/") else "no-cache"
