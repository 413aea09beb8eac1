"""Picture-intact rate: seconds without a standing finding of the diagnosis, of the seconds it vouches for. Pure."""

from vms_api.rates.rate import Tally
from vms_api.rates.spans import Spans, both, length_us, without


def picture_intact(expected: Spans, diagnosed: Spans, faulty: Spans) -> Tally:
    """`diagnosed`: when the last check was recent enough to speak for the camera; `faulty`: while a finding stood.

    A camera that is off shows no picture: that is the online rate's business, and here it is not known.
    """
    judged = both(expected, diagnosed)
    return Tally(length_us(without(judged, faulty)), length_us(judged), length_us(expected))
