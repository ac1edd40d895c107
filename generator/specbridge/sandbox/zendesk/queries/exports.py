"""Incremental exports: by time (organizations and users) and by cursor (users)."""

import base64
from collections.abc import Callable, Iterable, Sequence

from specbridge.sandbox.clock import coarse_text, parse_ticks
from specbridge.sandbox.doubts import Doubt
from specbridge.sandbox.messages import Answer, Call, RefusalError, Row
from specbridge.sandbox.zendesk.refusals import refuse
from specbridge.sandbox.zendesk.state import State

_MAXIMUM = 1000
_TICKS = 10_000_000
_TOO_RECENT_SECONDS = 60

Position = tuple[str, int]  # updated_at (whole seconds, so texts sort as instants), id


class Exports:
    """The calls under /incremental; what changed less than `withhold_seconds` ago is not shown."""

    def __init__(self, state: State, withhold_seconds: int) -> None:
        """Keep the state that is exported."""
        self._state = state
        self._withhold_seconds = withhold_seconds

    def routes(self) -> Iterable[tuple[str, str, Callable[..., Answer]]]:
        """Yield the calls."""
        yield "GET", "/incremental/organizations", self._export_organizations
        yield "GET", "/incremental/users", self._export_users
        yield "GET", "/incremental/users/cursor", self._export_users_by_cursor

    def _export_organizations(self, call: Call) -> Answer:
        rows = list(self._state.organizations.values())
        if not self._state.does(Doubt.SILENT_DELETIONS):
            # Deleted organizations have no list of their own.
            rows += self._state.deleted.values()
        return _page_by_time("organizations", self._shown(rows), self._start(call), call)

    def _export_users(self, call: Call) -> Answer:
        return _page_by_time("users", self._users(), self._start(call), call)

    def _export_users_by_cursor(self, call: Call) -> Answer:
        cursor = call.query.get("cursor", "")
        after = _decode(cursor) if cursor else (coarse_text(self._start(call)), 0)
        return _page_by_cursor("users", self._users(), after, call)

    def _users(self) -> list[Row]:
        emptied = self._state.emptied
        # Inactive users too: only exports say which of them are gone for good.
        rows = self._shown(self._state.users.values())
        return [{**row, "permanently_deleted": row["id"] in emptied} for row in rows]

    def _shown(self, rows: Iterable[Row]) -> list[Row]:
        # So the vendor does with the newest minute: what was just written is not gone.
        newest = coarse_text(self._state.clock.seconds() - self._withhold_seconds)
        return [row for row in rows if not self._withhold_seconds or row["updated_at"] <= newest]

    def _start(self, call: Call) -> int:
        text = call.query.get("start_time", "")
        if not text.lstrip("-").isdigit():
            raise refuse(400, "InvalidValue", "start_time is required")
        if int(text) > self._state.clock.seconds() - _TOO_RECENT_SECONDS:
            raise self._too_recent()
        return int(text)

    def _too_recent(self) -> RefusalError:
        if self._state.does(Doubt.TOO_RECENT_422):
            return refuse(422, "InvalidValue", "Too recent start_time. It must be a minute old")
        text = "Too recent start_time. Use a start_time older than 60 seconds"
        return refuse(400, "StartTimeTooRecent", text)


def _page_by_time(kind: str, rows: Iterable[Row], start: int, call: Call) -> Answer:
    """Return the rows changed at `start` (inclusive) or later.

    Pages overlap in their last second; a page that lies in one second alone is as long as it must
    be to finish it, and the next starts a second later.
    """
    first = coarse_text(start)
    ordered = sorted((row for row in rows if row["updated_at"] >= first), key=_position_of)
    page, end = _time_page(ordered, _size(call), start)
    return Answer(
        body={
            kind: page,
            "count": len(page),
            "end_of_stream": len(page) == len(ordered),
            "end_time": end if page else None,
            # Set on the last page too: only `end_of_stream` says that it is the last.
            "next_page": call.link({"start_time": str(end)}) if page else None,
        }
    )


def _page_by_cursor(kind: str, rows: Iterable[Row], after: Position, call: Call) -> Answer:
    """Return the rows behind a position, and the cursor to go on from."""
    ordered = sorted((row for row in rows if _position_of(row) > after), key=_position_of)
    page = ordered[: _size(call)]
    # At the end the cursor stays: the next run goes on from it.
    following = _encode(_position_of(page[-1]) if page else after)
    return Answer(
        body={
            kind: page,
            "after_cursor": following,
            "after_url": call.link({"start_time": None, "cursor": following}),
            "before_cursor": None,
            "before_url": None,
            "end_of_stream": len(page) == len(ordered),
        }
    )


def _position_of(row: Row) -> Position:
    return row["updated_at"], row["id"]


def _seconds(text: str) -> int:
    return parse_ticks(text) // _TICKS


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


def _size(call: Call) -> int:
    text = call.query.get("per_page", "")
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
