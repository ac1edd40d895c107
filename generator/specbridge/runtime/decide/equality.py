"""When two property values are the same, and when one is empty; pure."""

from enum import Enum
from typing import Literal
from unicodedata import normalize

from specbridge.model.values import Json
from specbridge.runtime.conversions.scalars import as_text
from specbridge.runtime.conversions.texts import lower_text


class Missing(Enum):
    """A property that a record does not have at all: it says nothing about the value."""

    MISSING = "missing"


MISSING: Literal[Missing.MISSING] = Missing.MISSING

Value = Json | Missing


_NESTED = (list, dict)
_UNGROUPED = str.maketrans("", "", " -/()")


def is_empty(value: Value) -> bool:
    """Return whether a value says nothing: missing, null, blank text, or an empty list or object.

    A text of blanks alone is blank too: systems trim it, and hold nothing.
    """
    if value is None or value is MISSING:
        return True
    if isinstance(value, str):
        return not value or value.isspace()
    # What is false and no number (and so no truth value): an empty list or object.
    return not value and not isinstance(value, int | float)


def equal_values(left: Value, right: Value, *, fold: bool = False) -> bool:
    """Return whether two values are the same; all empty values are, `fold` ignores capitals.

    Numbers are compared by value (1 and 1.0 are equal), but never with booleans.
    """
    if type(left) is str and type(right) is str:
        if left == right or (fold and lower_text(left) == lower_text(right)):
            return True
        return is_empty(left) and is_empty(right)
    # To Python true is 1, inside of lists and objects too: those are compared item by item below.
    if left == right and type(left) is type(right) and type(left) not in _NESTED:
        return True
    if is_empty(left) or is_empty(right):
        return is_empty(left) and is_empty(right)
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    return _equal_filled(left, right, fold)


def _equal_filled(left: Value, right: Value, fold: bool) -> bool:
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(
            equal_values(one, other, fold=fold) for one, other in zip(left, right, strict=True)
        )
    # Names of either side: what one leaves out, the other may well send as null.
    if isinstance(left, dict) and isinstance(right, dict):
        return all(
            equal_values(left.get(name), right.get(name), fold=fold) for name in {*left, *right}
        )
    return left == right


def alike(held: Value, sent: Value) -> bool:
    """Return whether a system may hold the one for having been sent the other.

    Systems trim texts, lower the capitals of addresses, add the path to the address of a host, and
    take what groups the digits out of numbers.
    """
    if isinstance(held, list) and isinstance(sent, list):
        return len(held) == len(sent) and all(map(alike, held, sent))
    if not isinstance(held, str) or not isinstance(sent, str):
        return equal_values(held, sent)
    one, other = (normalize("NFC", text).strip() for text in (held, sent))
    if _is_number(one) and _is_number(other):
        return one.translate(_UNGROUPED) == other.translate(_UNGROUPED)
    if _is_address(other):
        one, other = lower_text(one).removesuffix("/"), lower_text(other).removesuffix("/")
    return one == other


def _is_number(text: str) -> bool:
    """Return whether a text is a number as of telephones or organizations."""
    return any(map(str.isdigit, text)) and not any(map(str.isalpha, text))


def _is_address(text: str) -> bool:
    return not any(map(str.isspace, text)) and any(letter in text for letter in "@./")


def equal_identifiers(left: Value, right: Value) -> bool:
    """Return whether two references hold the same id; ids are compared as text."""
    if is_empty(left) or is_empty(right):
        return is_empty(left) and is_empty(right)
    return as_text(left) == as_text(right)
