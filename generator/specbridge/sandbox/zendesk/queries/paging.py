"""List calls: cursor paging where page[size] is sent, else offset paging.

Links to other pages keep the request's own parameters: filters, order, the size of pages.
"""

import base64
import json
from collections.abc import Sequence

from specbridge.sandbox.messages import Answer, Call, RefusalError, Row

_MAXIMUM = 100
_DEEPEST = 10_000
_CURSOR_WORDS = ("page[size]", "page[after]", "page[before]")


def list_rows(kind: str, rows: Sequence[Row], call: Call, *, by_id: bool = True) -> Answer:
    """Return a page of the rows in the style that the call asks for.

    The rows are in the order of their ids; `by_id` is False where they have another.
    """
    if any(word in call.query for word in _CURSOR_WORDS):
        return list_by_cursor(kind, rows, call, by_id=by_id)
    return list_by_offset(kind, rows, call)


def list_by_cursor(
    kind: str, rows: Sequence[Row], call: Call, *, by_id: bool = True, maximum: int = _MAXIMUM
) -> Answer:
    """Return a page by cursor; links and cursors are filled on the last page too."""
    size = _size(call.query.get("page[size]", ""), maximum)
    backwards = call.query.get("page[before]", "")
    if backwards:
        before = rows[: _place(rows, backwards, by_id)]
        page, more = before[-size:], len(before) > size
    else:
        after = call.query.get("page[after]", "")
        # Behind the row that the cursor names.
        rest = rows[_place(rows, after, by_id, behind=True) :] if after else rows
        page, more = rest[:size], len(rest) > size
    first, last = (_encode(page[0]["id"]), _encode(page[-1]["id"])) if page else (None, None)
    return Answer(
        body={
            kind: page,
            "meta": {"has_more": more, "after_cursor": last, "before_cursor": first},
            "links": {
                "next": _link(call, "page[after]", last),
                "prev": _link(call, "page[before]", first),
            },
        }
    )


def list_by_offset(kind: str, rows: Sequence[Row], call: Call) -> Answer:
    """Return a page by its number; raises RefusalError 400 beyond ten thousand records."""
    size = _size(call.query.get("per_page", ""), _MAXIMUM)
    text = call.query.get("page", "")
    number = max(int(text), 1) if text.isdigit() else 1
    start = (number - 1) * size
    # Offsets end at ten thousand records; cursors do not.
    if start >= _DEEPEST:
        error = {"code": "InvalidPaginationDepth", "title": "Pagination is limited to 100 pages"}
        raise RefusalError(Answer(status=400, body={"errors": [error]}))
    more = start + size < len(rows)
    return Answer(
        body={
            kind: rows[start : start + size],
            "count": len(rows),
            "next_page": call.link({"page": str(number + 1)}) if more else None,
            "previous_page": call.link({"page": str(number - 1)}) if number > 1 else None,
        }
    )


def _link(call: Call, word: str, cursor: str | None) -> str | None:
    others = {"page[after]": None, "page[before]": None}
    return call.link({**others, word: cursor}) if cursor else None


def _size(text: str, maximum: int) -> int:
    return min(int(text), maximum) if text.isdigit() and int(text) else maximum


def _place(rows: Sequence[Row], cursor: str, by_id: bool, *, behind: bool = False) -> int:
    """Return the position of the row that a cursor names, or of the one behind it."""
    named = _decode(cursor)
    if by_id:
        # The row may be gone meanwhile: ids tell where it was.
        return sum(row["id"] <= named if behind else row["id"] < named for row in rows)
    places = (place for place, row in enumerate(rows) if row["id"] == named)
    return next(places, len(rows)) + behind


def _encode(identifier: int | str) -> str:
    return base64.urlsafe_b64encode(json.dumps({"o": "id", "v": identifier}).encode()).decode()


def _decode(cursor: str) -> int | str:
    try:
        named: int | str = json.loads(base64.urlsafe_b64decode(cursor.encode()))["v"]
    except (ValueError, KeyError, TypeError) as error:
        body = {"errors": [{"code": "InvalidCursor", "title": "page[after] is not valid"}]}
        raise RefusalError(Answer(status=400, body=body)) from error
    return named
