"""How long a centre may take, and the clock of one open alert. Values."""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Plan:
    """What a centre is given: time to take the alert on and to handle it, and between two reminders (None: none)."""

    acknowledge_within: timedelta
    resolve_within: timedelta
    remind_every: timedelta | None


@dataclass(frozen=True, slots=True)
class Timer:
    """What goes by the clock for an open alert, beside the due times it shows.

    `began_at` is when its due times were last set, `remind_at` the next reminder, `reminders` how many there were since
    the last step up.
    """

    plan: Plan
    began_at: datetime
    remind_at: datetime | None = None
    reminders: int = 0


@dataclass(frozen=True, slots=True)
class Rung:
    """A centre on the way up. `manned_until` is when its roster's people leave without others; None: not so soon.

    A centre without a roster counts as manned: nobody has said who is there when.
    """

    id: str
    name: str
    is_manned: bool = True
    manned_until: datetime | None = None
