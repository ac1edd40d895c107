"""Whether an exchange keeps to the vendor's description: each way in which it does not is a finding.

Schemas are validated by openapi-schema-validator. It lets pass what a schema does not name; here a
property or a parameter that the description does not know is a finding as well.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from jsonschema.exceptions import ValidationError
from openapi_schema_validator import (
    OAS30ReadValidator,
    OAS30WriteValidator,
    oas30_format_checker,
)

from tests.contracts.descriptions import (
    Node,
    Operation,
    describe,
    described_path,
    find_operation,
    resolve,
)
from tests.contracts.recording import Exchange
from tests.contracts.strictness import unknown_properties
from tests.contracts.supplied import BODIES, REFUSALS, find_supplied

REQUEST = "request"
ANSWER = "answer"
_PATCH = "application/json-patch+json"
_NUMBERS = ("integer", "number")
_REFUSED = 400
_SHAPES = ("type", "required")


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A way in which an exchange leaves the description; `place` is a path, a name, a status."""

    system: str
    operation: str
    role: str
    kind: str
    place: str
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Side:
    """One side of an exchange, for the findings about it."""

    operation: Operation
    role: str

    def finding(self, kind: str, place: str, detail: object = "") -> Finding:
        return Finding(
            system=self.operation.system,
            operation=self.operation.name,
            role=self.role,
            kind=kind,
            place=place,
            detail=str(detail)[:200],
        )


def operation_of(exchange: Exchange) -> Operation | None:
    """Return the operation that an exchange is of, described or supplied."""
    path = described_path(exchange.system, exchange.path)
    return find_operation(exchange.system, exchange.method, path) or find_supplied(
        exchange.system, exchange.method, path
    )


def check_request(exchange: Exchange) -> list[Finding]:
    """Return what of the request the description does not allow."""
    operation = operation_of(exchange)
    if operation is None:
        return [_unknown(exchange, REQUEST)]
    side = _Side(operation=operation, role=REQUEST)
    path = described_path(exchange.system, exchange.path)
    return [
        *_check_path(side, path),
        *_check_query(side, exchange.query),
        *_check_sent(side, exchange),
    ]


def check_answer(exchange: Exchange) -> list[Finding]:
    """Return what of the answer the description does not allow."""
    operation = operation_of(exchange)
    if operation is None:
        return [_unknown(exchange, ANSWER)]
    side = _Side(operation=operation, role=ANSWER)
    responses = operation.node["responses"]
    response = responses.get(str(exchange.status))
    if response is None:
        return _check_refusal(side, exchange)
    content = response.get("content", {})
    if not content:
        return [side.finding("body", "", exchange.answered)] if exchange.answered else []
    if not exchange.answered:
        return [side.finding("empty", "")]
    if not exchange.is_json or "application/json" not in content:
        return [side.finding("media", "", exchange.answered)]
    return _check_schema(side, content["application/json"]["schema"], exchange.body())


def _unknown(exchange: Exchange, role: str) -> Finding:
    return Finding(
        system=exchange.system,
        operation=f"{exchange.method} {exchange.path}",
        role=role,
        kind="operation",
        place="",
    )


def _check_path(side: _Side, path: str) -> Iterator[Finding]:
    words = zip(side.operation.template.split("/"), path.split("/"), strict=True)
    stated = {name[1:-1]: word for name, word in words if name.startswith("{")}
    for node in side.operation.parameters:
        if node["in"] == "path":
            yield from _check_word(side, node["name"], node["schema"], stated[node["name"]])


def _check_query(side: _Side, query: Iterable[tuple[str, str]]) -> Iterator[Finding]:
    known = _known_parameters(side.operation)
    for name, text in query:
        if name not in known:
            yield side.finding("parameter", name)
        else:
            yield from _check_word(side, name, known[name], text)
    sent = {name for name, _ in query}
    for node in side.operation.parameters:
        if node["in"] == "query" and node.get("required") and node["name"] not in sent:
            yield side.finding("missing", node["name"])


def _known_parameters(operation: Operation) -> Mapping[str, Node]:
    known: dict[str, Node] = {}
    for node in operation.parameters:
        schema = resolve(operation.system, node["schema"])
        if node["in"] == "query" and schema.get("type") == "object":
            # Form style, exploded: its properties are the parameters.
            known |= {n: s for n, s in schema["properties"].items() if not s.get("readOnly")}
        elif node["in"] == "query":
            known[node["name"]] = schema
    return known


def _check_word(side: _Side, name: str, schema: Node, text: str) -> Iterator[Finding]:
    value: object = text
    kind = resolve(side.operation.system, schema).get("type")
    if kind in _NUMBERS:
        value = int(text) if text.lstrip("-").isdigit() else text
    elif kind == "boolean":
        value = {"true": True, "false": False}.get(text, text)
    for finding in _check_schema(side, schema, value):
        yield side.finding("parameter value", name, finding.detail)


def _check_sent(side: _Side, exchange: Exchange) -> list[Finding]:
    content = _sent_content(side.operation)
    if not content:
        return [side.finding("body", "", exchange.sent)] if exchange.sent else []
    if not exchange.sent:
        return [side.finding("empty", "")]
    media_type = exchange.headers.get("content-type", "").partition(";")[0]
    if media_type not in content:
        return [side.finding("media", media_type)]
    if media_type == "application/x-www-form-urlencoded":
        return _check_schema(side, content[media_type]["schema"], dict(parse_qsl(exchange.sent)))
    sent = json.loads(exchange.sent)
    found = _check_schema(side, content[media_type]["schema"], sent)
    if media_type == _PATCH and isinstance(sent, list):
        found += _check_patch(side, sent)
    return found


def _sent_content(operation: Operation) -> Node:
    """Return the schemas of the request's body by their media types; none where it has no body."""
    described: Node = operation.node.get("requestBody", {}).get("content", {})
    supplied = BODIES.get(operation.name)
    if described or supplied is None:
        return described
    return {"application/json": {"schema": supplied}}


def _check_patch(side: _Side, operations: list[Any]) -> Iterator[Finding]:
    """Yield what of a patch the record's own schema does not allow; its names are written exactly."""
    node = side.operation.node
    known = node["x-patch-dto"]
    schemas = _patched_properties(side.operation)
    for operation in operations:
        first, *rest = operation["path"].removeprefix("/").split("/")
        allowed = known.get(first, []) if rest else known["properties"]
        name = rest[0] if rest else first
        if name not in allowed:
            yield side.finding("unknown", operation["path"])
        elif not rest and operation.get("op") in ("add", "replace", "test"):
            yield from _check_schema(side, schemas[first], operation.get("value"), first)


def _patched_properties(operation: Operation) -> Mapping[str, Node]:
    """Return the properties of the record that the collection's list shows."""
    name = operation.node["x-patch-dto"]["name"].replace("PatchDto", "Dto")
    found: Mapping[str, Node] = describe(operation.system)["components"]["schemas"][name][
        "properties"
    ]
    return found


def _check_refusal(side: _Side, exchange: Exchange) -> list[Finding]:
    """Return what of an answer with a status of its own leaves the forms of refusals that are known."""
    found: list[Finding] = []
    # `default` stands for refusals alone.
    if exchange.status < _REFUSED or "default" not in side.operation.node["responses"]:
        found.append(side.finding("status", str(exchange.status)))
    if not exchange.answered or not exchange.is_json:
        return [*found, side.finding("empty", "")]
    return found + _check_schema(side, REFUSALS[side.operation.system], exchange.body())


def _check_schema(side: _Side, schema: Node, value: Any, place: str = "") -> list[Finding]:
    system = side.operation.system
    validator = OAS30WriteValidator if side.role == REQUEST else OAS30ReadValidator
    # References lead from the document's root.
    document = {"allOf": [schema], "components": describe(system)["components"]}
    errors = validator(document, format_checker=oas30_format_checker).iter_errors(value)
    found = [side.finding(*_read_error(error, place)) for one in errors for error in _leaves(one)]
    for where in unknown_properties(system, schema, value):
        found.append(side.finding("unknown", _join(place, where)))
    return found


def _leaves(error: ValidationError) -> Iterator[ValidationError]:
    """Yield the errors of the alternative that fits best, the error itself where there is none."""
    branches: dict[object, list[ValidationError]] = {}
    for one in error.context or ():
        branches.setdefault(one.relative_schema_path[0], []).append(one)
    if not branches:
        yield error
        return
    for one in min(branches.values(), key=_misfit):
        yield from _leaves(one)


def _misfit(errors: list[ValidationError]) -> tuple[bool, int]:
    """Return how badly an alternative fits: worst where the value is of another shape altogether."""
    # Nulls are no sign of it: most schemas forget that something can be unset.
    stated = [one for one in errors if one.instance is not None]
    other = any(one.validator in _SHAPES and not one.relative_path for one in errors)
    return other, len(stated)


def _read_error(error: ValidationError, place: str) -> tuple[str, str, str]:
    words = [("[]" if isinstance(word, int) else str(word)) for word in error.absolute_path]
    where = _join(place, ".".join(words).replace(".[]", "[]"))
    if error.validator == "required":
        # The name is told by the message alone.
        return "required", _join(where, error.message.split("'")[1]), error.message
    if error.instance is None:
        return "null", where, error.message
    return str(error.validator), where, error.message


def _join(place: str, where: str) -> str:
    return f"{place}.{where}" if place and where else place or where
