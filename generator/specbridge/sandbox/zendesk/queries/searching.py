"""The search over all records: late, in words, and never deeper than a thousand results."""

import re
from collections.abc import Callable, Iterable
from typing import Any

from specbridge.sandbox.clock import coarse_text
from specbridge.sandbox.messages import Answer, Call, Row
from specbridge.sandbox.zendesk.queries.paging import list_rows
from specbridge.sandbox.zendesk.refusals import refuse
from specbridge.sandbox.zendesk.state import State

_DEEPEST = 1000
_TERM = re.compile(r'(?:(?P<name>\w+):)?(?P<value>"[^"]*"|[^\s"]+)')
_SEARCHED = ("name", "email", "external_id", "notes", "details")


class Searching:
    """/search and what belongs to it; a record is found `delay_seconds` after its last change."""

    def __init__(self, state: State, delay_seconds: int) -> None:
        """Keep the state that is searched."""
        self._state = state
        self._delay = delay_seconds

    def routes(self) -> Iterable[tuple[str, str, Callable[..., Answer]]]:
        """Yield the calls."""
        yield "GET", "/search", self._search
        yield "GET", "/search/count", self._count
        yield "GET", "/search/export", self._export

    def _search(self, call: Call) -> Answer:
        """Return a page by offset; `count` is the true number though not all can be had."""
        rows = self._find(call.query.get("query", ""))
        size = int(call.query.get("per_page", "100"))
        if int(call.query.get("page", "1")) * size > _DEEPEST:
            raise refuse(422, "InvalidPaginationDepth", "Requested response size was too big")
        answer: Any = list_rows("results", rows, call.query, call.address).body
        return Answer(body={**answer, "facets": None})

    def _count(self, call: Call) -> Answer:
        return Answer(body={"count": len(self._find(call.query.get("query", "")))})

    def _export(self, call: Call) -> Answer:
        """Return a page by cursor of one kind of record, which `filter[type]` must name."""
        kind = call.query.get("filter[type]", "")
        if kind not in ("user", "organization"):
            raise refuse(400, "InvalidValue", "filter[type] is required")
        rows = [r for r in self._find(call.query.get("query", "")) if r["result_type"] == kind]
        # The export knows pages by cursor only.
        query = {"page[size]": "100", **call.query}
        answer: Any = list_rows("results", rows, query, call.address).body
        return Answer(body={**answer, "facets": None})

    def _find(self, query: str) -> list[Row]:
        tests = [_test(match["name"], match["value"]) for match in _TERM.finditer(query)]
        # New records take minutes to be indexed: nobody may look here for what was just written.
        latest = coarse_text(self._state.clock.seconds() - self._delay)
        rows = [
            *({**r, "result_type": "organization"} for r in self._state.organizations.values()),
            *({**r, "result_type": "user"} for r in self._state.users.values() if r["active"]),
        ]
        found = [r for r in rows if r["updated_at"] <= latest and all(test(r) for test in tests)]
        return sorted(found, key=lambda row: row["id"])


def _test(name: str | None, text: str) -> Callable[[Row], bool]:
    """Return what a term asks for: `name:value` is an equal value, a bare word any part of one."""
    value = text.strip('"').lower()
    if name == "type":
        return lambda row: row["result_type"] == value
    if name is not None:
        return lambda row: str(row.get(name)).lower() == value
    return lambda row: any(value in str(row.get(part) or "").lower() for part in _SEARCHED)
