"""Kinds of records and their calls are found in the shapes that descriptions commonly have."""

import json
from typing import Any

import pytest
from specbridge.model.calls import BodyStyle, PagingStyle
from specbridge.model.profile import AuthStyle, Profile, Resource

from tests.drafting.describing import draft

ROW = {
    "type": "object",
    "properties": {
        "id": {"type": "integer", "readOnly": True},
        "title": {"type": "string", "maxLength": 40},
        "updated_at": {"type": "string", "format": "date-time", "readOnly": True},
        "owner_id": {"type": "integer"},
    },
    "required": ["title"],
}
LISTED: dict[str, Any] = {"type": "array", "items": {"$ref": "#/components/schemas/Boat"}}
BOAT: dict[str, Any] = {"$ref": "#/components/schemas/Boat"}


def body(schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": "d", "content": {"application/json": {"schema": schema}}}


def described(
    paths: dict[str, Any], version: str = "3.0.3", **others: Any
) -> tuple[Profile, Resource]:
    document = {
        "openapi": version,
        "info": {"title": "Harbour API", "version": "1"},
        "servers": [{"url": "https://harbour.example/v1"}],
        "paths": paths,
        "components": {"schemas": {"Boat": ROW}},
        **others,
    }
    profile = draft(json.dumps(document)).profile
    return profile, profile.resources[0]


def get(schema: dict[str, Any], *names: str) -> dict[str, Any]:
    parameters = [{"name": name, "in": "query", "schema": {"type": "string"}} for name in names]
    return {"get": {"parameters": parameters, "responses": {"200": body(schema)}}}


def one(hole: str = "boat_id") -> dict[str, Any]:
    parameter = {"name": hole, "in": "path", "required": True, "schema": {"type": "integer"}}
    return {
        "parameters": [parameter],
        "get": {"responses": {"200": body(BOAT)}},
        "patch": {"requestBody": body(BOAT), "responses": {"200": body(BOAT)}},
        "delete": {"responses": {"204": {"description": "gone"}}},
    }


def test_a_list_with_a_slash_at_its_end() -> None:
    _, boats = described({"/boats/": get(LISTED), "/boats/{boat_id}": one()})
    assert (boats.name, boats.datatypes, boats.id) == ("Boats", ("Boat",), ("id",))
    assert boats.list is not None
    assert boats.list.path == "/boats/"
    assert boats.read is not None
    assert boats.read.path == "/boats/{id}"


def test_addresses_that_end_in_json() -> None:
    wrapped = {"type": "object", "properties": {"boats": LISTED}}
    _, boats = described({"/boats.json": get(wrapped), "/boats/{boat_id}.json": one()})
    assert (boats.name, boats.list and boats.list.items) == ("Boats", ("boats",))
    assert boats.update is not None
    assert boats.update.path == "/boats/{id}.json"


def test_rows_within_an_object_of_the_answer() -> None:
    inner = {"type": "object", "properties": {"boats": LISTED}}
    links = {"type": "object", "properties": {"next": {"type": "string"}}}
    wrapped = {"type": "object", "properties": {"_embedded": inner, "_links": links}}
    profile, boats = described({"/boats": get(wrapped), "/boats/{id}": one("id")})
    assert boats.list is not None
    assert boats.list.items == ("_embedded", "boats")
    assert profile.paging.style is PagingStyle.LINK
    assert profile.paging.fields["next"] == ("_links", "next")


@pytest.mark.parametrize(
    ("names", "fields", "style"),
    [
        (("page", "per_page"), (), PagingStyle.PAGE_NUMBER),
        (("offset", "limit"), ("total",), PagingStyle.OFFSET),
        (("cursor", "limit"), ("next_cursor", "has_more"), PagingStyle.CURSOR),
        (("page[after]", "page[size]"), ("after_cursor",), PagingStyle.CURSOR),
        ((), ("next_page",), PagingStyle.LINK),
        ((), (), PagingStyle.NONE),
    ],
)
def test_paging_by_what_looks_like_it(
    names: tuple[str, ...], fields: tuple[str, ...], style: PagingStyle
) -> None:
    told = {name: {"type": "string"} for name in fields}
    wrapped = {"type": "object", "properties": {"data": LISTED, **told}}
    profile, _ = described({"/boats": get(wrapped, *names), "/boats/{id}": one("id")})
    assert profile.paging.style is style


def test_a_filter_by_what_was_changed() -> None:
    _, boats = described({"/boats": get(LISTED, "updated_since"), "/boats/{id}": one("id")})
    assert boats.modified_at == ("updated_at",)
    assert boats.incremental is not None
    assert boats.incremental.since == "updated_since"


def test_a_body_of_its_own_for_writing_tells_what_is_the_system_s() -> None:
    sent = {"type": "object", "required": ["title"], "properties": {"title": {"type": "string"}}}
    changed = {"type": "object", "properties": {"owner_id": {"type": "integer"}}}
    paths = {"/boats": get(LISTED), "/boats/{id}": one("id")}
    paths["/boats"]["post"] = {"requestBody": body(sent), "responses": {"201": body(BOAT)}}
    paths["/boats/{id}"]["patch"]["requestBody"] = body(changed)
    _, boats = described(paths)
    found = {prop.path[0]: prop for prop in boats.properties}
    assert (found["title"].required, found["title"].create_only) == (True, True)
    assert (found["owner_id"].read_only, found["owner_id"].create_only) == (False, False)
    assert found["updated_at"].read_only


def test_objects_are_replaced_whole_where_nothing_says_otherwise() -> None:
    row = {**ROW, "properties": {**ROW["properties"], "berth": {"type": "object", "properties": {"quay": {"type": "string"}}}}}  # type: ignore[dict-item]  # a table
    _, boats = described(
        {"/boats": get(LISTED), "/boats/{id}": one("id")}, components={"schemas": {"Boat": row}}
    )
    assert ("berth", "quay") in [prop.path for prop in boats.properties]
    assert boats.update is not None
    assert boats.update.body is BodyStyle.MERGE_OBJECTS


@pytest.mark.parametrize(
    ("scheme", "style"),
    [
        ({"type": "http", "scheme": "bearer"}, AuthStyle.BEARER),
        ({"type": "http", "scheme": "Basic"}, AuthStyle.BASIC),
        ({"type": "apiKey", "in": "header", "name": "X-Api-Key"}, AuthStyle.API_KEY),
        ({"type": "apiKey", "in": "query", "name": "key"}, AuthStyle.API_KEY),
        (
            {
                "type": "oauth2",
                "flows": {"clientCredentials": {"tokenUrl": "https://a.example/t", "scopes": {}}},
            },
            AuthStyle.CLIENT_CREDENTIALS,
        ),
    ],
)
def test_ways_to_sign_in(scheme: dict[str, Any], style: AuthStyle) -> None:
    profile, _ = described(
        {"/boats": get(LISTED), "/boats/{id}": one("id")},
        components={"schemas": {"Boat": ROW}, "securitySchemes": {"it": scheme}},
    )
    assert [one.style for one in profile.auth] == [style]


@pytest.mark.parametrize(
    ("servers", "url"),
    [
        ([{"url": "/api/v1"}], "https://{HOST}/api/v1"),
        ([], "https://{HOST}"),
        (
            [
                {
                    "url": "https://{tenant}.harbour.{top}",
                    "variables": {
                        "tenant": {"default": "your-tenant"},
                        "top": {"default": "example"},
                    },
                }
            ],
            "https://{TENANT}.harbour.{TOP}",
        ),
    ],
)
def test_addresses(servers: list[Any], url: str) -> None:
    profile, _ = described({"/boats": get(LISTED), "/boats/{id}": one("id")}, servers=servers)
    assert profile.base_url == url


def test_null_is_no_type_of_its_own() -> None:
    row = {
        "type": ["object", "null"],
        "properties": {
            "id": {"type": "string"},
            "length": {"type": ["number", "null"]},
            "owner": {"anyOf": [{"type": "string"}, {"type": "null"}]},
            "seen": {"oneOf": [{"type": "null"}, {"type": "string", "format": "date"}]},
        },
    }
    _, boats = described(
        {"/boats": get(LISTED), "/boats/{id}": one("id")},
        version="3.1.0",
        components={"schemas": {"Boat": row}},
    )
    types = {prop.path[0]: prop.type.value for prop in boats.properties}
    assert types == {"id": "string", "length": "float", "owner": "string", "seen": "date"}
