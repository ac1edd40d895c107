"""Writes of single records and of many, each as its call in the profile says."""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field

from specbridge.model.calls import BatchCall, BodyStyle, BulkCall, Precondition, WriteCall
from specbridge.model.conversion import ValueType
from specbridge.model.profile import Profile, Property, ValueForm
from specbridge.model.values import Json, Path
from specbridge.sandbox.anysystem.checking import Checking
from specbridge.sandbox.anysystem.patching import apply_patch
from specbridge.sandbox.anysystem.records import Held, Records, texts_at
from specbridge.sandbox.anysystem.refusals import refuse
from specbridge.sandbox.anysystem.values import Row, overlaid, set_at, states, value_at, wrapped
from specbridge.sandbox.messages import Answer, Call, RefusalError

Names = Mapping[str, str]
"""What the holes of an address were filled with."""

_PATCH = "application/json-patch+json"


@dataclass(slots=True)
class Writing:
    """Carries out writes; `made` are the records of idempotency keys, `jobs` what jobs ended with."""

    profile: Profile
    checking: Checking
    made: dict[tuple[str, str], str] = field(default_factory=dict)
    jobs: dict[str, Row] = field(default_factory=dict)

    def read(self, records: Records, stated: WriteCall, call: Call, names: Names) -> Answer:
        """Show one record."""
        one = self._found(records, names)
        return _show(one, stated, 200)

    def create(self, records: Records, stated: WriteCall, call: Call, names: Names) -> Answer:
        """Make a record; the same idempotency key, or external reference in the address, makes it once."""
        sent = self._sent(call, stated.wrap)
        typed = {name: _typed(records, name, text) for name, text in names.items()}
        key = call.headers.get(stated.idempotency.lower(), "") if stated.idempotency else ""
        known = self._known(records, names, key)
        if known is not None:
            row = {**sent, **typed}
            self.checking.update(records.resource, row, known)
            self._change(records, known, _writable(records, row))
            return _show(known, stated, 200)
        one = self._make(records, {**deepcopy(dict(stated.constants)), **sent, **typed})
        if key:
            self.made[records.resource.name, key] = texts_at(one, records.resource.id)
        return _show(one, stated, 201)

    def update(self, records: Records, stated: WriteCall, call: Call, names: Names) -> Answer:
        """Change a record by the body style that the profile says, on the state that it names."""
        one = self._found(records, names)
        if stated.body is BodyStyle.JSON_PATCH:
            if call.headers.get("content-type", "").partition(";")[0] != _PATCH:
                raise refuse(self.profile, 415, "a patch is sent as application/json-patch+json")
            new = apply_patch(self.profile, one.row, call.json())
            self.checking.update(records.resource, _unlike(new, one.row), one)
            one.row = _kept(records, one, new)
            records.stamp(one)
            return _show(one, stated, 200)
        sent = self._sent(call, stated.wrap)
        self._precondition(stated, call, sent, one)
        self.checking.update(records.resource, sent, one)
        changes = _writable(records, sent)
        if stated.body is BodyStyle.REPLACE:
            self._replace(records, one, changes)
        else:
            self._change(records, one, changes, whole=stated.body is BodyStyle.MERGE_OBJECTS)
        return _show(one, stated, 200)

    def delete(self, records: Records, stated: WriteCall, call: Call, names: Names) -> Answer:
        """Delete a record."""
        one = self._found(records, names)
        records.delete(one)
        return _show(one, stated, 200) if stated.answers else Answer(status=204)

    def batch(self, records: Records, stated: BatchCall, call: Call, creates: bool) -> Answer:
        """Write many records at once, and answer for each of them."""
        rows = value_at(call.json(), stated.wrap) if stated.wrap else call.json()
        if not isinstance(rows, list) or len(rows) > stated.size:
            raise refuse(self.profile, 400, f"a batch has {stated.size} records at most")
        told: list[Json] = []
        for place, row in enumerate(rows):
            outcome = self._one_of_many(records, stated, row, creates)
            said: Row = {}
            if stated.result_index:
                set_at(said, stated.result_index, place)
            for path, name in (
                (stated.result_id, "id"),
                (stated.result_status, "status"),
                (stated.result_error, "error"),
            ):
                if name in outcome:
                    set_at(said, path, outcome[name])
            told.append(said)
        return Answer(status=207, body=wrapped(told, stated.results))

    def begin_job(self, records: Records, stated: BulkCall, call: Call, creates: bool) -> Answer:
        """Write many records as a job, which has ended when it is asked for."""
        rows = value_at(call.json(), stated.wrap)
        if not isinstance(rows, list) or len(rows) > stated.size:
            raise refuse(self.profile, 400, f"a job has {stated.size} records at most")
        results: list[Json] = [
            _as_result(self._one_of_many(records, stated, row, creates), place, creates)
            for place, row in enumerate(rows)
        ]
        identifier = f"job-{len(self.jobs) + 1}"
        begun: Row = {"id": identifier, "status": "queued", "total": len(rows)}
        self.jobs[identifier] = {
            **begun,
            "status": "completed",
            "progress": len(rows),
            "results": results,
        }
        return Answer(body=wrapped({**begun, "progress": None, "results": None}, stated.job_wrap))

    def show_job(self, stated: BulkCall, identifier: str) -> Answer:
        """Show a job as it ended."""
        if identifier not in self.jobs:
            raise refuse(self.profile, 404, f"there is no job {identifier}")
        return Answer(body=wrapped(self.jobs[identifier], stated.job_wrap))

    def show_jobs(self, stated: BulkCall, wanted: tuple[str, ...] | None) -> Answer:
        """Show some jobs, or the account's."""
        jobs = [one for name, one in self.jobs.items() if wanted is None or name in wanted]
        return Answer(body=wrapped(list[Json](jobs), stated.jobs_items))

    def _one_of_many(
        self, records: Records, stated: BatchCall | BulkCall, row: Json, creates: bool
    ) -> Mapping[str, Json]:
        try:
            if not isinstance(row, dict):
                raise refuse(self.profile, 400, "a record is an object")
            if creates:
                one = self._make(records, {**deepcopy(dict(stated.constants)), **row})
            else:
                one = self._found(records, {"id": str(value_at(row, records.resource.id))})
                self.checking.update(records.resource, row, one)
                self._change(records, one, _writable(records, row))
        except RefusalError as refusal:
            message = _message(refusal.answer.body)
            return {"status": refusal.answer.status, "error": message}
        identifier = value_at(one.row, records.resource.id)
        return {"id": identifier, "status": 201 if creates else 200}

    def _make(self, records: Records, sent: Row) -> Held:
        self.checking.creation(records.resource, sent)
        return records.add(_shown(records, _writable(records, sent)))

    def _change(self, records: Records, one: Held, changes: Row, *, whole: bool = False) -> None:
        shown = _shown(records, changes)
        merged = {**one.row, **deepcopy(shown)} if whole else overlaid(one.row, shown)
        assert isinstance(merged, dict)
        one.row = merged
        records.stamp(one)

    def _replace(self, records: Records, one: Held, row: Row) -> None:
        """Put a whole record in the place of another: what it leaves out is emptied."""
        kept = {path: value_at(one.row, path) for path in _own_paths(records)}
        fresh = dict.fromkeys(one.row) | _shown(records, row)
        one.row = deepcopy(fresh)
        for path, value in kept.items():
            set_at(one.row, path, value)
        records.stamp(one)

    def _precondition(self, stated: WriteCall, call: Call, sent: Row, one: Held) -> None:
        match stated.precondition:
            case Precondition.NONE:
                return
            case Precondition.ETAG:
                right = call.headers.get("if-match") == _etag(one)
                missing = "if-match" not in call.headers
            case Precondition.VERSION_HEADER:
                right = call.headers.get("if-match") == texts_at(one, stated.version)
                missing = "if-match" not in call.headers
            case Precondition.VERSION:
                right = value_at(sent, stated.version) == value_at(one.row, stated.version)
                missing = not states(sent, stated.version)
        if missing:
            raise refuse(self.profile, 428, "the request does not say what it was made on")
        if not right:
            words = stated.conflict_words or ("somebody was faster",)
            raise refuse(self.profile, next(iter(stated.conflicts), 412), words[0])

    def _known(self, records: Records, names: Names, key: str) -> Held | None:
        """Return the record that a creation would make again."""
        if key:
            return records.find(self.made.get((records.resource.name, key), ""))
        reference = records.resource.external_reference or ()
        text = names.get(reference[0]) if len(reference) == 1 else None
        if text is None:
            return None
        return next((one for one in records.present() if texts_at(one, reference) == text), None)

    def _found(self, records: Records, names: Names) -> Held:
        one = records.find(names["id"])
        right = one is not None and all(
            texts_at(one, (name,)) == text for name, text in names.items() if name != "id"
        )
        if one is None or not right:
            raise refuse(self.profile, 404, f"there is no record {names['id']}")
        return one

    def _sent(self, call: Call, wrap: Path) -> Row:
        try:
            sent = value_at(call.json(), wrap)
        except ValueError:
            raise refuse(self.profile, 400, "the body is no JSON") from None
        if not isinstance(sent, dict):
            where = ".".join(wrap) or "the body"
            raise refuse(self.profile, 400, f"{where} must be an object")
        return sent


def _show(one: Held, stated: WriteCall, status: int) -> Answer:
    headers = {"ETag": _etag(one)}
    if not stated.answers:
        return Answer(status=204, headers=headers)
    where = stated.wrap if stated.answer_wrap is None else stated.answer_wrap
    return Answer(status=status, body=wrapped(deepcopy(one.row), where), headers=headers)


def _etag(one: Held) -> str:
    return f'"{one.version}"'


def _own_paths(records: Records) -> Iterator[Path]:
    """Yield what the system sets itself."""
    yield records.resource.id
    for prop in records.resource.properties:
        if prop.read_only:
            yield prop.path


def _writable(records: Records, sent: Row) -> Row:
    """Return what is sent without what the system sets itself; a hidden value's placeholder too is none."""
    row = deepcopy(sent)
    for path in _own_paths(records):
        holder = value_at(row, path[:-1])
        if isinstance(holder, dict):
            holder.pop(path[-1], None)
    return row


def _kept(records: Records, one: Held, row: Row) -> Row:
    for path in _own_paths(records):
        set_at(row, path, value_at(one.row, path))
    return row


def _unlike(new: Row, old: Row) -> Row:
    """Return what a patch changed, so that nothing else is judged by it."""
    return {name: value for name, value in new.items() if value != old.get(name)}


def _shown(records: Records, row: Row) -> Row:
    """Return values in the form in which they are read, where they are sent in another."""
    shown = deepcopy(row)
    for prop in records.resource.properties:
        value = value_at(shown, prop.path)
        if value is not None and not any("[]" in step for step in prop.path):
            set_at(shown, prop.path, _in_form(prop, value))
    return shown


def _in_form(prop: Property, value: Json) -> Json:
    if prop.codes or prop.sent in (None, prop.form) or isinstance(value, dict | list):
        return value
    if prop.form is ValueForm.TEXT:
        return str(value).lower() if isinstance(value, bool) else str(value)
    if prop.form is ValueForm.JSON and prop.type is ValueType.INTEGER:
        return int(str(value))
    return value


def _typed(records: Records, name: str, text: str) -> Json:
    prop = records.property((name,))
    return int(text) if prop is not None and prop.type is ValueType.INTEGER else text


def _as_result(outcome: Mapping[str, Json], place: int, creates: bool) -> Row:
    if "error" in outcome:
        return {"index": place, "error": "Refused", "details": outcome["error"]}
    return {"index": place, "id": outcome["id"], "status": "Created" if creates else "Updated"}


def _message(body: object) -> str:
    while isinstance(body, dict) and body:
        body = next(iter(body.values()))
    return str(body)
