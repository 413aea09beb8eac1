"""All that the control process has to do with the diagnosis of pictures, put together once."""

from dataclasses import dataclass

from vms_api.diagnosis.desk import DiagnosisGround, QualityDesk
from vms_api.diagnosis.watch import QualityWatch


@dataclass(frozen=True, slots=True)
class DiagnosisDesks:
    """Taking verdicts in, and noticing that there are none."""

    desk: QualityDesk
    watch: QualityWatch


def diagnosis_desks(ground: DiagnosisGround) -> DiagnosisDesks:
    """The parts, each with what it needs of the others."""
    desk = QualityDesk(ground)
    return DiagnosisDesks(desk, QualityWatch(desk, ground.database, ground.health, ground.settings, ground.clock))
