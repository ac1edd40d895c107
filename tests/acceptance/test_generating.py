"""From the literal document to modules: names, warnings, drift, and mappers that can be imported."""

import os
import re
from pathlib import Path

import pytest
from specbridge.runtime.references import References

from generated.powerofficego_zendesk.mappers import (
    contactperson_to_users,
    customers_to_organizations,
)
from tests.acceptance.conftest import ROOT, Terminal

SPEC = ROOT / "specs" / "powerofficego-zendesk.rst"
REFERENCE = Path(os.environ.get("SPECBRIDGE_SHARED", ROOT.parent / "shared"))
SEED = REFERENCE / "seed" / "powerofficego-zendesk.rst"
FLOWS = (
    "contactperson_to_users",
    "customers_person_to_users",
    "customers_to_organizations",
    "departments_to_organizations",
)


def tree(root: Path) -> dict[str, bytes]:
    return {
        str(p.relative_to(root)): p.read_bytes() for p in sorted(root.rglob("*")) if p.is_file()
    }


def test_a_document_becomes_modules_and_says_what_it_repaired(terminal: Terminal) -> None:
    done = terminal.run("generate", str(SPEC), "-o", "out")
    assert done.status == 0, done.errors
    files = tree(terminal.directory / "out" / "powerofficego_zendesk")
    for flow in FLOWS:
        assert {f"mappers/{flow}.py", f"sync/{flow}.py"} <= set(files)
    blanks = [line for line in done.errors.splitlines() if "label is blank" in line]
    assert len(blanks) == 4  # the title and three of the four sections
    assert re.search(r"W\d{3} .*`WebsiteUrl` to `url` is held both ways", done.errors)
    assert re.search(r"W\d{3} .*`partyId` to `organization_id` is held", done.errors)


@pytest.mark.skipif(not SEED.is_file(), reason=f"the first real document is not at {SEED}")
def test_the_literal_seed_yields_the_same_modules(terminal: Terminal) -> None:
    assert terminal.run("generate", str(SPEC), "-o", "own").status == 0
    assert terminal.run("generate", str(SEED), "-o", "seed").status == 0
    own, seed = tree(terminal.directory / "own"), tree(terminal.directory / "seed")
    assert {n: t for n, t in own.items() if n.endswith(".py")} == {
        n: t for n, t in seed.items() if n.endswith(".py")
    }


def test_the_committed_package_is_what_its_document_says(terminal: Terminal) -> None:
    assert terminal.run("generate", str(SPEC), "-o", "out").status == 0
    committed = tree(ROOT / "generated" / "powerofficego_zendesk")
    fresh = tree(terminal.directory / "out" / "powerofficego_zendesk")
    modules = [name for name in fresh if name.endswith(".py")]
    assert {name: committed.get(name) for name in modules} == {n: fresh[n] for n in modules}


def test_check_tells_a_new_row_from_a_new_time_stamp(terminal: Terminal) -> None:
    document = terminal.directory / SPEC.name
    text = SPEC.read_text(encoding="utf-8")
    document.write_text(text, encoding="utf-8")
    terminal.run("generate", SPEC.name, "-o", "out")
    check = ("check", SPEC.name, "-o", "out")
    assert terminal.run(*check).status == 0
    document.write_text(re.sub("Generated: .*", "Generated: 2031-01-01", text), encoding="utf-8")
    assert terminal.run(*check).status == 0
    row = '   * - Name\n     - name\n     - "string"\n'
    added = f'{row}   * - OrganizationNumber\n     - details\n     - "string"\n'
    document.write_text(text.replace(row, added, 1), encoding="utf-8")
    done = terminal.run(*check)
    assert done.status == 1
    assert re.search(r'^\+.*"details"', done.output, re.MULTILINE)


def test_mappers_are_plain_functions() -> None:
    to_organizations = customers_to_organizations.to_organizations
    assert to_organizations({"Name": "Salg"}, {}) == {"name": "Salg"}
    assert to_organizations({}, {}) == {}
    assert to_organizations({"Name": None}, {}) == {"name": None}
    assert customers_to_organizations.to_customers({"name": "Salg"}, {}) == {"Name": "Salg"}


def test_references_are_translated_never_copied() -> None:
    to_users = contactperson_to_users.to_users
    links: References = {("Customers", "Organizations"): {17: 9001}}
    assert to_users({"ContactId": 17}, links) == {"organization_id": 9001}
    assert to_users({"ContactId": 18}, links) == {}
    assert to_users({"ContactId": None}, links) == {"organization_id": None}
    back = contactperson_to_users.to_contactperson({"organization_id": 9001, "email": "a@b"}, {})
    assert back == {"EmailAddress": "a@b"}
