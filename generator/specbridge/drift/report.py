"""Drift as people and CI systems read it: text, GitHub annotations, SARIF 2.1.0, JSON."""

import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePath
from urllib.parse import quote

from specbridge.drift.compare import Drift, DriftKind
from specbridge.errors import Location, Problem, Severity

MEANING: dict[DriftKind, str] = {
    DriftKind.MISSING: "is missing: run `specbridge generate`",
    DriftKind.CHANGED: "is not what its document says: run `specbridge generate`",
    DriftKind.EXTRA: "belongs to no document: run `specbridge generate --prune`",
    DriftKind.EDITED: "was edited by hand: change the document, or run `specbridge generate --force`",
}
_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def render_text(drift: Sequence[Drift]) -> str:
    """Return a line per file, its diff below; empty where nothing has drifted."""
    return "".join(f"{one.path} {MEANING[one.kind]}\n{one.diff}\n" for one in drift)


def render_json(drift: Sequence[Drift], problems: Sequence[Problem]) -> str:
    """Return the shape that json.md states for `check`."""
    value = {
        "drift": [{"path": d.path, "kind": d.kind.value, "diff": d.diff} for d in drift],
        "problems": [problem_json(problem) for problem in problems],
    }
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def problem_json(problem: Problem) -> dict[str, object]:
    """Return a problem as all commands print it."""
    return {
        "code": problem.code,
        "severity": problem.severity.value,
        "path": problem.where.path,
        "line": problem.where.line,
        "message": problem.message,
        "mend": problem.mend,
        "flow": problem.flow,
    }


def from_root(path: str, root: Path | None) -> str:
    """Return a path as seen from the root of a repository, where it lies below; else as it is."""
    if root is None:
        return PurePath(path).as_posix()
    full = Path(os.path.abspath(path))  # noqa: PTH100 -- `..` goes, links stay
    return (full.relative_to(root) if full.is_relative_to(root) else PurePath(path)).as_posix()


def render_github(
    drift: Sequence[Drift], problems: Sequence[Problem], root: Path | None = None
) -> str:
    """Return a workflow command per place: on the document's line, else on the file that drifted.

    Files are named from the `root`, where GitHub looks for them; None: as they were given.
    """
    lines = _github_lines(drift, problems, root)
    return "".join(f"{line}\n" for line in lines)


def render_sarif(
    drift: Sequence[Drift], problems: Sequence[Problem], root: Path | None = None
) -> str:
    """Return one run of SARIF 2.1.0; a result's first location is the document's line.

    Files are named from the `root`; None: as they were given.
    """
    results = [_drift_result(one, root) for one in drift]
    results += [_problem_result(problem, root) for problem in problems]
    identifiers = sorted({str(result["ruleId"]) for result in results})
    driver = {
        "name": "specbridge",
        "rules": [{"id": identifier} for identifier in identifiers],
    }
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    log = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(log, indent=2, ensure_ascii=False) + "\n"


def _github_lines(
    drift: Sequence[Drift], problems: Sequence[Problem], root: Path | None
) -> Iterator[str]:
    for one in drift:
        for where in one.where or (Location(one.path, 1),):
            place = from_root(where.path, root), where.line
            yield _annotation("error", place, "specbridge drift", f"{one.path} {MEANING[one.kind]}")
    for problem in problems:
        text = f"{problem.message}\nmend: {problem.mend}"
        place = from_root(problem.where.path, root), problem.where.line
        yield _annotation(problem.severity.value, place, problem.code, text)


def _annotation(level: str, place: tuple[str, int], title: str, message: str) -> str:
    path, line = place
    properties = f"file={_escape_property(path)},line={line},title={_escape_property(title)}"
    return f"::{level} {properties}::{_escape(message)}"


def _escape(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _escape_property(text: str) -> str:
    return _escape(text).replace(":", "%3A").replace(",", "%2C")


def _drift_result(drift: Drift, root: Path | None) -> dict[str, object]:
    places = [*drift.where, Location(drift.path, 1)]
    return {
        "ruleId": f"drift-{drift.kind.value}",
        "level": "error",
        "message": {"text": f"{drift.path} {MEANING[drift.kind]}"},
        "locations": [_sarif_location(places[0], root)],
        "relatedLocations": [_sarif_location(place, root) for place in places[1:]],
    }


def _problem_result(problem: Problem, root: Path | None) -> dict[str, object]:
    level = "error" if problem.severity is Severity.ERROR else "warning"
    return {
        "ruleId": problem.code,
        "level": level,
        "message": {"text": f"{problem.message} (mend: {problem.mend})"},
        "locations": [_sarif_location(problem.where, root)],
    }


def _sarif_location(where: Location, root: Path | None) -> dict[str, object]:
    return {
        "physicalLocation": {
            "artifactLocation": {"uri": quote(from_root(where.path, root))},
            "region": {"startLine": max(where.line, 1)},
        }
    }
