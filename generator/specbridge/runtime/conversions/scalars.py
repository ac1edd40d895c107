"""Conversions to text, numbers and booleans: exact, or a ConversionError.

Texts are read with outer blanks aside, and as JSON and English write numbers: `12`, `-0.5`, `1e3`.
What no float can hold (`1e400`) is refused as any kind of number: other programs would read infinity,
or nothing. Zero has no sign.
"""

import math
import re
from decimal import Decimal

from specbridge.model.values import Json
from specbridge.runtime.conversions.failures import ConversionError, refuse

# Three digits of an exponent: 1e999999999 as a whole number would fill the memory.
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
_MOST_DIGITS = 400  # beyond it no API has a number, and exact arithmetic gets slow
_BOOLEANS: dict[str | int, bool] = {"true": True, "false": False, "1": True, "0": False}


def to_string(value: Json, at: str) -> str | None:
    """Return a value as text: a number in its shortest exact form (5.0 is `5`), a boolean as JSON.

    Raises ConversionError for lists, objects, and numbers that are none (NaN, infinity).
    """
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return _number_text(value, at)
    raise refuse(value, "a single value", at)


def as_text(value: object) -> str:
    """Return what a key or an id is compared by: any value as text, a number as to_string writes it.

    One system may well send 5.0 for what the other one calls 5 or "5".
    """
    if isinstance(value, float) and math.isfinite(value):
        return _number_text(value, "")
    return str(value)


def to_integer(value: Json, at: str) -> int | None:
    """Return a whole number; a number or text with a fraction other than 0 is refused, not rounded."""
    number = _read_number(value, "an integer", at)
    if number is None or isinstance(number, int):
        return number
    if number != number.to_integral_value():
        raise refuse(value, "an integer", at)
    return int(number)


def to_float(value: Json, at: str) -> float | None:
    """Return the nearest binary number, which is 0.0 for what is too small for any other."""
    number = _read_number(value, "a number", at)
    if number is None:
        return None
    # JSON writes -0.0, and no document means it.
    return float(number) or 0.0


def to_decimal(value: Json, at: str) -> float | None:
    """Return a JSON number with the same digits: an int for whole numbers, else a float.

    Raises ConversionError where a float would print other digits (more than some 15 of them).
    """
    number = _read_number(value, "a decimal", at)
    if number is None or isinstance(number, int):
        return number
    if number == number.to_integral_value():
        return int(number)
    result = float(number)
    if Decimal(repr(result)) != number:
        raise ConversionError(at, "the decimal has more digits than a JSON number keeps")
    return result


def to_boolean(value: Json, at: str) -> bool | None:
    """Return a boolean: of `true`, `false`, `1`, `0` in any capitals, and of the numbers 1 and 0."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int | float) and value in (0, 1):
        return value == 1
    if isinstance(value, str):
        text = value.strip().lower()
        if not text:
            return None
        if text in _BOOLEANS:
            return _BOOLEANS[text]
    raise refuse(value, "true or false", at)


def absolute(value: Json, at: str) -> float | None:
    """Return a number without its sign; texts count as the numbers that they write."""
    number = to_decimal(value, at)
    return None if number is None else abs(number)


def _number_text(value: float, at: str) -> str:
    if isinstance(value, int):
        return _digits(value, at)
    if not math.isfinite(value):
        raise refuse(value, "a finite number", at)
    return f"{Decimal(repr(value or 0.0)):f}".removesuffix(".0")


def _digits(value: int, at: str) -> str:
    try:
        return str(value)
    except ValueError as error:  # Python's guard against huge integers
        raise refuse(value, "a number of this size", at) from error


def _read_number(value: Json, wanted: str, at: str) -> int | Decimal | None:
    """Read a number exactly; None for None and for blank text."""
    if value is None:
        return None
    # A bool is an int to Python.
    if isinstance(value, bool):
        raise refuse(value, wanted, at)
    number = _read_digits(value, wanted, at)
    if number is not None and not _is_holdable(number):
        raise refuse(value, "a number that a float can hold", at)
    return number


def _read_digits(value: Json, wanted: str, at: str) -> int | Decimal | None:
    if isinstance(value, int):
        return value
    if isinstance(value, float) and math.isfinite(value):
        # By its digits as they were read: the float itself is 0.1000000000000000055... for 0.1.
        return Decimal(repr(value))
    if not isinstance(value, str):
        raise refuse(value, wanted, at)
    text = value.strip()
    if not text:
        return None
    if len(text) > _MOST_DIGITS or not _NUMBER.fullmatch(text):
        raise refuse(value, wanted, at)
    return Decimal(text)


def _is_holdable(number: int | Decimal) -> bool:
    """Return whether a float can hold a number, the nearest one that there is."""
    try:
        return math.isfinite(float(number))
    except OverflowError:
        # A whole number that is too large raises; a Decimal becomes infinity.
        return False
