"""Undoing a run: what it overwrote comes back, where nobody has changed it since."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from specbridge.errors import ApiError, PackageError
from specbridge.model.values import Json, Path
from specbridge.runtime.decide.binding import BoundResource
from specbridge.runtime.decide.equality import equal_values
from specbridge.runtime.decide.options import RunOptions
from specbridge.runtime.decide.paths import make_place, read_name, read_path, set_place, write_name
from specbridge.runtime.engine.beginning import Task, begin_session, leased
from specbridge.runtime.engine.changing.writing import Dispatch, Intent, take_back
from specbridge.runtime.engine.session import Edges, Session, StoppedError
from specbridge.runtime.records import Record, Refused, Update
from specbridge.runtime.reports.report import RunOutcome
from specbridge.runtime.store.engine import Store, store_errors
from specbridge.runtime.store.journal import Entry, done_updates, end_run, packages_of_run
from specbridge.runtime.store.rows import parts


@dataclass(slots=True, kw_only=True)
class UndoReport:
    """What an undo did: records restored, and records left as they are with the reason."""

    run: int
    restored: list[str] = field(default_factory=list)
    kept: dict[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Json]:
        """Return the JSON object."""
        kept: dict[str, Json] = dict(self.kept)
        return {"run": str(self.run), "restored": list(self.restored), "kept": kept}


def undo_run(task: Task, store: Store, edges: Edges, number: int) -> UndoReport:
    """Restore what a run overwrote; records that it created stay.

    The next sync carries the restored values across, as it does with any edit. Raises PackageError
    for a run that there is not, StoreBusyError where another process works on the package.
    """
    options = RunOptions()
    with store_errors(), leased(task, store, options):
        if not set(packages_of_run(store.connection, number)) & set(task.packages):
            raise PackageError(f"{', '.join(task.packages)} has no run {number}")
        session = begin_session(task, store, edges, options, "undo")
        report = UndoReport(run=session.run)
        _restore(session, number, report)
        return report


def _restore(session: Session, number: int, report: UndoReport) -> None:
    """Restore what a run overwrote, and note how the undo ended; what breaks it off is raised."""
    try:
        for resource, entries in _by_resource(session, number).items():
            _undo(session, session.company.resources[resource], entries, report)
    except (ApiError, StoppedError):
        # What was restored is committed, and its journal is to be forgotten in its time like any.
        _end(session, report, RunOutcome.FAILED)
        raise
    _end(session, report, RunOutcome.CLEAN)


def _end(session: Session, report: UndoReport, outcome: RunOutcome) -> None:
    now = session.edges.clock()
    end_run(session.connection, session.run, now, outcome.value, report.as_json())
    session.store.commit()


def _by_resource(session: Session, run: int) -> Mapping[int, list[Entry]]:
    found: dict[int, list[Entry]] = {}
    for entry in done_updates(session.connection, run):
        if entry.resource in session.company.resources:
            found.setdefault(entry.resource, []).append(entry)
    return found


def _undo(
    session: Session, resource: BoundResource, entries: Sequence[Entry], report: UndoReport
) -> None:
    groups: dict[str, list[Entry]] = {}
    for entry in entries:
        groups.setdefault(entry.record_id or "", []).append(entry)
    # In parts: what is written must have been read just before.
    for ids in parts(groups, session.options.batch):
        # From the system, not the store: an edit since the last reading must not be undone.
        there, _ = session.look_again(resource, ids)
        found = {record.id: record for record in there}
        report.kept.update({id_: "it is gone" for id_ in ids if id_ not in found})
        intents = []
        for id_, record in found.items():
            changes = _changes(record, groups[id_])
            if changes:
                intents.append(_intent(resource, record, changes))
            else:
                report.kept[id_] = "it has been changed since"
        _send(session, resource, intents, report)


def _changes(record: Record, entries: Sequence[Entry]) -> dict[Path, Json]:
    """Go back through the entries, newest first, as long as the record holds what they set."""
    working = dict(record.properties)
    touched: list[Path] = []
    for entry in entries:
        for path, before, after in _steps(entry):
            # Step by step: a run may write a property more than once.
            if equal_values(_value(working, path), after):
                working = set_place(working, make_place(path), before)
                touched.append(path)
    # Once each, as they are in the end: a list is written whole, and steps may share it.
    return {path: _value(working, path) for path in dict.fromkeys(touched)}


def _steps(entry: Entry) -> Iterator[tuple[Path, Json, Json]]:
    for name, after in entry.after.items():
        yield read_name(name), entry.before.get(name), after


def _value(properties: Mapping[str, Json], path: Path) -> Json:
    value = read_path(properties, path)
    return value if isinstance(value, str | int | float | bool | list | dict) else None


def _intent(resource: BoundResource, record: Record, changes: Mapping[Path, Json]) -> Intent:
    entry = Entry(
        pairing=None,
        kind="update",
        resource=resource.number,
        record_id=record.id,
        before={write_name(path): _value(record.properties, path) for path in changes},
        after={write_name(path): value for path, value in changes.items()},
    )
    write = Update(key=record.id, current=record, changes=changes, fresh=True)
    return Intent(entry=entry, write=write)


def _send(
    session: Session, resource: BoundResource, intents: Sequence[Intent], report: UndoReport
) -> None:
    dispatch = Dispatch(session, resource, intents)
    for answer in dispatch.send():
        id_ = answer.intent.entry.record_id or ""
        if answer.ignored or isinstance(answer.outcome, Refused):
            report.kept[id_] = f"{resource.key[0]} {answer.reason}"
            continue
        report.restored.append(id_)
        if answer.outcome.record is not None:
            # The bases stay: to the next sync the restored value is an edit, and goes across.
            take_back(session, resource, [answer.outcome.record], [id_])
    session.checkpoint()
    dispatch.raise_error()
