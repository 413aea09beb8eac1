"""A playback as people ask for it and see it."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from vms_api.recordings.timeline import TimelineSpan

LONGEST = timedelta(hours=6)


class SpeedClass(StrEnum):
    """What a player needs: everything, or for speeds above 4 the key frames alone."""

    NORMAL = "normal"
    KEYFRAMES = "keyframes"

    @property
    def piece_s(self) -> float:
        """Seconds of one piece: a moment at the speeds it is played with."""
        return 4.0 if self is SpeedClass.NORMAL else 30.0


class PlaybackIn(BaseModel):
    """What is to be played."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    start: Annotated[AwareDatetime, Field(alias="from")]
    end: Annotated[AwareDatetime, Field(alias="to")]
    speed_class: SpeedClass = SpeedClass.NORMAL

    @model_validator(mode="after")
    def _is_a_span(self) -> Self:
        if self.start >= self.end:
            raise ValueError("`to` must be after `from`")
        return self


class PlaybackOut(BaseModel):
    """A playback that is open; `spans` are what is recorded of the range, and what is missing."""

    id: str
    playlist_url: str
    expires_at: datetime
    spans: list[TimelineSpan]
