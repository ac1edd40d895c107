"""The functions of documents' data types: what each gives, and what each refuses."""

import inspect
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from specbridge.emit.body.expressions import _OPERATORS, CALLS, SURE
from specbridge.model.conversion import FUNCTIONS
from specbridge.model.values import Json
from specbridge.runtime import conversions
from specbridge.runtime.conversions import ConversionError


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, None),
        ("", ""),
        (" a ", " a "),
        (True, "true"),
        (12, "12"),
        (-0.5, "-0.5"),
        (5.0, "5"),
        (1e21, "1000000000000000000000"),
        (0.1, "0.1"),
        (-0.0, "0"),
        ("-0.0", "-0.0"),
        ("1e400", "1e400"),
    ],
)
def test_to_string(value: Json, text: str | None) -> None:
    assert conversions.to_string(value, at="a") == text


@pytest.mark.parametrize(
    ("value", "number"),
    [(None, None), ("", None), (" ", None), (7, 7), (7.0, 7), (" 12 ", 12), ("1e3", 1000)],
)
def test_to_integer(value: Json, number: int | None) -> None:
    result = conversions.to_integer(value, at="a")
    assert result == number
    assert not isinstance(result, float)


@pytest.mark.parametrize("value", [7.5, "7.5", "x", True, [1], {}, "1_000", "\u0661", "9" * 500])
def test_to_integer_refuses(value: Json) -> None:
    with pytest.raises(ConversionError):
        conversions.to_integer(value, at="a")


NUMBERS = (conversions.to_integer, conversions.to_float, conversions.to_decimal)


@pytest.mark.parametrize("convert", NUMBERS)
@pytest.mark.parametrize(
    "value",
    ["1e400", "-1e400", "1e309", "9" * 310, 10**400],
    ids=["1e400", "-1e400", "1e309", "310 nines", "a JSON number"],
)
def test_a_number_that_no_float_holds_is_refused_by_every_type(
    convert: Callable[..., float | None], value: Json
) -> None:
    with pytest.raises(ConversionError):
        convert(value, at="a")


@pytest.mark.parametrize("convert", NUMBERS)
@pytest.mark.parametrize("value", [-0.0, "-0.0", "-0", "-0e5"])
def test_zero_has_no_sign(convert: Callable[..., float | None], value: Json) -> None:
    assert repr(convert(value, at="a")).removesuffix(".0") == "0"


def test_a_number_too_small_for_a_float_is_0_as_a_float_and_no_decimal() -> None:
    assert conversions.to_float("1e-400", at="a") == 0.0
    with pytest.raises(ConversionError, match="more digits"):
        conversions.to_decimal("1e-400", at="a")


@pytest.mark.parametrize(
    ("value", "number"),
    [(None, None), ("12.50", 12.5), ("0.1", 0.1), (3, 3), (2.0, 2), ("-.5", -0.5)],
)
def test_to_decimal_keeps_the_digits(value: Json, number: float | None) -> None:
    assert conversions.to_decimal(value, at="a") == number


def test_to_decimal_refuses_digits_that_json_would_lose() -> None:
    with pytest.raises(ConversionError, match="more digits"):
        conversions.to_decimal("0.12345678901234567890", at="price")


@pytest.mark.parametrize("value", ["1e999", float("nan"), float("inf"), "nan", True])
def test_to_float_refuses(value: Json) -> None:
    with pytest.raises(ConversionError):
        conversions.to_float(value, at="a")


@pytest.mark.parametrize(
    ("value", "result"),
    [
        (None, None),
        ("", None),
        (False, False),
        ("false", False),
        (" TRUE ", True),
        ("0", False),
        (1, True),
        (0.0, False),
    ],
)
def test_to_boolean(value: Json, result: bool | None) -> None:
    assert conversions.to_boolean(value, at="a") is result


@pytest.mark.parametrize("value", ["no", 2, "2", [], {}])
def test_to_boolean_refuses(value: Json) -> None:
    with pytest.raises(ConversionError):
        conversions.to_boolean(value, at="a")


@pytest.mark.parametrize(
    ("pattern", "value", "matches"),
    [
        ("+* *", "+47 99", True),
        ("+* *", "+4799", False),
        ("*", "", True),
        ("a*a", "a", False),
        ("a*b*c", "a b c", True),
        ("a*b*c", "a c b", False),
        ("a.c", "abc", False),
        ("12", 12, True),
        ("*", None, False),
        ("*", [], False),
        ("*\n*", "a\nb", True),
    ],
)
def test_matches(pattern: str, value: Json, matches: bool) -> None:
    assert conversions.matches(pattern, value) is matches


def test_matches_answers_at_once_for_patterns_that_make_regular_expressions_backtrack() -> None:
    assert not conversions.matches("*a" * 200 + "b", "a" * 20_000)


@pytest.mark.parametrize(
    ("format_", "value", "text"),
    [
        ("%Y-%m-%d", "2024-05-02", "2024-05-02"),
        ("%d.%m.%y %H:%M", "2024-05-02T10:11:12Z", "02.05.24 10:11"),
        ("%Y-%m-%d", "2024-05-02T00:30:00+02:00", "2024-05-02"),
        ("%H:%M:%S.%fZ", "2024-05-02T10:11:12.1234567Z", "10:11:12.1234567Z"),
        ("%f", "2024-05-02T10:11:12.5Z", "500000"),
        ("%a %d %B %I %p", "2024-05-02T13:00", "Thu 02 May 01 PM"),
        ("%z", "2024-05-02T10:00:00-03:30", "-0330"),
        ("%%Y", "2024-05-02", "%Y"),
        ("%Y", None, None),
        ("%Y", "", None),
        ("%Y", "0033-01-01", "0033"),
        ("%Y-%m-%dT%H:%M:%SZ", "2024-05-02T10:11:12+02:00", "2024-05-02T08:11:12Z"),
        ("%Y-%m-%dT%H:%M:%S.%fZ", "2024-05-02T00:11:12.5+02:00", "2024-05-01T22:11:12.500000Z"),
        ("%H:%M UTC", "2024-05-02T10:11:12-03:30", "13:41 UTC"),
        ("%H:%MZ %z", "2024-05-02T10:11:12+02:00", "08:11Z +0000"),
        ("%H:%MZ", "2024-05-02T10:11:12", "10:11Z"),
        ("%Y-%m-%dZ", "2024-05-02", "2024-05-02Z"),
        ("%Y-%m-%dT%H:%M:%S+00:00", "2024-05-02T10:11:12+02:00", "2024-05-02T08:11:12+00:00"),
        ("%Y-%m-%dT%H:%M:%S.000-0330", "2024-05-02T10:11:12Z", "2024-05-02T06:41:12.000-0330"),
        ("%H:%M+01:00", "2024-05-02T10:11:12", "11:11+01:00"),
        ("%Y-%m-%d-0001", "2024-05-02T23:59:12+02:00", "2024-05-02-0001"),
        ("%H:%M Zone", "2024-05-02T10:11:12+02:00", "10:11 Zone"),
        ("%H:%M GMT+2", "2024-05-02T10:11:12+02:00", "10:11 GMT+2"),
        ("%H:%M%Z", "2024-05-02T10:11:12+02:00", "10:11+02:00"),
        ("%H%%Z", "2024-05-02T10:11:12+02:00", "08%Z"),
        # A day is no instant: shifted to another zone it would be another day.
        ("%Y-%m-%dT%H:%M:%SZ", "2024-05-02", "2024-05-02T00:00:00Z"),
        ("%Y-%m-%dT%H:%M:%S-0930", "2024-05-02", "2024-05-02T00:00:00-0930"),
        ("%Y-%m-%dT%H:%M:%S+02:00", " 2024-05-02 ", "2024-05-02T00:00:00+02:00"),
        ("%Y-%m-%dT%H:%M:%SZ", "2024-05-02T10:11:12+02", "2024-05-02T08:11:12Z"),
        ("%Y-%m-%dT%H:%M:%SZ", "2024-05-02T10:11:12-00:30", "2024-05-02T10:41:12Z"),
    ],
)
def test_format_datetime(format_: str, value: Json, text: str | None) -> None:
    assert conversions.format_datetime(format_, value, at="a") == text


def test_an_instant_that_utc_puts_out_of_the_calendar_is_refused() -> None:
    with pytest.raises(ConversionError, match="no such date"):
        conversions.format_datetime("%HZ", "0001-01-01T00:00:00+02:00", at="a")


@pytest.mark.parametrize(
    "value",
    [
        "yesterday",
        "2024-13-01",
        20240502,
        "2024-05-02T25:00:00",
        "2024-05-02T10:11:12+99:99",
        "2024-05-02T10:11:12+02:60",
        "2024-05-02T10:11:12+24:00",
        [],
    ],
)
def test_format_datetime_refuses(value: Json) -> None:
    with pytest.raises(ConversionError):
        conversions.format_datetime("%Y", value, at="a")


@pytest.mark.parametrize(
    ("format_", "text", "iso"),
    [
        ("%Y-%m-%dT%H:%M:%S.%fZ", "2024-05-02T10:11:12.1234567Z", "2024-05-02T10:11:12.1234567Z"),
        ("%d/%m/%Y", "2/5/2024", "2024-05-02T00:00:00Z"),
        ("%d %b %y", "02 MAY 70", "1970-05-02T00:00:00Z"),
        ("%Y-%m-%d %I:%M %p", "2024-05-02 12:05 AM", "2024-05-02T00:05:00Z"),
        ("%Y-%m-%dT%H:%M:%S%z", "2024-05-02T10:00:00+0200", "2024-05-02T10:00:00+02:00"),
        ("%Y-%m-%dT%H:%M+02:00", "2024-05-02T10:00+02:00", "2024-05-02T10:00:00+02:00"),
        ("%Y-%m-%dT%H:%M GMT", "2024-05-02T10:00 GMT", "2024-05-02T10:00:00Z"),
        ("%Y", None, None),
        ("%Y", " ", None),
    ],
)
def test_parse_datetime(format_: str, text: Json, iso: str | None) -> None:
    assert conversions.parse_datetime(format_, text, at="a") == iso


@pytest.mark.parametrize(
    ("format_", "text"),
    [
        ("%Y-%m-%d", "2024/05/02"),
        ("%Y-%m-%d", "2024-02-30"),
        ("%Q", "x"),
        ("%Y %Y", "1 1"),
        ("%H%z", "10+99:99"),
    ],
)
def test_parse_datetime_refuses(format_: str, text: str) -> None:
    with pytest.raises(ConversionError):
        conversions.parse_datetime(format_, text, at="a")


@pytest.mark.parametrize(
    ("unit", "left", "right", "amount"),
    [
        ("year", "2024-05-01", "1980-05-02", 43),
        ("year", "2024-05-02", "1980-05-02", 44),
        ("years", "1980-05-02", "2024-05-01", -43),
        ("month", "2024-03-30", "2024-02-29", 1),
        ("day", "2024-05-02T01:00:00+02:00", "2024-05-01", 0),
        ("hour", "2024-05-02T01:00:00+02:00", "2024-05-01T22:00:00Z", 1),
        ("second", "2024-05-02", None, None),
    ],
)
def test_datetime_difference(unit: str, left: Json, right: Json, amount: int | None) -> None:
    assert conversions.datetime_difference(unit, left, right, at="a") == amount


def test_now_is_an_instant_of_the_present() -> None:
    assert (
        conversions.datetime_difference("minute", conversions.now(), conversions.now(), at="") == 0
    )
    assert conversions.datetime_difference("day", conversions.now(), "2020-01-01", at="")


@pytest.mark.parametrize(
    ("value", "key"),
    [
        (" Anna@Example.COM ", "anna@example.com"),
        ("e\u0301", "\u00e9"),
        ("STRASSE", "strasse"),
        ("STRA\u00dfE", "stra\u00dfe"),
        (12, "12"),
        (12.0, "12"),
        (1e-7, "0.0000001"),
        (-0.0, "0"),
        (-2.50, "-2.5"),
        ("  ", None),
        (None, None),
        (True, None),
        (["a"], None),
    ],
)
def test_link_key(value: Json, key: str | None) -> None:
    assert conversions.link_key(value) == key


@given(st.text())
def test_link_keys_are_stable(text: str) -> None:
    key = conversions.link_key(text)
    assert key is None or conversions.link_key(key) == key


@given(st.integers() | st.floats(allow_nan=False, allow_infinity=False))
def test_the_link_key_of_a_number_is_that_of_its_text(number: float) -> None:
    text = conversions.to_string(number, "a")
    assert conversions.link_key(number) == conversions.link_key(text)


def test_lists() -> None:
    assert conversions.to_list("a") == ["a"]
    assert conversions.to_list(None) is None
    assert conversions.first([]) is None
    assert conversions.first([1, 2]) == 1
    assert conversions.cut(1, ["a", "b"], at="x") == ["b"]
    assert conversions.cut(0, -1, ["a", "b", "c"], at="x") == ["a", "b"]
    assert conversions.split(" ", "a b", at="x") == ["a", "b"]
    assert conversions.split("", "ab", at="x") == ["ab"]
    assert conversions.join("-", ["a", None, 2], at="x") == "a-2"
    assert conversions.replace("", "x", "ab", at="x") == "ab"


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [(1, 1.0, True), (1, True, False), (None, None, True), ("1", 1, False)],
)
def test_equal(left: Json, right: Json, same: bool) -> None:
    assert conversions.equal(left, right) is same


def test_greater_refuses_values_without_an_order() -> None:
    assert conversions.greater(2, 1.5, at="a")
    assert conversions.greater("b", "a", at="a")
    assert not conversions.greater(None, 1, at="a")
    with pytest.raises(ConversionError):
        conversions.greater("2", 1, at="a")
    with pytest.raises(ConversionError):
        conversions.greater(True, False, at="a")


def test_if_null_takes_the_second_where_the_first_cannot_be_converted() -> None:
    def fails() -> int | None:
        return conversions.to_integer("1.5", at="a")

    assert conversions.if_null(fails, lambda: 2) == 2
    assert conversions.if_null(lambda: 1, lambda: 2) == 1


def test_an_error_names_the_property_and_never_the_value() -> None:
    with pytest.raises(ConversionError) as caught:
        conversions.to_integer("Anna", at="person.age")
    assert caught.value.path == "person.age"
    assert "Anna" not in str(caught.value)


@given(st.one_of(st.integers(), st.floats(allow_nan=False, allow_infinity=False)))
def test_numbers_survive_text(number: float) -> None:
    assert conversions.to_float(conversions.to_string(float(number), at="a"), at="a") == float(
        number
    )


@given(st.integers(min_value=-(10**300), max_value=10**300))
def test_integers_survive_text(number: int) -> None:
    assert conversions.to_integer(conversions.to_string(number, at="a"), at="a") == number


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(), inner, max_size=2),
    max_leaves=4,
)


@pytest.mark.parametrize("name", sorted(set(CALLS) - {"now"}))
@given(values=st.tuples(json_values, json_values, json_values))
def test_every_function_answers_or_refuses(name: str, values: tuple[Json, Json, Json]) -> None:
    function = getattr(conversions, CALLS[name][0])
    arguments = values[: FUNCTIONS[name].least]
    try:
        function(*arguments, **({} if name in SURE else {"at": "a"}))
    except ConversionError as error:
        assert error.path == "a"  # noqa: PT017 -- that it does not raise is fine as well


def test_every_function_of_the_model_is_an_operator_or_a_call() -> None:
    assert set(CALLS) | set(_OPERATORS) == set(FUNCTIONS)
    assert set(CALLS) & set(_OPERATORS) == set()


@pytest.mark.parametrize("name", sorted(CALLS))
def test_signatures_match_the_model(name: str) -> None:
    signature = inspect.signature(getattr(conversions, CALLS[name][0]))
    parameters = dict(signature.parameters)
    assert ("at" in parameters) is (name not in SURE)
    parameters.pop("at", None)
    variadic = any(p.kind is p.VAR_POSITIONAL for p in parameters.values())
    assert variadic or len(parameters) == FUNCTIONS[name].most == FUNCTIONS[name].least
