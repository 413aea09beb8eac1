"""UUIDv7 (RFC 9562)."""

from uuid import RFC_4122, UUID

from hypothesis import given
from hypothesis import strategies as st

from ingest.identifier import IdentifierSource, new_identifier


@given(st.lists(st.integers(1, 2**48 - 1), min_size=2, max_size=50))
def test_identifiers_grow_whatever_the_clock_does(milliseconds: list[int]) -> None:
    """Also inside a millisecond and when the clock steps back."""
    source = IdentifierSource()
    made = [source.next(at) for at in milliseconds]
    assert made == sorted(set(made))


@given(st.integers(1, 2**48 - 1))
def test_version_variant_and_time_are_where_the_standard_puts_them(millisecond: int) -> None:
    """48 bits of milliseconds, version 7, variant 10 (RFC 9562 clause 5.7)."""
    made = UUID(IdentifierSource().next(millisecond))
    assert (made.version, made.variant, made.int >> 80) == (7, RFC_4122, millisecond)


def test_fresh_identifiers_differ() -> None:
    """A thousand in a row."""
    assert len({new_identifier() for _ in range(1000)}) == 1000
