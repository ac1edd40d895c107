"""How a list is read to its end, one step after another; pure.

A step is the query of the next request, or (for links) its address. An answer that would lead to
the same step again is malformed: it would never end.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from specbridge.errors import MalformedResponseError, ProfileError
from specbridge.model.profile import Paging, PagingStyle
from specbridge.model.values import Json
from specbridge.runtime.connectors.reading.rows import Row, value_at
from specbridge.runtime.connectors.transport.messages import Answer

_EXPORTS = (PagingStyle.CURSOR_EXPORT, PagingStyle.TIME_EXPORT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """The next request of a list: its query, and its address where a link gave it ("" if not)."""

    query: Mapping[str, str] = field(default_factory=dict)
    link: str = ""


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


def next_step(paging: Paging, step: Step, answer: Answer, count: int) -> Step | None:
    """Return the step after an answer of `count` rows, None at the end of the list.

    Raises MalformedResponseError where the answer lacks what the style needs, or leads nowhere.
    """
    match paging.style:
        case PagingStyle.NONE:
            following = None
        case PagingStyle.PAGE_NUMBER:
            following = _count_on(paging, step, 1) if count >= paging.size else None
        case PagingStyle.OFFSET:
            following = _count_on(paging, step, count) if count >= paging.size else None
        case PagingStyle.CURSOR:
            following = _follow_cursor(paging, step, answer, _says(paging, answer, "more"))
        case PagingStyle.CURSOR_EXPORT:
            following = _follow_cursor(paging, step, answer, not _says(paging, answer, "end"))
        case PagingStyle.TIME_EXPORT:
            following = _follow_time(paging, step, answer)
        case PagingStyle.LINK:
            following = _follow_link(paging, answer)
    if following == step:
        raise MalformedResponseError("the answer leads to the same page again")
    return following


def _count_on(paging: Paging, step: Step, by: int) -> Step:
    word = _word(paging, "page")
    return Step(query={**step.query, word: str(int(step.query[word]) + by)})


def _follow_cursor(paging: Paging, step: Step, answer: Answer, more: bool) -> Step | None:
    if not more:
        return None
    cursor = _field(paging, answer, "cursor")
    if not isinstance(cursor, str) or not cursor:
        raise MalformedResponseError("there are more pages, but no cursor")
    left_out = paging.parameters.get("start")
    kept = {word: value for word, value in step.query.items() if word != left_out}
    return Step(query={**kept, _word(paging, "cursor"): cursor})


def _follow_time(paging: Paging, step: Step, answer: Answer) -> Step | None:
    if _says(paging, answer, "end"):
        return None
    end = _field(paging, answer, "cursor")
    if not isinstance(end, int) or isinstance(end, bool):
        raise MalformedResponseError("there are more pages, but no end time")
    return Step(query={**step.query, _word(paging, "start"): str(end)})


def _follow_link(paging: Paging, answer: Answer) -> Step | None:
    if "next" in paging.fields:
        link = _field(paging, answer, "next")
        if link is not None and not isinstance(link, str):
            raise MalformedResponseError("the next page's address is no text")
        return Step(link=link) if link else None
    for part in answer.headers.get("link", "").split(","):
        address, _, attributes = part.partition(";")
        if 'rel="next"' in attributes.replace("'", '"').replace("rel=next", 'rel="next"'):
            return Step(link=address.strip().strip("<>"))
    return None


def _word(paging: Paging, role: str) -> str:
    if role not in paging.parameters:
        raise ProfileError(f"paging {paging.style.value}: parameters.{role} is missing")
    return paging.parameters[role]


def _says(paging: Paging, answer: Answer, role: str) -> bool:
    value = _field(paging, answer, role)
    if not isinstance(value, bool):
        name = paging.fields.get(role, role)
        raise MalformedResponseError(f"the answer does not say {name!r}")
    return value


def _field(paging: Paging, answer: Answer, role: str) -> Json:
    body: Row = answer.body if isinstance(answer.body, dict) else {}
    return value_at(body, tuple(paging.fields[role].split("."))) if role in paging.fields else None
