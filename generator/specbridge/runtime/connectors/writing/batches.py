"""Many writes in one call that answers for each of them (207 Multi-Status); one answer, no job."""

from collections.abc import Sequence

from specbridge.errors import RefusedError
from specbridge.model.calls import BatchCall
from specbridge.model.values import Json
from specbridge.runtime.connectors.reading.rows import Row, nest, value_at
from specbridge.runtime.connectors.transport.access import Access
from specbridge.runtime.connectors.transport.errors import describe, mask
from specbridge.runtime.connectors.transport.messages import Request

_SUCCESSES = range(200, 300)


def send_batch(access: Access, call: BatchCall, rows: list[Json]) -> tuple[Row, ...] | None:
    """Return the results of a batch, as a job states them; None where the answer has none.

    Raises RefusedError where the call as a whole is refused.
    """
    request = Request(
        method=call.method,
        path=call.path,
        body=nest({call.wrap: rows}) if call.wrap else rows,
        # A PUT states what is to be; what became of a POST is looked up before it is made again.
        safe=call.method != "POST",
    )
    answer = access.transport.send(request)
    if not answer.ok:
        raise RefusedError(describe(access.profile, request, answer), answer.status)
    found = answer.body
    if call.results:
        found = value_at(found, call.results) if isinstance(found, dict) else None
    if not isinstance(found, list):
        return None
    return read_results(call, [row for row in found if isinstance(row, dict)], len(rows))


def read_results(call: BatchCall, rows: Sequence[Row], sent: int) -> tuple[Row, ...]:
    """Return a batch's results as a job states them: `id` of what was done; `error` of what was not.

    A failure has the `index` of its row: the one that it states, or its own place where the API answers
    for all rows in their order.
    """
    ordered = not call.result_index and len(rows) == sent
    results: list[Row] = []
    for place, row in enumerate(rows):
        identifier = value_at(row, call.result_id) if call.result_id else None
        if _is_done(call, row, identifier):
            results.append({"id": identifier, "success": True})
            continue
        index = place if ordered else _index(call, row)
        error = value_at(row, call.result_error) if call.result_error else None
        text = error if isinstance(error, str) and error else "the server refused it"
        results.append({"index": index, "error": mask(text)})
    return tuple(results)


def _is_done(call: BatchCall, row: Row, identifier: Json) -> bool:
    status = value_at(row, call.result_status) if call.result_status else None
    if isinstance(status, int | str) and str(status).isdecimal():
        return int(status) in _SUCCESSES
    failed = call.result_error and value_at(row, call.result_error)
    return identifier is not None and not failed


def _index(call: BatchCall, row: Row) -> Json:
    value = value_at(row, call.result_index) if call.result_index else None
    return int(value) if isinstance(value, str) and value.isdecimal() else value
