"""From text to code: every document without an error generates, imports, type-checks, and comes back."""

import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from specbridge.emit.package import emit_package
from specbridge.emit.render import Renderer
from specbridge.emit.templates import read_templates
from specbridge.errors import Severity
from specbridge.model.resolved import ResolvedPackage
from specbridge.profiles.load import load_profiles
from specbridge.reader.read import read_document, read_file
from specbridge.resolve.packages import resolve_packages
from specbridge.settings import Settings

from tests.emit.load import import_folder, write_texts

CASES = Path(__file__).parents[1] / "cases"
PROFILES = load_profiles([])
RENDERER = Renderer(read_templates())
BLANK = Settings(source="Ledgerly", target="Acme")
"""The cases are all called document.rst, which names no system."""


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a package for each case that has no error."""
    folder = tmp_path_factory.mktemp("cases")
    for case in sorted(CASES.iterdir()):
        for package in _sound_packages(case):
            write_texts(emit_package(package, RENDERER), folder / case.name)
    return folder


def _sound_packages(case: Path) -> Iterator[ResolvedPackage]:
    document = read_file(str(case / "document.rst"))
    for package in resolve_packages([document], BLANK, PROFILES):
        if not any(found.severity is Severity.ERROR for found in package.problems):
            yield package


def test_cases_without_an_error_generate_and_import(generated: Path) -> None:
    folders = sorted(folder for folder in generated.iterdir() if folder.is_dir())
    sound = [case.name for case in CASES.iterdir() if any(_sound_packages(case))]
    assert [folder.name for folder in folders] == sorted(sound)
    for folder in folders:
        document = read_file(str(CASES / folder.name / "document.rst"))
        assert len(import_folder(folder).FLOWS) == len(document.flows)


def test_cases_without_an_error_pass_mypy_strict(generated: Path) -> None:
    (generated / "__init__.py").touch()
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file=", str(generated)]
    checked = subprocess.run(command, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout


TYPES: Mapping[str, st.SearchStrategy[Any]] = {
    '"string"': st.text(max_size=3),
    '"integer"': st.integers(),
    '"boolean"': st.booleans(),
    '["string", "_."]': st.text(max_size=3),
    "N/A": st.text(max_size=3) | st.integers() | st.lists(st.integers(), max_size=2),
}
NAMES = ["Name", "class", "$id", "ns:x", "Å", "a b", "s.x", "s.deep.y", "s.deep.z", "str"]
DOCUMENT = """\
=========================
Ledgerly to Acme Dataflow
=========================

Ledgerly Buyer to Acme Contact
------------------------------
Every Ledgerly Buyer will be synchronized with a Acme Contact.

.. list-table::
   :header-rows: 1

   * - Ledgerly Buyer Property
     - Acme Contact Property
     - Acme Data Type
"""


@st.composite
def written(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    """Draw a document with rows that lose nothing, and a record of its source."""
    count = draw(st.integers(0, len(NAMES)))
    sources, targets = draw(st.permutations(NAMES)), draw(st.permutations(NAMES))
    lines: list[str] = []
    record: dict[str, Any] = {}
    for source, target in zip(sources[:count], targets[:count], strict=True):
        kind = draw(st.sampled_from(sorted(TYPES)))
        lines += [f"   * - {source}", f"     - {target}", f"     - {kind}"]
        if draw(st.booleans()):
            _put(record, source.split("."), draw(st.none() | TYPES[kind]))
    return DOCUMENT + "\n".join(lines) + "\n", record


def _put(record: dict[str, Any], path: list[str], value: object) -> None:
    for name in path[:-1]:
        record = record.setdefault(name, {})
    record[path[-1]] = value


@given(written())
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_rows_that_lose_nothing_come_back(drawn: tuple[str, dict[str, Any]]) -> None:
    text, record = drawn
    (package,) = resolve_packages([read_document(text, "a-b.rst")], Settings(), PROFILES)
    with tempfile.TemporaryDirectory() as folder:
        texts = emit_package(package, RENDERER)
        (flow,) = import_folder(write_texts(texts, Path(folder))).FLOWS
        there = flow.to_target(record, {})
        assert flow.to_target(flow.to_source(there, {}), {}) == there
