"""Instants moved and compared as text."""

from datetime import UTC, datetime

import pytest
from specbridge.errors import MalformedResponseError
from specbridge.runtime.connectors.reading.cursors import (
    cautious_cursor,
    earlier,
    epoch_seconds,
    later,
    next_cursor,
    step_back,
)

BEGAN = datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("instant", "seconds", "expected"),
    [
        pytest.param(
            "2023-10-19T11:05:00.1234567Z", 5, "2023-10-19T11:04:55.1234567Z", id="seven-digits"
        ),
        pytest.param(
            "2021-09-25 00:00:03.1234567 -00:00",
            5,
            "2021-09-24 23:59:58.1234567 -00:00",
            id="blank",
        ),
        pytest.param("2023-09-18T23:28:11Z", 120, "2023-09-18T23:26:11Z", id="whole-seconds"),
        pytest.param("2023-01-01T00:00:00+02:00", 1, "2022-12-31T23:59:59+02:00", id="zone"),
        pytest.param("2023-01-01T00:00:00", 0, "2023-01-01T00:00:00", id="no-zone"),
    ],
)
def test_stepping_back_keeps_every_digit(instant: str, seconds: int, expected: str) -> None:
    assert step_back(instant, seconds) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "2023-10-19",
        "1695079691",
        "2026-13-45T00:00:00Z",
        "0000-01-01T00:00:00Z",
        "2026-01-01T24:00:61Z",
        "\u0662\u0660\u0662\u0666-01-01T00:00:00Z",
    ],
)
def test_what_is_no_instant_is_malformed(text: str) -> None:
    with pytest.raises(MalformedResponseError):
        step_back(text, 1)
    with pytest.raises(MalformedResponseError):
        later(text, text)


def test_a_zone_that_is_none_is_malformed() -> None:
    with pytest.raises(MalformedResponseError):
        later("2026-01-01T00:00:00+99:99", "2026-01-01T00:00:00Z")


def test_the_ends_of_time_are_instants() -> None:
    assert step_back("0001-01-01T00:00:00Z", 5) == "0001-01-01T00:00:00Z"
    assert later("9999-12-31T23:59:59-23:00", BEGAN.isoformat()) == "9999-12-31T23:59:59-23:00"
    assert epoch_seconds("0001-01-01T00:00:00+14:00") < 0


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("2023-10-19T11:05:00.1234567Z", "2023-10-19T11:05:00.1234568Z"),
        ("2023-10-19T11:05:00Z", "2023-10-19T11:05:00.0000001Z"),
        ("2023-10-19T11:05:00.2Z", "2023-10-19T11:05:00.25Z"),
        ("2023-10-19T13:05:00+02:00", "2023-10-19T11:05:01Z"),
        ("2023-10-19T13:05:00+0200", "2023-10-19T11:05:01Z"),
    ],
)
def test_order_sees_every_digit_and_zone(one: str, other: str) -> None:
    assert later(one, other) == later(other, one) == other
    assert earlier(one, other) == earlier(other, one) == one


def test_epoch_seconds_drop_the_fraction() -> None:
    assert epoch_seconds("2023-09-18T23:28:11.9999999Z") == 1695079691
    assert epoch_seconds("2023-09-18T23:28:11") == 1695079691


@pytest.mark.parametrize(
    ("newest", "expected"),
    [
        pytest.param("2026-11-23T11:59:30.1234567Z", "2026-11-23T11:59:30.1234567Z", id="newest"),
        pytest.param("2026-11-23T12:00:07.5Z", "2026-11-23T12:00:00Z", id="written-while-reading"),
        pytest.param("2020-01-01T00:00:00Z", "2026-11-23T11:50:00Z", id="long-ago"),
        pytest.param(None, "2026-11-23T11:50:00Z", id="never"),
    ],
)
def test_cursor_after_a_read(newest: str | None, expected: str) -> None:
    assert next_cursor(newest, BEGAN) == expected


def test_our_own_clock_can_only_hold_a_cursor_back() -> None:
    assert cautious_cursor("2026-11-23T11:59:30Z", BEGAN) == "2026-11-23T11:50:00Z"
    assert cautious_cursor("2020-01-01T00:00:00.5Z", BEGAN) == "2020-01-01T00:00:00.5Z"
    assert cautious_cursor(None, BEGAN) is None
