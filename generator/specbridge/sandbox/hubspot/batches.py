"""Many records in one call: read, made, changed, upserted, archived; a hundred at most."""

from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from specbridge.sandbox.doubts import Doubt
from specbridge.sandbox.hubspot.listing import find_by
from specbridge.sandbox.hubspot.refusals import envelope, invalid
from specbridge.sandbox.hubspot.state import Held, State
from specbridge.sandbox.hubspot.writing import archive, create, replace, update
from specbridge.sandbox.messages import Answer, Call, RefusalError, Row

_MOST, _NOT_FOUND = 100, 404
_TRACE = "objectWriteTraceId"
Write = Callable[[Row], tuple[Held, Row]]
"""Writes what one input asks for; returns the record, and what its result says besides."""


@dataclass(frozen=True, slots=True)
class Batches:
    """The calls below /crm/v3/objects/{kind}/batch."""

    state: State

    def routes(self) -> Sequence[tuple[str, str, Any]]:
        """Return method, path and handler of each call."""
        path = "/crm/v3/objects/{kind}/batch"
        return (
            ("POST", f"{path}/read", self.read),
            ("POST", f"{path}/create", self.create),
            ("POST", f"{path}/update", self.update),
            ("POST", f"{path}/upsert", self.upsert),
            ("POST", f"{path}/archive", self.archive),
        )

    def read(self, call: Call, kind: str) -> Answer:
        """Answer the records that there are; of the others it says so, with 207."""
        asked = call.json()
        archived, by = call.query.get("archived") == "true", asked.get("idProperty")
        results: list[Row] = []
        missing: list[str] = []
        for given in _inputs(call):
            identifier = str(given["id"])
            try:
                if by:
                    held = find_by(self.state, kind, by, identifier)
                else:
                    held = self.state.find(kind, identifier, archived)
            except RefusalError as refusal:
                if refusal.answer.status != _NOT_FOUND:
                    raise
                missing.append(identifier)
            else:
                results.append(self.state.show(kind, held, asked.get("properties") or []))
        errors: list[Row] = []
        if missing:
            # One error names all of them: its number is not theirs.
            text = "Could not get some records, they may be deleted or not exist."
            errors.append(_error(envelope(text, "OBJECT_NOT_FOUND"), ids=missing))
        return self._complete(results, errors)

    def create(self, call: Call, kind: str) -> Answer:
        """Make records: all or none, unless each input has a mark of its own."""

        def write(given: Row) -> tuple[Held, Row]:
            return create(self.state, kind, given), {}

        return self._write(call, kind, write, status=201)

    def update(self, call: Call, kind: str) -> Answer:
        """Change records by their ids; two inputs for one record are refused."""
        _check_distinct(_inputs(call))

        def write(given: Row) -> tuple[Held, Row]:
            if given.get("idProperty") == "email":
                raise invalid("Unable to perform update/upsert by non-unique 0-1 property")
            held = self._find(kind, given)
            return update(self.state, kind, held, given), {}

        in_part = not self.state.does(Doubt.UPDATES_WHOLE)
        return self._write(call, kind, write, in_part=in_part)

    def upsert(self, call: Call, kind: str) -> Answer:
        """Make or change records by a unique property; by address what is not sent is emptied."""
        _check_distinct(_inputs(call))

        def write(given: Row) -> tuple[Held, Row]:
            name, value = given["idProperty"], str(given["id"])
            sent = {**given, "properties": {**given["properties"], name: value}}
            held = self.state.holder(kind, name, value)
            if held is None:
                return create(self.state, kind, sent), {"new": True}
            change = replace if name == "email" else update
            return change(self.state, kind, held, sent), {"new": False}

        return self._write(call, kind, write)

    def archive(self, call: Call, kind: str) -> Answer:
        """Archive records; what is archived already stays so."""
        for given in _inputs(call):
            held = self.state.records[kind].get(str(given["id"]))
            if held is not None and not held.archived:
                archive(self.state, kind, held)
        return Answer(status=204)

    def _find(self, kind: str, given: Row) -> Held:
        if by := given.get("idProperty"):
            return find_by(self.state, kind, by, str(given["id"]))
        return self.state.find(kind, str(given["id"]))

    def _write(
        self, call: Call, kind: str, write: Write, *, status: int = 200, in_part: bool = True
    ) -> Answer:
        inputs = _inputs(call)
        traces = [given.get(_TRACE) for given in inputs]
        partial = in_part and all(traces) and len(set(traces)) == len(traces)
        before = None if partial else _copy(self.state)
        results: list[Row] = []
        errors: list[Row] = []
        for given in inputs:
            try:
                held, more = write(given)
            except RefusalError as refusal:
                if not partial:
                    # All or nothing, and the first conflict is the only one that is named.
                    _restore(self.state, before)
                    raise
                errors.append(self._refused(given, refusal))
                continue
            shown = self.state.show(kind, held, given["properties"])
            mark = {_TRACE: given[_TRACE]} if given.get(_TRACE) else {}
            results.append({**shown, **more, **mark})
        return self._complete(results, errors, status)

    def _refused(self, given: Row, refusal: RefusalError) -> Row:
        body: Any = refusal.answer.body
        known = {"ids": [str(given["id"])]} if "id" in given else {}
        return _error(body, **{_TRACE: [given[_TRACE]]}, **known)

    def _complete(self, results: list[Row], errors: list[Row], status: int = 200) -> Answer:
        now = self.state.text(self.state.now())
        # The order of results is promised by nobody.
        shown = results if self.state.does(Doubt.RESULTS_IN_ORDER) else results[::-1]
        body: Row = {"status": "COMPLETE", "results": shown, "startedAt": now, "completedAt": now}
        if errors:
            body |= {"numErrors": len(errors), "errors": errors}
        return Answer(status=207 if errors else status, body=body)


def _inputs(call: Call) -> list[Row]:
    inputs: list[Row] = call.json()["inputs"]
    if len(inputs) > _MOST:
        raise invalid(f"the maximum number of inputs is {_MOST}")
    return inputs


def _check_distinct(inputs: Sequence[Row]) -> None:
    ids = [str(given["id"]) for given in inputs]
    if len(set(ids)) < len(ids):
        raise invalid("Duplicate IDs found in batch input")


def _error(body: Row, **context: list[str]) -> Row:
    return {
        "status": "error",
        "category": body["category"],
        "message": body["message"],
        "context": context,
        "errors": body.get("errors", []),
        "links": {},
    }


def _copy(state: State) -> Any:
    return deepcopy((state.records, state.taken, state.plain, state.primary))


def _restore(state: State, before: Any) -> None:
    state.records, state.taken, state.plain, state.primary = before
