"""Laws: whatever a document says, it resolves, to safe names, the same every time."""

import keyword
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from specbridge.model.document import Document
from specbridge.model.profile import Profile
from specbridge.model.rules import Creation
from specbridge.profiles.load import load_profiles
from specbridge.reader.read import read_file
from specbridge.resolve.lint import lint_packages
from specbridge.resolve.packages import resolve_packages
from specbridge.settings import Settings

from tests.resolve.documents import cell, document, flow, row, rule, side, simple

ROOT = Path(__file__).parents[2]
CASES = sorted((ROOT / "tests" / "cases").glob("*/*.rst"))
PROFILES: Mapping[str, Profile] = load_profiles(
    [Path(__file__).parent / "ledgerly.toml", Path(__file__).parent / "acme.toml"]
)
HOSTILE = [
    "class",
    "a'b",
    'a"b',
    "{{ x }}",
    "../x",
    "a\nb",
    "\u202ex",
    "é",
    "e\u0301",
    "",
    "\uff41",
]
NAMES = ["name", "NAME", "phones", "phones.number", "custom", "custom.x", "agent", "self", "id"]
LABELS = st.sampled_from(["Ledgerly", "Acme", "", "Zendesk", "ledgerly books", *HOSTILE])
DATATYPES = st.sampled_from(["Buyer", "Agents", "Contact", "Person", "Deal", "Users", *HOSTILE])
WORDS = st.sampled_from([*NAMES, *HOSTILE]) | st.text(max_size=8)
CONDITIONS = st.tuples(
    st.sampled_from(["", "5", "wd:Q1", "acme-kind", "P"]), st.sampled_from(["", "kind", "number"])
)
CELLS = st.builds(
    lambda text, conditions: cell(text, *conditions), WORDS, st.lists(CONDITIONS, max_size=2)
)
CONVERSIONS = st.sampled_from([None, *map(simple, ("string", "integer", "list", "first"))])
ROWS = st.builds(row, CELLS, CELLS, CONVERSIONS)
RULES = st.builds(rule, WORDS, WORDS)
SIDES = st.builds(side, LABELS, DATATYPES, st.sampled_from([None, "person", "giant"]))
CREATIONS = st.sampled_from([Creation(linked=True), Creation(every=True), Creation(when="When")])


@st.composite
def documents(draw: st.DrawFn) -> Document:
    flows = [
        flow(
            draw(SIDES),
            draw(SIDES),
            *draw(st.lists(ROWS, max_size=5)),
            creation=draw(CREATIONS),
            rules=draw(st.lists(RULES, max_size=2)),
            name=draw(st.sampled_from(["a_to_b", "for", "é", "../x"])),
        )
        for _ in range(draw(st.integers(0, 3)))
    ]
    path = draw(st.sampled_from(["ledgerly-acme.rst", "acme-ledgerly.rst", "x.rst", "", "a/"]))
    return document(*flows, source=draw(LABELS), target=draw(LABELS), path=path)


@given(st.lists(documents(), min_size=1, max_size=3))
@settings(max_examples=100, deadline=None)
def test_any_documents_resolve_to_safe_names(given_documents: list[Document]) -> None:
    packages = resolve_packages(given_documents, Settings(), PROFILES)
    names = [package.name for package in packages]
    assert len(set(names)) == len(names)
    for package in packages:
        flows = [one.name for one in package.flows]
        assert len(set(flows)) == len(flows)
        for name in (package.name, *flows):
            assert name.isidentifier()
            assert name.isascii()
            assert not keyword.iskeyword(name)
    for fault in lint_packages(packages, PROFILES):
        assert (fault.message + fault.mend).isprintable()


@given(st.lists(documents(), min_size=2, max_size=3, unique_by=lambda one: one.path))
@settings(max_examples=50, deadline=None)
def test_the_order_of_documents_changes_nothing(given_documents: list[Document]) -> None:
    ahead = resolve_packages(given_documents, Settings(), PROFILES)
    assert resolve_packages(given_documents[::-1], Settings(), PROFILES) == ahead


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.parent.name)
def test_every_golden_document_resolves(path: Path) -> None:
    written = replace(read_file(str(path)), path="ledgerly-acme.rst")
    (package,) = resolve_packages([written], Settings(), PROFILES)
    readable = [one for one in written.flows if one.readable]
    assert len(package.flows) in (0, len(readable))


HASHED = """
from specbridge.profiles.load import load_profiles
from specbridge.reader.read import read_file
from specbridge.resolve.packages import resolve_packages
from specbridge.settings import Settings
path = "specs/powerofficego-zendesk.rst"
print(resolve_packages([read_file(path)], Settings(), load_profiles()))
"""


def test_hash_seeds_change_nothing() -> None:
    seen = {
        subprocess.run(
            [sys.executable, "-c", HASHED],
            cwd=ROOT,
            env={"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(seen) == 1
