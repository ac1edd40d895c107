"""Packages as they are beside packages as regenerating would write them."""

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path, PurePosixPath

from specbridge.drift.digests import digest
from specbridge.drift.former import former_line
from specbridge.drift.manifest import NAME, list_packages, read_manifest
from specbridge.drift.regenerate import Built
from specbridge.drift.warm import list_files
from specbridge.emit.python.literals import quote_text, text_literal
from specbridge.errors import Location
from specbridge.model.resolved import (
    ResolvedFlow,
    ResolvedLinkRule,
    ResolvedMapping,
)


class DriftKind(Enum):
    """How a file differs from what regenerating gives."""

    MISSING = "missing"  # it would be written anew
    CHANGED = "changed"  # the document has moved on
    EXTRA = "extra"  # no document yields it any longer
    EDITED = "edited"  # someone changed it by hand
    FORMER = "former"  # a whole package: specbridge 0.1 generated it, and it imports that


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """A file that regenerating would change; a package's folder where the kind is FORMER.

    `path` is as the output was given; `diff` is unified, from the file as it is to what it would be;
    `where` are the document's lines that it comes from, none where the file itself is the matter.
    """

    path: str
    kind: DriftKind
    diff: str
    where: tuple[Location, ...] = ()


def compare_packages(
    built: Sequence[Built], output: Path, documents: Sequence[str], *, whole: bool
) -> tuple[Drift, ...]:
    """Return the drift of all packages, by path.

    `documents` are the bare names of those that the packages are from; with `whole` they are all
    there are, so that a package of any other document is extra.
    """
    found = [drift for one in built for drift in _with_former(one, output)]
    for folder in stale_packages(built, output, documents, whole=whole):
        for name in sorted([*list_files(folder), NAME]):
            found.append(_extra(folder / name, _read(folder / name) or ""))
    return tuple(sorted(found, key=lambda drift: drift.path))


def stale_packages(
    built: Sequence[Built], output: Path, documents: Sequence[str], *, whole: bool
) -> tuple[Path, ...]:
    """Return the packages that none of the documents yields any longer."""
    yielded = {one.package.name for one in built}
    stale = []
    for folder in list_packages(output):
        manifest = read_manifest(folder)
        ours = manifest is not None and set(manifest.documents) & set(documents)
        if folder.name not in yielded and (ours or whole):
            stale.append(folder)
    return tuple(stale)


def compare_package(built: Built, output: Path) -> Iterator[Drift]:
    """Yield the drift of one package; digests of inputs that changed no file are none."""
    folder = output / built.package.name
    manifest = read_manifest(folder)
    known = {} if manifest is None else {path: e.text for path, e in manifest.files.items()}
    flows = {flow.name: flow for flow in built.package.flows}
    for path, wanted in built.texts.items():
        present = _read(folder / path)
        if present == wanted or (path == NAME and manifest is not None):
            continue
        kind = _kind(path, present, known)
        diff = unified_diff(str(folder / path), present or "", wanted)
        where = () if kind is DriftKind.EDITED else _where(flows, path, diff)
        yield Drift(path=str(folder / path), kind=kind, diff=diff, where=where)
    for path in list_files(folder):
        if path not in built.texts:
            yield _extra(folder / path, _read(folder / path) or "")


def missing_file(path: Path) -> Drift:
    """Return the drift of an empty file that is missing."""
    return Drift(path=str(path), kind=DriftKind.MISSING, diff="")


def edited_files(built: Built, output: Path) -> tuple[str, ...]:
    """Return the files of a package that writing it would lose: edited by hand, or not ours."""
    folder = output / built.package.name
    return tuple(
        path
        for path in edited_in(folder)
        if _read(Path(path)) != built.texts.get(Path(path).relative_to(folder).as_posix())
    )


def edited_in(folder: Path) -> tuple[str, ...]:
    """Return the files of a package that was generated once, and that are not as generated."""
    manifest = read_manifest(folder)
    known = {} if manifest is None else {path: e.text for path, e in manifest.files.items()}
    return tuple(
        str(folder / path)
        for path in sorted(list_files(folder))
        if digest((folder / path).read_bytes()) != known.get(path)
    )


def is_written(built: Built, folder: Path) -> bool:
    """Return whether a package's folder holds these texts and nothing else, to the byte."""
    present = {path: _read(folder / path) for path in [*list_files(folder), NAME]}
    return present == dict(built.texts)


def unified_diff(path: str, old: str, new: str) -> str:
    """Return the unified diff of a file, empty where both texts are the same."""
    lines = difflib.unified_diff(
        old.splitlines(keepends=True), new.splitlines(keepends=True), path, path
    )
    return "".join(line if line.endswith("\n") else f"{line}\n" for line in lines)


def _with_former(built: Built, output: Path) -> Iterator[Drift]:
    """Yield the drift of one package, and before it that the package is one of specbridge 0.1."""
    found = tuple(compare_package(built, output))
    folder = output / built.package.name
    line = former_line(folder) if found else None
    if line is not None:
        yield Drift(path=str(folder), kind=DriftKind.FORMER, diff="", where=(line,))
    yield from found


def _kind(path: str, present: str | None, known: Mapping[str, str]) -> DriftKind:
    if present is None:
        return DriftKind.MISSING
    if path == NAME:
        return DriftKind.EDITED
    return DriftKind.CHANGED if known.get(path) == digest(present) else DriftKind.EDITED


def _extra(path: Path, text: str) -> Drift:
    return Drift(path=str(path), kind=DriftKind.EXTRA, diff=unified_diff(str(path), text, ""))


def _where(flows: Mapping[str, ResolvedFlow], path: str, diff: str) -> tuple[Location, ...]:
    """Return the lines of the rows that the diff adds, else that of the flow's section."""
    flow = flows.get(PurePosixPath(path).stem)
    if flow is None:
        return tuple(sorted(flow.where for flow in flows.values())[:1])
    added = "\n".join(line for line in diff.splitlines() if line.startswith("+"))
    return tuple(_added_rows(flow, added)) or (flow.where,)


def _added_rows(flow: ResolvedFlow, added: str) -> Iterator[Location]:
    rows: list[ResolvedLinkRule | ResolvedMapping] = [*flow.link_rules, *flow.mappings]
    for row in rows:
        quotes = (text_literal(row.statement), f"    {quote_text(row.statement)}\n")
        if any(quote in f"{added}\n" for quote in quotes):
            yield row.where


def _read(path: Path) -> str | None:
    try:
        return path.read_bytes().decode("utf-8", "surrogateescape")
    except OSError:
        return None
