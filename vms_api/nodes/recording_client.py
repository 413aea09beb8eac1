"""Recordings and exports on the node, as this process asks for them."""

import base64
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, Literal, NamedTuple

import httpx
from pydantic import BaseModel

from vms_api.evidence.manifest import VideoPart
from vms_api.nodes.client import NodeClient, NodeSnapshot
from vms_api.playback.clip import ClipRange
from vms_api.recordings.segment import OpenSegment

_RECORDINGS, _EXPORTS = "/internal/v1/recordings", "/internal/v1/exports"
_CLIP_TIMEOUT_S = 20.0
_OPEN_TIMEOUT_S = 2.0
"""Asked for with every timeline: the node answers from memory, or is not worth waiting for."""


class FilePlace(BaseModel, frozen=True):
    """Where a recorded file is."""

    volume_id: str
    path: str


class Group(NamedTuple):
    """One group of pictures: seconds from the file's first picture, and how long it lasts."""

    time_s: float
    duration_s: float


class FileIndex(BaseModel):
    """A file as a player sees it; one that is being written, as it was when it had `open_bytes`.

    `is_away`: it is not to be had now, which says nothing about its bytes.
    """

    init: str
    media_start_s: float
    groups: list[Group]
    damage: str | None
    is_away: bool = False
    open_bytes: int | None = None


class _Indexes(BaseModel):
    files: list[FileIndex]


class _OpenSegments(BaseModel):
    segments: list[OpenSegment]


class GroupBytes(BaseModel):
    """Fragments of a file; `damage` says why there are not all that were asked for."""

    data: bytes
    damage: str | None


class ClipBytes(NamedTuple):
    """An MP4 file, and what of the range it shows (RFC 3339)."""

    data: bytes
    shown_from: str
    shown_to: str


class UnreadableFile(BaseModel):
    """A file of which an export could take nothing."""

    camera_id: str
    recording_id: str
    damage: str


class ExportBuild(BaseModel):
    """How far a node has come with an export. `built`: only its papers are missing."""

    state: Literal["building", "built", "ready", "failed"]
    progress: float
    failure: str | None = None
    parts: list[VideoPart] = []
    unreadable: list[UnreadableFile] = []
    size_bytes: int | None = None


class RecordingClient:
    """Asks the node that has the files. Every method raises NodeUnavailable and NodeProblem as NodeClient does."""

    def __init__(self, node: NodeClient) -> None:
        self._node = node

    async def open_segments(self, camera_id: str) -> Sequence[OpenSegment]:
        """The camera's files that are being written, and those that were until a moment ago; oldest first."""
        answer = await self._node.call(
            "GET", f"{_RECORDINGS}/open", params={"camera_id": camera_id}, timeout=_OPEN_TIMEOUT_S
        )
        return _OpenSegments.model_validate_json(answer.content).segments

    async def indexes(self, places: Sequence[FilePlace], *, keyframes: bool) -> Sequence[FileIndex]:
        """The index of each file, in the same order; of one that cannot be read an empty one."""
        body = {"files": [place.model_dump() for place in places], "keyframes": keyframes}
        answer = await self._node.call("POST", f"{_RECORDINGS}/indexes", json=body)
        return _Indexes.model_validate_json(answer.content).files

    async def init(self, place: FilePlace, *, keyframes: bool) -> bytes:
        """What a player needs before the file's fragments."""
        answer = await self._node.call("GET", f"{_RECORDINGS}/init", params=_asked(place, keyframes=keyframes))
        return answer.content

    async def groups(
        self, place: FilePlace, groups: tuple[int, int], *, keyframes: bool, open_bytes: int | None = None
    ) -> GroupBytes:
        """Some groups of pictures, both ends included; `open_bytes` as the index had it."""
        asked = {**_asked(place, keyframes=keyframes), "first": str(groups[0]), "last": str(groups[1])}
        if open_bytes is not None:
            asked["open_bytes"] = str(open_bytes)
        answer = await self._node.call("GET", f"{_RECORDINGS}/groups", params=asked)
        return GroupBytes(data=answer.content, damage=answer.headers.get("X-Damage"))

    async def picture(self, place: FilePlace, at: datetime) -> NodeSnapshot:
        """The picture of that instant."""
        asked = {**place.model_dump(), "at": at.isoformat()}
        answer = await self._node.call("GET", f"{_RECORDINGS}/picture.jpg", params=asked)
        return NodeSnapshot(answer.content, answer.headers.get("X-Captured-At"))

    async def clip(self, places: Sequence[FilePlace], wanted: ClipRange) -> ClipBytes:
        """The range, cut from files of one camera that are ordered by their start."""
        body = {"files": [place.model_dump() for place in places]}
        body |= {name: at.isoformat() for name, at in wanted._asdict().items()}
        answer = await self._node.call("POST", f"{_RECORDINGS}/clip", json=body, timeout=_CLIP_TIMEOUT_S)
        return ClipBytes(answer.content, answer.headers["X-Shown-From"], answer.headers["X-Shown-To"])

    async def start_export(self, export_id: str, plan: Mapping[str, Any]) -> None:
        """Begins to build; harmless when it has begun."""
        await self._node.call("PUT", f"{_EXPORTS}/{export_id}", json=plan)

    async def export_state(self, export_id: str) -> ExportBuild:
        """How far it has come."""
        answer = await self._node.call("GET", f"{_EXPORTS}/{export_id}")
        return ExportBuild.model_validate_json(answer.content)

    async def finish_export(self, export_id: str, papers: Mapping[str, bytes]) -> int:
        """Adds the papers; the size of the whole package."""
        told = {name: base64.b64encode(content).decode() for name, content in papers.items()}
        answer = await self._node.call("PUT", f"{_EXPORTS}/{export_id}/papers", json={"papers": told}, timeout=60.0)
        return int(answer.json()["size_bytes"])

    async def drop_export(self, export_id: str) -> None:
        """Nobody wants it any more."""
        await self._node.call("DELETE", f"{_EXPORTS}/{export_id}")

    @asynccontextmanager
    async def package(self, export_id: str) -> AsyncIterator[httpx.Response]:
        """The package, read while the block lasts."""
        async with self._node.stream(f"{_EXPORTS}/{export_id}/package") as answer:
            yield answer


def _asked(place: FilePlace, *, keyframes: bool) -> dict[str, str]:
    return {**place.model_dump(), "keyframes": str(keyframes).lower()}
