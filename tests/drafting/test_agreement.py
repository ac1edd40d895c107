"""Drafts agree with the vendors' files, and with our own profiles but for what no description says."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from specbridge.model.profile import Profile, Property, Resource
from specbridge.profiles.load import load_profiles

from tests.drafting.describing import VENDORS, draft, vendor, vendor_text
from tests.drafting.vendors import Vendor, expected_types

# What our profiles know and the descriptions do not, or say otherwise: the reason, by resource and property.
KNOWN: Mapping[tuple[str, str, str], str] = {
    ("zendesk", "Users", "name"): "one of three bodies of a creation requires it",
    ("zendesk", "Users", "phone"): "that an update adds a second number stands in no schema",
    ("zendesk", "Users", "photo"): "not marked; files are uploaded by a call of their own",
    ("zendesk", "Users", "restricted_agent"): "writable here, read-only on the page of users",
    (
        "zendesk",
        "Users",
        "organization",
    ): "only in a body of creations; an id of ours takes its place",
    ("zendesk", "Users", "organization.name"): "the same",
    ("zendesk", "Users", "identities"): "only in a body of creations; a strategy writes them",
    ("zendesk", "Users", "agent_brand_ids"): "only in a body of creations",
    ("zendesk", "OrganizationMemberships", "user_id"): "read-only and required at once",
    ("zendesk", "OrganizationMemberships", "organization_id"): "read-only and required at once",
    (
        "zendesk",
        "OrganizationMemberships",
        "default",
    ): "there is no update, but a call that makes it so",
    ("poweroffice-go", "Customers", "InvoiceEmailAddressCC"): "its length stands in the text alone",
    (
        "poweroffice-go",
        "ContactPersons",
        "ContactId",
    ): "of a customer or a supplier; we follow customers",
    ("poweroffice-go", "Employees", "ExternalImportReference"): "its length is stated elsewhere",
    ("poweroffice-go", "Products", "ProductGroupId"): "product groups are no resource of ours",
}
_COMPARED = ("type", "read_only", "required", "create_only", "reference", "max_length")


def cases() -> Iterator[tuple[str, str]]:
    for name in ("poweroffice-go", "zendesk"):
        for resource in load_profiles()[name].resources:
            yield name, resource.name


@pytest.mark.parametrize(("system", "name"), [*cases()])
def test_a_draft_agrees_with_our_profile(system: str, name: str) -> None:
    ours = _resource(load_profiles()[system], name)
    drafted = _resource(draft(vendor_text(system)).profile, name)
    assert (drafted.id, drafted.id_type) == (ours.id, ours.id_type)
    assert drafted.modified_at == ours.modified_at
    assert drafted.external_reference == ours.external_reference
    # A membership is named by what its organization is called, which no name of a property tells.
    assert set(drafted.named_by) & set(ours.named_by) or name == "OrganizationMemberships"
    differing = {
        path: difference
        for path, difference in _differences(ours, drafted)
        if (system, name, path) not in KNOWN
    }
    assert differing == {}
    for call in ("read", "create", "update", "delete"):
        assert _address(drafted, call) == _address(ours, call)


def test_no_known_difference_is_out_of_date() -> None:
    gone = [
        key
        for key in KNOWN
        if key[2]
        not in dict(
            _differences(
                _resource(load_profiles()[key[0]], key[1]),
                _resource(draft(vendor_text(key[0])).profile, key[1]),
            )
        )
    ]
    assert gone == []


@pytest.mark.parametrize("name", VENDORS)
def test_types_and_ids_are_the_vendor_s(name: str) -> None:
    reading = Vendor(vendor(name))
    seen = 0
    for resource in draft(vendor_text(name)).profile.resources:
        assert resource.list is not None
        drafted = {one.path[0]: one for one in resource.properties if len(one.path) == 1}
        assert resource.id[0] in drafted
        for own, schema in reading.properties(reading.row(resource.list.path, resource.list.items)):
            wanted = expected_types(schema)
            if own in drafted and wanted:
                seen += 1
                assert drafted[own].type.value in wanted, (resource.name, own)
    assert seen > 20


@pytest.mark.parametrize("name", VENDORS)
def test_what_is_read_only_is_the_vendor_s(name: str) -> None:
    reading = Vendor(vendor(name))
    for resource in draft(vendor_text(name)).profile.resources:
        assert resource.list is not None
        drafted = {one.path[0]: one for one in resource.properties if len(one.path) == 1}
        sent = _sent(reading, resource)
        for own, schema in reading.properties(reading.row(resource.list.path, resource.list.items)):
            if own not in drafted or own == resource.id[0] or not _is_read_only(schema):
                continue
            # Said of the record as it is read; a body of its own for writing counts more.
            bodies = sent.get("properties", {}) if sent is not None else {}
            apart = own in bodies and not bodies[own].get("readOnly")
            addressed = resource.create is not None and f"{{{own}}}" in resource.create.path
            assert drafted[own].read_only != (apart or addressed), (resource.name, own)


@pytest.mark.parametrize("name", VENDORS)
def test_what_is_required_is_the_vendor_s(name: str) -> None:
    reading = Vendor(vendor(name))
    for resource in draft(vendor_text(name)).profile.resources:
        sent = _sent(reading, resource)
        if sent is None or resource.create is None:
            continue
        holes = {
            one.path[0]
            for one in resource.properties
            if f"{{{one.path[0]}}}" in resource.create.path
        }
        drafted = {
            one.path[0] for one in resource.properties if one.required and len(one.path) == 1
        }
        wanted = {
            own for own in sent.get("required", []) if not sent["properties"][own].get("readOnly")
        }
        assert drafted - holes == wanted - {resource.id[0]}, resource.name


@pytest.mark.parametrize("name", VENDORS)
def test_references_lead_to_records_of_the_type(name: str) -> None:
    profile = draft(vendor_text(name)).profile
    ids = {one.name: one.id_type for one in profile.resources}
    for resource in profile.resources:
        for prop in resource.properties:
            if prop.reference is not None:
                assert prop.type is ids[prop.reference], (resource.name, prop.path)


@pytest.mark.parametrize(
    ("name", "resource", "references"),
    [
        ("zendesk", "Users", {"organization_id": "Organizations"}),
        (
            "zendesk",
            "OrganizationMemberships",
            {"organization_id": "Organizations", "user_id": "Users"},
        ),
        ("zendesk", "Organizations", {}),
        (
            "poweroffice-go",
            "Customers",
            {"DepartmentId": "Departments", "SalesPersonEmployeeId": "Employees"},
        ),
        ("poweroffice-go", "Departments", {"ManagerEmployeeId": "Employees"}),
        ("hubspot", "Contacts", {}),
        (
            "tripletex",
            "Contacts",
            {
                "customer.id": "Customers",
                "department.id": "Departments",
                "phoneNumberMobileCountry.id": "Countries",
            },
        ),
    ],
)
def test_references_are_these(name: str, resource: str, references: dict[str, str]) -> None:
    found = _resource(draft(vendor_text(name)).profile, resource).properties
    assert {".".join(one.path): one.reference for one in found if one.reference} == references


def _resource(profile: Profile, name: str) -> Resource:
    return next(one for one in profile.resources if one.name == name)


def _differences(ours: Resource, drafted: Resource) -> Iterator[tuple[str, str]]:
    mine = {one.path: one for one in ours.properties}
    theirs = {one.path: one for one in drafted.properties}
    for path in sorted({*mine, *theirs}):
        one, other = mine.get(path), theirs.get(path)
        if one is None or other is None or _compared(one) != _compared(other):
            yield ".".join(path), f"ours: {one}, drafted: {other}"


def _compared(prop: Property) -> tuple[object, ...]:
    return tuple(getattr(prop, name) for name in _COMPARED)


def _address(resource: Resource, call: str) -> tuple[str, str, tuple[str, ...]] | None:
    stated = getattr(resource, call)
    # What a deletion answers is told by no description of ours in the same way.
    return stated and (stated.method, stated.path, stated.wrap if call != "delete" else ())


def _sent(reading: Vendor, resource: Resource) -> dict[str, Any] | None:
    create = resource.create
    if create is None:
        return None
    return reading.sent(reading.address(create.path), create.method.lower(), create.wrap)


def _is_read_only(schema: Mapping[str, object]) -> bool:
    return schema.get("readOnly") is True
