"""What an answer says of the list that it is a page of: whether there is more, and where; pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from specbridge.errors import MalformedResponseError
from specbridge.model.calls import PageEnd, Paging
from specbridge.model.values import Json
from specbridge.runtime.connectors.reading.rows import Row, value_at
from specbridge.runtime.connectors.transport.messages import Answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How many rows and pages of a list were read."""

    rows: int = 0
    pages: int = 0

    def add(self, rows: int) -> "Progress":
        """Return the progress after one more page."""
        return Progress(rows=self.rows + rows, pages=self.pages + 1)


_TRUTHS = {"true": True, "false": False, "1": True, "0": False}


def end_of(paging: Paging) -> PageEnd | None:
    """Return what ends a list: what the profile says, else a flag where the answer has one."""
    if paging.end is None and any(_is_stated(paging, role) for role in ("more", "end")):
        return PageEnd.FLAG
    return paging.end


def is_last(paging: Paging, answer: Answer, rows: Sequence[Row], read: Progress) -> bool:
    """Return whether a page ends its list; `read` is what was read so far, this page too.

    Raises MalformedResponseError where the answer lacks what is to tell it, and where a list is at its
    end before it holds what the answer says that it does.
    """
    match end_of(paging):
        case PageEnd.FLAG:
            return not _says_more(paging, answer)
        case PageEnd.NO_CURSOR:
            return read_role(paging, answer, "cursor") in (None, "")
        case PageEnd.TOTAL:
            return _is_complete(paging, answer, rows, read)
        case PageEnd.SHORT_PAGE:
            return len(rows) < paging.size
        case PageEnd.EMPTY_PAGE | None:
            return not rows


def check_end(paging: Paging, answer: Answer, read: Progress) -> None:
    """Raise MalformedResponseError where a list ends though the answer says that there is more."""
    if _is_stated(paging, "more") and read_truth(paging, answer, "more") is True:
        raise MalformedResponseError("the list ends, but the answer says that there is more")
    if _is_stated(paging, "end") and read_truth(paging, answer, "end") is False:
        raise MalformedResponseError("the list ends, but the answer says that it is not the end")
    total = read_number(paging, answer, "total") if _is_stated(paging, "total") else None
    if total is not None and read.rows < total:
        raise MalformedResponseError(f"the list ends after {read.rows} of {total} records")


def read_cursor(paging: Paging, answer: Answer) -> str:
    """Return the cursor of the next page as text; raises MalformedResponseError where there is none."""
    cursor = read_role(paging, answer, "cursor")
    if isinstance(cursor, bool) or not isinstance(cursor, str | int) or cursor == "":
        raise MalformedResponseError("there are more pages, but no cursor")
    return str(cursor)


def read_row_cursor(paging: Paging, rows: Sequence[Row]) -> str:
    """Return what the page after these rows is asked for by; raises MalformedResponseError if nothing."""
    value = value_at(rows[-1], paging.fields["row"]) if rows else None
    if isinstance(value, bool) or not isinstance(value, str | int) or value == "":
        raise MalformedResponseError("there are more pages, but the last row says not where")
    return str(value)


def read_role(paging: Paging, answer: Answer, role: str) -> Json:
    """Return what the answer has in a role, from its header or its body; None where nothing."""
    if role in paging.headers:
        return answer.headers.get(paging.headers[role].lower())
    body: Row = answer.body if isinstance(answer.body, dict) else {}
    return value_at(body, paging.fields[role]) if role in paging.fields else None


def read_truth(paging: Paging, answer: Answer, role: str) -> bool | None:
    """Return what the answer says yes or no to, None where it does neither."""
    value = read_role(paging, answer, role)
    # Headers have words only.
    return _TRUTHS.get(value.lower()) if isinstance(value, str) else _as_truth(value)


def read_number(paging: Paging, answer: Answer, role: str) -> int | None:
    """Return a count that the answer states, None where it states none."""
    value = read_role(paging, answer, role)
    if isinstance(value, str) and value.isascii() and value.isdecimal():
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _says_more(paging: Paging, answer: Answer) -> bool:
    role = "more" if _is_stated(paging, "more") else "end"
    value = read_truth(paging, answer, role)
    if value is None:
        raise MalformedResponseError(f"the answer does not say {_name(paging, role)!r}")
    return value if role == "more" else not value


def _is_complete(paging: Paging, answer: Answer, rows: Sequence[Row], read: Progress) -> bool:
    role = "pages" if _is_stated(paging, "pages") else "total"
    number = read_number(paging, answer, role)
    if number is None:
        raise MalformedResponseError(f"the answer does not say {_name(paging, role)!r}")
    held = read.pages if role == "pages" else read.rows
    if held < number and not rows:
        raise MalformedResponseError(f"a page is empty, and {role} is {number} after {held}")
    return held >= number


def _as_truth(value: Json) -> bool | None:
    return value if isinstance(value, bool) else None


def _is_stated(paging: Paging, role: str) -> bool:
    return role in paging.fields or role in paging.headers


def _name(paging: Paging, role: str) -> str:
    return paging.headers.get(role) or ".".join(paging.fields.get(role, (role,)))
