"""Online rate: seconds in which a stream of the camera delivered, of those in which it was expected to. Pure.

"Live" is a stream whose packets arrive and whose first key frame was taken (ingest/lifecycle.py); a connection or a
ping is not online. While no node was heard nothing is known, and what is unknown is not online.
"""

from vms_api.rates.rate import Tally
from vms_api.rates.spans import Spans, both, length_us


def online(expected: Spans, known: Spans, live: Spans) -> Tally:
    """`live`: when any stream of the camera was."""
    seen = both(expected, known)
    return Tally(length_us(both(seen, live)), length_us(seen), length_us(expected))
