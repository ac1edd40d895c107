"""What programs call: documents to modules, and modules beside documents (docs/generated-code.md).

`generate` gives texts and writes nothing; `check` compares; `regenerate` writes. Documents are
paths of files. Where no settings are given, those of the nearest pyproject.toml hold.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from specbridge.errors import DocumentError, EditedByHandError, Problem, SettingsError, Severity
from specbridge.settings import Settings, load_settings

if TYPE_CHECKING:
    from specbridge.drift.compare import Drift
    from specbridge.drift.regenerate import Built
    from specbridge.drift.warm import Moved
    from specbridge.model.document import Document
    from specbridge.model.resolved import ResolvedPackage


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What to work on: documents' paths, settings, and the folder that holds the packages.

    `whole` says that the documents are all that the project has: a package of any other is extra.
    """

    documents: tuple[str, ...]
    settings: Settings
    output: Path
    whole: bool

    @property
    def given(self) -> tuple[str, ...]:
        """Return the documents that were named, none where all are meant."""
        return () if self.whole else self.documents


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A task's documents as read, and the packages that they resolve to."""

    documents: tuple["Document", ...]
    packages: tuple["ResolvedPackage", ...]

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Return the problems of all documents, those without a package included."""
        return tuple(problem for package in self.packages for problem in package.problems)

    @property
    def sound(self) -> tuple["ResolvedPackage", ...]:
        """Return the packages that may be written: those without a problem of severity error."""
        return tuple(
            package
            for package in self.packages
            if not any(problem.severity is Severity.ERROR for problem in package.problems)
        )

    @property
    def sound_names(self) -> tuple[str, ...]:
        """Return the bare names of the documents whose packages may be written."""
        return tuple(name for package in self.sound for name in package.documents)


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckResult:
    """What `check` found: files that regenerating would change, and problems of what it had to read.

    `drift` is that of the documents without E problems.
    """

    drift: tuple["Drift", ...] = ()
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteResult:
    """What `regenerate` did: the packages written, those removed, and the documents' problems."""

    written: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()


def plan_task(
    documents: Sequence[str | Path] = (),
    settings: Settings | None = None,
    output: Path | None = None,
    *,
    none_left: bool = False,
) -> Task:
    """Return the task for these documents, or for all that the settings name where none are given.

    Raises SettingsError where the settings name none that exists, unless `none_left` allows for it.
    """
    settings = settings or load_settings(Path.cwd())
    paths = _once(documents) or _find_documents(settings)
    if not paths and not none_left:
        patterns = ", ".join(settings.documents)
        raise SettingsError(
            f"tool.specbridge.documents: no document matches {patterns} "
            "(where the last one is gone, `specbridge generate --prune` removes its package)"
        )
    folder = output or _relative(settings.root / settings.output)
    return Task(documents=paths, settings=settings, output=folder, whole=not documents)


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

    Documents that have not moved, as the manifests show, are not read, unless `fresh`.
    """
    from specbridge.drift.warm import find_moved
    from specbridge.drift.write import recover

    task = plan_task(documents, settings, output)
    recover(task.output)
    moved = None
    if not fresh:
        moved = find_moved(task.documents, task.settings, task.output, whole=task.whole)
    if moved is not None and not moved:
        return CheckResult()
    task, reading = _read_moved(task, moved)
    return _compare(task, reading, reuse=not fresh)


def regenerate(task: Task, *, force: bool = False, prune: bool = False) -> WriteResult:
    """Write the packages of the documents without E problems, each all at once.

    A package that such a document no longer yields is removed, and with `prune` every one that has no
    document. Raises EditedByHandError, before anything is written, where that would lose what
    someone wrote by hand, unless `force`, which renders every module anew as well.
    """
    from specbridge.drift.compare import stale_packages
    from specbridge.drift.write import clear_leftovers, recover

    recover(task.output)
    clear_leftovers(task.output)
    reading = read_task(task)
    built = _build(task, reading, reuse=not force)
    names = reading.sound_names
    whole = prune and task.whole and len(names) == len(reading.documents)
    stale = stale_packages(built, task.output, names, whole=whole)
    if not force:
        _refuse_edited(built, stale, task.output)
    return _write(built, stale, task.output, reading.problems)


def read_task(task: Task) -> Reading:
    """Return a task's documents, read and resolved."""
    from specbridge.reader.read import read_documents

    documents = read_documents(task.documents)
    return Reading(documents=documents, packages=resolve(documents, task.settings))


def _read_moved(task: Task, moved: "Moved | None") -> tuple[Task, Reading]:
    """Return the task's documents, or only those that moved where they still make the same packages.

    Documents meet in packages alone, so that the others need not be read then.
    """
    if moved is not None and moved.documents:
        narrow = replace(task, documents=moved.documents, whole=False)
        reading = read_task(narrow)
        made = {package.name: frozenset(package.documents) for package in reading.packages}
        if made == moved.packages:
            return narrow, reading
    return task, read_task(task)


def _compare(task: Task, reading: Reading, *, reuse: bool) -> CheckResult:
    from specbridge.drift.compare import compare_packages

    built = _build(task, reading, reuse=reuse)
    names = reading.sound_names
    whole = task.whole and len(names) == len(reading.documents)
    drift = compare_packages(built, task.output, names, whole=whole)
    return CheckResult(drift=drift, problems=reading.problems)


def resolve(documents: Sequence["Document"], settings: Settings) -> tuple["ResolvedPackage", ...]:
    """Return the packages of documents that are read already."""
    from specbridge.profiles.load import load_profiles
    from specbridge.resolve.packages import resolve_packages

    profiles = load_profiles([settings.root / path for path in settings.profiles])
    return resolve_packages(documents, settings, profiles)


def _build(task: Task, reading: Reading, *, reuse: bool) -> tuple["Built", ...]:
    from specbridge.drift.digests import digest_document, digest_meaning
    from specbridge.drift.manifest import DocumentEntry
    from specbridge.drift.regenerate import Source, build_packages
    from specbridge.drift.warm import current_inputs, templates_of

    sound = set(reading.sound_names)
    entries = {
        Path(document.path).name: DocumentEntry(
            text=digest_document(Path(document.path).read_bytes()),
            meaning=digest_meaning(document),
        )
        for document in reading.documents
        if Path(document.path).name in sound
    }
    source = Source(
        documents=entries,
        inputs=current_inputs(task.settings),
        templates=templates_of(task.settings),
        output=task.output if reuse else None,
    )
    return build_packages(reading.sound, source)


def _refuse_edited(built: Sequence["Built"], stale: Sequence[Path], output: Path) -> None:
    from specbridge.drift.compare import edited_files, edited_in

    lost = [path for one in built for path in edited_files(one, output)]
    lost += [path for folder in stale for path in edited_in(folder)]
    if lost:
        files = "\n".join(f"  {path}" for path in lost)
        raise EditedByHandError(
            f"these files were not generated as they are; --force overwrites them:\n{files}"
        )


def _write(
    built: Sequence["Built"], stale: Sequence[Path], output: Path, problems: tuple[Problem, ...]
) -> WriteResult:
    from specbridge.drift.compare import is_written
    from specbridge.drift.write import remove_package, write_package

    written = []
    for one in built:
        folder = output / one.package.name
        if not is_written(one, folder):
            write_package(one.texts, folder)
            written.append(str(folder))
    for folder in stale:
        remove_package(folder)
    return WriteResult(written=tuple(written), removed=tuple(map(str, stale)), problems=problems)


def _once(documents: Sequence[str | Path]) -> tuple[str, ...]:
    """Return the documents' paths, each file once, as it was named first."""
    named: dict[str, str] = {}
    for path in documents:
        named.setdefault(os.path.abspath(path), str(path))  # noqa: PTH100 -- links stay apart
    return tuple(named.values())


def _find_documents(settings: Settings) -> tuple[str, ...]:
    found = {path for pattern in settings.documents for path in settings.root.glob(pattern)}
    return tuple(sorted(str(_relative(path)) for path in found))


def _relative(path: Path) -> Path:
    """Return the path as seen from here, where it lies below; else as it is."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path
