"""The search over all records: late, in terms, and never deeper than a thousand results."""

from collections.abc import Callable, Iterable
from typing import Any

from specbridge.sandbox.clock import coarse_text
from specbridge.sandbox.messages import Answer, Call, Row
from specbridge.sandbox.zendesk.queries.paging import list_by_offset, list_by_short_cursor
from specbridge.sandbox.zendesk.queries.terms import Query, read_query
from specbridge.sandbox.zendesk.refusals import refuse
from specbridge.sandbox.zendesk.state import State

_DEEPEST = 1000
_LARGEST_PAGE = 100
_LARGEST_EXPORT = 1000
_SORTED_BY = {
    "created": "created_at",
    "created_at": "created_at",
    "updated": "updated_at",
    "updated_at": "updated_at",
}


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
        if any(name.startswith("page[") for name, _ in call.pairs):
            raise refuse(400, "InvalidPagination", "Search knows `page` and `per_page` only")
        size = min(int(call.query.get("per_page", _LARGEST_PAGE)), _LARGEST_PAGE)
        if int(call.query.get("page", "1")) * size > _DEEPEST:
            raise refuse(422, "InvalidPaginationDepth", "Requested response size was too big")
        query = read_query(call.query.get("query", ""))
        rows = _sort(self._find(query), query, call)
        answer: Any = list_by_offset("results", rows, call).body
        return Answer(body={**answer, "facets": None})

    def _count(self, call: Call) -> Answer:
        return Answer(body={"count": len(self._find(read_query(call.query.get("query", ""))))})

    def _export(self, call: Call) -> Answer:
        """Return a page by cursor of one kind of record, which `filter[type]` must name."""
        kind = call.query.get("filter[type]", "")
        if kind not in ("user", "organization"):
            raise refuse(400, "InvalidValue", "filter[type] is required")
        found = self._find(read_query(call.query.get("query", "")))
        rows = [row for row in found if row["result_type"] == kind]
        rows.sort(key=lambda row: (row["created_at"], row["id"]))
        # The export knows pages by cursor only.
        now = self._state.clock.seconds()
        answer: Any = list_by_short_cursor("results", rows, call, _LARGEST_EXPORT, now)
        return Answer(body={**answer.body, "facets": None})

    def _find(self, query: Query) -> list[Row]:
        # New records take minutes to be indexed: nobody may look here for what was just written.
        latest = coarse_text(self._state.clock.seconds() - self._delay)
        rows = [row for row in self._rows() if row["updated_at"] <= latest and query.finds(row)]
        return [{n: v for n, v in row.items() if n != "organization"} for row in rows]

    def _rows(self) -> Iterable[Row]:
        organizations = self._state.organizations
        for row in organizations.values():
            yield {**row, "result_type": "organization"}
        for row in self._state.users.values():
            if row["active"]:
                # Searched by its name, though a user holds the id alone.
                name = organizations.get(row["organization_id"], {}).get("name")
                yield {**row, "result_type": "user", "organization": name}


def _sort(rows: list[Row], query: Query, call: Call) -> list[Row]:
    """Return the rows by `sort_by`, the newest first; in the order of their ids without it."""
    rows = sorted(rows, key=lambda row: row["id"])
    name = _SORTED_BY.get(call.query.get("sort_by") or query.order.get("order_by", ""))
    if name is None:
        return rows
    direction = call.query.get("sort_order") or query.order.get("sort", "desc")
    return sorted(rows, key=lambda row: row[name], reverse=direction != "asc")
