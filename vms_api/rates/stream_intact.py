"""Stream-intact rate: seconds in which the main stream delivered pictures that move, of those expected. Pure."""

from vms_api.rates.rate import Tally
from vms_api.rates.spans import Spans, both, length_us, without

BREAKS_STREAM = ("loss", "freeze", "stutter")
"""Findings of the quality diagnosis that say that the stream, not only the picture, is broken."""


def stream_intact(expected: Spans, known: Spans, main_live: Spans, broken: Spans) -> Tally:
    """`main_live`: when the main stream was; `broken`: while a finding of BREAKS_STREAM stood."""
    seen = both(expected, known)
    intact = without(both(seen, main_live), broken)
    return Tally(length_us(intact), length_us(seen), length_us(expected))
