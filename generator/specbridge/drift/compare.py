"""Packages as they are beside packages as regenerating would write them."""

import difflib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path, PurePosixPath

from specbridge.drift.digests import digest, unix_lines
from specbridge.drift.former import former_line
from specbridge.drift.manifest import NAME, is_ours, list_packages, read_manifest
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
    EXTRA = "extra"  # it was generated, and no document yields it any longer
    EDITED = "edited"  # someone changed it by hand
    FOREIGN = "foreign"  # it lies in a package of ours, and was never generated
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
        known = _known(folder)
        for name in sorted([*list_files(folder), NAME]):
            found.append(_left(folder / name, ours=name in known or name == NAME))
    return tuple(sorted(found, key=lambda drift: drift.path))


def stale_packages(
    built: Sequence[Built], output: Path, documents: Sequence[str], *, whole: bool
) -> tuple[Path, ...]:
    """Return the packages that none of the documents yields any longer."""
    yielded = {one.package.name for one in built}
    stale = []
    for folder in list_packages(output):
        if folder.name in yielded:
            continue
        manifest = read_manifest(folder)
        of_these = manifest is not None and set(manifest.documents) & set(documents)
        # A folder of another tool may hold a file of the manifest's name: nothing of it is stale.
        if of_these or (whole and is_ours(folder)):
            stale.append(folder)
    return tuple(stale)


def compare_package(built: Built, output: Path) -> Iterator[Drift]:
    """Yield the drift of one package; digests of inputs that changed no file are none."""
    folder = output / built.package.name
    known = _known(folder)
    flows = {flow.name: flow for flow in built.package.flows}
    for path, wanted in built.texts.items():
        present = _read(folder / path)
        if present == wanted or (path == NAME and read_manifest(folder) is not None):
            continue
        kind = _kind(path, present, known)
        diff = unified_diff(str(folder / path), present or "", wanted)
        where = () if kind is DriftKind.EDITED else _where(flows, path, diff)
        yield Drift(path=str(folder / path), kind=kind, diff=diff, where=where)
    for path in list_files(folder):
        if path not in built.texts:
            yield _left(folder / path, ours=path in known)


def missing_file(path: Path) -> Drift:
    """Return the drift of an empty file that is missing."""
    return Drift(path=str(path), kind=DriftKind.MISSING, diff="")


def edited_files(built: Built, output: Path) -> tuple[str, ...]:
    """Return the files of a package that were edited by hand, and that writing it would lose."""
    folder = output / built.package.name
    return tuple(
        path
        for path in edited_in(folder, built.texts)
        if _read(Path(path)) != built.texts.get(Path(path).relative_to(folder).as_posix())
    )


def edited_in(folder: Path, wanted: Collection[str] = ()) -> tuple[str, ...]:
    """Return the files of a package that are not as generated; `wanted` are to be generated now."""
    known = _known(folder)
    return tuple(
        str(folder / path)
        for path in sorted(list_files(folder))
        if (path in known or path in wanted)
        and digest(_read(folder / path) or "") != known.get(path)
    )


def foreign_files(folder: Path, wanted: Collection[str] = ()) -> tuple[str, ...]:
    """Return the files in a package's folder that were never generated, and are not among the `wanted`."""
    known = _known(folder)
    return tuple(
        str(folder / path)
        for path in sorted(list_files(folder))
        if path not in known and path not in wanted
    )


def _known(folder: Path) -> Mapping[str, str]:
    """Return the digests of the files that were generated in a folder, by path; none without a manifest."""
    manifest = read_manifest(folder)
    return {} if manifest is None else {path: e.text for path, e in manifest.files.items()}


def is_written(built: Built, folder: Path) -> bool:
    """Return whether a package's folder holds these texts and nothing else, line ends aside."""
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


def _left(path: Path, *, ours: bool) -> Drift:
    """Return the drift of a file that no document yields; of one that is not ours nothing is shown."""
    kind = DriftKind.EXTRA if ours else DriftKind.FOREIGN
    diff = unified_diff(str(path), _read(path) or "", "") if ours else ""
    return Drift(path=str(path), kind=kind, diff=diff)


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
        # A checkout may have turned our line ends into its system's, which is nobody's edit.
        return unix_lines(path.read_bytes()).decode("utf-8", "surrogateescape")
    except OSError:
        return None
