"""Requests and answers as values, between the calls of a profile and HTTP."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from specbridge.model.values import Json
from specbridge.runtime.connectors.transport.bodies import RECORDS, Bounds
from specbridge.runtime.connectors.transport.malformed import malformed

JSON_TYPE = "application/json"
JSON_PATCH_TYPE = "application/json-patch+json"
NO_CONTENT = 204
POINTS_TO = "x-points-to"
"""The header under which an answer keeps where it points, set aside from what follows redirects."""
_GONE = (404, 410)
_SHOWN = 20
_BORDERS = re.compile(r"[/\\]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request to a system, to be made once or repeated.

    `path` is below the system's base URL, or an absolute URL. `safe` requests may be repeated
    though nobody knows whether the server carried them out. `authorized` is False for the call that
    fetches a token, whose `form` is its body. A `search` only reads, though it is no GET. `bounds` is how large its answer may be.
    """

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    body: Json = None
    content_type: str = JSON_TYPE
    form: Mapping[str, str] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    safe: bool = False
    search: bool = False
    authorized: bool = True
    bounds: Bounds = RECORDS

    @property
    def reads(self) -> bool:
        """Return whether the request changes nothing."""
        return self.search or self.method == "GET"

    def __str__(self) -> str:
        """Return method and path; never the query, which may hold names and addresses."""
        return f"{self.method} {urlsplit(self.path).path}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a system answered: `body` is None where there was none, `date` the server's clock (UTC)."""

    status: int
    body: Json
    headers: Mapping[str, str] = field(default_factory=dict)
    date: datetime | None = None

    @property
    def ok(self) -> bool:
        """Return whether the server says that it did what it was asked; a redirect says no such thing."""
        return 200 <= self.status < 300  # noqa: PLR2004  # HTTP's own borders

    @property
    def gone(self) -> bool:
        """Return whether the server says that what was asked for is not there."""
        return means_gone(self.status)


def means_gone(status: int) -> bool:
    """Return whether a status says that what was asked for is not there."""
    return status in _GONE


def fill_path(path: str, values: Mapping[str, object]) -> str:
    """Return a call's path with its `{names}` filled; raises KeyError for one that is missing.

    Each value is one segment, whatever is in it. Raises MalformedResponseError for one that can be
    none: values come from answers.
    """
    filled = path
    for name in path_names(path):
        text = str(values[name])
        if not is_segment(values[name]):
            raise malformed(path, f"no address can hold {name} {text[:_SHOWN]!r}")
        filled = filled.replace(f"{{{name}}}", quote(text, safe=","))
    return filled


def is_segment(value: object) -> bool:
    """Return whether a value can be one segment of an address.

    `.` and `..` cannot, in no spelling: servers and proxies take them out, and what is left is the
    address of something else (of all records, say). Nor can nothing, null, or half a surrogate pair.
    """
    if value is None or isinstance(value, bool | list | dict):
        return False
    text = str(value)
    halved = any("\ud800" <= letter <= "\udfff" for letter in text)
    parts = {part.strip() for part in _BORDERS.split(unquote(text))}
    return not halved and bool(parts - {""}) and not parts & {".", ".."}


def path_names(path: str) -> tuple[str, ...]:
    """Return the names between braces in a call's path, in order."""
    return tuple(part.split("}", 1)[0] for part in path.split("{")[1:])


def split_path(path: str) -> tuple[str, dict[str, str]]:
    """Return a call's path without its query, and the query's parameters."""
    bare, _, query = path.partition("?")
    return bare, dict(parse_qsl(query, keep_blank_values=True))
