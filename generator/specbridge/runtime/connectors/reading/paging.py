"""How a list is read to its end, one step after another; no request is made here.

A step is the query of the next request, or (for links) its address. An answer that would lead to a step
or a time that was left behind, or a row of pages without anything new, is malformed: it would never end.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from specbridge.errors import MalformedResponseError, ProfileError
from specbridge.model.calls import Paging, PagingStyle
from specbridge.runtime.connectors.reading.ends import (
    Progress,
    check_end,
    is_last,
    read_cursor,
    read_role,
    read_row_cursor,
)
from specbridge.runtime.connectors.reading.links import find_link
from specbridge.runtime.connectors.reading.rows import Row
from specbridge.runtime.connectors.transport.messages import Answer

ROLES = ("page", "size", "cursor", "start")
"""What the parameters of lists stand for."""

# An export may give an empty page or one twice; Zendesk lets ten through before it makes us wait.
_MOST_STALE = 7
_EXPORTS = (PagingStyle.CURSOR_EXPORT, PagingStyle.TIME_EXPORT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """The next request of a list: its query, and its address where a link gave it ("" if not).

    `before` is what the steps before it had.
    """

    query: Mapping[str, str] = field(default_factory=dict)
    link: str = ""
    before: Progress = field(default=Progress(), compare=False)


class Trail:
    """The steps and the pages of one read of a list, so that it never goes round."""

    def __init__(self) -> None:
        """Begin with nothing read."""
        self._steps: set[int] = set()
        self._pages: set[int] = set()
        self._stale = 0

    def next_step(
        self, paging: Paging, step: Step, answer: Answer, rows: Sequence[Row]
    ) -> Step | None:
        """Return the step after an answer with these rows, None at the end of the list.

        Raises MalformedResponseError where the answer lacks what the style needs, where it leads to a
        step that was taken before, and where too many pages in a row hold nothing new.
        """
        following = next_step(paging, step, answer, rows)
        if following is None:
            return None
        self._steps.add(_mark_step(step))
        if _mark_step(following) in self._steps:
            raise MalformedResponseError("the answer leads back to a page that was read before")
        page = _mark_page(rows)
        self._stale = self._stale + 1 if not rows or page in self._pages else 0
        self._pages.add(page)
        if self._stale > _MOST_STALE:
            raise MalformedResponseError(f"{self._stale} pages in a row hold nothing new")
        return following


def first_step(paging: Paging, query: Mapping[str, str], start: str = "") -> Step:
    """Return the first step; `query` is what the call itself says, `start` an export's start."""
    words = paging.parameters
    first = {**paging.constants, **query}
    if paging.style is PagingStyle.NONE:
        return Step(query=first)
    if "size" in words:
        first[words["size"]] = str(paging.size)
    if paging.style is PagingStyle.PAGE_NUMBER:
        first[_word(paging, "page")] = str(paging.first)
    elif paging.style is PagingStyle.OFFSET:
        first[_word(paging, "page")] = "0"
    elif paging.style in _EXPORTS and start:
        first[_word(paging, "start")] = start
    return Step(query=first)


def next_step(paging: Paging, step: Step, answer: Answer, rows: Sequence[Row]) -> Step | None:
    """Return the step after an answer with these rows, None at the end of the list.

    Raises MalformedResponseError where the answer lacks what the style needs, leads nowhere, or ends a
    list of which it says that there is more.
    """
    progress = step.before.add(len(rows))
    following = _follow(paging, step, answer, rows)
    if following == step:
        raise MalformedResponseError("the answer leads to the same page again")
    if following is None:
        check_end(paging, answer, progress)
        return None
    return replace(following, before=progress)


def _follow(paging: Paging, step: Step, answer: Answer, rows: Sequence[Row]) -> Step | None:
    if paging.style is PagingStyle.NONE:
        return None
    if paging.style is PagingStyle.LINK:
        return _follow_link(paging, answer)
    if is_last(paging, answer, rows, step.before.add(len(rows))):
        return None
    return _go_on(paging, step, answer, rows)


def _go_on(paging: Paging, step: Step, answer: Answer, rows: Sequence[Row]) -> Step:
    """Return the step after a page that is not the last one."""
    match paging.style:
        case PagingStyle.PAGE_NUMBER:
            return _count_on(paging, step, 1)
        case PagingStyle.OFFSET:
            return _count_on(paging, step, len(rows))
        case PagingStyle.AFTER_ROW:
            return _follow_cursor(paging, step, read_row_cursor(paging, rows))
        case PagingStyle.TIME_EXPORT:
            return _follow_time(paging, step, answer)
        case _:
            return _follow_cursor(paging, step, read_cursor(paging, answer))


def _count_on(paging: Paging, step: Step, by: int) -> Step:
    word = _word(paging, "page")
    return Step(query={**step.query, word: str(int(step.query[word]) + by)})


def _follow_cursor(paging: Paging, step: Step, cursor: str) -> Step:
    # An export's start is sent once; from then on Zendesk's cursor stands in its place.
    left_out = paging.parameters.get("start")
    kept = {word: value for word, value in step.query.items() if word != left_out}
    return Step(query={**kept, _word(paging, "cursor"): cursor})


def _follow_time(paging: Paging, step: Step, answer: Answer) -> Step:
    end = read_role(paging, answer, "cursor")
    if not isinstance(end, int) or isinstance(end, bool):
        raise MalformedResponseError("there are more pages, but no end time")
    if end < _start(paging, step):
        raise MalformedResponseError("the end time goes back")
    return Step(query={**step.query, _word(paging, "start"): str(end)})


def _follow_link(paging: Paging, answer: Answer) -> Step | None:
    if "next" in paging.fields or "next" in paging.headers:
        link = read_role(paging, answer, "next")
        if link is not None and not isinstance(link, str):
            raise MalformedResponseError("the next page's address is no text")
        return Step(link=link) if link else None
    link = find_link(answer.headers.get("link", ""), "next")
    return Step(link=link) if link else None


def _start(paging: Paging, step: Step) -> int:
    start = step.query.get(_word(paging, "start"), "")
    return int(start) if start.isascii() and start.isdecimal() else 0


def _mark_step(step: Step) -> int:
    return hash((step.link, tuple(sorted(step.query.items()))))


def _mark_page(rows: Sequence[Row]) -> int:
    """Return what tells a page from others: how many rows it has, and the values of its ends."""
    ends = (rows[0], rows[-1]) if rows else ()
    return hash((len(rows), tuple(_mark_row(row) for row in ends)))


def _mark_row(row: Row) -> int:
    plain = ((name, value) for name, value in row.items() if not isinstance(value, dict | list))
    return hash(frozenset(plain))


def _word(paging: Paging, role: str) -> str:
    if role not in paging.parameters:
        raise ProfileError(f"paging {paging.style.value}: parameters.{role} is missing")
    return paging.parameters[role]
