"""Areas and grants as purposes see them."""

from collections.abc import Sequence


class WholeSite:
    """A site without areas: all of it is everybody's own."""

    def lineage(self, area_id: str) -> Sequence[str]:
        """The area alone."""
        return (area_id,)

    def distance(self, user_id: str, area_id: str) -> int | None:  # noqa: ARG002 - the same for all
        """Nothing is further down."""
        return 0
