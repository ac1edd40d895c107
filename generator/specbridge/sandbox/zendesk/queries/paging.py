"""List calls: cursor paging where page[size] is sent, else offset paging."""

import base64
from collections.abc import Mapping, Sequence

from specbridge.sandbox.messages import Answer, RefusalError, Row

_MAXIMUM = 100
_DEEPEST = 10_000


def list_rows(kind: str, rows: Sequence[Row], query: Mapping[str, str], address: str) -> Answer:
    """Return a page of the rows (in the order of their ids) in the style that the query asks for."""
    if "page[size]" in query or "page[after]" in query:
        return _cursor_page(kind, rows, query, address)
    return _offset_page(kind, rows, query, address)


def _cursor_page(kind: str, rows: Sequence[Row], query: Mapping[str, str], address: str) -> Answer:
    """Return a page; `links.next` and `after_cursor` are filled on the last page too."""
    size = _size(query.get("page[size]", ""))
    after = _decode(query.get("page[after]", ""))
    rest = [row for row in rows if row["id"] > after]
    page = rest[:size]
    cursor = _encode(page[-1]["id"]) if page else None
    link = f"{address}?page[after]={cursor}&page[size]={size}" if page else None
    return Answer(
        body={
            kind: page,
            "meta": {
                "has_more": len(rest) > size,
                "after_cursor": cursor,
                "before_cursor": _encode(page[0]["id"]) if page else None,
            },
            "links": {"next": link, "prev": None},
        }
    )


def _offset_page(kind: str, rows: Sequence[Row], query: Mapping[str, str], address: str) -> Answer:
    size = _size(query.get("per_page", ""))
    number = int(query["page"]) if query.get("page", "").isdigit() else 1
    start = (max(number, 1) - 1) * size
    # Offsets end at ten thousand records; cursors do not.
    if start >= _DEEPEST:
        error = {"code": "InvalidPaginationDepth", "title": "Pagination is limited to 100 pages"}
        raise RefusalError(Answer(status=400, body={"errors": [error]}))
    more = start + size < len(rows)
    following = f"{address}?page={number + 1}&per_page={size}" if more else None
    return Answer(
        body={
            kind: rows[start : start + size],
            "count": len(rows),
            "next_page": following,
            "previous_page": None,
        }
    )


def _size(text: str) -> int:
    return min(int(text), _MAXIMUM) if text.isdigit() and int(text) else _MAXIMUM


def _encode(identifier: int) -> str:
    return base64.urlsafe_b64encode(f'{{"o":"id","v":{identifier}}}'.encode()).decode()


def _decode(cursor: str) -> int:
    if not cursor:
        return 0
    try:
        text = base64.urlsafe_b64decode(cursor.encode()).decode()
        return int(text.rpartition(":")[2].rstrip("}"))
    except ValueError as error:
        body = {"errors": [{"code": "InvalidCursor", "title": "page[after] is not valid"}]}
        raise RefusalError(Answer(status=400, body=body)) from error
