"""Problems that are kept with the digests, so that a check tells them without reading a document."""

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from specbridge.drift.digests import Layout
from specbridge.drift.manifest import KeptProblem, Manifest
from specbridge.errors import Location, Problem

# A text that names a line is true as long as no blank line comes or goes, and not kept.
_NAMES_A_LINE = re.compile(r"\blines? \d|:\d")


def keep_problems(problems: Iterable[Problem], layout: Layout) -> tuple[KeptProblem, ...] | None:
    """Return a document's problems as its manifest keeps them, None where it cannot."""
    kept = []
    for problem in problems:
        if _NAMES_A_LINE.search(f"{problem.message} {problem.mend}"):
            return None
        kept.append(
            KeptProblem(
                code=problem.code,
                anchor=layout.anchor(problem.where.line),
                message=problem.message,
                mend=problem.mend,
                flow=problem.flow,
            )
        )
    return tuple(kept)


def are_kept(manifest: Manifest) -> bool:
    """Return whether a package's problems can be told without reading its documents."""
    return all(entry.problems is not None for entry in manifest.documents.values())


def kept_problems(
    manifest: Manifest, layouts: Mapping[str, Layout], paths: Mapping[str, str]
) -> Iterator[Problem]:
    """Yield a package's problems as reading its documents would; both mappings are by bare name."""
    for name, entry in manifest.documents.items():
        for one in entry.problems or ():
            where = Location(paths[name], layouts[name].line(one.anchor))
            yield Problem(
                code=one.code, where=where, message=one.message, mend=one.mend, flow=one.flow
            )


def by_document(problems: Iterable[Problem]) -> Mapping[str, list[Problem]]:
    """Return problems by the bare names of the documents that they are in."""
    found: dict[str, list[Problem]] = {}
    for problem in problems:
        found.setdefault(Path(problem.where.path).name, []).append(problem)
    return found
