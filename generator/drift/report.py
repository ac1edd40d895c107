"""Drift as people and CI systems read it: text, GitHub annotations, SARIF 2.1.0, JSON."""

import json
from collections.abc import Iterator, Sequence
from pathlib import PurePath
from urllib.parse import quote

from generator.drift.compare import Drift, DriftKind
from generator.errors import Location, Problem, Severity

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


def render_github(drift: Sequence[Drift], problems: Sequence[Problem]) -> str:
    """Return a workflow command per place: on the document's line, else on the file that drifted."""
    return "".join(f"{line}\n" for line in _github_lines(drift, problems))


def render_sarif(drift: Sequence[Drift], problems: Sequence[Problem]) -> str:
    """Return one run of SARIF 2.1.0; a result's first location is the document's line."""
    results = [_drift_result(one) for one in drift]
    results += [_problem_result(problem) for problem in problems]
    identifiers = sorted({str(result["ruleId"]) for result in results})
    driver = {
        "name": "specbridge",
        "rules": [{"id": identifier} for identifier in identifiers],
    }
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    log = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(log, indent=2, ensure_ascii=False) + "\n"


def _github_lines(drift: Sequence[Drift], problems: Sequence[Problem]) -> Iterator[str]:
    for one in drift:
        for where in one.where or (Location(one.path, 1),):
            yield _annotation("error", where, "specbridge drift", f"{one.path} {MEANING[one.kind]}")
    for problem in problems:
        text = f"{problem.message}\nmend: {problem.mend}"
        yield _annotation(problem.severity.value, problem.where, problem.code, text)


def _annotation(level: str, where: Location, title: str, message: str) -> str:
    path = _escape_property(PurePath(where.path).as_posix())
    properties = f"file={path},line={where.line},title={_escape_property(title)}"
    return f"::{level} {properties}::{_escape(message)}"


def _escape(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _escape_property(text: str) -> str:
    return _escape(text).replace(":", "%3A").replace(",", "%2C")


def _drift_result(drift: Drift) -> dict[str, object]:
    places = [*drift.where, Location(drift.path, 1)]
    return {
        "ruleId": f"drift-{drift.kind.value}",
        "level": "error",
        "message": {"text": f"{drift.path} {MEANING[drift.kind]}"},
        "locations": [_sarif_location(places[0])],
        "relatedLocations": [_sarif_location(place) for place in places[1:]],
    }


def _problem_result(problem: Problem) -> dict[str, object]:
    level = "error" if problem.severity is Severity.ERROR else "warning"
    return {
        "ruleId": problem.code,
        "level": level,
        "message": {"text": f"{problem.message} (mend: {problem.mend})"},
        "locations": [_sarif_location(problem.where)],
    }


def _sarif_location(where: Location) -> dict[str, object]:
    return {
        "physicalLocation": {
            "artifactLocation": {"uri": _uri(where.path)},
            "region": {"startLine": max(where.line, 1)},
        }
    }


def _uri(path: str) -> str:
    return quote(PurePath(path).as_posix())
