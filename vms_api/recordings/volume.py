"""The disks that are recorded to, as the node sees them."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, Field

Bytes = Annotated[int, Field(ge=0)]


class VolumeState(BaseModel):
    """One volume at one moment; null is not known.

    `used_bytes` is what recordings take, the others are of the whole file system.
    `foreign`: another volume's identity file is there, or none: nothing is written, it may be a bare mount point.
    """

    volume_id: Annotated[str | None, Field(max_length=64)] = None
    name: Annotated[str, Field(max_length=40)]
    state: Literal["ok", "missing", "foreign", "read-only", "full", "slow", "failed"]
    free_bytes: Bytes | None = None
    total_bytes: Bytes | None = None
    used_bytes: Bytes | None = None
    at: AwareDatetime


def shortage(state: VolumeState, quota_bytes: int | None, reserve_bytes: int, pending_bytes: int) -> int:
    """Bytes that have to be deleted so that reserve and quota are kept; `pending_bytes` are about to be."""
    if state.free_bytes is None or state.used_bytes is None:
        return 0
    over = state.used_bytes - quota_bytes if quota_bytes is not None else 0
    return max(0, max(reserve_bytes - state.free_bytes, over) - pending_bytes)
