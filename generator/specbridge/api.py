"""What programs call: documents to modules, and modules beside documents (docs/generated-code.md).

`generate` gives texts and writes nothing; `check` compares; `regenerate` writes. Documents are
paths of files. Where no settings are given, those of the nearest pyproject.toml hold.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from specbridge.errors import DocumentError, EditedByHandError, Location, Problem, Severity
from specbridge.settings import Settings
from specbridge.tasks import Reading, Task, from_here, plan_task, read_task, resolve
from specbridge.telling import tell

if TYPE_CHECKING:
    from specbridge.drift.compare import Drift
    from specbridge.drift.manifest import DocumentEntry
    from specbridge.drift.regenerate import Built
    from specbridge.drift.warm import Moved

__all__ = [
    "CheckResult",
    "Reading",
    "Task",
    "WriteResult",
    "check",
    "generate",
    "plan_task",
    "read_task",
    "regenerate",
    "resolve",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckResult:
    """What `check` found: files that regenerating would change, and the documents' problems.

    `drift` is that of the documents without E problems, which make so many `packages`.
    """

    drift: tuple["Drift", ...] = ()
    problems: tuple[Problem, ...] = ()
    packages: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteResult:
    """What `regenerate` did: the packages written, those removed, and problems of what it had to read.

    `markers` are the empty files written to make the output folder importable. `renamed` are those of
    the written packages that imported the runtime by its name in specbridge 0.1; where there are
    any, `left` is where the project's own files still import that name.
    """

    written: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    markers: tuple[str, ...] = ()
    renamed: tuple[str, ...] = ()
    left: tuple[Location, ...] = ()


def generate(
    documents: Sequence[str | Path] = (), settings: Settings | None = None
) -> Mapping[str, str]:
    """Return the generated files' texts by path (`powerofficego_zendesk/mappers/….py`).

    Nothing is written. Raises DocumentError where a document has a problem of severity error.
    """
    task = plan_task(documents, settings)
    reading = read_task(task)
    if any(problem.severity is Severity.ERROR for problem in reading.problems):
        raise DocumentError(reading.problems)
    built = _build(task, reading, reuse=False)
    return {f"{one.package.name}/{path}": text for one in built for path, text in one.texts.items()}


def check(
    documents: Sequence[str | Path] = (),
    settings: Settings | None = None,
    output: Path | None = None,
    *,
    fresh: bool = False,
) -> CheckResult:
    """Return what regenerating would change in the output folder; nothing is written.

    Documents that have not moved, as the manifests show, are not read, unless `fresh`: their problems
    are kept there, too.
    """
    task = plan_task(documents, settings, output)
    moved = None if fresh else _find_moved(task, telling=True)
    if moved is not None and not moved:
        drift = _compare_markers(task, ())
        problems = tell(moved.problems, task.settings)
        return CheckResult(drift=drift, problems=problems, packages=moved.unmoved)
    narrow, reading = _read_moved(task, moved)
    built = _build(narrow, reading, reuse=not fresh)
    # Where all documents had to be read, nothing is known from before.
    unmoved = moved if moved is not None and narrow is not task else None
    problems = tell((*reading.problems, *(unmoved.problems if unmoved else ())), task.settings)
    return CheckResult(
        drift=(*_compare_markers(task, built), *_compare(narrow, reading, built)),
        problems=problems,
        packages=len(built) + (unmoved.unmoved if unmoved else 0),
    )


def regenerate(task: Task, *, force: bool = False, prune: bool = False) -> WriteResult:
    """Write the packages of the documents without E problems, each all at once.

    A package that such a document no longer yields is removed, and with `prune` every one that has no
    document. Documents that have not moved, as the manifests show, are not read, unless `force`.
    Raises EditedByHandError, before anything is written, where that would lose what someone edited by
    hand, unless `force`, which renders every module anew as well; and, with `force` too, where it
    would take away files that were never generated.
    """
    from specbridge.drift.compare import stale_packages
    from specbridge.drift.write import clear_leftovers, recover

    recover(task.output)
    clear_leftovers(task.output)
    moved = None if force else _find_moved(task)
    if moved is not None and not moved:
        return WriteResult(markers=_write_markers(task, ()))
    narrow, reading = _read_moved(task, moved)
    built = _build(narrow, reading, reuse=not force)
    whole = prune and narrow.whole and reading.all_sound
    stale = stale_packages(built, task.output, reading.sound_names, whole=whole)
    _refuse_foreign(built, stale, task.output)
    if not force:
        _refuse_edited(built, stale, task.output)
    result = _write(built, stale, task)
    problems = tell(reading.problems, task.settings)
    return replace(result, problems=problems, markers=_write_markers(task, built))


def _find_moved(task: Task, *, telling: bool = False) -> "Moved | None":
    from specbridge.drift.warm import find_moved

    return find_moved(task.documents, task.settings, task.output, whole=task.whole, telling=telling)


def _read_moved(task: Task, moved: "Moved | None") -> tuple[Task, Reading]:
    """Return the task's documents, or only those that moved where they still make the same packages.

    Documents meet in packages alone, so that the others need not be read then, and none of their
    packages can be stale: one without a document would have moved, and made nothing.
    """
    if moved is not None and moved.documents:
        narrow = replace(task, documents=moved.documents, whole=False)
        reading = read_task(narrow)
        made = {package.name: frozenset(package.documents) for package in reading.packages}
        if made == moved.packages:
            return narrow, reading
    return task, read_task(task)


def _compare(task: Task, reading: Reading, built: Sequence["Built"]) -> tuple["Drift", ...]:
    from specbridge.drift.compare import compare_packages

    whole = task.whole and reading.all_sound
    return compare_packages(built, task.output, reading.sound_names, whole=whole)


def _compare_markers(task: Task, built: Sequence["Built"]) -> tuple["Drift", ...]:
    # Nothing is loaded to say that there are none: a check where nothing moved must answer at once.
    paths = _missing_markers(task, built)
    if not paths:
        return ()
    from specbridge.drift.compare import missing_file

    return tuple(missing_file(path) for path in paths)


def _write_markers(task: Task, built: Sequence["Built"]) -> tuple[str, ...]:
    from specbridge.drift.importable import write_markers

    paths = _missing_markers(task, built)
    write_markers(paths)
    return tuple(map(str, paths))


def _missing_markers(task: Task, built: Sequence["Built"]) -> tuple[Path, ...]:
    """Return what makes the output folder importable and is missing, once it holds or gets a package."""
    from specbridge.drift.importable import missing_markers
    from specbridge.drift.manifest import list_packages

    missing = missing_markers(task.output, task.settings.root)
    return missing if missing and (built or list_packages(task.output)) else ()


def _build(task: Task, reading: Reading, *, reuse: bool) -> tuple["Built", ...]:
    from specbridge.drift.regenerate import Source, build_packages
    from specbridge.drift.warm import current_inputs, templates_of

    source = Source(
        documents=_entries(reading),
        inputs=current_inputs(task.settings),
        templates=templates_of(task.settings),
        output=task.output if reuse else None,
    )
    return build_packages(reading.sound, source)


def _entries(reading: Reading) -> Mapping[str, "DocumentEntry"]:
    from specbridge.drift.digests import digest_meaning, lay_out
    from specbridge.drift.kept import by_document, keep_problems
    from specbridge.drift.manifest import DocumentEntry

    sound = set(reading.sound_names)
    problems = by_document(reading.problems)
    entries: dict[str, DocumentEntry] = {}
    for document in reading.documents:
        name = Path(document.path).name
        # What has errors gets no entry: it counts as moved, so that it is told until it is mended.
        if name in sound:
            layout = lay_out(Path(document.path).read_bytes())
            entries[name] = DocumentEntry(
                text=layout.digest,
                meaning=digest_meaning(document),
                problems=keep_problems(problems.get(name, ()), layout),
            )
    return entries


def _refuse_edited(built: Sequence["Built"], stale: Sequence[Path], output: Path) -> None:
    from specbridge.drift.compare import edited_files, edited_in

    # All of it at once: whoever decides about --force has to see everything that it would lose.
    lost = [path for one in built for path in edited_files(one, output)]
    lost += [path for folder in stale for path in edited_in(folder)]
    if lost:
        files = "\n".join(f"  {path}" for path in lost)
        raise EditedByHandError(
            f"these files were not generated as they are; --force overwrites them:\n{files}"
        )


def _refuse_foreign(built: Sequence["Built"], stale: Sequence[Path], output: Path) -> None:
    from specbridge.drift.compare import foreign_files

    found = [path for one in built for path in foreign_files(output / one.package.name, one.texts)]
    found += [path for folder in stale for path in foreign_files(folder)]
    if found:
        files = "\n".join(f"  {path}" for path in found)
        raise EditedByHandError(
            f"these files were never generated, and would go with their folder; move them away:\n{files}"
        )


def _write(built: Sequence["Built"], stale: Sequence[Path], task: Task) -> WriteResult:
    from specbridge.drift.compare import is_written
    from specbridge.drift.former import find_former_users, former_line
    from specbridge.drift.write import remove_package, write_package

    written, renamed = [], []
    for one in built:
        folder = task.output / one.package.name
        if not is_written(one, folder):
            # Asked before it is replaced; afterwards nothing tells how it was.
            if former_line(folder) is not None:
                renamed.append(str(folder))
            write_package(one.texts, folder)
            written.append(str(folder))
    for folder in stale:
        remove_package(folder)
    return WriteResult(
        written=tuple(written),
        removed=tuple(map(str, stale)),
        renamed=tuple(renamed),
        left=find_former_users(from_here(task.settings.root)) if renamed else (),
    )
