"""What an operator may set about maps."""

from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

Datum = Literal["wgs84", "gcj02"]


class MapSettings(BaseModel):
    """The ground that maps show. Nothing is ever loaded from the internet."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    tiles_dir: Path | None = Field(
        default=None, description="Folder of tiles z/x/y.png (Web Mercator, 256 pixels); null: a bare grid."
    )
    tiles_datum: Datum = Field(
        default="wgs84", description="What the tiles are drawn in; maps of Chinese providers are in gcj02."
    )
    tiles_min_zoom: int = Field(default=3, ge=0, le=22, description="The coarsest tiles that the folder has.")
    tiles_max_zoom: int = Field(default=18, ge=0, le=22, description="The finest tiles that the folder has.")
    attribution: str = Field(default="", max_length=200, description="Whose map it is, shown in its corner.")

    @model_validator(mode="after")
    def _has_a_span(self) -> Self:
        if self.tiles_min_zoom > self.tiles_max_zoom:
            raise ValueError("tiles_min_zoom must not be above tiles_max_zoom")
        return self

    def rooted(self, folder: Path) -> "MapSettings":
        """With an absolute path."""
        if self.tiles_dir is None:
            return self
        return self.model_copy(update={"tiles_dir": (folder / self.tiles_dir).resolve()})
