"""Drift as CI systems read it."""

import json

import jsonschema
from specbridge.drift.compare import Drift, DriftKind
from specbridge.drift.report import encode_drift, render_github, render_sarif, render_text
from specbridge.errors import Location, Problem

CHANGED = Drift(
    path="generated/a_b/mappers/x.py",
    kind=DriftKind.CHANGED,
    diff="--- a\n+++ b\n",
    where=(Location("specs/a,b:c.rst", 12), Location("specs/a,b:c.rst", 14)),
)
EDITED = Drift(path="generated/a_b/y.py", kind=DriftKind.EDITED, diff="")
PROBLEM = Problem(
    code="W301", where=Location("specs/a.rst", 3), message="100% blank\nlabel", mend="write it"
)

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
                                    "rules": {
                                        "type": "array",
                                        "uniqueItems": True,
                                        "items": {"type": "object", "required": ["id"]},
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


def test_github_annotates_the_document_s_lines() -> None:
    lines = render_github([CHANGED, EDITED], [PROBLEM]).splitlines()
    assert lines[0].startswith(
        "::error file=specs/a%2Cb%3Ac.rst,line=12,title=specbridge drift::generated/a_b/mappers/x.py"
    )
    assert "line=14," in lines[1]
    assert lines[2].startswith("::error file=generated/a_b/y.py,line=1,")
    assert lines[3] == (
        "::warning file=specs/a.rst,line=3,title=W301::100%25 blank%0Alabel%0Amend: write it"
    )


def test_json_has_the_stated_keys() -> None:
    value = json.loads(json.dumps(encode_drift([CHANGED], [PROBLEM])))
    assert value["drift"] == [{"path": CHANGED.path, "kind": "changed", "diff": CHANGED.diff}]
    assert set(value["problems"][0]) == {
        "code", "severity", "path", "line", "message", "mend", "flow",
    }  # fmt: skip


def test_text_says_what_to_do() -> None:
    text = render_text([CHANGED, EDITED])
    assert "run `specbridge generate`" in text
    assert "--force" in text
    assert render_text([]) == ""


def test_sarif_of_nothing_is_a_log_without_results() -> None:
    log = json.loads(render_sarif([], []))
    jsonschema.validate(log, SARIF)
    assert log["runs"][0]["results"] == []
