"""How JSON is printed: with its version, and so that no terminal obeys what a document holds."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime

import click

VERSION = 1
"""The shapes of docs/json.md; a key that is taken away, or means something else, makes the next one."""


def versioned(value: Mapping[str, object]) -> dict[str, object]:
    """Return a JSON object with the version of its shape in front."""
    return {"schema_version": VERSION, **value}


def print_json(value: Mapping[str, object]) -> None:
    """Print an object as indented JSON with its version, what does not print escaped."""
    click.echo(escape_json(json.dumps(versioned(value), indent=2, ensure_ascii=False)))


def print_json_line(value: Mapping[str, object]) -> None:
    """Print an object with its version as one line, which a program can read as it comes."""
    click.echo(escape_json(json.dumps(versioned(value), ensure_ascii=False)))


def instant(seconds: float | None) -> str | None:
    """Return seconds since 1970 as JSON has instants, to the second and in UTC."""
    if seconds is None:
        return None
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")


def escape_json(text: str) -> str:
    """Return a JSON text in which what does not print is escaped as JSON does it."""
    if text.replace("\n", "").isprintable():
        return text
    return "".join(c if c.isprintable() or c == "\n" else json.dumps(c)[1:-1] for c in text)
