"""What of the analysis a site may change."""

from pydantic import BaseModel, ConfigDict, Field


class GateSettings(BaseModel):
    """When a picture counts as changed. Brightness differences are steps of 256, shares are of the picture's area."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    min_threshold: int = Field(
        default=14,
        ge=2,
        le=60,
        description="Smallest brightness difference that may be motion, however quiet the camera.",
    )
    noise_factor: float = Field(
        default=4.0, ge=1, le=20, description="Motion must exceed this many times the mean noise of its place."
    )
    min_area: float = Field(
        default=0.0005, ge=0, le=0.5, description="Smallest share of the picture that a moving patch covers."
    )
    background_s: float = Field(
        default=8.0, gt=0, le=600, description="Time constant in seconds with which the background follows the picture."
    )
    recalibrate_share: float = Field(
        default=0.8,
        gt=0,
        le=1,
        description="A change of more of the picture than this is light or a knock, not motion.",
    )
    hold_s: float = Field(default=1.0, ge=0, le=60, description="Seconds the gate stays open after the last motion.")


class AnalyticsSettings(BaseModel):
    """How frames become alerts."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    detector: str = Field(
        default="auto",
        description='"auto" takes the best model that is there, "motion" needs no model, else a name of the catalogue.',
    )
    also: tuple[str, ...] = Field(
        default=(),
        max_length=4,
        description="Further models of the catalogue, each asked for cameras whose rules want classes only it knows.",
    )
    threads: int = Field(default=1, ge=1, le=64, description="Processor threads of one inference.")
    budget_ms: float = Field(
        default=80.0,
        ge=0,
        le=10_000,
        description="Processor milliseconds that one picture may take: at the first start the runtimes and input sizes "
        "are timed, and the largest that stays within it is used. 0: the model's full size, untimed.",
    )
    min_score: float = Field(default=0.45, gt=0, lt=1, description="Score from which a detection may begin a track.")
    keep_score: float = Field(
        default=0.25, gt=0, lt=1, description="Score from which a detection may keep a track that already exists."
    )
    staleness_s: float = Field(default=0.5, gt=0, le=10, description="Older frames are skipped before inference.")
    heartbeat_s: float = Field(
        default=15.0, gt=0, le=600, description="A camera without motion is analysed at least this often, in seconds."
    )
    known_motion_s: float = Field(
        default=0.55,
        ge=0,
        le=5,
        description="Seconds between two looks of the detector while nothing moves that it has not seen already.",
    )
    fast_motion_s: float = Field(
        default=0.35, ge=0, le=5, description="The same for what moves far for its size, or is new away from any rule."
    )
    far_motion_s: float = Field(
        default=1.0, ge=0, le=10, description="The same where nothing can be at a rule's line or zone edge for seconds."
    )
    batch_size: int = Field(default=8, ge=1, le=64, description="Most frames in one call of the detector.")
    close_looks: int = Field(
        default=2,
        ge=0,
        le=16,
        description="Most crops at native scale in one picture, for rules that look closely; 0 switches them off.",
    )
    gate: GateSettings = Field(default_factory=GateSettings, description="The motion gate in front of the detector.")
