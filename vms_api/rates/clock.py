"""Clock compliance: cameras whose clock was right at the last check of the day, of those checked. Pure."""

from vms_api.rates.rate import Tally, yes_or_no


def clock_compliance(offset_s: float | None, limit_s: float) -> Tally:
    """`offset_s`: the device's clock minus ours at the last check of the day; None: it was not checked that day."""
    return yes_or_no(None if offset_s is None else abs(offset_s) <= limit_s)
