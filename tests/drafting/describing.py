"""The vendors' descriptions, and the same in other clothes: OpenAPI 3.1, YAML."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from specbridge.drafting.description import read_description
from specbridge.drafting.drafting import draft_profile
from specbridge.drafting.marks import Draft
from specbridge.drafting.rendering import write_draft

_FOLDER = Path(__file__).parents[3] / "shared" / "apis"
VENDORS = ("zendesk", "poweroffice-go", "hubspot", "tripletex")


def vendor_text(name: str) -> str:
    """Return a vendor's description; skips the test, and says so, where it is not at hand."""
    path = _FOLDER / f"{name}.openapi.json"
    if not path.exists():
        pytest.skip(f"the vendor's description {path.name} is not at hand: nothing was compared")
    return path.read_text(encoding="utf-8")


def vendor(name: str) -> dict[str, Any]:
    """Return a vendor's description as a table."""
    parsed: dict[str, Any] = json.loads(vendor_text(name))
    return parsed


@cache
def draft(text: str) -> Draft:
    """Return the draft of a description's text."""
    return draft_profile(read_description(text, "described"))


def draft_text(text: str) -> str:
    """Return the TOML of a description's draft."""
    return write_draft(draft(text))


def as_yaml(document: Mapping[str, Any]) -> str:
    """Return a description as YAML, numbers as keys where a status is one."""
    dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    return str(yaml.dump(_numbered(document), Dumper=dumper, sort_keys=False))


def as_newer(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return a description of 3.0 as 3.1 says the same: types of null, alternatives, lists of examples."""
    newer = _newer(document)
    assert isinstance(newer, dict)
    return {**newer, "openapi": "3.1.0"}


def _newer(value: Any) -> Any:
    if isinstance(value, list):
        return [_newer(one) for one in value]
    if not isinstance(value, dict):
        return value
    table = {key: one if key == "example" else _newer(one) for key, one in value.items()}
    nullable = table.pop("nullable", False)
    if _is_schema(table) and "example" in table:
        table["examples"] = [table.pop("example")]
    if not nullable:
        return table
    if "$ref" in table or "allOf" in table:
        return {"anyOf": [table, {"type": "null"}]}
    if isinstance(table.get("type"), str):
        table["type"] = [table["type"], "null"]
    if isinstance(table.get("enum"), list) and None not in table["enum"]:
        table["enum"] = [*table["enum"], None]
    return table


def _is_schema(table: Mapping[str, Any]) -> bool:
    return isinstance(table.get("type"), str) or any(key in table for key in ("allOf", "$ref"))


def _numbered(value: Any) -> Any:
    if isinstance(value, list):
        return [_numbered(one) for one in value]
    if isinstance(value, Mapping):
        return {_key(key): _numbered(one) for key, one in value.items()}
    return value


def _key(key: str) -> str | int:
    return int(key) if key.isdecimal() and len(key) == 3 else key
