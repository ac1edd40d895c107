"""Resolved packages to the texts that they are to have, rendering only what has changed."""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from specbridge.drift.digests import digest, digest_meaning, unix_lines
from specbridge.drift.manifest import (
    NAME,
    DocumentEntry,
    FileEntry,
    Inputs,
    Manifest,
    read_manifest,
    render_manifest,
)
from specbridge.emit.modules import Module, list_modules
from specbridge.model.resolved import ResolvedPackage

if TYPE_CHECKING:
    from specbridge.emit.package import PackageEmitter
    from specbridge.emit.render import Renderer

MANY = 8
"""From this many packages on, processes render them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """A package as it is to be: texts by path within it, the manifest among them."""

    package: ResolvedPackage
    texts: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What packages are built of besides the model: documents' entries by name, inputs, templates.

    `output` holds the packages as they are, from which unchanged modules are taken; None: none are.
    """

    documents: Mapping[str, DocumentEntry]
    inputs: Inputs
    templates: Mapping[str, str]
    output: Path | None


def build_packages(packages: Sequence[ResolvedPackage], source: Source) -> tuple[Built, ...]:
    """Return the packages' texts, in their order; many packages are rendered by processes."""
    if len(packages) < MANY:
        return tuple(build_package(package, source) for package in packages)
    with ProcessPoolExecutor() as pool:
        # Few enough chunks that sending them costs little, enough that no process waits for the last.
        chunk = max(1, len(packages) // 64)
        sources = [_part(source, package) for package in packages]
        texts = pool.map(_build_texts, packages, sources, chunksize=chunk)
        return tuple(Built(package=one, texts=t) for one, t in zip(packages, texts, strict=True))


def build_package(package: ResolvedPackage, source: Source) -> Built:
    """Return one package's texts; a module whose part of the meaning is unchanged is not rendered."""
    return Built(package=package, texts=_build_texts(package, source))


def _build_texts(package: ResolvedPackage, source: Source) -> dict[str, str]:
    folder = None if source.output is None else source.output / package.name
    kept = _kept_files(folder)
    emitter: PackageEmitter | None = None
    texts: dict[str, str] = {}
    entries: dict[str, FileEntry] = {}
    for module, made_of in _made_of(package, source.inputs):
        old = kept.get(module.path)
        if old is not None and old[0] == made_of:
            text = old[1]
        else:
            emitter = emitter or _emitter(package, source)
            text = emitter.emit(module)
        texts[module.path] = text
        entries[module.path] = FileEntry(made_of=made_of, text=digest(text))
    manifest = Manifest(
        documents={name: source.documents[name] for name in package.documents},
        inputs=source.inputs,
        files=entries,
    )
    texts[NAME] = render_manifest(manifest)
    return texts


def _part(source: Source, package: ResolvedPackage) -> Source:
    # A process is sent what its package needs, not a thousand documents' entries.
    documents = {name: source.documents[name] for name in package.documents}
    return Source(
        documents=documents,
        inputs=source.inputs,
        templates=source.templates,
        output=source.output,
    )


def _made_of(package: ResolvedPackage, inputs: Inputs) -> Iterator[tuple[Module, str]]:
    """Yield the modules and the digest of all that decides the bytes of each."""
    names = [flow.name for flow in package.flows]
    # Modules about the whole package change with its flows' names only, not with their rows.
    common = digest_meaning([package.name, package.documents, names])
    meanings = {flow.name: digest_meaning(flow) for flow in package.flows}
    for module in list_modules(package):
        part = meanings[module.flow.name] if module.flow else common
        yield module, digest(f"{module.path} {inputs.templates} {inputs.tool} {part}")


def _kept_files(folder: Path | None) -> Mapping[str, tuple[str, str]]:
    """Return what each unedited file of a package was made of, and its text."""
    manifest = None if folder is None else read_manifest(folder)
    if folder is None or manifest is None:
        return {}
    kept = {}
    for path, entry in manifest.files.items():
        try:
            text = unix_lines((folder / path).read_bytes())
        except OSError:
            continue
        # What was edited is rendered anew, and so seen to differ.
        if digest(text) == entry.text:
            kept[path] = entry.made_of, text.decode("utf-8")
    return kept


def _emitter(package: ResolvedPackage, source: Source) -> "PackageEmitter":
    from specbridge.emit.package import PackageEmitter  # noqa: PLC0415 -- loads Jinja2

    return PackageEmitter(package, _renderer(tuple(source.templates.items())))


# Templates are compiled once for all packages that a process renders.
@lru_cache(maxsize=4)
def _renderer(templates: tuple[tuple[str, str], ...]) -> "Renderer":
    from specbridge.emit.render import Renderer  # noqa: PLC0415 -- loads Jinja2

    return Renderer(dict(templates))
