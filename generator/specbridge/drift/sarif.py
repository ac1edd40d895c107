"""Drift and problems as SARIF 2.1.0, which code scanning reads.

A rule is a problem's code with its page, or a kind of drift. A result keeps its fingerprint when lines
move: whoever reads the log next week knows it again.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from hashlib import sha256
from importlib.metadata import metadata, version
from pathlib import Path
from urllib.parse import quote

from specbridge.drift.compare import Drift, DriftKind
from specbridge.drift.report import MEANING, from_root
from specbridge.errors import Location, Problem, Severity
from specbridge.printable import printable
from specbridge.shipped import shipped_folder

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
# The one placeholder of an address (CONTRIBUTING.md), until the package names its own.
_REPOSITORY = "https://github.com/OWNER/specbridge"
_FINGERPRINT = "specbridge/v1"
_DRIFT = "drift-"


def render_sarif(
    drift: Sequence[Drift], problems: Sequence[Problem], root: Path | None = None
) -> str:
    """Return one run of SARIF 2.1.0; a result's first location is the document's line.

    Files are named from the `root`; None: as they were given.
    """
    results = [_drift_result(one, root) for one in drift]
    results += [_problem_result(problem, root) for problem in problems]
    rules = sorted({str(result["ruleId"]) for result in results})
    _add_fingerprints(results)
    for result in results:
        result["ruleIndex"] = rules.index(str(result["ruleId"]))
    driver = {
        "name": "specbridge",
        "version": version("specbridge"),
        "semanticVersion": version("specbridge"),
        "informationUri": _repository(),
        "rules": [_describe_rule(rule) for rule in rules],
    }
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    log = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(log, indent=2, ensure_ascii=False) + "\n"


def _describe_rule(rule: str) -> dict[str, object]:
    if rule.startswith(_DRIFT):
        kind = DriftKind(rule.removeprefix(_DRIFT))
        title, text, page = f"{kind.value} generated file", MEANING[kind], "docs/drift.md"
        text = f"A generated file {text}."
    else:
        whole = (shipped_folder("problems") / f"{rule}.md").read_text(encoding="utf-8")
        heading, _, text = whole.partition("\n")
        title, page = heading.removeprefix(f"# {rule} "), f"docs/problems/{rule}.md"
    first = text.strip().partition("\n\n")[0]
    return {
        "id": rule,
        "name": "".join(word.capitalize() for word in re.findall(r"[A-Za-z0-9]+", title)),
        "shortDescription": {"text": title},
        "fullDescription": {"text": " ".join(first.split())},
        "help": {"text": text.strip(), "markdown": text.strip()},
        "helpUri": f"{_repository()}/blob/v{version('specbridge')}/{page}",
        "defaultConfiguration": {"level": "warning" if rule.startswith("W") else "error"},
    }


def _repository() -> str:
    """Return the address that the installed package names, without a slash at its end."""
    named = metadata("specbridge").get_all("Project-URL") or []
    addresses = dict(one.split(", ", 1) for one in named)
    return str(addresses.get("Repository", _REPOSITORY)).rstrip("/")


def _add_fingerprints(results: Iterable[dict[str, object]]) -> None:
    """Give each result a digest of all but its lines; of several that are alike, their number too."""
    seen: Counter[str] = Counter()
    for result in results:
        same = json.dumps([result["ruleId"], result["message"], _path_of(result)])
        seen[same] += 1
        digest = sha256(f"{same} {seen[same]}".encode()).hexdigest()
        result["partialFingerprints"] = {_FINGERPRINT: digest[:32]}


def _path_of(result: dict[str, object]) -> str:
    locations = result["locations"]
    assert isinstance(locations, list)
    return str(locations[0]["physicalLocation"]["artifactLocation"]["uri"])


def _drift_result(drift: Drift, root: Path | None) -> dict[str, object]:
    # A package's folder is no file that a place could be in.
    own = () if drift.kind is DriftKind.FORMER else (Location(drift.path, 1),)
    # The standard wants no place twice.
    places = list(dict.fromkeys((*drift.where, *own)))
    return {
        "ruleId": f"{_DRIFT}{drift.kind.value}",
        "level": "error",
        "message": {"text": printable(f"{drift.path} {MEANING[drift.kind]}")},
        "locations": [_encode_place(places[0], root)],
        "relatedLocations": [_encode_place(place, root) for place in places[1:]],
    }


def _problem_result(problem: Problem, root: Path | None) -> dict[str, object]:
    level = "error" if problem.severity is Severity.ERROR else "warning"
    return {
        "ruleId": problem.code,
        "level": level,
        "message": {"text": printable(f"{problem.message} (mend: {problem.mend})")},
        "locations": [_encode_place(problem.where, root)],
    }


def _encode_place(where: Location, root: Path | None) -> dict[str, object]:
    return {
        "physicalLocation": {
            "artifactLocation": {"uri": quote(from_root(where.path, root))},
            # SARIF counts lines from 1, and refuses a log with a 0.
            "region": {"startLine": max(where.line, 1)},
        }
    }
