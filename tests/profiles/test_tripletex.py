"""Tripletex's profile: every property of the vendor's description is known, and documents that name them can run."""

import json
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import pytest
from specbridge.errors import Problem
from specbridge.model.profile import Property, Resource
from specbridge.profiles.load import load_profiles
from specbridge.reader.read import read_document
from specbridge.resolve.packages import resolve_packages
from specbridge.resolve.systems.index import find_property, index_properties
from specbridge.settings import Settings

from tests.profiles.test_built_in import APIS

TRIPLETEX = load_profiles()["tripletex"]
REFERENCES = {
    "Customer": {"accountManager.id", "department.id"},
    "Contact": {"customer.id", "department.id"},
    "Department": {"departmentManager.id"},
    "Supplier": {"accountManager.id"},
    "Employee": {"department.id"},
    "Product": {"department.id", "supplier.id", "resaleProduct.id"},
}
_DEEP = 3


@cache
def schemas() -> Mapping[str, Any]:
    path = APIS / "tripletex.openapi.json"
    if not path.is_file():
        pytest.skip(f"{path} is not there: set SPECBRIDGE_SHARED to check the profile against it")
    found: Mapping[str, Any] = json.loads(path.read_text("utf-8"))["components"]["schemas"]
    return found


def paths(name: str, before: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Yield the properties of a schema, and those of what it refers to, to some depth."""
    for word, part in schemas()[name].get("properties", {}).items():
        path = (*before, word)
        yield path, part
        inner = (part.get("$ref") or part.get("items", {}).get("$ref", "")).rpartition("/")[2]
        if inner and len(path) < _DEEP:
            yield from paths(inner, path)


def found(resource: Resource, path: tuple[str, ...]) -> Property | None:
    return find_property(index_properties(resource.properties), path)


@pytest.mark.parametrize("resource", TRIPLETEX.resources, ids=lambda one: one.name)
def test_every_property_of_the_description_is_known(resource: Resource) -> None:
    described = dict(paths(resource.name))
    assert [".".join(path) for path in described if found(resource, path) is None] == []
    named = {tuple(word.removesuffix("[]") for word in one.path) for one in resource.properties}
    assert {path for path in named if path not in described} == set()


@pytest.mark.parametrize("resource", TRIPLETEX.resources, ids=lambda one: one.name)
def test_what_the_api_sets_or_another_record_holds_is_not_written(resource: Resource) -> None:
    owned = ("postalAddress", "physicalAddress", "address", "internationalId")
    for path, part in paths(resource.name):
        known = found(resource, path)
        assert known is not None
        others = len(path) > 1 and path[0] not in owned and path[-1] != "id"
        if part.get("readOnly") or path[0] in ("url", "changes", "version", "id") or others:
            assert known.read_only, path


@pytest.mark.parametrize("resource", TRIPLETEX.resources, ids=lambda one: one.name)
def test_references_are_translated(resource: Resource) -> None:
    held = {".".join(one.path) for one in resource.properties if one.reference}
    assert held == REFERENCES[resource.name]
    for prop in resource.properties:
        if prop.reference:
            assert prop.emptied == prop.path[:-1]


HEAD = """\
=========================================
Tripletex to {system} Dataflow
=========================================

Introduction
------------

"""
FLOW = """\
Tripletex {own} to {system} {other}
{line}
Every Tripletex {own} will be synchronized with a {system} {other}.

Once a link between a Tripletex {own} and a {system} {other} is established, it will keep in sync between the two systems, regardless of where it is edited.

The following properties are synchronized between a Tripletex {own} and a {system} {other}:

.. list-table::
   :header-rows: 1

   * - Tripletex {own} Property
     - {system} {other} Property
     - {system} Data Type
   * - {property}
     - {counterpart}
     - "string"

"""


def flow(own: str, system: str, other: str, prop: str, counterpart: str) -> str:
    words = {"own": own, "system": system, "other": other}
    return FLOW.format(line="-" * 80, property=prop, counterpart=counterpart, **words)


FLOWS = [
    ("Customer", "PowerOffice GO", "Customers", "postalAddress.city", "MailAddress.City"),
    ("Customer (human data)", "Zendesk", "Users", "email", "email"),
    ("Customer (organisation data)", "Zendesk", "Organizations", "name", "name"),
    ("Contact (human data)", "Zendesk", "Users", "firstName", "name"),
    ("Contact", "PowerOffice GO", "ContactPersons (human data)", "lastName", "LastName"),
    ("Department", "PowerOffice GO", "Departments", "name", "Name"),
    ("Supplier", "PowerOffice GO", "Suppliers", "email", "EmailAddress"),
    ("Employee", "PowerOffice GO", "Employees", "firstName", "FirstName"),
    ("Product", "PowerOffice GO", "Products", "number", "Code"),
]


@pytest.mark.parametrize("words", FLOWS, ids=lambda one: f"{one[0]} {one[1]}")
def test_flows_between_what_both_have_can_run(words: tuple[str, ...]) -> None:
    own, system, other, prop, counterpart = words
    assert stopped(system, flow(own, system, other, prop, counterpart)) == []


def test_a_subset_that_nothing_tells_apart_says_what_to_configure() -> None:
    text = flow("Department (classification data)", "Zendesk", "Organizations", "name", "name")
    (problem,) = stopped("Zendesk", text)
    assert problem.code == "W312"
    assert "tool.specbridge.subsets.tripletex.Department" in (problem.mend or "")


def stopped(system: str, text: str) -> list[Problem]:
    """Return the problems for which a document's flow could not run, or its row is unknown."""
    document = read_document(HEAD.format(system=system) + text, "specs/document.rst")
    (package,) = resolve_packages([document], Settings(), load_profiles())
    told = [one for one in package.problems if one.code in ("W303", "W311", "W312", "W401")]
    assert all(one.runnable for one in package.flows) is not bool(told)
    return told
