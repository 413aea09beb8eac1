"""The protocol of a round, as it is printed."""

from collections.abc import Sequence
from datetime import datetime

from pydantic import BaseModel

from vms_api.patrols.picture_store import PatrolPicture
from vms_api.patrols.round import Round
from vms_api.patrols.round_stop import StopVerdict


class ProtocolPicture(BaseModel):
    """A picture that was kept; its address, and the SHA-256 (hexadecimal) by which it can be told from another."""

    id: str
    stop_id: str
    camera_id: str
    taken_at: datetime
    captured_at: datetime | None
    taken_by: str | None
    sha256: str
    url: str


class Findings(BaseModel):
    """How many stops ended how. `unreachable` ones may have a verdict beside it; `open` ones have neither."""

    verdicts: dict[StopVerdict, int]
    unreachable: int
    open: int
    unexpected_answers: int


class Protocol(BaseModel):
    """A round with its findings and pictures, as somebody read it at `read_at`. Seconds are those of all stops."""

    round: Round
    area_name: str
    findings: Findings
    present_s: float
    planned_s: float
    pictures: list[ProtocolPicture]
    read_at: datetime
    read_by: str | None


def findings_of(shown: Round) -> Findings:
    """The count of what was found."""
    stops = shown.stops
    return Findings(
        verdicts={verdict: sum(stop.verdict is verdict for stop in stops) for verdict in StopVerdict},
        unreachable=sum(stop.unreachable for stop in stops),
        open=sum(not stop.is_done for stop in stops),
        unexpected_answers=sum(len(stop.unexpected) for stop in stops),
    )


def pictures_of(pictures: Sequence[PatrolPicture]) -> list[ProtocolPicture]:
    """The pictures with their addresses."""
    return [
        ProtocolPicture(
            id=picture.id,
            stop_id=picture.stop_id,
            camera_id=picture.camera_id,
            taken_at=picture.taken_at,
            captured_at=picture.captured_at,
            taken_by=picture.taken_by,
            sha256=picture.sha256,
            url=f"/api/v1/patrol-snapshots/{picture.id}",
        )
        for picture in pictures
    ]
