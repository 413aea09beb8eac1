"""Recording completeness: recorded seconds of those that the plan wanted. Pure."""

from vms_api.rates.rate import Tally
from vms_api.rates.spans import Span, Spans, both, length_us, merged

TOLERANCE_US = 2_000_000
"""A break of at most 2 s is none (field-notes/operations-and-law.md section 2)."""


def recording_completeness(planned: Spans, recorded: list[Span]) -> Tally:
    """Overlaps count once. `recorded` is what the index has, in any order, also from outside the plan.

    The index is always there, so everything is known: what it does not have was not recorded.
    """
    wanted = length_us(planned)
    covered = merged(recorded, bridging_us=TOLERANCE_US)
    return Tally(length_us(both(planned, covered)), wanted, wanted)
