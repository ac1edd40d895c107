"""List calls: cursor paging where page[size] is sent, else offset paging.

Links to other pages keep the request's own parameters: filters, order, the size of pages.
"""

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass

from specbridge.sandbox.messages import Answer, Call, RefusalError, Row

_LIFE = 3600  # seconds that a cursor of /search/export lives
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
    return _by_cursor(kind, rows, call, _Cursors(by_id=by_id, maximum=maximum))


def list_by_short_cursor(
    kind: str, rows: Sequence[Row], call: Call, maximum: int, now: int
) -> Answer:
    """Return a page by a cursor that lives an hour; `now` is in seconds. The order is that of the rows."""
    return _by_cursor(kind, rows, call, _Cursors(by_id=False, maximum=maximum, now=now))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cursors:
    """How pages go on: `now` in seconds where cursors end an hour after they were given, else None."""

    by_id: bool
    maximum: int
    now: int | None = None

    def encode(self, identifier: int | str) -> str:
        named: Row = {"o": "id", "v": identifier}
        if self.now is not None:
            named["t"] = self.now
        return base64.urlsafe_b64encode(json.dumps(named).encode()).decode()

    def decode(self, cursor: str) -> int | str:
        try:
            named = json.loads(base64.urlsafe_b64decode(cursor.encode()))
            identifier: int | str = named["v"]
            ended = self.now is not None and self.now - int(named["t"]) > _LIFE
        except (ValueError, KeyError, TypeError) as error:
            raise _bad_cursor("page[after] is not valid") from error
        if ended:
            raise _bad_cursor("page[after] has expired")
        return identifier


def _bad_cursor(title: str) -> RefusalError:
    return RefusalError(
        Answer(status=400, body={"errors": [{"code": "InvalidCursor", "title": title}]})
    )


def _by_cursor(kind: str, rows: Sequence[Row], call: Call, cursors: _Cursors) -> Answer:
    size = _size(call.query.get("page[size]", ""), cursors.maximum)
    backwards = call.query.get("page[before]", "")
    if backwards:
        before = rows[: _place(rows, cursors.decode(backwards), cursors.by_id)]
        page, more = before[-size:], len(before) > size
    else:
        after = call.query.get("page[after]", "")
        # Behind the row that the cursor names.
        named = cursors.decode(after) if after else None
        start = _place(rows, named, cursors.by_id, behind=True) if after else 0
        rest = rows[start:]
        page, more = rest[:size], len(rest) > size
    ends = (page[0]["id"], page[-1]["id"]) if page else None
    first, last = map(cursors.encode, ends) if ends else (None, None)
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


def _place(rows: Sequence[Row], named: object, by_id: bool, *, behind: bool = False) -> int:
    """Return the position of the row that a cursor names, or of the one behind it."""
    if by_id:
        # The row may be gone meanwhile: ids tell where it was.
        return sum(row["id"] <= named if behind else row["id"] < named for row in rows)
    places = (place for place, row in enumerate(rows) if row["id"] == named)
    return next(places, len(rows)) + behind
