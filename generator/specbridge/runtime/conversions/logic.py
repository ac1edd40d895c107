"""Tests and choices of documents' expressions: what counts as empty, equal, greater, true."""

from collections.abc import Callable
from typing import TypeVar

from specbridge.model.values import Json
from specbridge.runtime.conversions.failures import ConversionError

FirstT = TypeVar("FirstT")
SecondT = TypeVar("SecondT")


def is_empty(value: Json) -> bool:
    """Return whether a value is None, an empty text, an empty list or an empty object."""
    return value is None or (isinstance(value, str | list | dict) and not value)


def empty_to_none(value: Json) -> Json:
    """Return None for an empty value, else the value."""
    return None if is_empty(value) else value


def is_true(value: object) -> bool:
    """Return whether a value holds as a condition: all but None and false do."""
    # Not Python's truth: 0 and an empty text are values, and hold.
    return value is not None and value is not False


def is_decimal(value: Json) -> bool:
    """Return whether a value is a JSON number with a fraction (1.5, and 1.0 too), not a text of one."""
    return isinstance(value, float)


def is_boolean(value: Json) -> bool:
    """Return whether a value is true or false, not a text of one."""
    return isinstance(value, bool)


def equal(left: object, right: object) -> bool:
    """Return whether two JSON values are the same; numbers by value, a boolean equals no number."""
    # To Python true is 1.
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    return left == right


def greater(left: Json, right: Json, at: str) -> bool:
    """Return whether a number, or a text, is greater than another; False where either is None.

    Texts compare by their code points, which is right for ISO dates. Raises ConversionError for
    anything else, and for a number beside a text.
    """
    if left is None or right is None:
        return False
    if isinstance(left, str) and isinstance(right, str):
        return left > right
    if _is_number(left) and _is_number(right):
        return left > right  # type: ignore[operator]  # both are numbers, as was just seen
    raise ConversionError(at, "the values are of kinds that have no order")


def if_null(first: Callable[[], FirstT | None], second: Callable[[], SecondT]) -> FirstT | SecondT:
    """Return the first value, or the second where the first is None or cannot be converted."""
    try:
        value = first()
    except ConversionError:
        # Documents try one type after another: ["if-null", ["integer", ...], ["decimal", "_."]].
        value = None
    return second() if value is None else value


def _is_number(value: Json) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
