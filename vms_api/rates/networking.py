"""Networking rate: cameras whose stream could be called from here that day, of those in service. Pure."""

from vms_api.rates.rate import Tally, yes_or_no
from vms_api.rates.spans import Spans, both, length_us


def networking(expected: Spans, known: Spans, live: Spans, min_coverage: float) -> Tally:
    """One camera on one day. Once live is enough; never live is a no only if that was watched for long enough."""
    if both(both(expected, known), live):
        return yes_or_no(answer=True)
    is_watched = length_us(both(expected, known)) >= min_coverage * length_us(expected)
    return yes_or_no(answer=False if is_watched else None)
