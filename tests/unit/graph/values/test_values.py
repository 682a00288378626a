"""What texts mean as values, and how values are shown."""

from __future__ import annotations

import math

import pytest

from kgqa.errors import UsageError
from kgqa.graph import Value, ValueKind, date_interval, guess_value, read_value
from kgqa.graph.values.unit import unit_of_comment, unit_of_name

XSD = "http://www.w3.org/2001/XMLSchema#"


@pytest.mark.parametrize(
    ("text", "datatype"),
    [
        ("NaN", "double"),
        ("INF", "float"),
        ("-INF", "double"),
        ("1e400", "double"),
        ("1e39", "float"),
        ("9" * 400, "integer"),
        ("9" * 5000, "nonNegativeInteger"),
        ("1,234.5", "decimal"),
        ("1e3", "decimal"),
        ("1.0", "integer"),
        ("0x1F", "integer"),
        ("1_000", "integer"),
        ("٣", "integer"),
        ("300", "byte"),
        ("9223372036854775808", "long"),
        ("9" * 30, "unsignedLong"),
        ("-1", "nonNegativeInteger"),
        ("0", "positiveInteger"),
        ("yes", "boolean"),
        ("TRUE", "boolean"),
        ("30 February", "date"),
        ("1944-02-30", "date"),
        ("1900-02-29", "date"),
        ("1944-13-01", "date"),
        ("1944-00-01", "date"),
        ("1944-01-00", "date"),
        ("44-01-01", "date"),
        ("+1944", "gYear"),
        ("01944", "gYear"),
        ("1944-05", "gYear"),
        ("1944-05-01", "dateTime"),
        ("1944-05-01T25:00:00", "dateTime"),
        ("1944-05-01T24:00:01", "dateTime"),
        ("1944-05-01T10:00:60Z", "dateTime"),
        ("1944-05-01T10:00:00", "dateTimeStamp"),
        ("1944-05-01+14:01", "date"),
        ("10:30", "time"),
        ("P", "duration"),
        ("P1YT", "duration"),
        ("PT", "duration"),
        ("-P", "duration"),
        ("P1M", "dayTimeDuration"),
        ("P1D", "yearMonthDuration"),
        ("PT1M", "yearMonthDuration"),
        (f"P{'9' * 400}D", "duration"),
        ("--05", "gMonth"),
        ("12", "string"),
        ("1" * 13, "gYear"),
    ],
)
def test_what_a_datatype_does_not_allow_or_no_number_holds_is_a_text(text: str, datatype: str) -> None:
    value = read_value(text, XSD + datatype)
    assert value.kind is ValueKind.TEXT
    assert math.isnan(value.low)
    assert math.isnan(value.high)
    assert str(value) == value.text == text
    assert not value.below(value)
    assert value.equals(value)


@pytest.mark.parametrize(
    ("text", "datatype", "low"),
    [
        (" 7\n", "integer", 7),
        ("12345678901234567890", "integer", 12345678901234567890.0),
        ("9223372036854775807", "long", 2.0**63),
        ("-9223372036854775808", "long", -(2.0**63)),
        ("18446744073709551615", "unsignedLong", 2.0**64),
        ("-" + "9" * 30, "nonPositiveInteger", -1e30),
        ("127", "byte", 127),
        ("0.1", "float", 0.10000000149011612),
        ("2016-12-31T24:00:00Z", "dateTime", 1483228800),
        ("1970-01-01T02:00:00+02:00", "dateTime", 0),
        ("1970-01-01", "date", 0),
        ("0000", "gYear", -62167219200),
        ("24:00:00", "time", 0),
        ("-P1DT0.5S", "duration", -86400.5),
        ("P1Y", "duration", 31556952),
        ("1", "boolean", 1),
    ],
)
def test_what_a_datatype_allows_is_its_number(text: str, datatype: str, low: float) -> None:
    value = read_value(text, XSD + datatype)
    assert value.low == low
    assert value.kind is not ValueKind.TEXT


def test_numbers_that_a_float_cannot_tell_apart_are_equal() -> None:
    one, other = (read_value(text, XSD + "integer") for text in ("9007199254740992", "9007199254740993"))
    assert one.equals(other)


def test_a_language_makes_a_text_and_does_not_tell_texts_apart() -> None:
    number = read_value("12", XSD + "integer", "en")
    assert number.kind is ValueKind.TEXT
    assert read_value("Paris", language="en").equals(read_value("Paris", language="fr"))
    assert not read_value("Paris").equals(read_value("London"))


def test_values_with_different_units_are_not_compared_and_those_without_are() -> None:
    far, near, plain = Value.number(5, "km"), Value.number(3, "m"), Value.number(4)
    assert not any((far.above(near), near.below(far), far.equals(Value.number(5, "m"))))
    assert far.above(plain)
    assert plain.above(near)


@pytest.mark.parametrize(
    ("text", "kind", "low"),
    [
        ("1,234.5", ValueKind.NUMBER, 1234.5),
        (" 12 ", ValueKind.NUMBER, 12),
        ("−5", ValueKind.NUMBER, -5),
        ("-3e5", ValueKind.NUMBER, -300000),
        ("1944", ValueKind.NUMBER, 1944),
        ("+.5", ValueKind.NUMBER, 0.5),
        ("1,200 km", ValueKind.NUMBER, 1200),
        ("12%", ValueKind.NUMBER, 12),
        ("$1,200.50", ValueKind.NUMBER, 1200.5),
        ("-€ 3", ValueKind.NUMBER, -3),
        ("1.40 €", ValueKind.NUMBER, 1.4),
        ("2\u00a0102\u202f650".replace("\u202f", "\u00a0"), ValueKind.NUMBER, 2102650),
        ("331 885 km", ValueKind.NUMBER, 331885),
        ("134'591", ValueKind.NUMBER, 134591),
        ("2.1.1970", ValueKind.DATE, 86400),
        ("1970/1/2", ValueKind.DATE, 86400),
        ("2nd January 1970", ValueKind.DATE, 86400),
        ("02-Jan-1970", ValueKind.DATE, 86400),
        ("Jan. 2, 1970", ValueKind.DATE, 86400),
        ("Sept 1970", ValueKind.DATE, 20995200),
        ("1970-01", ValueKind.DATE, 0),
        ("1970-01-01 00:00:10Z", ValueKind.DATE, 10),
        ("1 BC", ValueKind.DATE, -62167219200),
        ("PT5M", ValueKind.DURATION, 300),
        ("True", ValueKind.BOOLEAN, 1),
    ],
)
def test_a_cell_shows_its_value(text: str, kind: ValueKind, low: float) -> None:
    value = guess_value(text)
    assert (value.kind, value.low) == (kind, low)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            " ",
            "NaN",
            "inf",
            "Infinity",
            "1e999",
            "007",
            "1.234,5",
            "12,34",
            "1,2345",
            "0,123",
            "1_000",
            "٣",
        ),
        *(
            "30 February",
            "1944-02-30",
            "10/11/12",
            "12/31/1990",
            "31.02.1990",
            "1.13.1990",
            "Maybe 1990",
            "1 234,567",
            "12 34",
            "2017-08-01T",
            "1914-1918",
            "yes",
            "P",
            "0 BC",
            "12 apples",
        ),
        *("192.168.0.1", "1.2.3", "12-34", "5 km 300 m", "$", "m", "k" * 10_000),
    ],
)
def test_a_cell_that_shows_nothing_sure_is_a_text(text: str) -> None:
    value = guess_value(text)
    assert value.kind is ValueKind.TEXT
    assert value.text == text


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (Value.number(1200, "km"), "1,200 km"),
        (Value.number(-1234567.25, "m"), "-1,234,567.25 m"),
        (Value.number(1e30, "kg"), "1e+30 kg"),
        (Value.number(1944), "1944"),
        (Value.number(0.5), "0.5"),
        (read_value("98315", XSD + "integer"), "98315"),
        (Value(ValueKind.NUMBER, 1000.0, 1000.0, "1000.00", "m²"), "1,000 m²"),
        (Value.date(1944), "1944"),
        (Value.date(1944, 6), "1944-06"),
        (Value.date(1944, 6, 6), "1944-06-06"),
        (Value.date(44), "44"),
        (Value.date(44, 3), "0044-03"),
        (Value.date(0), "1 BC"),
        (Value.date(-43, 3, 15), "15 March 44 BC"),
        (read_value("2017-08-01T10:30:00.25+02:00", XSD + "dateTime"), "2017-08-01 08:30:00.25"),
        (read_value("2017-08-01T10:30:05Z", XSD + "dateTime"), "2017-08-01 10:30:05"),
        (read_value("10:30:00", XSD + "time"), "10:30:00"),
        (read_value("PT90M", XSD + "duration"), "1 h 30 min"),
        (read_value("PT0S", XSD + "duration"), "0 s"),
        (read_value("1", XSD + "boolean"), "true"),
        (read_value("a\nb"), "a\nb"),
        (Value(ValueKind.NONE, math.nan, math.nan), ""),
        (Value(ValueKind.DATE, math.nan, math.nan), ""),
        (Value(ValueKind.DURATION, math.nan, math.nan), ""),
    ],
)
def test_values_are_shown_for_people(value: Value, shown: str) -> None:
    assert str(value) == shown


def test_a_day_of_another_time_zone_is_shown_as_it_lies() -> None:
    assert str(read_value("2017-08-01+02:00", XSD + "date")) == "2017-07-31 22:00:00 to 2017-08-01 22:00:00"


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ((1944, 2, 30), "day must be a day of 1944-02, not 30"),
        ((1900, 2, 29), "day must be a day of 1900-02, not 29"),
        ((1944, 13), "month must be from 1 to 12, not 13"),
        ((1944, None, 3), "day 3 needs a month"),
        ((1944, 0, 1), "month must be from 1 to 12"),
        ((1944.5,), "year must be a whole number"),
        ((10**13,), "year must be at most"),
        ((True,), "year must be a whole number"),
    ],
)
def test_a_date_that_does_not_exist_is_refused_by_its_part(parts: tuple[int, ...], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        date_interval(*parts)
    with pytest.raises(UsageError, match=message):
        Value.date(*parts)


@pytest.mark.parametrize("number", [math.nan, math.inf, 10**400, "many"])
def test_what_is_no_finite_number_is_refused(number: float) -> None:
    with pytest.raises(UsageError, match="number must be a finite number"):
        Value.number(number)


def test_a_year_ends_where_the_next_begins() -> None:
    assert date_interval(-1)[1] == date_interval(0)[0]
    assert date_interval(1944, 12)[1] == date_interval(1945, 1)[0] == date_interval(1944)[1]
    assert date_interval(1944, 2, 29)[1] == date_interval(1944, 3)[0]


@pytest.mark.parametrize(
    ("name", "unit"),
    [
        ("length in km", "km"),
        ("areaKm2", "km²"),
        ("area (sq mi)", "sq mi"),
        ("height_m", "m"),
        ("speed (km/h)", "km/h"),
        ("max_weight_kg", "kg"),
        ("price_usd", "USD"),
        ("duration [min]", "min"),
        ("minutes", "min"),
        ("share (%)", "%"),
        ("depth (in metres)", "m"),
        ("plan m", ""),
        ("memoryInG", ""),
        ("revenue in millions of dollars", "million USD"),
        ("temp_min", ""),
        ("heart rate", ""),
        ("name", ""),
        ("", ""),
    ],
)
def test_the_name_of_a_relation_tells_its_unit(name: str, unit: str) -> None:
    assert unit_of_name(name) == unit


@pytest.mark.parametrize(
    ("comment", "unit"),
    [
        ("metres above sea level", "m"),
        ("in hours", "h"),
        ("Area in square kilometres.", "km²"),
        ("river longer than 750 km", ""),
        ("square miles for states, square km for lakes", ""),
        ("number of people (1980 census)", ""),
        ("a name of m people", ""),
        ("years before Christ are negative", ""),
        ("in dollar signs", ""),
        ("mean distance in millions of kilometres", "million km"),
        ("minutes", "min"),
        ("in US dollars", "USD"),
        ("", ""),
    ],
)
def test_a_comment_tells_the_unit_if_it_names_one(comment: str, unit: str) -> None:
    assert unit_of_comment(comment) == unit
