"""Ledger completeness: filled mandatory fields of all mandatory fields. Pure."""

from vms_api.rates.rate import Tally


def ledger_completeness(filled: int | None, required: int) -> Tally:
    """`filled`: how many of them have a value that counts (vms_api/ledger/value.py); None: nobody looked that day."""
    if filled is None:
        return Tally(0, 0, required)
    return Tally(min(filled, required), required, required)
