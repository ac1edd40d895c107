"""The first real document, and our own that has its flows, tables and quirks."""

from pathlib import Path

import pytest
from specbridge.reader.read import read_document

from tests.reader.laws import meaning_of

ROOT = Path(__file__).parent.parent.parent
OWN = ROOT / "specs" / "powerofficego-zendesk.rst"
SEED = ROOT.parent / "shared" / "seed" / "powerofficego-zendesk.rst"

needs_seed = pytest.mark.skipif(not SEED.exists(), reason=f"{SEED} IS MISSING: NOT COMPARED")


@needs_seed
def test_own_document_means_what_the_seed_means() -> None:
    own = read_document(OWN.read_text(encoding="utf-8"), "x.rst")
    seed = read_document(SEED.read_text(encoding="utf-8"), "x.rst")
    assert meaning_of(own) == meaning_of(seed)
    assert [each.code for each in own.problems] == [each.code for each in seed.problems]


@needs_seed
def test_own_document_has_nothing_of_the_seed_s_paragraph() -> None:
    paragraph = next(line for line in SEED.read_text("utf-8").splitlines() if "QA" in line)
    assert not {part for part in paragraph.split(". ") if part in OWN.read_text("utf-8")}


def test_own_document_has_four_flows_and_warns_of_each_blank_label() -> None:
    document = read_document(OWN.read_text(encoding="utf-8"), "x.rst")
    assert [(flow.name, len(flow.link_rules), len(flow.properties)) for flow in document.flows] == [
        ("contactperson_to_users", 1, 2),
        ("customers_person_to_users", 1, 0),
        ("customers_to_organizations", 0, 2),
        ("departments_to_organizations", 0, 1),
    ]
    assert [(each.code, each.flow) for each in document.problems] == [
        ("W101", None),
        ("W101", "contactperson_to_users"),
        ("W101", "customers_person_to_users"),
        ("W101", "departments_to_organizations"),
    ]
