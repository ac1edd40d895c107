"""Properties of PowerOffice's records: what type of value each takes, and how long it may be."""

import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum

from specbridge.sandbox.messages import Row

_DAY = re.compile(r"\d{4}-\d\d-\d\d")


def _is_uuid(value: object) -> bool:
    try:
        uuid.UUID(str(value))
    except ValueError:
        return False
    return True


def _is_day(value: object) -> bool:
    try:
        return bool(_DAY.fullmatch(str(value))) and bool(date.fromisoformat(str(value)))
    except ValueError:
        return False


class Type(Enum):
    """The types of values; each is also the word for it in the table of kinds."""

    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"
    INSTANT = "instant"  # read-only wherever it is
    UUID = "uuid"
    IDS = "ids"
    ADDRESS = "address"
    CHOICE = "choice"


_TESTS: Mapping[Type, Callable[[object], bool]] = {
    Type.TEXT: lambda value: isinstance(value, str),
    # A boolean is an int to Python alone.
    Type.INTEGER: lambda value: isinstance(value, int) and not isinstance(value, bool),
    Type.NUMBER: lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    Type.BOOLEAN: lambda value: isinstance(value, bool),
    Type.DATE: _is_day,
    Type.UUID: _is_uuid,
    Type.IDS: lambda value: isinstance(value, list) and all(isinstance(v, int) for v in value),
    Type.ADDRESS: lambda value: isinstance(value, dict),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Property:
    """A property; `longest` bounds a text (0: nothing does), `choices` are the names of an enum."""

    type: Type
    longest: int = 0
    choices: tuple[str, ...] = ()

    def holds(self, value: object) -> bool:
        """Return whether a value is of the type; null is of every type."""
        if self.type is Type.CHOICE:
            return value is None or self.choice(value) is not None
        return value is None or _TESTS[self.type](value)

    def choice(self, value: object) -> str | None:
        """Return the name of an enum as it is spelt, whatever its capitals; None for no name."""
        text = str(value).lower()
        return next((name for name in self.choices if name.lower() == text), None)


def read_properties(table: str, choices: Mapping[str, str] | None = None) -> dict[str, Property]:
    """Return the properties that lines such as `text50: ExternalCode` name.

    The digits are the greatest length. `choices` gives the names of each enum, apart by blanks.
    """
    properties: dict[str, Property] = {}
    for line in filter(None, (line.strip() for line in table.splitlines())):
        word, _, names = line.partition(":")
        kind = word.rstrip("0123456789")
        longest = int(word.removeprefix(kind) or 0)
        for name in names.split():
            values = tuple((choices or {}).get(name, "").split())
            properties[name] = Property(type=Type(kind), longest=longest, choices=values)
    return properties


_PARTS = """
    text200: AddressLine1 AddressLine2
    text100: City
    text50: ZipCode
    text: CountryCode
"""
# A contact person's address has no code, id and instant of its own.
PLAIN_ADDRESS: Mapping[str, Property] = read_properties(_PARTS)
CONTACT_ADDRESS: Mapping[str, Property] = read_properties(f"{_PARTS}\n    text50: ExternalCode")


def empty_row(properties: Mapping[str, Property], defaults: Row) -> Row:
    """Return a record of which nothing is stated: every property with its default, or null."""
    return {**dict.fromkeys(properties), **defaults}
