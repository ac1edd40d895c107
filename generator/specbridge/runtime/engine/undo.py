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
from specbridge.runtime.engine.uncreating import delete_created
from specbridge.runtime.records import Record, Refused, Update
from specbridge.runtime.reports.report import RunOutcome
from specbridge.runtime.store.engine import Store, store_errors
from specbridge.runtime.store.history.journal import Entry, end_run, packages_of_run
from specbridge.runtime.store.history.undoing import done_writes, entries_of_run
from specbridge.runtime.store.tables.rows import parts


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """Which writes of a run are to be undone.

    `writes` are numbers of the journal, `records` are `RESOURCE/ID` or `SYSTEM/RESOURCE/ID`; where
    neither names any it is all of them, creations only with `creations`.
    """

    writes: Sequence[int] = ()
    records: Sequence[str] = ()
    creations: bool = False


@dataclass(slots=True, kw_only=True)
class UndoReport:
    """What an undo did, by the records' ids.

    Some are restored, some created ones deleted, some left as they are with the reason. `created` counts
    the creations that it was not asked to take back.
    """

    run: int
    restored: list[str] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)
    kept: dict[str, str] = field(default_factory=dict)
    created: int = 0

    def as_json(self) -> dict[str, Json]:
        """Return the JSON object."""
        kept: dict[str, Json] = dict(self.kept)
        return {
            "run": str(self.run),
            "restored": list(self.restored),
            "deleted": list(self.deleted),
            "kept": kept,
            "created": self.created,
        }


def undo_run(
    task: Task, store: Store, edges: Edges, number: int, chosen: Chosen | None = None
) -> UndoReport:
    """Restore what a run overwrote; what it created is deleted where that is chosen, and stays else.

    The next sync carries the restored values across, as it does with any edit. Raises PackageError
    for a run or a write that there is not, StoreBusyError where another process works on the package.
    """
    options = RunOptions()
    with store_errors(), leased(task, store, options):
        if not set(packages_of_run(store.connection, number)) & set(task.packages):
            raise PackageError(f"{', '.join(task.packages)} has no run {number}")
        session = begin_session(task, store, edges, options, "undo")
        report = UndoReport(run=session.run)
        wanted = _choose(session, number, chosen or Chosen(), report)
        _restore(session, number, wanted, report)
        return report


def _choose(session: Session, run: int, chosen: Chosen, report: UndoReport) -> list[Entry]:
    """Return the writes to undo; of those that are named and cannot be undone the reason is noted."""
    known = session.company.resources
    if not chosen.writes and not chosen.records:
        done = [x for x in done_writes(session.connection, run) if x.resource in known]
        report.created = 0 if chosen.creations else sum(x.kind == "create" for x in done)
        return [entry for entry in done if entry.kind == "update" or chosen.creations]
    found = [x for x in entries_of_run(session.connection, run) if x.resource in known]
    wanted: dict[int, Entry] = {}
    for name, part in _named(session, found, chosen).items():
        if not part:
            _end(session, report, RunOutcome.FAILED)
            raise PackageError(f"run {run} wrote no {name}: see `specbridge undo {run} --list`")
        wanted.update((entry.number, entry) for entry in part)
    undone = [x for x in wanted.values() if x.state == "done" and x.kind in ("update", "create")]
    for entry in wanted.values():
        if entry not in undone:
            report.kept[entry.record_id or ""] = _why_not(entry)
    return undone


def _named(session: Session, found: Sequence[Entry], chosen: Chosen) -> dict[str, list[Entry]]:
    """Return the entries that each number and each record names."""
    named = {f"write {n}": [entry for entry in found if entry.number == n] for n in chosen.writes}
    for text in chosen.records:
        named[text] = [entry for entry in found if text in _names_of(session, entry)]
    return named


def _names_of(session: Session, entry: Entry) -> tuple[str, str]:
    system, name = session.company.resources[entry.resource].key
    return f"{name}/{entry.record_id}", f"{system}/{name}/{entry.record_id}"


def _why_not(entry: Entry) -> str:
    if entry.state != "done":
        return f"it was not written: {entry.state}"
    if entry.kind == "delete":
        return "it was deleted, and nothing brings it back"
    return "it was linked, not written: see `specbridge links split`"


def _restore(session: Session, run: int, wanted: Sequence[Entry], report: UndoReport) -> None:
    """Undo writes, and note how the undo ended; what breaks it off is raised."""
    made = [entry for entry in wanted if entry.kind == "create"]
    try:
        report.deleted += delete_created(session, run, made, report.kept)
        # What is to go need not be as it was before.
        created = {(entry.resource, entry.record_id) for entry in made}
        updates = [x for x in wanted if (x.resource, x.record_id) not in created]
        for resource, entries in _by_resource(updates).items():
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


def _by_resource(entries: Sequence[Entry]) -> Mapping[int, list[Entry]]:
    found: dict[int, list[Entry]] = {}
    for entry in entries:
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
