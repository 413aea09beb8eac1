"""What an operator may set about purposes."""

from enum import StrEnum
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

_Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]


class Occasion(StrEnum):
    """What a purpose can be asked for."""

    PLAYBACK = "playback"
    EXPORT = "export"
    OTHER_AREA = "other_area"


class PurposeChoice(BaseModel):
    """One line of the closed list."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,39}$")]
    zh: _Text
    en: _Text


_CHOICES = (
    PurposeChoice(key="incident", zh="处置警情或突发事件", en="Handling an incident"),
    PurposeChoice(key="request", zh="受理群众求助或报案", en="A citizen's request or report"),
    PurposeChoice(key="case", zh="配合办案调阅", en="Evidence for a case"),
    PurposeChoice(key="supervision", zh="上级检查督导", en="Inspection by a superior centre"),
    PurposeChoice(key="maintenance", zh="设备维护", en="Maintenance of equipment"),
)


class PurposeSettings(BaseModel):
    """When people must say why they look, and what they may say."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    asked_for: tuple[Occasion, ...] = Field(
        default=tuple(Occasion),
        description='Where a purpose must be stated first: "playback", "export", "other_area" (live and stills there).',
    )
    own_levels: int = Field(
        default=1,
        ge=0,
        le=10,
        description="Levels below a granted area that still are the person's own area; further down is other_area.",
    )
    valid_minutes: int = Field(default=30, ge=1, le=720, description="Minutes for which a stated purpose holds.")
    choices: tuple[PurposeChoice, ...] = Field(
        default=_CHOICES, min_length=1, max_length=50, description="The closed list, in both languages of the page."
    )

    @model_validator(mode="after")
    def _keys_differ(self) -> Self:
        if len({choice.key for choice in self.choices}) < len(self.choices):
            raise ValueError("two choices have the same key")
        return self
