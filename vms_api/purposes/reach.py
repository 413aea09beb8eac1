"""Areas and grants as purposes see them."""

from collections.abc import Sequence

from vms_api.accounts.rights_board import RightsBoard


class GrantReach:
    """How far areas are from those that were granted to a person."""

    def __init__(self, rights: RightsBoard) -> None:
        self._rights = rights

    def lineage(self, area_id: str) -> Sequence[str]:
        """The ids of the area and of all areas above it; nothing for an area that is not there."""
        area = self._rights.index.tree.find(area_id)
        return area.lineage if area else ()

    def distance(self, user_id: str, area_id: str) -> int | None:
        """How many levels the area is below the nearest one granted to the person; None when none is."""
        granted = {holding.grant.area_id for holding in self._rights.index.holdings(user_id)}
        upwards = reversed(self.lineage(area_id))
        return next((levels for levels, above in enumerate(upwards) if above in granted), None)
