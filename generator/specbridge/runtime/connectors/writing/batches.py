"""Many writes in one call that answers for each of them (207 Multi-Status); one answer, no job."""

from collections.abc import Sequence

from specbridge.errors import RefusedError
from specbridge.model.calls import BatchCall
from specbridge.model.values import Json, Path
from specbridge.runtime.connectors.reading.rows import Row, nest, value_at
from specbridge.runtime.connectors.transport.access import Access
from specbridge.runtime.connectors.transport.errors import describe, mask
from specbridge.runtime.connectors.transport.messages import Request

_SUCCESSES = range(200, 300)


def send_batch(access: Access, call: BatchCall, rows: list[Json]) -> tuple[Row, ...] | None:
    """Return the results of a batch, as a job states them; None where the answer has none.

    Raises RefusedError where the call as a whole is refused.
    """
    marked = [_mark(call, row, place) for place, row in enumerate(rows)]
    request = Request(
        method=call.method,
        path=call.path,
        body=nest({call.wrap: marked}) if call.wrap else marked,
        # A PUT states what is to be; what became of a POST is looked up before it is made again.
        safe=call.method != "POST",
    )
    answer = access.transport.send(request)
    if not answer.ok:
        raise RefusedError(describe(access.profile, request, answer), answer.status)
    found = _listed(answer.body, call.results)
    if found is None:
        return None
    errors = _listed(answer.body, call.errors) if call.errors else None
    return (*read_results(call, found, len(rows)), *read_errors(call, errors or ()))


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
        results.append({**_said(row), "index": index, "error": _text(error)})
    return tuple(results)


def read_errors(call: BatchCall, rows: Sequence[Row]) -> tuple[Row, ...]:
    """Return refusals that stand apart as a job states them: one for each record that they are of.

    One that names no record is a row without id and index.
    """
    failures: list[Row] = []
    for row in rows:
        text = _text(value_at(row, call.error_text))
        named = value_at(row, call.error_ids) if call.error_ids else None
        for one in named if isinstance(named, list) and named else [named]:
            word = "index" if call.trace else "id"
            named_by = {word: _whole(one) if call.trace else one}
            failures.append({**_said(row), **named_by, "error": text})
    return tuple(failures)


def _said(row: Row) -> Row:
    """Return what else a refusal says: who has a value that is taken, above all."""
    return {name: value for name, value in row.items() if name not in ("id", "index", "success")}


def _mark(call: BatchCall, row: Json, place: int) -> Json:
    return {**row, call.trace: str(place)} if call.trace and isinstance(row, dict) else row


def _listed(body: Json, path: Path) -> list[Row] | None:
    found = body
    if path:
        found = value_at(body, path) if isinstance(body, dict) else None
    return [row for row in found if isinstance(row, dict)] if isinstance(found, list) else None


def _text(value: Json) -> str:
    return mask(value if isinstance(value, str) and value else "the server refused it")


def _is_done(call: BatchCall, row: Row, identifier: Json) -> bool:
    status = value_at(row, call.result_status) if call.result_status else None
    if isinstance(status, int | str) and str(status).isdecimal():
        return int(status) in _SUCCESSES
    failed = call.result_error and value_at(row, call.result_error)
    return identifier is not None and not failed


def _index(call: BatchCall, row: Row) -> Json:
    return _whole(value_at(row, call.result_index) if call.result_index else None)


def _whole(value: Json) -> Json:
    return int(value) if isinstance(value, str) and value.isdecimal() else value
