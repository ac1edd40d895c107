"""What a data type cell means: an expression over the source value, and the functions it may use.

The cell's grammar is JSON in prefix form (format.md, section 4): a function name, or an array of a
function name and its arguments, where `"_."` stands for the value. A bare name where an argument
is due is that function applied to the value.
"""

from dataclasses import dataclass
from enum import Enum


class ValueType(Enum):
    """The type of a property's value as JSON carries it; DATE and DATETIME travel as text."""

    STRING = "string"
    INTEGER = "integer"
    FLOAT = "float"
    DECIMAL = "decimal"
    BOOLEAN = "boolean"
    DATE = "date"
    DATETIME = "datetime"
    LIST = "list"
    OBJECT = "object"
    ANY = "any"


@dataclass(frozen=True, slots=True)
class Value:
    """The source property's value: `"_."`."""


@dataclass(frozen=True, slots=True)
class Literal:
    """A constant of the expression: text, a number, a boolean or null."""

    value: str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Call:
    """A function of FUNCTIONS applied to its arguments, in the document's order."""

    function: str
    arguments: tuple["Expression", ...]


Expression = Value | Literal | Call


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversion:
    """A data type cell read without doubt.

    `text` is canonical: the function's name for a simple type (`string`), else compact JSON of the
    expression; equal meanings have equal texts.
    """

    text: str
    expression: Expression


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionSignature:
    """How a function may be called: how many arguments it takes, and the type of its result.

    `result` is None where the result has the type of an argument (`if`, `if-null`, `first`).
    `lossless` says that the way back is the source property's own type (`string` of a number).
    """

    least: int
    most: int | None  # None: any number
    result: ValueType | None
    lossless: bool = False


FUNCTIONS: dict[str, FunctionSignature] = {
    "string": FunctionSignature(least=1, most=1, result=ValueType.STRING, lossless=True),
    "integer": FunctionSignature(least=1, most=1, result=ValueType.INTEGER, lossless=True),
    "float": FunctionSignature(least=1, most=1, result=ValueType.FLOAT, lossless=True),
    "decimal": FunctionSignature(least=1, most=1, result=ValueType.DECIMAL, lossless=True),
    "boolean": FunctionSignature(least=1, most=1, result=ValueType.BOOLEAN, lossless=True),
    "list": FunctionSignature(least=1, most=1, result=ValueType.LIST, lossless=True),
    "first": FunctionSignature(least=1, most=1, result=None),
    "if": FunctionSignature(least=2, most=3, result=None),
    "if-null": FunctionSignature(least=2, most=2, result=None),
    "and": FunctionSignature(least=1, most=None, result=ValueType.BOOLEAN),
    "or": FunctionSignature(least=1, most=None, result=ValueType.BOOLEAN),
    "not": FunctionSignature(least=1, most=1, result=ValueType.BOOLEAN),
    "eq": FunctionSignature(least=2, most=2, result=ValueType.BOOLEAN),
    "neq": FunctionSignature(least=2, most=2, result=ValueType.BOOLEAN),
    "gt": FunctionSignature(least=2, most=2, result=ValueType.BOOLEAN),
    "abs": FunctionSignature(least=1, most=1, result=ValueType.DECIMAL),
    "is-empty": FunctionSignature(least=1, most=1, result=ValueType.BOOLEAN),
    "is-null": FunctionSignature(least=1, most=1, result=ValueType.BOOLEAN),
    "is-decimal": FunctionSignature(least=1, most=1, result=ValueType.BOOLEAN),
    "is-boolean": FunctionSignature(least=1, most=1, result=ValueType.BOOLEAN),
    "matches": FunctionSignature(least=2, most=2, result=ValueType.BOOLEAN),
    "replace": FunctionSignature(least=3, most=3, result=ValueType.STRING),
    "split": FunctionSignature(least=2, most=2, result=ValueType.LIST),
    "join": FunctionSignature(least=2, most=2, result=ValueType.STRING),
    "slice": FunctionSignature(least=2, most=3, result=ValueType.LIST),
    "datetime-format": FunctionSignature(least=2, most=2, result=ValueType.STRING),
    "datetime-parse": FunctionSignature(least=2, most=2, result=ValueType.DATETIME),
    "datetime-diff": FunctionSignature(least=3, most=3, result=ValueType.INTEGER),
    "now": FunctionSignature(least=0, most=0, result=ValueType.DATETIME),
}
