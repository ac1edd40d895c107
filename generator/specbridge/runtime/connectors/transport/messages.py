"""Requests and answers as values, between the calls of a profile and HTTP."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import parse_qsl, quote, urlsplit

from specbridge.model.values import Json

JSON_TYPE = "application/json"
JSON_PATCH_TYPE = "application/json-patch+json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request to a system, to be made once or repeated.

    `path` is below the system's base URL, or an absolute URL. `safe` requests may be repeated
    though nobody knows whether the server carried them out. `authorized` is False for the call that
    fetches a token, whose `form` is its body.
    """

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    body: Json = None
    content_type: str = JSON_TYPE
    form: Mapping[str, str] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    safe: bool = False
    authorized: bool = True

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
        """Return whether the server did what it was asked."""
        return self.status < 400  # noqa: PLR2004  # HTTP's own border


def fill_path(path: str, values: Mapping[str, object]) -> str:
    """Return a call's path with its `{names}` filled; raises KeyError for one that is missing."""
    filled = path
    for name in path_names(path):
        filled = filled.replace(f"{{{name}}}", quote(str(values[name]), safe=","))
    return filled


def path_names(path: str) -> tuple[str, ...]:
    """Return the names between braces in a call's path, in order."""
    return tuple(part.split("}", 1)[0] for part in path.split("{")[1:])


def split_path(path: str) -> tuple[str, dict[str, str]]:
    """Return a call's path without its query, and the query's parameters."""
    bare, _, query = path.partition("?")
    return bare, dict(parse_qsl(query, keep_blank_values=True))
