"""Exchanges that are wrong in one thing, each of which a contract must find."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from tests.contracts.recording import Exchange
from tests.contracts.validating import operation_of

Mutant = tuple[str, Exchange]  # what is wrong with it
_PATCH = "application/json-patch+json"
# The names within `details` are those of whatever was refused, within `properties` and `context` too.
_NO_RECORDS = ("meta", "links", "details", "properties", "context")


def spoil_answer(exchange: Exchange) -> Iterator[Mutant]:
    """Yield the exchange with another status, a property of another name, one of another type."""
    # Nothing answers so, neither as a success nor as a refusal.
    yield "status", replace(exchange, status=299)
    if not exchange.answered or not exchange.is_json:
        if not exchange.answered:
            yield "body", replace(exchange, answered='{"more": 1}')
        return
    for kind, body in _spoil(exchange.body()):
        yield kind, replace(exchange, answered=json.dumps(body))


def spoil_request(exchange: Exchange) -> Iterator[Mutant]:
    """Yield the exchange with another path, parameter, property, type, media type."""
    yield "path", replace(exchange, path=_respell(exchange))
    if exchange.query:
        (name, value), *rest = exchange.query
        yield "parameter", replace(exchange, query=((f"{name}x", value), *rest))
    media_type = exchange.headers.get("content-type", "").partition(";")[0]
    if not exchange.sent:
        return
    other = "application/json" if media_type == _PATCH else "text/csv"
    yield "media type", replace(exchange, headers={**exchange.headers, "content-type": other})
    if media_type == _PATCH:
        yield from _spoil_patch(exchange)
    elif media_type.endswith("json"):
        for kind, body in _spoil(json.loads(exchange.sent)):
            yield kind, replace(exchange, sent=json.dumps(body))


def _spoil_patch(exchange: Exchange) -> Iterator[Mutant]:
    first, *rest = json.loads(exchange.sent)
    path = {**first, "path": f"{first['path']}x"}
    yield "property", replace(exchange, sent=json.dumps([path, *rest]))
    value = {**first, "value": {"of": "another type"}}
    yield "type", replace(exchange, sent=json.dumps([value, *rest]))


def _respell(exchange: Exchange) -> str:
    """Return the path with its last word misspelt that no name of the description stands for."""
    operation = operation_of(exchange)
    template = operation.template.split("/") if operation else []
    words = exchange.path.split("/")
    # Counted from the end: the server's address may have words of its own.
    literal = next(n for n, word in enumerate(reversed(template), 1) if not word.startswith("{"))
    words[-literal] += "x"
    return "/".join(words)


def _spoil(body: Any) -> Iterator[tuple[str, Any]]:
    """Yield the JSON with each property of one record misspelt, and each scalar of another type."""
    record, rebuild = _record_of(body)
    for name, value in record.items():
        others = {n: v for n, v in record.items() if n != name}
        yield f"property {name}", rebuild({**others, f"{name}x": value})
        if isinstance(value, bool | int | float):
            yield f"type {name}", rebuild({**record, name: "of another type"})
        elif isinstance(value, str):
            yield f"type {name}", rebuild({**record, name: {"of": "another type"}})


def _record_of(body: Any) -> tuple[dict[str, Any], Any]:
    """Return the first record within an envelope or a list, and what puts it back."""
    if isinstance(body, list):
        record, rebuild = _record_of(body[0]) if body else ({}, lambda new: new)
        return record, lambda new: [rebuild(new), *body[1:]]
    for name, value in body.items():
        inside = value[0] if isinstance(value, list) and value else value
        if isinstance(inside, dict) and inside and name not in _NO_RECORDS:
            record, rebuild = _record_of(value) if isinstance(value, list) else (value, None)
            put = rebuild or (lambda new: new)
            return record, lambda new, name=name, put=put: {**body, name: put(new)}
    return body, lambda new: new
