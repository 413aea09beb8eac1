"""The figures of the diagnosis for Prometheus: how many cameras, never which."""

from collections.abc import Mapping

from prometheus_client import CollectorRegistry, Gauge

from analytics.quality.category import Category
from vms_api.diagnosis.verdict import QualityState


class QualityGauges:
    """Each showing replaces the one before."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._states = Gauge(
            "xueliang_quality_cameras", "Enabled cameras by how their pictures are", ["state"], registry=registry
        )
        self._faults = Gauge(
            "xueliang_quality_abnormal",
            "Cameras with an abnormal picture, by category",
            ["category"],
            registry=registry,
        )

    def show(self, states: Mapping[QualityState, int], categories: Mapping[Category, int]) -> None:
        """Makes these the figures; a category without a camera is 0, so that an alarm on it can end."""
        for state in QualityState:
            self._states.labels(state.value).set(states.get(state, 0))
        for category in Category:
            self._faults.labels(category.value).set(categories.get(category, 0))
