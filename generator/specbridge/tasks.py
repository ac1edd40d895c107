"""What a command or a program works on: which documents, with which settings, and what they resolve to."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from specbridge.errors import Problem, SettingsError, Severity
from specbridge.settings import Settings, load_settings
from specbridge.telling import without_ignored

if TYPE_CHECKING:
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
        """Return the problems of all documents, but for those that their own comments ignore."""
        found = [problem for package in self.packages for problem in package.problems]
        return without_ignored(found, self.documents)

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

    @property
    def all_sound(self) -> bool:
        """Return whether the packages of all documents may be written."""
        return len(self.sound_names) == len(self.documents)


def plan_task(
    documents: Sequence[str | Path] = (),
    settings: Settings | None = None,
    output: Path | None = None,
    *,
    none_left: bool = False,
) -> Task:
    """Return the task for these documents and folders, or for all that the settings name where none are given.

    Raises SettingsError where a folder has no document, and where the settings name none that exists,
    unless `none_left` allows for it.
    """
    settings = settings or load_settings(Path.cwd())
    paths = find_documents(documents) or _find_documents(settings)
    if not paths and not none_left:
        patterns = ", ".join(settings.documents)
        raise SettingsError(
            f"tool.specbridge.documents: no document matches {patterns} "
            "(where the last one is gone, `specbridge generate --prune` removes its package)"
        )
    folder = output or from_here(settings.root / settings.output)
    return Task(documents=paths, settings=settings, output=folder, whole=not documents)


def read_task(task: Task) -> Reading:
    """Return a task's documents, read and resolved."""
    from specbridge.reader.read import read_documents  # noqa: PLC0415 -- loads docutils

    documents = read_documents(task.documents)
    return Reading(documents=documents, packages=resolve(documents, task.settings))


def resolve(documents: Sequence["Document"], settings: Settings) -> tuple["ResolvedPackage", ...]:
    """Return the packages of documents that are read already."""
    # A check of what has not moved resolves nothing, and must answer at once.
    from specbridge.profiles.load import load_profiles  # noqa: PLC0415
    from specbridge.resolve.packages import resolve_packages  # noqa: PLC0415

    profiles = load_profiles(settings.profile_paths)
    return resolve_packages(documents, settings, profiles)


def from_here(path: Path) -> Path:
    """Return the path as seen from here, where it lies below; else as it is."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path


def find_documents(places: Sequence[str | Path]) -> tuple[str, ...]:
    """Return the documents that are named, each once; a folder's are its `.rst` files, not those below.

    Raises SettingsError for a folder without any.
    """
    named: dict[str, str] = {}
    for path in (path for place in places for path in _documents_at(Path(place))):
        named.setdefault(os.path.abspath(path), str(path))  # noqa: PTH100 -- links stay apart
    return tuple(named.values())


def _documents_at(place: Path) -> Sequence[Path]:
    if not place.is_dir():
        return (place,)
    found = sorted(place.glob("*.rst"))
    if not found:
        raise SettingsError(f"{place}: the folder has no document (*.rst)")
    return found


def _find_documents(settings: Settings) -> tuple[str, ...]:
    found = {path for pattern in settings.documents for path in settings.root.glob(pattern)}
    return tuple(sorted(str(from_here(path)) for path in found))
