"""What a typed or imported text is worth in a field."""

import math
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vms_api.ledger.coordinates import to_gcj02, to_wgs84
from vms_api.ledger.field import COLUMNS, FIELDS, PLACEHOLDERS, REQUIRED, folded
from vms_api.ledger.ledger import area_completeness, filled, judged, missing
from vms_api.ledger.value import Cell, ValueUnfit, value_of


@pytest.mark.parametrize(
    ("name", "cell", "value"),
    [
        ("division_code", "4401.0", "4401"),
        ("division_code", 440106.0, "440106"),
        ("national_code", "'34020000001320000001", "34020000001320000001"),
        ("ipv4", "192.168.001.010", "192.168.1.10"),
        ("ipv4", "\uff11\uff10.1.1.1", "10.1.1.1"),
        ("mac", "00-1a-2B-3c-4d-5e", "00:1a:2b:3c:4d:5e"),
        ("enabled_on", "45000", "2023-03-15"),
        ("enabled_on", 45000.0, "2023-03-15"),
        ("enabled_on", "2023年5月1日", "2023-05-01"),
        ("enabled_on", date(2023, 5, 1), "2023-05-01"),
        ("point_type", "一类", "class_1"),
        ("point_type", 1.0, "class_1"),
        ("codec", "h.265", "h265"),
        ("resolution", "1920*1080", "1920x1080"),
        ("retention_days", "30天", 30),
        ("microphone", "有", True),
        ("pole_number", 17.0, "17"),
        ("notes", "  a\nb  ", "a b"),
        ("notes", "", None),
    ],
)
def test_cells_mean_values(name: str, cell: Cell, value: object) -> None:
    """What spreadsheets do to values is undone where nothing was lost by it."""
    assert value_of(FIELDS[name], cell) == value


@pytest.mark.parametrize(
    ("name", "cell", "code"),
    [
        ("national_code", 3.4020000001319999e19, "digits-lost"),
        ("national_code", "3.402E+19", "digits-lost"),
        ("national_code", "34020000001320000", "code-length"),
        ("serial", 1234567890123456789.0, "digits-lost"),
        ("division_code", "44010", "zeros-lost"),
        ("mac", "1122334455", "zeros-lost"),
        ("ipv4", "192.168.1.300", "ip-malformed"),
        ("ipv4", "camera", "ip-malformed"),
        ("enabled_on", "2023-13-01", "date-malformed"),
        ("enabled_on", "soon", "date-malformed"),
        ("point_type", "四类", "choice-unknown"),
        ("microphone", "maybe", "flag-unknown"),
        ("longitude", "181", "number-range"),
        ("latitude", "here", "number-malformed"),
        ("owner_unit", "x" * 121, "value-too-long"),
    ],
)
def test_what_means_nothing_is_named(name: str, cell: Cell, code: str) -> None:
    """A value that cannot be known again is refused with its reason, and never guessed."""
    with pytest.raises(ValueUnfit) as refusal:
        value_of(FIELDS[name], cell)
    assert refusal.value.code == code


@given(st.sampled_from(sorted(REQUIRED)), st.sampled_from(sorted(PLACEHOLDERS)))
def test_placeholders_fill_nothing(name: str, text: str) -> None:
    """What people type into a cell that must not be empty leaves it empty, or is refused, or is a real answer."""
    try:
        value = value_of(FIELDS[name], text)
    except ValueUnfit:
        return
    assert value in (None, 0, 0.0) or value in {choice.key for choice in FIELDS[name].choices}


@given(st.floats(73.5, 134.5), st.floats(18.5, 53.0))
def test_gcj02_is_taken_back(longitude: float, latitude: float) -> None:
    """A point read from such a map is stored where it is, to a centimetre; the shift itself is hundreds of metres."""
    shifted = to_gcj02(longitude, latitude)
    found = to_wgs84(*shifted)
    assert abs(found[0] - longitude) < 1e-6
    assert abs(found[1] - latitude) < 1e-6
    assert 1e-4 < abs(shifted[0] - longitude) + abs(shifted[1] - latitude) < 0.03


@pytest.mark.parametrize(
    ("wgs84", "gcj02"),
    [
        ((121.5272106, 31.1774276), (121.531541859215, 31.17530398364597)),
        ((113.912316, 22.543847), (113.9171764808363, 22.540796131694766)),
        ((116.377817, 39.911954), (116.38404722455657, 39.91334545536069)),
    ],
)
def test_gcj02_is_what_others_reckon(wgs84: tuple[float, float], gcj02: tuple[float, float]) -> None:
    """Points of Shanghai, Shenzhen and Beijing with which EvilTransform is checked, longitude first."""
    assert to_gcj02(*wgs84) == pytest.approx(gcj02, abs=1e-9)
    assert metres_between(to_wgs84(*gcj02), wgs84) < 0.5


@given(st.floats(73.5, 134.5), st.floats(18.5, 53.0))
def test_gcj02_and_back_is_within_half_a_metre(longitude: float, latitude: float) -> None:
    """Everywhere in China, measured on the ground."""
    assert metres_between(to_wgs84(*to_gcj02(longitude, latitude)), (longitude, latitude)) < 0.5


@given(st.floats(-180, 71.9) | st.floats(138, 180), st.floats(-85, 85))
def test_outside_of_china_nothing_is_shifted(longitude: float, latitude: float) -> None:
    """Both ways, to the seventh decimal that is stored."""
    assert to_gcj02(longitude, latitude) == (longitude, latitude)
    assert to_wgs84(longitude, latitude) == (round(longitude, 7), round(latitude, 7))


def metres_between(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Along the great circle of a globe of 6371 km, haversine."""
    (east, north), (to_east, to_north) = (map(math.radians, point) for point in (one, other))
    half = math.sin((to_north - north) / 2) ** 2
    half += math.cos(north) * math.cos(to_north) * math.sin((to_east - east) / 2) ** 2
    return 2 * 6_371_000 * math.asin(math.sqrt(half))


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        ({"longitude": "23.1", "latitude": "113.2"}, "coordinates-swapped"),
        ({"longitude": "113.2", "latitude": ""}, "coordinate-alone"),
        ({"longitude": "0.0", "latitude": "0.0"}, "coordinates-nought"),
    ],
)
def test_coordinates_are_looked_at_together(cells: dict[str, Cell], code: str) -> None:
    """One without the other, both nought, one in the other's place."""
    assert [fault.code for fault in judged(cells)[1]] == [code]


def test_no_title_means_two_fields() -> None:
    """Every title of a column is of one field only."""
    meanings: dict[str, str] = {}
    for field in COLUMNS.values():
        for title in (field.name, field.zh, field.en, *field.headings):
            assert meanings.setdefault(folded(title), field.name) == field.name, title


def test_completeness_counts_below() -> None:
    """An area counts the cameras of all areas below it; one without cameras has no rate."""
    lineages = {"city": ("city",), "village": ("city", "village"), "empty": ("city", "empty")}
    whole = len(REQUIRED)
    rates = {
        rate.area_id: rate for rate in area_completeness(lineages, [("village", whole), ("village", 0), ("city", 0)])
    }
    assert (rates["city"].cameras, rates["city"].complete, rates["city"].rate) == (3, 1, 0.3333)
    assert (rates["village"].cameras, rates["village"].complete, rates["village"].rate) == (2, 1, 0.5)
    assert (rates["empty"].cameras, rates["empty"].rate) == (0, None)


def test_missing_and_filled_are_the_whole() -> None:
    """What is not missing is filled."""
    values = {"address": "x", "notes": "not mandatory"}
    assert filled(values) == 1
    assert len(missing(values)) == len(REQUIRED) - 1
