"""HubSpot's profile against the vendor's description, and the keys that it was the first to need."""

import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from specbridge.errors import ProfileError, SettingsError
from specbridge.model.conversion import ValueType
from specbridge.model.profile import Resource
from specbridge.profiles.load import load_profiles, read_profile
from specbridge.profiles.templates import place_paths
from specbridge.resolve.systems.index import find_property, index_properties
from specbridge.runtime.connectors.transport.environment import read_prefixes

ROOT = Path(__file__).parents[2]
APIS = Path(os.environ.get("SPECBRIDGE_SHARED", ROOT.parent / "shared")) / "apis"
PROFILE = load_profiles()["hubspot"]
PLACED = place_paths(PROFILE, {})
RESOURCES = {one.name: one for one in PLACED.resources}
# What the guides name, and documents therefore do.
NAMES = {
    "Contacts": (
        "id createdAt updatedAt archived properties.email properties.firstname"
        " properties.lastname properties.phone properties.mobilephone properties.fax"
        " properties.jobtitle properties.company properties.website properties.address"
        " properties.city properties.state properties.zip properties.country"
        " properties.lifecyclestage properties.associatedcompanyid properties.hs_object_id"
        " properties.createdate properties.lastmodifieddate"
    ),
    "Companies": (
        "id properties.name properties.domain properties.phone properties.address"
        " properties.address2 properties.city properties.state properties.zip"
        " properties.country properties.website properties.industry properties.description"
        " properties.numberofemployees properties.annualrevenue properties.hs_lastmodifieddate"
    ),
    "Products": "id properties.name properties.description properties.price properties.hs_sku",
}
NEVER_WRITTEN = {
    "Contacts": "id createdAt updatedAt archived archivedAt url properties.hs_object_id"
    " properties.createdate properties.lastmodifieddate properties.hs_additional_emails"
    " properties.hs_merged_object_ids properties.num_notes",
    "Companies": "id createdAt updatedAt archived archivedAt url properties.hs_object_id"
    " properties.createdate properties.hs_lastmodifieddate properties.hs_merged_object_ids",
}


def described() -> Mapping[str, Any]:
    path = APIS / "hubspot.openapi.json"
    if not path.is_file():
        pytest.skip(f"{path} is not there: set SPECBRIDGE_SHARED to check the profile against it")
    found: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def shape(path: str) -> str:
    return re.sub(r"{[^}]*}", "{}", path.partition("?")[0])


def calls(resource: Resource) -> set[tuple[str, str]]:
    listed = (resource.list, resource.incremental, resource.archived, resource.read_many)
    written = (resource.read, resource.create, resource.update, resource.delete)
    many = (resource.create_batch, resource.update_batch, *resource.lookups)
    found = [one for one in (*listed, *written, *many) if one is not None]
    return {(one.method.lower(), shape(one.path)) for one in found}


@pytest.mark.parametrize("name", RESOURCES)
def test_calls_are_described(name: str) -> None:
    paths = described()["paths"]
    known = {(verb, shape(path)) for path, verbs in paths.items() for verb in verbs}
    assert calls(RESOURCES[name]) - known == set()


@pytest.mark.parametrize("name", RESOURCES)
def test_what_a_record_has_is_listed(name: str) -> None:
    schema = described()["components"]["schemas"]["SimplePublicObjectWithAssociations"]
    own = {one.path[0] for one in RESOURCES[name].properties if len(one.path) == 1}
    assert own == schema["properties"].keys()


@pytest.mark.parametrize("name", RESOURCES)
def test_what_documents_name_is_known(name: str) -> None:
    index = index_properties(RESOURCES[name].properties)
    for text in (*NAMES[name].split(), "properties.our_own_number"):
        assert find_property(index, tuple(text.split("."))) is not None, text
    assert find_property(index, ("email",)) is None


@pytest.mark.parametrize("name", NEVER_WRITTEN)
def test_what_hubspot_sets_is_never_written(name: str) -> None:
    index = index_properties(RESOURCES[name].properties)
    for text in NEVER_WRITTEN[name].split():
        found = find_property(index, tuple(text.split(".")))
        assert found is not None, text
        assert found.read_only, text


def test_an_upsert_is_used_nowhere() -> None:
    assert "upsert" not in (ROOT / "generator/specbridge/profiles/hubspot.toml").read_text()


CRM = """
name = "crm"
labels = ["Crm"]
base_url = "https://crm.example"
prefixes = { OBJECTS_PATH = "v1/objects" }

[[limits]]
requests = 5
seconds = 1.0
path = "/{OBJECTS_PATH}/contacts/search"

[[resources]]
name = "Contacts"
id = "id"
properties = [
    { path = "id", read_only = true },
    { path = "held", type = "object", others = { type = "string" } },
    { path = "held.name", type = "string" },
]
list = { path = "/{OBJECTS_PATH}/contacts" }
read = { method = "GET", path = "/{OBJECTS_PATH}/contacts/{id}" }
"""


def test_prefixes_are_put_into_every_path() -> None:
    profile = place_paths(read_profile(CRM, "crm.toml"), {"OBJECTS_PATH": "v2"})
    (resource,) = profile.resources
    assert resource.list is not None
    assert resource.read is not None
    assert (resource.list.path, resource.read.path) == ("/v2/contacts", "/v2/contacts/{id}")
    assert profile.limits[0].path == "/v2/contacts/search"


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('"v1/objects"', '"/v1"', "prefixes.OBJECTS_PATH: '/v1' is no path such as api/v2"),
        ('"v1/objects"', '"v1/../x"', "is no path such as api/v2"),
        ("OBJECTS_PATH =", "objects =", "must be capitals that end in _PATH"),
        ("{ OBJECTS_PATH =", "{ OTHER_PATH =", "nothing fills {OBJECTS_PATH}"),
        ('type = "object", others', 'type = "string", others', "are the parts of an object"),
    ],
)
def test_prefixes_and_others_are_checked(old: str, new: str, told: str) -> None:
    assert old in CRM
    with pytest.raises(ProfileError, match=re.escape(told)):
        read_profile(CRM.replace(old, new, 1), "crm.toml")


@pytest.mark.parametrize("text", ["a b", "x/../y", "a?b", "http://elsewhere.example"])
def test_a_prefix_of_the_environment_is_a_path(text: str) -> None:
    profile = read_profile(CRM, "crm.toml")
    with pytest.raises(SettingsError, match="CRM_OBJECTS_PATH"):
        read_prefixes(profile, {"CRM_OBJECTS_PATH": text})
    assert read_prefixes(profile, {"CRM_OBJECTS_PATH": "/v3/x/"}) == {"OBJECTS_PATH": "v3/x"}
    assert read_prefixes(profile, {}) == {}


def test_others_have_the_type_that_is_stated() -> None:
    (resource,) = read_profile(CRM, "crm.toml").resources
    index = index_properties(resource.properties)
    found = find_property(index, ("held", "colour"))
    assert found is not None
    assert (found.path, found.type, found.others) == (("held", "colour"), ValueType.STRING, None)
