"""Writes tried on one test record of each resource, which is taken away again whatever happens."""

from collections.abc import Callable, Iterator, Mapping
from uuid import uuid4

from specbridge.errors import ApiError
from specbridge.model.calls import Precondition
from specbridge.model.profile import Property, Resource
from specbridge.model.values import Json
from specbridge.runtime.connectors.reading.finding import Reading, find_rows, lookup_of, read_whole
from specbridge.runtime.connectors.reading.rows import Row, row_id, value_at
from specbridge.runtime.connectors.sample import (
    changeable,
    emptied,
    joins_only,
    sample_record,
    text_of,
)
from specbridge.runtime.connectors.transport.access import Access
from specbridge.runtime.connectors.updating import write_records
from specbridge.runtime.connectors.writing.updates import is_conflict, request_on
from specbridge.runtime.records import (
    Create,
    Delete,
    Finding,
    Outcome,
    Record,
    Refused,
    Update,
    Write,
)

# An index of a search may be moments behind its records.
_LOOKS = 5
_PAUSE = 2.0


def try_writes(access: Access, resource: Resource, row: Row) -> Iterator[Finding]:
    """Yield what becomes of a test record: made, found, changed, changed on an older state, deleted.

    `row` is a record of the list, {} where there is none. Nothing is made where the profile cannot take it
    away, and no other record is touched.
    """
    subject = f"{resource.name}: write"
    if resource.create is None:
        yield _told(subject, "no create is stated")
        return
    if resource.delete is None or resource.read is None:
        yield _told(subject, "not tried: without read and delete a test record would stay for ever")
        return
    if joins_only(resource):
        yield _told(subject, "not tried: it joins records, and those of the list are joined")
        return
    trial = _Trial(access, resource, row)
    if trial.missing:
        names = ", ".join(trial.missing)
        yield _told(subject, f"not tried: required, and no record to take it from: {names}")
        return
    try:
        yield from trial.run()
    finally:
        trial.clean()
    if trial.left:
        message = f"the test record {trial.left} is still there: delete it by hand"
        yield Finding(subject=f"{resource.name}: delete", well=False, message=message)


class _Trial:
    """One test record: what it holds, and where it is as long as it is there."""

    def __init__(self, access: Access, resource: Resource, row: Row) -> None:
        self.left = ""
        self._access = access
        self._resource = resource
        self._mark = uuid4().hex[:8]
        self._reference = f"specbridge:probe:{self._mark}"
        self._properties, self.missing = sample_record(resource, row, self._mark)
        self._names = frozenset(prop.path[0].removesuffix("[]") for prop in resource.properties)

    def run(self) -> Iterator[Finding]:
        """Yield the findings, step by step; without a record there are no more of them."""
        yield self._attempt("create", self._create)
        if not self.left:
            return
        if self._resource.external_reference is not None:
            yield self._attempt("lookup of what was made", self._find)
        prop = changeable(self._resource, self._properties)
        if self._resource.update is not None and prop is not None:
            yield self._attempt("update", lambda: self._update(prop))
        yield self._attempt("delete", self._delete)

    def clean(self) -> None:
        """Take the record away where a step before its deletion failed, or somebody has enough."""
        if self.left:
            self._attempt("delete", self._delete)

    def _attempt(self, step: str, work: Callable[[], str]) -> Finding:
        """Return what a step finds: it returns what is well, and raises ApiError for what is not."""
        subject = f"{self._resource.name}: {step}"
        try:
            return Finding(subject=subject, well=True, message=work())
        except ApiError as error:
            return Finding(subject=subject, well=False, message=str(error))

    def _write(self, write: Write) -> Outcome:
        (outcome,) = write_records(self._access, self._resource, [write], self._names)
        return outcome

    def _create(self) -> str:
        reference = self._reference if self._resource.external_reference else ""
        create = Create(key="t", properties=self._properties, external_reference=reference)
        outcome = self._write(create)
        if isinstance(outcome, Refused):
            raise ApiError(f"refused: {outcome.status}: {outcome.reason}")
        self.left = outcome.id
        held = self._read()
        if held is None:
            raise ApiError(f"made, and cannot be read under its id {outcome.id}")
        wrong = _not_taken(self._resource, self._properties, held.row)
        if wrong:
            raise ApiError(f"made without {', '.join(wrong)}")
        return "made, and holds what was sent"

    def _find(self) -> str:
        path = self._resource.external_reference
        if path is None or lookup_of(self._resource, path) is None:
            raise ApiError("no lookup: a create whose answer is lost ends the run")
        for turn in range(_LOOKS):
            rows = find_rows(self._access, self._resource, path, [self._reference])
            where = self._access.where(self._resource.name)
            if any(row_id(self._resource, row, where) == self.left for row in rows):
                later = f" after {turn * _PAUSE:g} s" if turn else ""
                return f"found by {'.'.join(path)}{later}"
            self._access.clock.sleep(_PAUSE)
        raise ApiError(f"not found by {'.'.join(path)}, for {_LOOKS * _PAUSE:g} s")

    def _update(self, prop: Property) -> str:
        name = ".".join(prop.path)
        before = self._read()
        if before is None:
            raise ApiError("the record cannot be read any more")
        text = text_of(prop, self._mark[::-1])
        outcome = self._write(
            Update(key="t", current=self._record(before.row), changes={prop.path: text})
        )
        if isinstance(outcome, Refused):
            raise ApiError(f"refused: {outcome.status}: {outcome.reason}")
        after = self._read()
        if after is None or value_at(after.row, prop.path) != text:
            raise ApiError(f"{name} was written, and reads as something else")
        lost = sorted(emptied(before.row, after.row, prop.path))
        if lost:
            raise ApiError(
                f"of {name} alone emptied {', '.join(lost)}: the body is no {self._body()}"
            )
        return f"{name} changed, and nothing else was emptied" + self._try_older(prop, before)

    def _try_older(self, prop: Property, older: Reading) -> str:
        """Return what an update does that is made on the state before the last one."""
        call = self._resource.update
        if call is None or call.precondition is Precondition.NONE:
            return ""
        change = {prop.path: text_of(prop, f"{self._mark}-old")}
        write = Update(key="t", current=self._record(older.row), changes=change)
        answer = self._access.transport.send(
            request_on(self._access, self._resource, call, write, older)
        )
        if is_conflict(self._access, call, answer):
            return "; one on an older state is refused"
        if answer.ok:
            kind = call.precondition.value
            raise ApiError(f"an update on an older state was taken: the system heeds no {kind}")
        raise ApiError(
            f"an update on an older state was refused with {answer.status}: say so in conflicts"
        )

    def _delete(self) -> str:
        held = self._read()
        row = held.row if held is not None else self._properties
        outcome = self._write(Delete(key="t", current=Record(self.left, "", row)))
        if isinstance(outcome, Refused):
            raise ApiError(f"refused: {outcome.status}: {outcome.reason}")
        self.left = ""
        return "the test record is deleted"

    def _read(self) -> Reading | None:
        return read_whole(self._access, self._resource, self._properties, self.left)

    def _record(self, row: Row) -> Record:
        return Record(self.left, "", {name: row[name] for name in row if name in self._names})

    def _body(self) -> str:
        call = self._resource.update
        return call.body.value if call is not None and call.body is not None else "merge"


def _not_taken(resource: Resource, sent: Mapping[str, Json], held: Row) -> list[str]:
    """Return the names of what was sent and does not read as it was."""
    return [
        ".".join(prop.path)
        for prop in resource.properties
        if value_at(sent, prop.path) is not None
        and not isinstance(value_at(sent, prop.path), dict | list)
        and value_at(held, prop.path) != value_at(sent, prop.path)
        and not prop.hidden
    ]


def _told(subject: str, message: str) -> Finding:
    return Finding(subject=subject, well=True, message=message, warning=True)
