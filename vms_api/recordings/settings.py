"""What an operator may set about recording."""

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

DEFAULT_VOLUME = "recordings"


class VolumeSettings(BaseModel):
    """A folder that recordings are written to, on a disk of its own if it can be."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$", description="A new name is a new volume.")]
    path: Path = Field(description="The folder; relative paths start at the site file's folder.")
    quota_bytes: int | None = Field(default=None, ge=1 << 20, description="Most bytes used; null: all but the reserve.")
    reserve_bytes: int = Field(default=2 << 30, ge=0, description="Bytes of the disk that stay free.")


class RecordingSettings(BaseModel):
    """What is recorded, where to, and how long it is kept."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    enabled: bool = Field(default=True, description="Whether anything is recorded at all.")
    volumes: tuple[VolumeSettings, ...] = Field(
        default=(), max_length=16, description="Where to; none: one volume `recordings` in the data folder."
    )
    segment_s: float = Field(default=60.0, ge=5, le=80, description="A file ends at the first key frame after this.")
    part_s: float = Field(default=1.0, ge=0.2, le=2, description="Longest fragment: what a killed node may lose.")
    sync_s: float = Field(default=5.0, ge=1, le=60, description="Longest time between two flushes of a file to disk.")
    default_mode: Literal["continuous", "event", "off"] = Field(
        default="continuous", description="What cameras do that nobody has made a plan for."
    )
    retention_min_days: int = Field(default=30, ge=0, le=3650, description="Nothing younger is ever deleted.")
    retention_max_days: int = Field(default=90, ge=1, le=3650, description="Everything older is, unless it is held.")
    max_export_hours: float = Field(default=24.0, gt=0, le=744, description="Longest range of one export.")

    @model_validator(mode="after")
    def _limits_fit(self) -> Self:
        if self.retention_min_days > self.retention_max_days:
            raise ValueError("retention_min_days must not be above retention_max_days")
        if len({volume.name for volume in self.volumes}) < len(self.volumes):
            raise ValueError("two volumes have the same name")
        return self

    def rooted(self, folder: Path) -> "RecordingSettings":
        """With absolute paths."""
        volumes = tuple(v.model_copy(update={"path": (folder / v.path).resolve()}) for v in self.volumes)
        return self.model_copy(update={"volumes": volumes})

    def volumes_of(self, data_dir: Path) -> tuple[VolumeSettings, ...]:
        """The volumes of a site with that data folder."""
        return self.volumes or (VolumeSettings(name=DEFAULT_VOLUME, path=data_dir / DEFAULT_VOLUME),)
