"""Incremental exports: by time (organizations and users) and by cursor (users)."""

import base64
from collections.abc import Iterable, Mapping, Sequence

from specbridge.sandbox.clock import coarse_text, parse_ticks
from specbridge.sandbox.messages import Answer, Row
from specbridge.sandbox.zendesk.refusals import refuse

_MAXIMUM = 1000
_TICKS = 10_000_000
_TOO_RECENT_SECONDS = 60

Position = tuple[str, int]  # updated_at (whole seconds, so texts sort as instants), id


def position_of(row: Row) -> Position:
    """Return a row's place in the order of exports."""
    return row["updated_at"], row["id"]


def _seconds(text: str) -> int:
    return parse_ticks(text) // _TICKS


def export_by_time(
    kind: str, rows: Iterable[Row], query: Mapping[str, str], now: int, address: str
) -> Answer:
    """Return the rows changed at `start_time` (inclusive) or later.

    Pages overlap in their last second; a page that lies in one second alone is as long as it must
    be to finish it, and the next starts a second later.
    """
    start = _start(query, now)
    size = _size(query)
    first = coarse_text(start)
    ordered = sorted((row for row in rows if row["updated_at"] >= first), key=position_of)
    page, end = _time_page(ordered, size, start)
    last = len(page) == len(ordered)
    return Answer(
        body={
            kind: page,
            "count": len(page),
            "end_of_stream": last,
            "end_time": end if page else None,
            # Set on the last page too: only `end_of_stream` says that it is the last.
            "next_page": f"{address}?start_time={end}" if page else None,
        }
    )


def export_by_cursor(
    kind: str, rows: Iterable[Row], query: Mapping[str, str], now: int, address: str
) -> Answer:
    """Return the rows behind the cursor, or from `start_time` where there is no cursor yet."""
    cursor = query.get("cursor", "")
    after = _decode(cursor) if cursor else (coarse_text(_start(query, now)), 0)
    size = _size(query)
    ordered = sorted((row for row in rows if position_of(row) > after), key=position_of)
    page = ordered[:size]
    # At the end the cursor stays: the next run goes on from it.
    following = _encode(position_of(page[-1])) if page else (cursor or _encode(after))
    return Answer(
        body={
            kind: page,
            "after_cursor": following,
            "after_url": f"{address}?cursor={following}",
            "before_cursor": None,
            "before_url": None,
            "end_of_stream": len(page) == len(ordered),
        }
    )


def _time_page(ordered: Sequence[Row], size: int, start: int) -> tuple[Sequence[Row], int]:
    page = ordered[:size]
    if not page:
        return page, start
    first, last = page[0]["updated_at"], page[-1]["updated_at"]
    if first < last or len(page) == len(ordered):
        return page, _seconds(last)
    # A longer page than asked: a second that is cut in two would begin again for ever.
    whole = [row for row in ordered if row["updated_at"] == first]
    return whole, _seconds(first) + 1


def _start(query: Mapping[str, str], now: int) -> int:
    text = query.get("start_time", "")
    if not text.lstrip("-").isdigit():
        raise refuse(400, "InvalidValue", "start_time is required")
    start = int(text)
    if start > now - _TOO_RECENT_SECONDS:
        raise refuse(
            400,
            "StartTimeTooRecent",
            "Too recent start_time. Use a start_time older than 60 seconds",
        )
    return start


def _size(query: Mapping[str, str]) -> int:
    text = query.get("per_page", "")
    return min(int(text), _MAXIMUM) if text.isdigit() and int(text) else _MAXIMUM


def _encode(position: Position) -> str:
    # As recorded; a client is to take it for opaque.
    return base64.b64encode(f"{_seconds(position[0])}.0||{position[1]}|".encode()).decode()


def _decode(cursor: str) -> Position:
    try:
        seconds, _, identifier = base64.b64decode(cursor).decode().rstrip("|").partition("||")
        return coarse_text(int(seconds.partition(".")[0])), int(identifier)
    except ValueError as error:
        raise refuse(400, "InvalidValue", "cursor is not valid") from error
