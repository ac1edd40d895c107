"""One page of a list, in each of the styles that a profile can name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from specbridge.model.calls import PageEnd, Paging, PagingStyle
from specbridge.model.values import Json
from specbridge.sandbox.anysystem.values import MICROSECONDS, Row, value_at
from specbridge.sandbox.messages import Call

_FROM = "_from"
_EXPORTS = (PagingStyle.CURSOR_EXPORT, PagingStyle.TIME_EXPORT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A record as a list shows it, and the microseconds of its last change."""

    row: Row
    changed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PageAsked:
    """What a request says of the page that it wants, by role: `page`, `size`, `cursor`, `start`."""

    call: Call
    roles: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class PageGiven:
    """The rows of a page, and what the answer says of the list, by role."""

    rows: Sequence[Listed]
    told: Mapping[str, Json] = field(default_factory=dict)
    link: str = ""


def is_export(paging: Paging) -> bool:
    """Return whether a list is an export from an instant, sorted by it."""
    return paging.style in _EXPORTS


def cut_page(paging: Paging, asked: PageAsked, rows: Sequence[Listed]) -> PageGiven:
    """Return the page that is asked for; raises ValueError for a page that no style has."""
    size = _size(paging, asked)
    match paging.style:
        case PagingStyle.NONE:
            page = PageGiven(rows=rows)
        case PagingStyle.PAGE_NUMBER:
            number = int(asked.roles.get("page", paging.first)) - paging.first
            page = _slice(rows, number * size, size)
        case PagingStyle.OFFSET:
            page = _slice(rows, int(asked.roles.get("page", 0)), size)
        case PagingStyle.CURSOR:
            page = _by_cursor(paging, asked, rows, size)
        case PagingStyle.AFTER_ROW:
            page = _slice(rows, _place_after(paging, asked, rows), size)
        case PagingStyle.LINK:
            page = _by_link(asked, rows, size)
        case PagingStyle.CURSOR_EXPORT:
            page = _by_export_cursor(asked, rows, size)
        case PagingStyle.TIME_EXPORT:
            page = _by_time(asked, rows, size)
    return page


def _size(paging: Paging, asked: PageAsked) -> int:
    # No more than the profile asks for: what it calls a whole page is one.
    return max(1, min(int(asked.roles.get("size", paging.size)), paging.size))


def _slice(rows: Sequence[Listed], start: int, size: int) -> PageGiven:
    if start < 0:
        raise ValueError("there is no such page")
    told: dict[str, Json] = {
        "total": len(rows),
        "pages": -(-len(rows) // size),
        "more": start + size < len(rows),
        "end": start + size >= len(rows),
    }
    return PageGiven(rows=rows[start : start + size], told=told)


def _by_cursor(paging: Paging, asked: PageAsked, rows: Sequence[Listed], size: int) -> PageGiven:
    start = _number(asked.roles.get("cursor", "c0"))
    page = _slice(rows, start, size)
    last = start + size >= len(rows)
    # Only where its absence ends the list: others go on filling it, and clients must not look at it.
    cursor = None if last and paging.end is PageEnd.NO_CURSOR else f"c{start + size}"
    return PageGiven(rows=page.rows, told={**page.told, "cursor": cursor})


def _place_after(paging: Paging, asked: PageAsked, rows: Sequence[Listed]) -> int:
    after = asked.roles.get("cursor")
    if after is None:
        return 0
    values = [str(value_at(one.row, paging.fields["row"])) for one in rows]
    if after not in values:
        raise ValueError("there is no such row")
    return values.index(after) + 1


def _by_link(asked: PageAsked, rows: Sequence[Listed], size: int) -> PageGiven:
    start = int(asked.call.query.get(_FROM, 0))
    page = _slice(rows, start, size)
    link = asked.call.link({_FROM: str(start + size)}) if start + size < len(rows) else ""
    return PageGiven(rows=page.rows, told={**page.told, "next": link or None}, link=link)


def _by_export_cursor(asked: PageAsked, rows: Sequence[Listed], size: int) -> PageGiven:
    cursor = asked.roles.get("cursor")
    if cursor is None:
        rest = [one for one in rows if one.changed // MICROSECONDS >= int(asked.roles["start"])]
    else:
        after = _number(cursor)
        rest = [one for one in rows if one.changed > after]
    page = rest[:size]
    # The instants of all writes differ: one tells where it was.
    reached = page[-1].changed if page else _number(cursor) if cursor else 0
    told: dict[str, Json] = {"cursor": f"c{reached}", "end": len(rest) <= size}
    return PageGiven(rows=page, told={**told, "more": len(rest) > size})


def _by_time(asked: PageAsked, rows: Sequence[Listed], size: int) -> PageGiven:
    start = int(asked.roles["start"])
    rest = [one for one in rows if one.changed // MICROSECONDS >= start]
    page = rest[:size]
    end = page[-1].changed // MICROSECONDS if page else start
    more = len(rest) > len(page)
    if more and end == start:
        # A second that fills a page is shown whole, else the list would never leave it.
        page = [one for one in rest if one.changed // MICROSECONDS == end]
        more, end = len(rest) > len(page), end + 1
    return PageGiven(rows=page, told={"cursor": end, "end": not more, "more": more})


def _number(cursor: str) -> int:
    if not cursor.startswith("c"):
        raise ValueError("there is no such cursor")
    return int(cursor.removeprefix("c"))
