"""The answers of one list call, from its first step to its end."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from specbridge.errors import MalformedResponseError
from specbridge.model.calls import Paging, ReadCall, SinceForm
from specbridge.model.profile import Resource
from specbridge.model.values import Json
from specbridge.runtime.connectors.reading.paging import ROLES, Step, Trail, first_step
from specbridge.runtime.connectors.reading.rows import Row, read_rows
from specbridge.runtime.connectors.reading.templates import fill_body
from specbridge.runtime.connectors.transport.access import Access
from specbridge.runtime.connectors.transport.bodies import PAGE, Bounds
from specbridge.runtime.connectors.transport.errors import error_of, says
from specbridge.runtime.connectors.transport.malformed import malformed
from specbridge.runtime.connectors.transport.messages import Answer, Request

_COUNTED = frozenset({"size", "page"})
_EPOCHS = (SinceForm.EPOCH_SECONDS, SinceForm.EPOCH_MILLISECONDS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """The rows of one answer of a list."""

    rows: tuple[Row, ...]
    answer: Answer


def read_batches(
    access: Access,
    call: ReadCall,
    query: Mapping[str, str],
    start: str = "",
    bounds: Bounds = PAGE,
) -> Iterator[Batch]:
    """Yield the answers of a list call from its first step to its end, one list after another.

    `query` is a filter, `start` where an export begins. An answer that says that the start is too recent for any change ends it without a row.
    """
    for more in call.queries or ({},):
        yield from _read_to_end(
            access, call, first_step(paging_of(access, call), {**query, **more}, start), bounds
        )


def _read_to_end(access: Access, call: ReadCall, first: Step, bounds: Bounds) -> Iterator[Batch]:
    paging = paging_of(access, call)
    step: Step | None = first
    trail = Trail()
    while step is not None:
        request = _list_request(access, call, step, bounds)
        answer = access.transport.send(request)
        # Before `ok`: Zendesk's exports refuse a start of under a minute ago, which is no fault.
        if says(access.profile, answer, call.nothing_new):
            return
        if not answer.ok:
            raise error_of(access.profile, request, answer)
        where = access.where(call.path)
        rows = read_rows(answer, call.items, where)
        yield Batch(rows=rows, answer=answer)
        try:
            step = trail.next_step(paging, step, answer, rows)
        except MalformedResponseError as error:
            raise malformed(where, str(error)) from None


def paging_of(access: Access, call: ReadCall) -> Paging:
    """Return how a call's list is continued; a search by POST knows its parameters by their roles."""
    paging = call.paging or access.profile.paging
    if call.method == "GET":
        return paging
    return replace(paging, parameters={role: role for role in ROLES})


def full_call(resource: Resource) -> ReadCall | None:
    """Return the cheapest call that reads everything, None where the API has none."""
    incremental = resource.incremental
    if incremental is not None and incremental.full:
        return incremental
    if resource.list is not None:
        return resource.list
    return incremental if incremental is not None and incremental.epoch else None


def _list_request(access: Access, call: ReadCall, step: Step, bounds: Bounds) -> Request:
    """Return the request of a step: its parameters in the address, or in the body of a search."""
    path = _address(access, call, step)
    if call.method == "GET":
        return Request(method="GET", path=path, query=step.query, safe=True, bounds=bounds)
    numbers = frozenset({*_COUNTED, "since"}) if call.since_form in _EPOCHS else _COUNTED
    values: dict[str, Json] = {
        role: int(value) if role in numbers - {*call.texts} and _is_whole(value) else value
        for role, value in step.query.items()
    }
    body = fill_body(call.body, values)
    # A search changes nothing, and may be made again.
    return Request(method=call.method, path=path, body=body, safe=True, search=True, bounds=bounds)


def _is_whole(text: str) -> bool:
    # A filter may be a sentence round a number.
    return text.removeprefix("-").isdecimal() and text.isascii()


def _address(access: Access, call: ReadCall, step: Step) -> str:
    """Return where a step leads; a link may not lead to another host, which would get our keys."""
    if not step.link:
        return call.path
    return access.transport.below(step.link)
