"""Paths: what they are filled with is one segment, as the server sees it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from specbridge.errors import MalformedResponseError
from specbridge.runtime.connectors.transport.connections import open_client
from specbridge.runtime.connectors.transport.messages import fill_path, is_segment

from tests.acceptance.hostile import Hostile, hostile_server


@pytest.mark.parametrize(
    "value",
    [
        "", ".", "..", " .. ", "%2e%2E", "%2e.", "../x", "x/..", "a\\..", "..%2fx", "%2F", "/",
        "\ud800", None, True, [1], {"a": 1},
    ],
)  # fmt: skip
def test_what_is_no_segment_fills_no_path(value: object) -> None:
    assert not is_segment(value)
    with pytest.raises(MalformedResponseError):
        fill_path("/agents/{id}", {"id": value})


@pytest.mark.parametrize(
    ("value", "arrives"),
    [
        (7, "7"),
        ("b7", "b7"),
        ("...", "..."),
        ("a.b", "a.b"),
        ("a/b", "a%2Fb"),
        ("a?b#c", "a%3Fb%23c"),
        ("a\\b", "a%5Cb"),
        ("@x:8", "%40x%3A8"),
        ("%41", "%2541"),
        ("a\r\nX-A: b", "a%0D%0AX-A%3A%20b"),
        ("\0", "%00"),
        ("\xe6 \u2603", "%C3%A6%20%E2%98%83"),
        ("1,2", "1,2"),
    ],
)
def test_a_segment_arrives_as_one(value: object, arrives: str) -> None:
    with hostile_server({}) as server:
        assert ask(server, fill_path("/agents/{id}/x", {"id": value})) == f"/agents/{arrives}/x"


def ask(server: Hostile, path: str) -> str:
    """Ask for a path, and return the one that the server was asked for."""
    with open_client("http://127.0.0.1", 1) as client:
        client.get(f"http://127.0.0.1:{server.port}{path}")
    (asked,) = server.heads
    return asked


@given(st.text(st.characters(exclude_categories=[])))
def test_any_text_is_one_segment_or_refused(text: str) -> None:
    if is_segment(text):
        filled = fill_path("/a/{id}/b", {"id": text})
        assert filled.count("/") == 3
        assert not set("?#\\") & set(filled)
