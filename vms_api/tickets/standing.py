"""Since when something is wrong or well: both count only once they have lasted without a break. Pure."""

from collections.abc import Callable, Collection, Iterable
from enum import StrEnum
from typing import NamedTuple

from vms_api.tickets.cause import Cause


class Concern(NamedTuple):
    """A fault that may be: of which subject, from which cause."""

    subject: str
    cause: Cause


class Change(StrEnum):
    """What has lasted long enough."""

    FOUND = "found"
    CLEARED = "cleared"


class Standings:
    """What is wrong at the moment. In memory: after a restart, `recall` brings back what has its ticket."""

    def __init__(self, after_s: float, clear_s: float) -> None:
        self._after_s = after_s
        self._clear_s = clear_s
        self._wrong: set[Concern] = set()
        self._since: dict[Concern, float] = {}
        """When the present run of readings against what stands began, in monotonic seconds."""

    def recall(self, concerns: Iterable[Concern]) -> None:
        """These are known to be wrong."""
        self._wrong |= set(concerns)

    def see(self, concern: Concern, at_s: float, *, is_wrong: bool | None) -> Change | None:
        """A reading, None where nothing can be said: that begins the count anew, and changes nothing else."""
        stands = concern in self._wrong
        if is_wrong is None or is_wrong == stands:
            self._since.pop(concern, None)
            return None
        since = self._since.setdefault(concern, at_s)
        if at_s - since < (self._clear_s if stands else self._after_s):
            return None
        del self._since[concern]
        if stands:
            self._wrong.remove(concern)
            return Change.CLEARED
        self._wrong.add(concern)
        return Change.FOUND

    def is_wrong(self, concern: Concern) -> bool:
        """Whether it stands as wrong."""
        return concern in self._wrong

    @property
    def waiting(self) -> Collection[Concern]:
        """What has begun to be otherwise than it stands, and has not lasted long enough."""
        return self._since.keys()

    def keep(self, is_there: Callable[[Concern], bool]) -> None:
        """Forgets all others: what is no longer there, or no longer looked at."""
        self.forget([concern for concern in {*self._wrong, *self._since} if not is_there(concern)])

    def forget(self, concerns: Iterable[Concern]) -> None:
        """Nothing is known of these any more."""
        for concern in concerns:
            self._wrong.discard(concern)
            self._since.pop(concern, None)
