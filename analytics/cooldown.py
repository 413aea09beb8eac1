"""A rule's quiet time after an alert."""


class Cooldown:
    """Admits one violation, then none for `quiet_s` seconds."""

    def __init__(self, quiet_s: float) -> None:
        self._quiet_s = quiet_s
        self._admitted_s: float | None = None

    def admit(self, now_s: float) -> bool:
        """Whether a violation at that monotonic time becomes an alert; media time would start anew on a reconnect."""
        if self._admitted_s is not None and now_s - self._admitted_s < self._quiet_s:
            return False
        self._admitted_s = now_s
        return True
