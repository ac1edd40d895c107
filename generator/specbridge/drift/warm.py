"""The quick answer: nothing has moved since the packages were written, so there is no drift.

Documents are digested, not read; nothing heavy is imported. Where some moved, only those are read.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from specbridge.drift.digests import (
    Layout,
    digest,
    digest_files,
    digest_profiles,
    digest_settings,
    digest_tool,
    lay_out,
    unix_lines,
)
from specbridge.drift.kept import are_kept, kept_problems
from specbridge.drift.manifest import (
    NAME,
    Inputs,
    Manifest,
    is_ours,
    list_packages,
    read_manifest,
)
from specbridge.emit.templates import read_templates
from specbridge.errors import Problem
from specbridge.settings import Settings

_OF_DESKTOPS = frozenset({"Thumbs.db", "desktop.ini"})


def current_inputs(settings: Settings) -> Inputs:
    """Return the digests of settings, profiles, templates and versions as they are now."""
    return Inputs(
        settings=digest_settings(settings),
        profiles=digest_profiles(settings.profile_paths),
        templates=digest_files(templates_of(settings).items()),
        tool=digest_tool(),
    )


def templates_of(settings: Settings) -> Mapping[str, str]:
    """Return the templates' texts, the project's own in the place of ours."""
    return read_templates(settings.root / settings.templates if settings.templates else None)


def lay_out_documents(paths: Sequence[str]) -> Mapping[str, Layout] | None:
    """Return the documents' layouts by bare name; None where one is missing or two share one."""
    layouts: dict[str, Layout] = {}
    for path in paths:
        try:
            layouts[Path(path).name] = lay_out(Path(path).read_bytes())
        except OSError:
            return None
    # Manifests know documents by bare name: of two that share one, nobody could tell which moved.
    return layouts if len(layouts) == len(paths) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """What has to be looked at again: paths of documents, and the packages that they are known to make.

    `packages` has the documents' bare names by the package's folder. Of the `unmoved` packages, whose
    number it is, `problems` are those that were found when they were written.
    """

    documents: tuple[str, ...]
    packages: Mapping[str, frozenset[str]]
    unmoved: int = 0
    problems: tuple[Problem, ...] = ()

    def __bool__(self) -> bool:
        """Return whether there is anything to look at."""
        return bool(self.documents or self.packages)


def find_moved(
    paths: Sequence[str], settings: Settings, output: Path, *, whole: bool, telling: bool = False
) -> Moved | None:
    """Return what of these documents is not known to be what regenerating would give; None: all of it.

    `whole` says that these are all documents there are, so that a package without one counts too.
    With `telling`, so do packages whose problems can be told by reading their documents alone.
    """
    layouts = lay_out_documents(paths)
    if layouts is None:
        return None
    packages: dict[str, frozenset[str]] = {}
    covered: dict[str, Manifest] = {}
    inputs: Inputs | None = None
    for folder, manifest in _manifests(output):
        names = frozenset(manifest.documents) if manifest else frozenset()
        if manifest is not None and not whole and not names & set(layouts):
            continue
        # Not before there is a package to compare with: profiles and templates have to be read for it.
        inputs = inputs or current_inputs(settings)
        # A document in two packages made one of them earlier; only reading all tells which is stale.
        if manifest is None or manifest.inputs != inputs or names & set(covered):
            return None
        same = _same_documents(manifest, layouts) and _same_files(folder, manifest)
        if same and (are_kept(manifest) or not telling):
            covered |= dict.fromkeys(names, manifest)
        else:
            packages[folder.name] = names
    return _moved(paths, packages, covered, layouts)


def _moved(
    paths: Sequence[str],
    packages: Mapping[str, frozenset[str]],
    covered: Mapping[str, Manifest],
    layouts: Mapping[str, Layout],
) -> Moved:
    manifests = {id(manifest): manifest for manifest in covered.values()}.values()
    by_name = {Path(path).name: path for path in paths}
    problems = (one for manifest in manifests for one in kept_problems(manifest, layouts, by_name))
    return Moved(
        documents=tuple(path for path in paths if Path(path).name not in covered),
        packages=packages,
        unmoved=len(manifests),
        problems=tuple(problems),
    )


def _manifests(output: Path) -> Iterator[tuple[Path, Manifest | None]]:
    """Yield the packages below a folder with their manifests, None for one that was edited."""
    for folder in list_packages(output):
        manifest = read_manifest(folder)
        if manifest is not None or is_ours(folder):
            yield folder, manifest


def list_files(package: Path) -> Iterator[str]:
    """Yield the paths within a package of all files but its manifest and what programs keep there.

    That is what Python caches, and what desktops and tools hide (`.DS_Store`): nobody wrote it.
    """
    # Texts, no paths: a check of a thousand packages makes ten thousand of them.
    root = len(str(package)) + 1
    for folder, folders, names in os.walk(package):
        folders[:] = [name for name in folders if name != "__pycache__" and not is_hidden(name)]
        within = folder[root:].replace(os.sep, "/")
        for name in names:
            path = f"{within}/{name}" if within else name
            if path != NAME and not name.endswith(".pyc") and not is_hidden(name):
                yield path


def is_hidden(name: str) -> bool:
    """Return whether a file or folder of this name is a program's own, not a person's."""
    return name[0] == "." or name in _OF_DESKTOPS


def _same_documents(manifest: Manifest, layouts: Mapping[str, Layout]) -> bool:
    return all(
        name in layouts and layouts[name].digest == entry.text
        for name, entry in manifest.documents.items()
    )


def _same_files(package: Path, manifest: Manifest) -> bool:
    if set(list_files(package)) != set(manifest.files):
        return False
    return all(digest(_read(package, name)) == e.text for name, e in manifest.files.items())


def _read(package: Path, name: str) -> bytes:
    with open(f"{package}/{name}", "rb") as file:  # noqa: PTH123 -- thousands of paths take long
        return unix_lines(file.read())
