"""Bodies are unpacked and read within bounds; tests/acceptance/test_hostile.py measures the memory."""

import gzip
import json
import zlib
from collections.abc import Iterator
from contextlib import suppress

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from specbridge.runtime.connectors.transport.bodies import (
    MOST_LETTERS,
    PAGE,
    RECORDS,
    BodyError,
    Bounds,
    read_body,
    read_json,
)

TEXT = b'{"a": [1, 2.5, null]}' * 5000


def packed(*pieces: bytes, encoding: str) -> httpx.Response:
    def stream() -> Iterator[bytes]:
        yield from pieces

    return httpx.Response(200, headers={"Content-Encoding": encoding}, content=stream())


def bare(text: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(text) + packer.flush()


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        pytest.param(TEXT, "", id="plain"),
        pytest.param(TEXT, "identity", id="identity"),
        pytest.param(gzip.compress(TEXT, mtime=0), "gzip", id="gzip"),
        pytest.param(gzip.compress(TEXT, mtime=0), "X-Gzip", id="x-gzip"),
        pytest.param(
            gzip.compress(TEXT[:9], mtime=0) + gzip.compress(TEXT[9:], mtime=0), "gzip", id="two"
        ),
        pytest.param(zlib.compress(TEXT), "deflate", id="deflate"),
        pytest.param(bare(TEXT), "deflate", id="bare-deflate"),
        pytest.param(b"", "gzip", id="nothing"),
    ],
)
def test_a_body_is_unpacked_however_it_comes_in_pieces(content: bytes, encoding: str) -> None:
    expected = TEXT if content else b""
    assert read_body(packed(content, encoding=encoding), PAGE) == expected
    halves = content[:100], content[100:101], content[101:]
    assert read_body(packed(*halves, encoding=encoding), PAGE) == expected


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (b"no gzip", "gzip"),
        (gzip.compress(TEXT, mtime=0)[:-1], "gzip"),
        (gzip.compress(TEXT, mtime=0) + b"more", "gzip"),
        (b"\xff\xff\xff", "deflate"),
        (gzip.compress(gzip.compress(TEXT, mtime=0), mtime=0), "gzip, gzip"),
        (TEXT, "br"),
        (TEXT, "zstd"),
    ],
)
def test_what_cannot_be_unpacked(content: bytes, encoding: str) -> None:
    with pytest.raises(BodyError, match="packed"):
        read_body(packed(content, encoding=encoding), PAGE)


@pytest.mark.parametrize("bounds", [PAGE, RECORDS])
def test_what_counts_is_the_unpacked_size(bounds: Bounds) -> None:
    full, more = (gzip.compress(b" " * size, mtime=0) for size in (bounds.size, bounds.size + 1))
    assert len(read_body(packed(full, encoding="gzip"), bounds)) == bounds.size
    with pytest.raises(BodyError, match="000,000 bytes"):
        read_body(packed(more, encoding="gzip"), bounds)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"", None),
        (b" \r\n", None),
        (b"null", None),
        (b"\xef\xbb\xbf[1]", [1]),
        (b'["\\ud800", 1.5]', ["\ud800", 1.5]),
        (b'["\\u0000", "\\ud83d\\ude00"]', ["\0", "\U0001f600"]),
        (b"[" * 60 + b"]" * 60, json.loads("[" * 60 + "]" * 60)),
        (b"[123456789012345678901234567890]", [123456789012345678901234567890]),
    ],
)
def test_json(text: bytes, expected: object) -> None:
    assert read_json(text, PAGE) == expected


@pytest.mark.parametrize(
    ("text", "read"),
    [
        (b"[-0.0, -0, -0e0, -0E1, -1e-400]", "[0.0, 0, 0.0, 0.0, 0.0]"),
        (b'{"id": "-0.0", "sum": -0.0, "rate": -0.5}', "{'id': '-0.0', 'sum': 0.0, 'rate': -0.5}"),
        (b'["\\ud83d", -0.0]', r"['\ud83d', 0.0]"),
    ],
    ids=range(3),
)
def test_zero_has_no_sign(text: bytes, read: str) -> None:
    # As texts: to Python the two zeros are equal.
    assert str(read_json(text, PAGE)) == read


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (b"<html>", "no JSON"),
        (b"[1] x", "no JSON"),
        (b'["\xe6"]', "no JSON"),
        (b"[NaN]", "no JSON"),
        (b"[1e400]", "no JSON"),
        (b"[-0.0, -1e400]", "no JSON"),
        (b'["\\ud800", 1e400]', "no JSON"),
        (b'["\\ud800", Infinity]', "no JSON"),
        (b"[" + b"9" * 5000 + b"]", "no JSON"),
        (b"[" * 70 + b"]" * 70, "too deeply"),
        (b"[" * 100_000 + b"]" * 100_000, "too deeply"),
        (b'{"a":' * 70 + b"1" + b"}" * 70, "too deeply"),
        (b"[" + b"[]," * PAGE.values + b"[]]", "values"),
        (b'["' + b"x" * (MOST_LETTERS + 1) + b'", "' + b"y" * 4_000_000 + b'"]', "text"),
    ],
    ids=range(14),
)
def test_what_is_no_json_of_ours(text: bytes, fault: str) -> None:
    with pytest.raises(BodyError, match=fault):
        read_json(text, PAGE)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    # Half a surrogate pair, too: some system sends it.
    | st.text(st.characters(exclude_categories=[])),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(JSON)
def test_all_json_reads_as_python_reads_it(value: object) -> None:
    text = json.dumps(value)
    assert read_json(text.encode(), PAGE) == json.loads(text)


@given(st.binary())
def test_any_bytes_are_json_or_a_fault(text: bytes) -> None:
    with suppress(BodyError):
        read_json(text, PAGE)
