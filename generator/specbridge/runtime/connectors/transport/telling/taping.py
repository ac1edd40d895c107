"""What a system answered, for a bug report: the shape of it, and nothing that somebody once typed.

Letters become `a`, digits `9`; names of properties, `true`, `false` and null stay, for they are what an
answer is read by.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import httpx

from specbridge.model.values import Json
from specbridge.runtime.connectors.transport.bodies import BodyError, read_json
from specbridge.runtime.connectors.transport.messages import Request
from specbridge.runtime.connectors.transport.telling.routes import route_of

_LETTERS = re.compile(r"[^\W\d_]+")
_DIGITS = re.compile(r"\d")
# A name that an API gave, and not a value that stands where names do: an address, a number, a sentence.
_NAME = re.compile(r"[@$_]?[A-Za-z][A-Za-z0-9_$.:-]{0,60}|[@$_][A-Za-z.]{1,60}")
_LONGEST = 60
_MOST = 3
_TOLD = re.compile(
    r"content-type|link|etag|last-modified|retry-after|.*(?:limit|page|total|count|cursor|next).*"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tape:
    """Takes down each answer; `words` are the segments of paths that may be told."""

    words: frozenset[str]
    write: Callable[[Mapping[str, Json]], object]

    def take(self, request: Request, response: httpx.Response) -> None:
        """Take down one answer, whole; of a call for a token nothing but its names."""
        hidden = not request.authorized
        self.write(
            {
                "method": request.method,
                "path": route_of(request.path, self.words),
                "parameters": {name: shape(text) for name, text in _query(request).items()},
                "sent": shape(request.body, hidden=True),
                "status": response.status_code,
                "headers": dict(_headers(response)),
                "body": shape(_body(response, request), hidden=hidden),
            }
        )


def shape(value: Json, *, hidden: bool = False) -> Json:
    """Return a value as it may be shown to anybody; `hidden`: the kinds of its values alone."""
    if isinstance(value, dict):
        return {_name(key): shape(part, hidden=hidden) for key, part in value.items()}
    if isinstance(value, list):
        more: list[Json] = [f"and {len(value) - _MOST} more"] if len(value) > _MOST else []
        return [*(shape(part, hidden=hidden) for part in value[:_MOST]), *more]
    if isinstance(value, bool) or value is None:
        return value
    if hidden:
        return "a text" if isinstance(value, str) else "a number"
    if isinstance(value, str):
        return _veil(value)
    # Whether it has a fraction is all that a number may tell.
    return 9.9 if isinstance(value, float) else 9


def _veil(text: str) -> str:
    veiled = _DIGITS.sub("9", _LETTERS.sub("a", text))
    return veiled if len(veiled) <= _LONGEST else f"{veiled[:_LONGEST]}…"


def _name(name: str) -> str:
    return name if _NAME.fullmatch(name) else _veil(name)


def _query(request: Request) -> dict[str, str]:
    return {**dict(httpx.URL(request.path).params), **request.query}


def _headers(response: httpx.Response) -> Iterator[tuple[str, Json]]:
    for name, text in response.headers.items():
        if _TOLD.fullmatch(name.lower()):
            kept = name.lower() == "content-type"
            yield name.lower(), text if kept else _veil(text)


def _body(response: httpx.Response, request: Request) -> Json:
    if not response.content:
        return None
    try:
        return read_json(response.content, request.bounds)
    except BodyError:
        return f"{len(response.content)} bytes that are no JSON"
