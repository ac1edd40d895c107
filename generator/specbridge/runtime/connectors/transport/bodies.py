"""Bodies: that of an answer, read and unpacked within bounds, whatever a server sends; and that of a request.

A kilobyte of gzip may hold a megabyte, so what counts is the unpacked size, and no more than a piece is
unpacked at a time. JSON grows in memory too: `{}` takes 64 bytes, and 100,000 brackets are more levels than
Python can climb.
"""

import json
import math
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from sys import getsizeof

import httpx
import msgspec

from specbridge.model.values import Json


@dataclass(frozen=True, slots=True)
class Bounds:
    """How large a body may be: its bytes, unpacked, and its values.

    A value is a bracket, a comma or a colon, about.
    """

    size: int
    values: int


PAGE = Bounds(size=20_000_000, values=1_200_000)
"""For a page of a list, which is read alone; one of 5,000 customers has 12 million bytes."""

RECORDS = Bounds(size=2_000_000, values=120_000)
"""For all other answers: a hundred records at most; as many may come at once as there are workers."""

MOST_LEVELS = 64
"""The deepest nesting that is taken; records have three or four levels."""

MOST_LETTERS = 1_000_000
"""The longest text that a large body may hold."""

_MOST_TEXT = 32_000_000  # in memory, where one rare letter makes each of a text take four bytes
_HARMLESS = 4_000_000
_PIECE = 65_536
_BOM = b"\xef\xbb\xbf"
_MARKS = (b"{", b"[", b",", b":")
_HALF_PAIR = b"\\ud"
_DEFLATED = 8  # RFC 1950
_SIGNED_ZEROS = (b"-0.", b"-0e", b"-0E")
_decode = msgspec.json.Decoder().decode


class BodyError(ValueError):
    """A body that cannot be read: packed wrongly, too large, too deep, or no JSON; the text says which."""


def read_body(response: httpx.Response, bounds: Bounds) -> bytes:
    """Return the unpacked body of a streamed response.

    Raises BodyError, and httpx's TransportError where the connection breaks.
    """
    body = bytearray()
    for piece in _unpacked(response):
        body += piece
        if len(body) > bounds.size:
            raise BodyError(f"the answer has more than {bounds.size:,} bytes")
    return bytes(body)


def read_json(body: bytes, bounds: Bounds) -> Json:
    """Return the value of a JSON text in UTF-8, None of an empty one; raises BodyError."""
    text = body.removeprefix(_BOM).strip()
    if not text:
        return None
    if sum(text.count(mark) for mark in _MARKS) > bounds.values:
        raise BodyError(f"the answer has more than {bounds.values:,} values")
    try:
        value: Json = _decode_any(text)
    except RecursionError:
        raise BodyError("the answer is nested too deeply") from None
    except (ValueError, msgspec.DecodeError):
        raise BodyError("the answer is no JSON") from None
    if _is_deep(value):
        raise BodyError("the answer is nested too deeply")
    if len(text) > _HARMLESS:
        _check_texts(value)
    return value


def _unpacked(response: httpx.Response) -> Iterator[bytes]:
    """Yield a body unpacked, in pieces; at most one packing, and one that was asked for."""
    named = response.headers.get("content-encoding", "").lower().split(",")
    packings = [name.strip() for name in named if name.strip() not in ("", "identity")]
    raw = response.iter_raw(_PIECE)
    match packings:
        case []:
            return raw
        case ["gzip" | "x-gzip"]:
            return _inflate(raw, 16 + zlib.MAX_WBITS)
        case ["deflate"]:
            first = next(raw, b"")
            return _inflate(chain([first], raw), _deflate_bits(first))
        case _:
            raise BodyError("the answer is packed in a way that was not asked for")


def _inflate(raw: Iterable[bytes], bits: int) -> Iterator[bytes]:
    """Yield what is packed, by pieces; several packages may stand one behind the other."""
    packed, taken = zlib.decompressobj(bits), 0
    try:
        for piece in raw:
            taken += len(piece)
            if taken > PAGE.size:
                raise BodyError(f"the answer has more than {PAGE.size:,} bytes")
            left = piece
            while left:
                if packed.eof:
                    packed = zlib.decompressobj(bits)
                yield packed.decompress(left, _PIECE)
                left = packed.unused_data or packed.unconsumed_tail
        # What the last bytes of a package hold may not have fitted into a piece.
        while not packed.eof and (rest := packed.decompress(b"", _PIECE)):
            yield rest
    except zlib.error:
        raise BodyError("the answer is packed wrongly") from None
    if taken and not packed.eof:
        raise BodyError("the answer is packed wrongly: its end is missing")


def _deflate_bits(first: bytes) -> int:
    """Return how to read `deflate`: with the head that the standard wants, or bare, as some send it."""
    has_head = int.from_bytes(first[:2]) % 31 == 0 and first[:1] and first[0] & 15 == _DEFLATED
    return zlib.MAX_WBITS if has_head else -zlib.MAX_WBITS


def _decode_any(text: bytes) -> Json:
    # Zero has no sign, but a call for each number is only paid where one may have.
    decode = _decode_unsigned if any(zero in text for zero in _SIGNED_ZEROS) else _decode
    try:
        value: Json = decode(text)
    except msgspec.DecodeError:
        if _HALF_PAIR not in text.lower():
            raise
        # Half of a surrogate pair, as an escape: JSON may hold it, and some systems send it.
        value = json.loads(text, parse_constant=_refuse, parse_float=_read_float)
    return value


def _check_texts(value: Json) -> None:
    taken, left = 0, [value]
    while left:
        match left.pop():
            case str() as text:
                taken += getsizeof(text)
                if len(text) > MOST_LETTERS or taken > _MOST_TEXT:
                    raise BodyError("the answer holds too much text")
            case list() as values:
                left += values
            case dict() as row:
                left += row.values()


def _is_deep(value: Json) -> bool:
    level = [value]
    for _ in range(MOST_LEVELS):
        level = [
            inner
            for outer in level
            if isinstance(outer, dict | list)
            for inner in (outer.values() if isinstance(outer, dict) else outer)
            if type(inner) is dict or type(inner) is list
        ]
        if not level:
            return False
    return True


def _read_float(text: str) -> float:
    number = float(text)
    return (number or 0.0) if math.isfinite(number) else _refuse(text)


def _refuse(text: str) -> float:
    raise ValueError(f"{text} is no JSON")


_decode_unsigned = msgspec.json.Decoder(float_hook=_read_float).decode


def write_json(body: Json) -> bytes:
    """Return the body of a request."""
    try:
        return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    except UnicodeEncodeError:
        # Half of a surrogate pair, as some system sent it: as an escape it is JSON all the same.
        return json.dumps(body, separators=(",", ":")).encode()
