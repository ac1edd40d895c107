"""Resolved packages to the texts that they are to have, rendering only what has changed."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from generator.drift.digests import digest, digest_meaning
from generator.drift.manifest import (
    NAME,
    DocumentEntry,
    FileEntry,
    Inputs,
    Manifest,
    read_manifest,
    render_manifest,
)
from generator.emit.modules import Module, list_modules
from generator.model.resolved import ResolvedPackage

if TYPE_CHECKING:
    from generator.emit.package import PackageEmitter
    from generator.emit.render import Renderer

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
        chunk = max(1, len(packages) // 64)
        sources = [_part(source, package) for package in packages]
        return tuple(pool.map(build_package, packages, sources, chunksize=chunk))


def build_package(package: ResolvedPackage, source: Source) -> Built:
    """Return one package's texts; a module whose part of the meaning is unchanged is not rendered."""
    folder = None if source.output is None else source.output / package.name
    kept = _kept_files(folder)
    emitter: PackageEmitter | None = None
    texts: dict[str, str] = {}
    entries: dict[str, FileEntry] = {}
    for module in list_modules(package):
        made_of = _made_of(module, package, source.inputs)
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
    return Built(package=package, texts=texts)


def _part(source: Source, package: ResolvedPackage) -> Source:
    documents = {name: source.documents[name] for name in package.documents}
    return Source(
        documents=documents,
        inputs=source.inputs,
        templates=source.templates,
        output=source.output,
    )


def _made_of(module: Module, package: ResolvedPackage, inputs: Inputs) -> str:
    names = [flow.name for flow in package.flows]
    part: object = module.flow if module.flow else [package.name, package.documents, names]
    return digest(f"{module.path} {inputs.templates} {inputs.tool} {digest_meaning(part)}")


def _kept_files(folder: Path | None) -> Mapping[str, tuple[str, str]]:
    """Return what each unedited file of a package was made of, and its text."""
    manifest = None if folder is None else read_manifest(folder)
    if folder is None or manifest is None:
        return {}
    kept = {}
    for path, entry in manifest.files.items():
        try:
            text = (folder / path).read_bytes()
        except OSError:
            continue
        if digest(text) == entry.text:
            kept[path] = entry.made_of, text.decode("utf-8")
    return kept


def _emitter(package: ResolvedPackage, source: Source) -> "PackageEmitter":
    from generator.emit.package import PackageEmitter  # noqa: PLC0415 -- loads Jinja2

    return PackageEmitter(package, _renderer(tuple(source.templates.items())))


@lru_cache(maxsize=4)
def _renderer(templates: tuple[tuple[str, str], ...]) -> "Renderer":
    from generator.emit.render import Renderer  # noqa: PLC0415 -- loads Jinja2

    return Renderer(dict(templates))
