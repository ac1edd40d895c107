"""What is no description that can be drafted from, refused by name."""

import json
import re

import pytest
from specbridge.drafting.description import describe_faults, read_description
from specbridge.drafting.drafting import draft_profile
from specbridge.errors import ProfileError

from tests.drafting.test_versions import PLAIN

EMPTY = {"openapi": "3.0.3", "info": {"title": "t", "version": "1"}, "paths": {}}
DEEP = '{"openapi": "3.0.3", "paths": {}, "x": ' + "[" * 5000 + "]" * 5000 + "}"
REFERRING = {**EMPTY, "paths": {"/a": {"$ref": "other.yaml#/a"}}}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('{"swagger": "2.0", "paths": {}}', "is Swagger 2.0; OpenAPI 3.0 and 3.1 are read"),
        ("swagger: '2.0'\npaths: {}\n", "is Swagger 2.0"),
        ("openapi: 3.2.0\npaths: {}\n", "is OpenAPI 3.2.0; 3.0 and 3.1 are read"),
        ("openapi: 4\npaths: {}\n", "is OpenAPI 4;"),
        ('{"paths": {}}', "has no key openapi"),
        ("a: [1, 2", "neither JSON nor YAML"),
        ("just words", "it is not a table"),
        ("!!python/object/apply:os.system ['true']", "neither JSON nor YAML"),
        ('{"openapi": "3.0.0"}', "has no paths"),
        (json.dumps(REFERRING), "refers to other.yaml#/a, another file"),
        (DEEP, "nested too deeply"),
        ("", "it is not a table"),
    ],
)
def test_what_is_no_description_is_refused_by_name(text: str, told: str) -> None:
    with pytest.raises(ProfileError, match=re.escape(told)):
        read_description(text, "vendor.json")


def test_a_description_without_lists_has_no_draft() -> None:
    with pytest.raises(ProfileError, match="no list of records"):
        draft_profile(read_description(json.dumps(EMPTY), "vendor.json"))


def test_a_kind_that_is_not_there_is_named_with_those_that_are() -> None:
    with pytest.raises(ProfileError, match="no list of Boats; it has Firms"):
        draft_profile(read_description(PLAIN, "vendor.yaml"), only=("Boats",))


def test_faults_of_a_vendor_hinder_no_draft() -> None:
    wrong = PLAIN.replace("readOnly: true", "readOnly: true, minimum: '0'")
    description = read_description(wrong, "vendor.yaml")
    assert list(describe_faults(description, "vendor.yaml")) != []
    assert draft_profile(description).profile == draft_profile(read_description(PLAIN, "v")).profile


def test_a_schema_that_contains_itself_ends() -> None:
    looped = PLAIN.replace(
        "        on: {", '        parent: {$ref: "#/components/schemas/Firm"}\n        on: {'
    )
    looped = looped.replace(
        "    Firm:\n", "    Firm:\n      allOf: [{$ref: '#/components/schemas/Firm'}]\n"
    )
    properties = draft_profile(read_description(looped, "v")).profile.resources[0].properties
    assert ("parent", "id") in [one.path for one in properties]
