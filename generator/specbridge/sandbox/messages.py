"""Requests and answers as the two systems see them, apart from any web framework."""

import base64
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

Row = dict[str, Any]  # a record's JSON


class RefusalError(Exception):
    """A request that the server refuses: the answer it gives instead."""

    def __init__(self, answer: "Answer") -> None:
        """Keep the answer."""
        super().__init__(answer.status)
        self.answer = answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A request: header names are lower-case; `query` keeps the last value of a name.

    `pairs` are all parameters in their order, repeated ones too; as in `query` where it is empty.
    """

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    pairs: tuple[tuple[str, str], ...] = ()

    @property
    def address(self) -> str:
        """Return the address that was asked, without its query: what links in answers lead to."""
        # As the client wrote it: links must lead back to the port that it found.
        return f"http://{self.headers.get('host', 'localhost')}{self.path}"

    def credentials(self, scheme: str) -> str:
        """Return what the call signs in with by a scheme such as `bearer`, nothing where it does not."""
        named, _, sent = self.headers.get("authorization", "").partition(" ")
        return sent if named.lower() == scheme else ""

    def user_and_password(self) -> tuple[str, str]:
        """Return what the call signs in with by the scheme `basic`, empty texts where it does not."""
        try:
            sent = base64.b64decode(self.credentials("basic"), validate=True).decode()
        except ValueError:
            return "", ""
        user, _, password = sent.partition(":")
        return user, password

    def values(self, name: str) -> list[str]:
        """Return all values of a parameter, in their order."""
        return [value for known, value in self._pairs() if known == name]

    def link(self, changes: Mapping[str, str | None]) -> str:
        """Return the address with the request's own parameters but for the changes (None: without)."""
        # Who follows a link must stay within the filters and the order that were asked for.
        kept = [(name, value) for name, value in self._pairs() if name not in changes]
        new = [(name, value) for name, value in changes.items() if value is not None]
        return f"{self.address}?{urlencode([*kept, *new])}"

    def _pairs(self) -> tuple[tuple[str, str], ...]:
        return self.pairs or tuple(self.query.items())

    def json(self) -> Any:
        """Return the body's JSON; raises ValueError for a body that is none."""
        return json.loads(self.body)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An answer: `body` is JSON, text where it is a str, nothing where it is None."""

    status: int = 200
    body: object = None
    headers: Mapping[str, str] = field(default_factory=dict)


Handler = Callable[..., Answer]


@dataclass(frozen=True, slots=True)
class Route:
    """A method and a path whose `{names}` are handed to the handler as keyword arguments."""

    method: str
    pattern: str
    handler: Handler


@dataclass(slots=True)
class Router:
    """Finds the handler of a request; `any_case` compares paths case aside."""

    routes: Sequence[Route]
    any_case: bool = False
    _compiled: list[tuple[str, re.Pattern[str], Handler]] = field(init=False)

    def __post_init__(self) -> None:
        """Compile the paths once."""
        flags = re.IGNORECASE if self.any_case else re.NOFLAG
        self._compiled = [
            (
                r.method,
                re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", r.pattern), flags),
                r.handler,
            )
            for r in self.routes
        ]

    def find(self, method: str, path: str) -> tuple[Handler, dict[str, str]] | None:
        """Return the handler and what the path's names stand for, None for an unknown route."""
        for known, pattern, handler in self._compiled:
            if known == method and (match := pattern.fullmatch(path)):
                return handler, match.groupdict()
        return None
