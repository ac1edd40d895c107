"""`specbridge inspect`: JSON on stdout, problems on stderr, exit codes."""

import json
from pathlib import Path

import jsonschema
from click.testing import CliRunner, Result
from specbridge.cli.documents.inspect import inspect

from tests.reader.cases import CASES

ROOT = CASES.parent.parent
OWN = str(ROOT / "specs" / "powerofficego-zendesk.rst")
BROKEN = str(CASES / "damage_several_at_once" / "document.rst")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(inspect, arguments)


def test_json_of_several_documents_keeps_to_the_schema() -> None:
    result = run(OWN, BROKEN, "--json")
    answer = json.loads(result.stdout)
    schema = json.loads((ROOT / "docs" / "inspect.schema.json").read_text("utf-8"))
    jsonschema.validate(answer, schema)
    assert [each["path"] for each in answer["documents"]] == [OWN, BROKEN]
    assert result.exit_code == 2
    assert result.stderr == ""


def test_blank_labels_are_resolved() -> None:
    (document,) = json.loads(run(OWN, "--json").stdout)["documents"]
    assert document["target"] == {"label": "", "system": "zendesk"}
    assert {flow["source"]["system"] for flow in document["flows"]} == {"poweroffice-go"}
    assert {flow["target"]["system"] for flow in document["flows"]} == {"zendesk"}


def test_text_shows_flows_and_sends_problems_to_stderr() -> None:
    result = run(OWN)
    assert result.exit_code == 0
    assert "  customers_to_organizations: Powerofficego Customers to Zendesk Org" in result.stdout
    assert "W101" not in result.stdout
    assert f"{OWN}:2: W101 the system's label is blank in the title" in result.stderr
    assert "\n  mend: " in result.stderr


def test_text_never_sends_control_characters_to_a_terminal(tmp_path: Path) -> None:
    path = tmp_path / "x.rst"
    hostile = (CASES / "hostile_names" / "document.rst").read_text("utf-8")
    path.write_text(hostile.replace("abc", "\x1b[31mabc"), encoding="utf-8")
    result = run(str(path))
    assert "\\u202e" in result.stdout
    assert not {"\x1b", "\u202e", "\u2066"} & set(result.stdout + result.stderr)


def test_missing_document_is_reported(tmp_path: Path) -> None:
    missing = str(tmp_path / "none.rst")
    result = run(missing)
    assert result.exit_code == 2
    assert f"{missing}:1: E103 the file cannot be read: No such file" in result.stderr
