"""SARIF as its standard has it, and as code scanning wants it: rules that explain, results known again."""

import json
from dataclasses import replace
from typing import Any

import jsonschema
import pytest
from specbridge.drift.compare import Drift, DriftKind
from specbridge.drift.sarif import render_sarif
from specbridge.errors import Location
from specbridge.shipped import shipped_folder

from tests.drift.test_report import CHANGED, EDITED, PROBLEM

# The parts of the SARIF 2.1.0 schema (OASIS) that our log uses, stated in our own words.
LOCATION = {
    "type": "object",
    "required": ["physicalLocation"],
    "properties": {
        "physicalLocation": {
            "type": "object",
            "required": ["artifactLocation", "region"],
            "properties": {
                "artifactLocation": {
                    "type": "object",
                    "properties": {"uri": {"type": "string", "format": "uri-reference"}},
                    "additionalProperties": False,
                },
                "region": {
                    "type": "object",
                    "properties": {"startLine": {"type": "integer", "minimum": 1}},
                    "additionalProperties": False,
                },
            },
            "additionalProperties": False,
        }
    },
    "additionalProperties": False,
}
TEXT = {
    "type": "object",
    "required": ["text"],
    "properties": {"text": {"type": "string"}, "markdown": {"type": "string"}},
    "additionalProperties": False,
}
RULE = {
    "type": "object",
    "required": ["id"],
    "properties": {
        "id": {"type": "string"},
        "name": {"type": "string"},
        "shortDescription": TEXT,
        "fullDescription": TEXT,
        "help": TEXT,
        "helpUri": {"type": "string", "format": "uri"},
        "defaultConfiguration": {
            "type": "object",
            "properties": {"level": {"enum": ["none", "note", "warning", "error"]}},
            "additionalProperties": False,
        },
    },
    "additionalProperties": False,
}
SARIF = {
    "type": "object",
    "required": ["version", "runs"],
    "properties": {
        "$schema": {"type": "string", "format": "uri"},
        "version": {"const": "2.1.0"},
        "runs": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["tool"],
                "properties": {
                    "tool": {
                        "type": "object",
                        "required": ["driver"],
                        "properties": {
                            "driver": {
                                "type": "object",
                                "required": ["name"],
                                "properties": {
                                    "name": {"type": "string"},
                                    "informationUri": {"type": "string", "format": "uri"},
                                    "version": {"type": "string"},
                                    "semanticVersion": {"type": "string"},
                                    "rules": {
                                        "type": "array",
                                        "uniqueItems": True,
                                        "items": RULE,
                                    },
                                },
                                "additionalProperties": False,
                            }
                        },
                        "additionalProperties": False,
                    },
                    "columnKind": {"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
                    "results": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "required": ["message"],
                            "properties": {
                                "ruleId": {"type": "string"},
                                "level": {"enum": ["none", "note", "warning", "error"]},
                                "message": {"type": "object", "required": ["text"]},
                                "ruleIndex": {"type": "integer", "minimum": -1},
                                "partialFingerprints": {
                                    "type": "object",
                                    "additionalProperties": {"type": "string"},
                                },
                                "locations": {"type": "array", "items": LOCATION},
                                "relatedLocations": {
                                    "type": "array",
                                    "uniqueItems": True,
                                    "items": LOCATION,
                                },
                            },
                            "additionalProperties": False,
                        },
                    },
                },
                "additionalProperties": False,
            },
        },
    },
    "additionalProperties": False,
}


def test_sarif_has_the_shape_of_its_standard_and_names_the_document_s_line() -> None:
    log = json.loads(render_sarif([CHANGED, EDITED], [PROBLEM]))
    jsonschema.validate(log, SARIF)
    changed, edited, problem = log["runs"][0]["results"]
    place = changed["locations"][0]["physicalLocation"]
    assert place == {
        "artifactLocation": {"uri": "specs/a%2Cb%3Ac.rst"},
        "region": {"startLine": 12},
    }
    assert edited["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == EDITED.path
    assert (problem["ruleId"], problem["level"]) == ("W301", "warning")
    identifiers = {rule["id"] for rule in log["runs"][0]["tool"]["driver"]["rules"]}
    assert identifiers == {"drift-changed", "drift-edited", "W301"}


def test_sarif_of_nothing_is_a_log_without_results() -> None:
    log = json.loads(render_sarif([], []))
    jsonschema.validate(log, SARIF)
    assert log["runs"][0]["results"] == []


def read(*args: Any) -> Any:
    """Return the one run of a log, which has the standard's shape."""
    log = json.loads(render_sarif(*args))
    jsonschema.validate(log, SARIF)
    return log["runs"][0]


@pytest.mark.parametrize(
    "code", sorted(p.stem for p in shipped_folder("problems").glob("[EW]*.md"))
)
def test_each_code_is_a_rule_that_explains_itself(code: str) -> None:
    run = read([], [replace(PROBLEM, code=code)])
    (rule,) = run["tool"]["driver"]["rules"]
    assert rule["id"] == code
    assert rule["name"].isidentifier()
    assert rule["shortDescription"]["text"]
    assert "## Mend" in rule["help"]["markdown"]
    assert rule["helpUri"].endswith(f"docs/problems/{code}.md")
    assert rule["defaultConfiguration"]["level"] == ("error" if code[0] == "E" else "warning")
    assert run["results"][0]["ruleIndex"] == 0


@pytest.mark.parametrize("kind", DriftKind)
def test_each_kind_of_drift_is_a_rule(kind: DriftKind) -> None:
    drift = Drift(path="generated/a/x.py", kind=kind, diff="", where=(Location("specs/a.rst", 3),))
    (rule,) = read([drift], [])["tool"]["driver"]["rules"]
    assert rule["id"] == f"drift-{kind.value}"
    assert rule["fullDescription"]["text"]


def test_a_result_is_known_again_where_lines_have_moved_and_others_are_not() -> None:
    moved = replace(PROBLEM, where=replace(PROBLEM.where, line=30))
    (before,), (after,) = (_fingerprints([one]) for one in (PROBLEM, moved))
    assert before == after
    alike = _fingerprints([PROBLEM, moved, replace(PROBLEM, message="another")])
    assert len(set(alike)) == 3


def _fingerprints(problems: list[Any]) -> list[str]:
    results = read([], problems)["results"]
    return [one["partialFingerprints"]["specbridge/v1"] for one in results]
