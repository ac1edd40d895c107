"""The vendors' own OpenAPI descriptions, and the operation that a request is one of."""

import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from tests.contracts.amendments import amend

REFERENCE = Path(os.environ.get("SPECBRIDGE_SHARED", Path(__file__).parents[3] / "shared")) / "apis"
SYSTEMS = ("poweroffice-go", "zendesk")

Node = Mapping[str, Any]  # a part of a description
_METHODS = ("get", "post", "put", "patch", "delete")
_NAME = re.compile(r"\{\w+\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """A method of a path, as a description has it; `parameters` are the path's own, too."""

    system: str
    method: str
    template: str
    node: Node
    parameters: tuple[Node, ...] = ()

    @property
    def name(self) -> str:
        """Return the method and the path with its names in braces."""
        return f"{self.method} {self.template}"

    def matches(self, method: str, path: str) -> bool:
        """Return whether a request is one of this operation."""
        return self.method == method and bool(re.fullmatch(_NAME.sub("[^/]+", self.template), path))


@cache
def describe(system: str) -> dict[str, Any]:
    """Return a system's description, amended."""
    text = (REFERENCE / f"{system}.openapi.json").read_text(encoding="utf-8")
    loaded: dict[str, Any] = json.loads(text)
    amend(system, loaded)
    _drop_charsets(loaded)
    return loaded


def _drop_charsets(node: object) -> None:
    """Have media types be known by their names alone, and those without a schema not at all."""
    if isinstance(node, dict):
        for name, part in list(node.items()):
            if name.startswith("application/"):
                node[name.partition(";")[0]] = node.pop(name)
                if not part:
                    del node[name]
            _drop_charsets(part)
    elif isinstance(node, list):
        for part in node:
            _drop_charsets(part)


@cache
def operations(system: str) -> tuple[Operation, ...]:
    """Return all operations of a description, those without names in their paths first."""
    found = sorted(_operations(system), key=lambda one: (one.template.count("{"), one.template))
    return tuple(found)


def find_operation(system: str, method: str, path: str) -> Operation | None:
    """Return the operation of a path as the description writes it, None where it has none."""
    return next((one for one in operations(system) if one.matches(method, path)), None)


def described_path(system: str, path: str) -> str:
    """Return a path below the server's address as the description writes it."""
    if system == "zendesk":
        # Both spellings are one call.
        return path.removesuffix(".json")
    # Described beside the data calls, though it has an address of its own.
    return "/Token" if path == "/OAuth/Token" else path.removeprefix("/v2")


def resolve(system: str, node: Node) -> Node:
    """Return what a node refers to, itself where it refers to nothing."""
    while "$ref" in node:
        target: Any = describe(system)
        for name in str(node["$ref"]).removeprefix("#/").split("/"):
            target = target[name]
        node = target
    return node


def _operations(system: str) -> Iterator[Operation]:
    for template, item in describe(system)["paths"].items():
        shared = item.get("parameters", [])
        for method in _METHODS:
            if method in item:
                nodes = [*shared, *item[method].get("parameters", [])]
                yield Operation(
                    system=system,
                    method=method.upper(),
                    template=template,
                    node=item[method],
                    parameters=tuple(resolve(system, node) for node in nodes),
                )
