"""The quick answer: nothing has moved since the packages were written, so there is no drift.

Documents are digested, not read; nothing heavy is imported.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from generator.drift.digests import (
    digest,
    digest_document,
    digest_files,
    digest_profiles,
    digest_settings,
    digest_tool,
)
from generator.drift.manifest import NAME, Inputs, Manifest, list_packages, read_manifest
from generator.emit.templates import read_templates
from generator.settings import Settings


def current_inputs(settings: Settings) -> Inputs:
    """Return the digests of settings, profiles, templates and versions as they are now."""
    return Inputs(
        settings=digest_settings(settings),
        profiles=digest_profiles(settings.root / path for path in settings.profiles),
        templates=digest_files(templates_of(settings).items()),
        tool=digest_tool(),
    )


def templates_of(settings: Settings) -> Mapping[str, str]:
    """Return the templates' texts, the project's own in the place of ours."""
    return read_templates(settings.root / settings.templates if settings.templates else None)


def digest_documents(paths: Sequence[str]) -> Mapping[str, str] | None:
    """Return the documents' text digests by bare name; None where one is missing or two share one."""
    digests: dict[str, str] = {}
    for path in paths:
        try:
            digests[Path(path).name] = digest_document(Path(path).read_bytes())
        except OSError:
            return None
    return digests if len(digests) == len(paths) else None


def nothing_moved(paths: Sequence[str], settings: Settings, output: Path, *, whole: bool) -> bool:
    """Return whether the packages of these documents are known to be what regenerating would give.

    False means: not known. `whole` says that these are all documents there are, so that a package
    without one counts too.
    """
    texts = digest_documents(paths)
    if texts is None:
        return False
    manifests = {folder: read_manifest(folder) for folder in list_packages(output)}
    inputs: Inputs | None = None
    covered: set[str] = set()
    for folder, manifest in manifests.items():
        if manifest is None:
            return False
        if not whole and not set(manifest.documents) & set(texts):
            continue
        inputs = inputs or current_inputs(settings)
        if manifest.inputs != inputs or covered & set(manifest.documents):
            return False
        if not _same_documents(manifest, texts) or not _same_files(folder, manifest):
            return False
        covered |= set(manifest.documents)
    return covered == set(texts)


def list_files(package: Path) -> Iterator[str]:
    """Yield the paths within a package of all files but its manifest and what Python caches."""
    for path in package.rglob("*"):
        if path.is_file() and "__pycache__" not in path.parts and path.suffix != ".pyc":
            name = path.relative_to(package).as_posix()
            if name != NAME:
                yield name


def _same_documents(manifest: Manifest, texts: Mapping[str, str]) -> bool:
    return all(texts.get(name) == entry.text for name, entry in manifest.documents.items())


def _same_files(package: Path, manifest: Manifest) -> bool:
    found = {name: digest((package / name).read_bytes()) for name in list_files(package)}
    return found == {name: entry.text for name, entry in manifest.files.items()}
