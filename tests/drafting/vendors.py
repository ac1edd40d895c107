"""The vendors' descriptions read once more, plainly and apart from the drafting, to compare drafts with."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Table = Mapping[str, Any]

TYPES = {
    ("integer", ""): {"integer"},
    ("number", ""): {"float", "decimal"},
    ("boolean", ""): {"boolean"},
    ("array", ""): {"list"},
    ("object", ""): {"object"},
    ("string", "date-time"): {"datetime"},
    ("string", "datetime"): {"datetime"},
    ("string", "date"): {"date"},
    # Without a format examples and names tell.
    ("string", ""): {"string", "date", "datetime"},
}


@dataclass(frozen=True, slots=True)
class Vendor:
    """One description; schemas are followed through references, `allOf` and the first alternative that has a name."""

    document: Table

    def resolved(self, node: Any) -> dict[str, Any]:
        """Return a schema with its reference followed and its alternatives laid over each other."""
        if not isinstance(node, Mapping):
            return {}
        table = dict(node)
        if "$ref" in node:
            value: Any = self.document
            for step in str(node["$ref"]).removeprefix("#/").split("/"):
                value = value[step]
            table = {**self.resolved(value), "name": node["$ref"].rpartition("/")[2]}
        for key in ("allOf", "oneOf", "anyOf"):
            for one in reversed(table.get(key, [])):
                inner = self.resolved(one)
                merged = {**table.get("properties", {}), **inner.get("properties", {})}
                table = {**{k: v for k, v in inner.items() if k != "required"}, **table}
                table["properties"] = merged
        return table

    def success(self, operation: Table) -> dict[str, Any]:
        """Return the schema of an operation's success."""
        for status, answer in sorted(operation["responses"].items()):
            content = self.resolved(answer).get("content", {}).get("application/json")
            if status.startswith("2") and content:
                return self.resolved(content.get("schema"))
        return {}

    def row(self, path: str, items: tuple[str, ...]) -> dict[str, Any]:
        """Return the schema of a list's rows."""
        answer = self.success(self.document["paths"][path]["get"])
        for name in items:
            answer = self.resolved(answer["properties"][name])
        return self.resolved(answer["items"])

    def sent(self, path: str, method: str, wrap: tuple[str, ...]) -> dict[str, Any] | None:
        """Return the schema of the record that a call sends, None where none is described."""
        body = self.document["paths"].get(path, {}).get(method, {}).get("requestBody")
        if body is None:
            return None
        contents = self.resolved(body).get("content", {})
        if "application/json" not in contents:
            return None
        schema = self.resolved(contents["application/json"].get("schema"))
        for name in wrap:
            if name not in schema.get("properties", {}):
                return None
            schema = self.resolved(schema["properties"][name])
        return schema

    def address(self, path: str) -> str:
        """Return the path as the description has it whose holes have other names."""
        bare = _bare(path)
        return next((one for one in self.document["paths"] if _bare(one) == bare), "")

    def properties(self, schema: Table) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield the properties of a schema, each resolved, its own `readOnly` kept."""
        for name, stated in schema.get("properties", {}).items():
            yield name, {**self.resolved(stated), "own": stated}


def expected_types(schema: Table) -> set[str]:
    """Return the types that a profile may have for a schema; none is expected of one that says nothing."""
    kind, form = str(schema.get("type", "")), str(schema.get("format", ""))
    if kind != "string" or form not in ("date-time", "datetime", "date"):
        form = ""
    return TYPES.get((kind, form), set())


def _bare(path: str) -> str:
    return "/".join("{}" if step.startswith("{") else step for step in path.split("/"))
