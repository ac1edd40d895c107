"""The built-in profiles against the vendors' own descriptions of their APIs."""

import json
import os
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from specbridge.model.conversion import ValueType
from specbridge.model.profile import Profile, Property, Resource
from specbridge.profiles.load import load_profiles

ROOT = Path(__file__).parents[2]
APIS = Path(os.environ.get("SPECBRIDGE_SHARED", ROOT.parent / "shared")) / "apis"
PROFILES = load_profiles()
POWEROFFICE, ZENDESK = PROFILES["poweroffice-go"], PROFILES["zendesk"]
SCHEMAS = {
    "Customers": "CustomerDto",
    "ContactPersons": "ContactPersonDto",
    "Departments": "DepartmentDto",
    "Suppliers": "SupplierDto",
    "Employees": "EmployeeDto",
    "ContactGroups": "ContactGroupDto",
    "Products": "ProductDto",
    "Projects": "ProjectDto",
    "Organizations": "OrganizationObject",
    "Users": "UserForAdmin",
    "OrganizationMemberships": "OrganizationMembershipObject",
}
# Paths that the vendor's file leaves out and its pages describe (apis/zendesk.md, "Gaps").
UNDESCRIBED = {"/api/v2/users/{}/organization_memberships"}


@cache
def described(name: str) -> Mapping[str, Any]:
    path = APIS / f"{name}.openapi.json"
    if not path.is_file():
        pytest.skip(f"{path} is not there: set SPECBRIDGE_SHARED to check the profile against it")
    found: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


RESOURCES = [
    pytest.param(profile, resource, id=resource.name)
    for profile in (POWEROFFICE, ZENDESK)
    for resource in profile.resources
]


def schema_of(profile: Profile, name: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = described(profile.name)["components"]["schemas"][name]
    return found


def flat(profile: Profile, schema: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for name, part in schema["properties"].items():
        target = part.get("$ref", "").rpartition("/")[2]
        yield name, {"type": "object"} if "Address" in target else part
        if "Address" in target:
            for inner, below in flat(profile, schema_of(profile, target)):
                yield f"{name}.{inner}", below


def type_of(part: Mapping[str, Any]) -> set[ValueType]:
    kind, form = part.get("type", "string"), part.get("format", "")
    if kind == "string" and form in ("date", "date-time", "datetime"):
        return {ValueType.DATE if form == "date" else ValueType.DATETIME}
    return {
        # Zendesk's file gives some instants no format.
        "string": {ValueType.STRING, ValueType.DATETIME},
        "integer": {ValueType.INTEGER},
        "number": {ValueType.FLOAT},
        "boolean": {ValueType.BOOLEAN},
        "array": {ValueType.LIST},
        "object": {ValueType.OBJECT},
    }[kind]


@pytest.mark.parametrize(("profile", "resource"), RESOURCES)
def test_properties_are_the_schema_s_in_name_and_type(profile: Profile, resource: Resource) -> None:
    schema = schema_of(profile, SCHEMAS[resource.name])
    parts = dict(flat(profile, schema))
    listed = {".".join(one.path): one.type for one in resource.properties}
    # Given on creation only and never shown again.
    listed.pop("SubLedgerNumberSeriesId", None)
    assert listed.keys() == parts.keys()
    assert {name: kind for name, kind in listed.items() if kind not in type_of(parts[name])} == {}


@pytest.mark.parametrize(("profile", "resource"), RESOURCES)
def test_what_the_schema_calls_read_only_is_never_changed(
    profile: Profile, resource: Resource
) -> None:
    schema = schema_of(profile, SCHEMAS[resource.name])
    read_only = {name for name, part in flat(profile, schema) if part.get("readOnly")}
    writable = {".".join(p.path) for p in resource.properties if not (p.read_only or p.create_only)}
    # Departments' manager is marked read-only and yet listed for PATCH.
    assert read_only & writable <= {"ManagerEmployeeId"}


def calls(resource: Resource) -> Iterator[tuple[str, str]]:
    for read in (resource.list, resource.incremental, resource.read_many, *resource.lookups):
        if read is not None:
            yield "get", read.path
    for write in (resource.read, resource.create, resource.update, resource.delete):
        if write is not None:
            yield write.method.lower(), write.path
    for bulk in (resource.create_many, resource.update_many):
        if bulk is not None:
            yield bulk.method.lower(), bulk.path
    for roles in resource.strategy_calls.values():
        yield from ((call.method.lower(), call.path) for call in roles.values())


def shape(path: str) -> str:
    return re.sub(r"{[^}]*}", "{}", path)


@pytest.mark.parametrize(("profile", "resource"), RESOURCES)
def test_calls_are_described(profile: Profile, resource: Resource) -> None:
    paths = described(profile.name)["paths"]
    known = {(verb, shape(path)) for path, verbs in paths.items() for verb in verbs}
    missing = {(verb, path) for verb, path in calls(resource) if (verb, shape(path)) not in known}
    assert {path for _, path in missing if shape(path) not in UNDESCRIBED} == set()


@pytest.mark.parametrize(("profile", "resource"), RESOURCES)
def test_filters_are_described(profile: Profile, resource: Resource) -> None:
    api = described(profile.name)
    names = {one.get("name") for one in api["components"].get("parameters", {}).values()}
    for verbs in api["paths"].values():
        names |= {one.get("name") for one in verbs.get("get", {}).get("parameters", [])}
    used = {lookup.parameter for lookup in resource.lookups}
    used |= {resource.incremental.since} if resource.incremental else set()
    assert used - {""} <= names


def test_poweroffice_patches_only_what_its_patch_takes() -> None:
    paths = described("poweroffice-go")["paths"]
    for resource in POWEROFFICE.resources:
        assert resource.update is not None
        (patch,) = (
            verbs["patch"]["x-patch-dto"]
            for path, verbs in paths.items()
            if "patch" in verbs and shape(path) == shape(resource.update.path)
        )
        writable = {
            one.path[0] for one in resource.properties if not (one.read_only or one.create_only)
        }
        assert writable == set(patch["properties"]), resource.name


def property_of(profile: Profile, resource: str, name: str) -> Property:
    (kind,) = (one for one in profile.resources if one.name == resource)
    (found,) = (one for one in kind.properties if ".".join(one.path) == name)
    return found


# Facts that apis/*.md state and the vendors' files do not.
@pytest.mark.parametrize(
    ("profile", "place", "fact"),
    [
        (POWEROFFICE, ("ContactPersons", "ContactId"), ("reference", "Customers")),
        (POWEROFFICE, ("ContactPersons", "ContactId"), ("create_only", True)),
        (POWEROFFICE, ("ContactPersons", "ContactId"), ("aliases", ("partyId",))),
        (POWEROFFICE, ("ContactPersons", "FirstName"), ("required", True)),
        (POWEROFFICE, ("ContactPersons", "ExternalCode"), ("unique", True)),
        (POWEROFFICE, ("Customers", "ExternalImportReference"), ("max_length", 50)),
        (POWEROFFICE, ("Customers", "NationalIdNumber"), ("hidden", True)),
        (POWEROFFICE, ("Customers", "IsActive"), ("read_only", True)),
        (POWEROFFICE, ("Customers", "DeliveryTerm"), ("create_only", True)),
        (POWEROFFICE, ("Customers", "MailAddress.City"), ("required", True)),
        (POWEROFFICE, ("Departments", "Name"), ("required", True)),
        (POWEROFFICE, ("Products", "ProductGroupCode"), ("create_only", True)),
        (POWEROFFICE, ("Employees", "SalaryBankAccountId"), ("read_only", True)),
        (POWEROFFICE, ("Projects", "CustomerId"), ("reference", "Customers")),
        (ZENDESK, ("Users", "email"), ("strategy", "primary-identity")),
        (ZENDESK, ("Users", "email"), ("case_insensitive", True)),
        (ZENDESK, ("Users", "organization_id"), ("strategy", "default-membership")),
        (ZENDESK, ("Users", "organization_id"), ("reference", "Organizations")),
        (ZENDESK, ("Users", "phone"), ("create_only", True)),
        (ZENDESK, ("Organizations", "url"), ("local", True)),
        (ZENDESK, ("Organizations", "name"), ("unique", True)),
        (ZENDESK, ("Organizations", "name"), ("required", True)),
    ],
)
def test_facts(profile: Profile, place: tuple[str, str], fact: tuple[str, object]) -> None:
    field, value = fact
    assert getattr(property_of(profile, *place), field) == value


def test_departments_are_created_active() -> None:
    (found,) = (one for one in POWEROFFICE.resources if one.name == "Departments")
    assert found.create is not None
    assert found.create.constants == {"IsActive": True}


def test_limits_are_those_that_the_vendors_state() -> None:
    (limit,) = POWEROFFICE.limits
    assert (limit.requests, limit.seconds, limit.shared_by) == (10, 1.0, "{SUBSCRIPTION_KEY}")
    # All of an account's companies count against one limit, but for those of a single record.
    assert all((one.shared_by == "{BASE_URL}") is not one.per_record for one in ZENDESK.limits)
    singly = [one for one in ZENDESK.limits if one.path == "/api/v2/users/{id}"]
    assert {(one.requests, one.seconds, one.per_record) for one in singly} == {
        (1, 1.0, False),
        (5, 60.0, True),
    }
