"""What is recorded for a bug report shows how answers are built, and nothing that is in them."""

import json
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st
from specbridge.model.values import Json
from specbridge.profiles.load import read_profile
from specbridge.runtime.connectors.build import build_connector
from specbridge.runtime.connectors.transport.access import ConnectorOptions
from specbridge.runtime.connectors.transport.telling.routes import path_words
from specbridge.runtime.connectors.transport.telling.taping import Tape, shape

from tests.acceptance.strangers import BOOKS_PROFILE, Books
from tests.runtime.connectors.clocks import ManualTime
from tests.runtime.connectors.servers import serving


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("Ola Nordmann", "a a"),
        ("ola.nordmann@firma.example", "a.a@a.a"),
        ("2026-11-23T12:00:00.1234567Z", "9999-99-99a99:99:99.9999999a"),
        ("+47 900 00 000", "+99 999 99 999"),
        ("", ""),
        ("x9" * 60, "a9" * 30 + "…"),
        ("å日١", "a9"),
        (12345678, 9),
        (-1.5, 9.9),
        (True, True),
        (None, None),
        ([1, 2, 3, 4, 5], [9, 9, 9, "and 2 more"]),
        ({"@odata.nextLink": "https://x/1"}, {"@odata.nextLink": "a://a/9"}),
        ({"ola@firma.example": {"Ola N": 1}}, {"a@a.a": {"a a": 9}}),
    ],
)
def test_the_shape_of_a_value(value: Json, shown: Json) -> None:
    assert shape(value) == shown


@given(st.text(alphabet="Ola Nordmann 2026@é日", min_size=1))
def test_no_letter_and_no_digit_of_a_text_is_left(text: str) -> None:
    shown = shape(text)
    assert isinstance(shown, str)
    assert set(shown) <= set("a9 @…")
    assert shape(text, hidden=True) == "a text"


def test_a_probe_records_every_answer_without_a_value() -> None:
    books = Books()
    for number in range(1, 6):
        books.add(title=f"Granli {number} Ltd", origin=f"r{number}", phone="90012345")
    profile = read_profile(BOOKS_PROFILE, "books.toml")
    lines: list[Mapping[str, Json]] = []
    tape = Tape(words=path_words(profile), write=lines.append)
    with serving(books.answer) as server:
        connector = build_connector(
            profile,
            {"BOOKS_SECRET": "s3cret-of-books", "BOOKS_BASE_URL": server.base_url},
            ConnectorOptions(tape=tape),
            ManualTime().maker(),
        )
        try:
            assert all(one.well for one in connector.probe())
        finally:
            connector.close()
        assert len(lines) == len(server.received)
    login, listed = lines[0], next(one for one in lines if one["path"] == "/customers")
    assert login["sent"] == {"secret": "a text"}
    assert login["body"] == {"value": {"token": "a text"}}
    assert listed["parameters"] == {"page": "9", "count": "999"}
    assert isinstance(listed["body"], dict)
    assert any(one["path"] == "/customers/{id}" for one in lines)
    text = json.dumps(lines)
    for word in ("Granli", "90012345", "session-0", "s3cret", "Oslo", "note 1"):
        assert word not in text
