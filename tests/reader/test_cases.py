"""Every golden folder reads as expected, and together they show every problem that there is."""

import json
import re
from pathlib import Path

import jsonschema
import pytest
from specbridge.errors import Severity
from specbridge.reader.faults import FAULTS

from tests.reader.cases import CASES, FOLDERS, read_case

ROOT = CASES.parent.parent
PAGES = ROOT / "docs" / "problems"


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_case_reads_as_expected(folder: Path, update_golden: bool) -> None:
    _, golden = read_case(folder)
    if update_golden:
        (folder / "inspect.json").write_text(golden.inspect, encoding="utf-8", newline="\n")
        (folder / "errors.txt").write_text(golden.errors, encoding="utf-8", newline="\n")
    assert golden.inspect == (folder / "inspect.json").read_text(encoding="utf-8")
    assert golden.errors == (folder / "errors.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_case_names_its_code(folder: Path) -> None:
    document, _ = read_case(folder)
    codes = {problem.code for problem in document.problems}
    named = set(re.findall(r"[EW]\d{3}", folder.name))
    assert named <= codes
    if not folder.name.startswith(("damage_", "hostile_")):
        assert not [code for code in codes if code.startswith("E")]


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_flow_is_unreadable_exactly_where_an_error_names_it(folder: Path) -> None:
    document, _ = read_case(folder)
    errors = (each for each in document.problems if each.severity is Severity.ERROR)
    named = {each.flow for each in errors} - {None}
    assert {flow.name for flow in document.flows if not flow.readable} == named
    assert len({flow.name for flow in document.flows}) == len(document.flows)


def test_every_code_has_a_case_and_a_page() -> None:
    shown = {
        code
        for folder in FOLDERS
        for code in re.findall(r": ([EW]\d{3}) ", (folder / "errors.txt").read_text("utf-8"))
    }
    pages = {page.stem for page in PAGES.glob("[EW][12]*.md")}
    assert shown == set(FAULTS) == pages


@pytest.mark.parametrize("code", FAULTS)
def test_page_shows_an_example_and_its_mend(code: str) -> None:
    page = (PAGES / f"{code}.md").read_text(encoding="utf-8")
    assert page.startswith(f"# {code} ")
    assert "\n## Example\n" in page
    assert "\n## Mend\n" in page


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_output_keeps_to_its_schema(folder: Path) -> None:
    schema = json.loads((ROOT / "docs" / "inspect.schema.json").read_text(encoding="utf-8"))
    _, golden = read_case(folder)
    jsonschema.validate({"documents": [json.loads(golden.inspect)]}, schema)
