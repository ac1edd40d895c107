"""Faults of a profile: which key, on which line, and what is wrong with it."""

from collections.abc import Mapping
from dataclasses import dataclass

from specbridge.errors import Location
from specbridge.suggesting import suggest

__all__ = ["Fault", "Key", "LocatedFault", "suggest", "write_key"]

Key = tuple[str | int, ...]
"""The keys from the file's root; a number is a place in an array, from 0."""

_NAMING = ("name", "parameter", "path", "style", "subject")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What is wrong with the value of a key, or with its absence; `text` is one sentence."""

    key: Key
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LocatedFault:
    """A fault with its line, and its key as a reader writes it (`resources[Buyers].update.body`)."""

    where: Location
    key: str
    text: str

    def __str__(self) -> str:
        """Return the one line that a terminal shows."""
        return (
            f"{self.where}: {self.key}: {self.text}" if self.key else f"{self.where}: {self.text}"
        )


def write_key(table: Mapping[str, object], key: Key) -> str:
    """Return a key as text; what stands in an array is named as the file names it, else numbered."""
    text, value = "", object()
    value = table
    for step in key:
        value = _step(value, step)
        text += f".{step}" if isinstance(step, str) else f"[{_name(value) or step}]"
    return text.removeprefix(".")


def _step(value: object, step: str | int) -> object:
    if isinstance(value, Mapping):
        return value.get(step)
    if isinstance(value, list) and isinstance(step, int) and step < len(value):
        return value[step]
    return None


def _name(value: object) -> str:
    if not isinstance(value, Mapping):
        return ""
    named = (value[key] for key in _NAMING if isinstance(value.get(key), str))
    return str(next(named, ""))
