"""What an operator may set."""

import pytest
from pydantic import ValidationError

from ingest.settings import IngestSettings


def test_every_setting_is_described() -> None:
    """The example configuration is written from these texts."""
    assert all(field.description for field in IngestSettings.model_fields.values())


@pytest.mark.parametrize(
    "given",
    [
        {"open_timeout": 5},
        {"analysed_fps": 0},
        {"camera_networks": ["10.0.0.0/33"]},
        {"backoff_min_s": 31},
        {"refused_retry_max_s": 59},
        {"hang_s": 10},
    ],
)
def test_nonsense_is_refused(given: dict[str, object]) -> None:
    """Unknown keys, impossible values and values that contradict each other."""
    with pytest.raises(ValidationError):
        IngestSettings.model_validate(given)
