"""The chain finds the first row that is not what it was."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vms_api.audit.chain import BEGINNING, ChainHead, ChainRow, canonical_json, chained, link, utc_text, verify
from vms_api.audit.entry import Actor, AuditEntry, AuditKind

START = datetime(2026, 11, 21, 12, tzinfo=UTC)


def rows_of(count: int) -> list[ChainRow]:
    rows: list[ChainRow] = []
    for number in range(count):
        entry = AuditEntry(AuditKind.SNAPSHOT, Actor("u1", f"person{number}"), detail={"stream": "main"})
        head = rows[-1].head if rows else ChainHead()
        rows.append(chained(head, entry, START + timedelta(seconds=number)))
    return rows


def test_first_row_follows_zero_bytes() -> None:
    """The rule of the issue, written out once more by hand."""
    (row,) = rows_of(1)
    assert row.hash == link(BEGINNING, row.body)
    assert row.body.startswith('{"actor":{"address":null,"id":"u1","name":"person0","session":null},"area_id":null')


def test_untouched_chain_is_whole() -> None:
    """All rows hold and lead to the last one; so does a chain without rows."""
    rows = rows_of(20)
    assert verify(rows).head == rows[-1].head
    assert verify([]).is_whole


@given(st.integers(0, 19), st.data())
def test_one_changed_byte_names_its_row(index: int, data: st.DataObject) -> None:
    """Whatever byte of a body or a hash is changed, that row is the one that is named."""
    rows = rows_of(20)
    row = rows[index]
    if data.draw(st.booleans()):
        at = data.draw(st.integers(0, len(row.body) - 1))
        letter = data.draw(st.characters(codec="ascii").filter(lambda letter: letter != row.body[at]))
        rows[index] = replace(row, body=row.body[:at] + letter + row.body[at + 1 :])
    else:
        at = data.draw(st.integers(0, 31))
        flipped = bytes(byte ^ (1 if place == at else 0) for place, byte in enumerate(row.hash))
        rows[index] = replace(row, hash=flipped)
    assert verify(rows).broken_seq == index + 1


@pytest.mark.parametrize(
    ("damage", "broken"),
    [
        (lambda rows: rows[:4] + rows[5:], 5),
        (lambda rows: rows[1:], 1),
        (lambda rows: [*rows[:5], rows[4], *rows[5:]], 6),
        (lambda rows: [*rows[:3], replace(rows[4], seq=4), replace(rows[3], seq=5), *rows[5:]], 4),
    ],
    ids=["taken out", "cut off at the beginning", "doubled", "changed places"],
)
def test_rows_out_of_place_are_named(damage, broken) -> None:
    """A chain that lacks a row, has one too many or two in the wrong order breaks there."""
    verdict = verify(damage(rows_of(10)))
    assert verdict.broken_seq == broken
    assert verdict.head.seq == broken - 1


def test_rewritten_tail_is_whole_by_itself() -> None:
    """What a chain alone cannot show, said here so that nobody expects it: the signed heads are for that."""
    assert verify(rows_of(10)[:7]).is_whole


@given(st.dictionaries(st.text(max_size=5), st.integers() | st.text(max_size=5) | st.none(), max_size=6))
def test_canonical_json_does_not_depend_on_order(value: dict[str, object]) -> None:
    """The same value is the same text, however it was put together."""
    assert canonical_json(value) == canonical_json(dict(reversed(value.items())))


def test_times_sort_as_text() -> None:
    """A whole second is written with its zeros, or it would sort behind its fractions."""
    texts = [utc_text(START + timedelta(microseconds=us)) for us in (0, 1, 10, 999_999, 1_000_000)]
    assert texts == sorted(texts)
