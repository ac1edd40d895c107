"""What a conversion yields, what fits a property, and how a value is read back."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from specbridge.model.conversion import (
    FUNCTIONS,
    Call,
    Conversion,
    Expression,
    Literal,
    Value,
    ValueType,
)
from specbridge.model.resolved import ResolvedMapping, ResolvedProperty
from specbridge.model.values import Direction

_NUMBERS = frozenset({ValueType.INTEGER, ValueType.FLOAT, ValueType.DECIMAL})
_INSTANTS = frozenset({ValueType.DATE, ValueType.DATETIME})
_SIMPLE = frozenset({ValueType.STRING, ValueType.BOOLEAN}) | _NUMBERS
# By exact type: to `isinstance` a bool is an int.
_LITERALS = {
    str: ValueType.STRING,
    bool: ValueType.BOOLEAN,
    int: ValueType.INTEGER,
    float: ValueType.FLOAT,
}


# The types of which a function gives every value as it is.
_KEPT: Mapping[str, frozenset[ValueType]] = {
    "string": _INSTANTS | {ValueType.STRING},
    "integer": frozenset({ValueType.INTEGER}),
    "float": frozenset({ValueType.FLOAT, ValueType.DECIMAL}),
    "decimal": _NUMBERS,
    "boolean": frozenset({ValueType.BOOLEAN}),
    "list": frozenset({ValueType.LIST}),
}


@dataclass(frozen=True, slots=True)
class WayBack:
    """How values are read back: None copies them. Not `certain`: nothing says how."""

    conversion: Conversion | None
    certain: bool = True


_COPY = WayBack(None)
_LOST = WayBack(None, certain=False)


def given_type(conversion: Conversion | None, source: ValueType) -> ValueType:
    """Return the type that a conversion makes of a value of the source type, ANY if none is sure."""
    return source if conversion is None else _type_of(conversion.expression, source)


def fits(given: ValueType, wanted: ValueType) -> bool:
    """Return whether values of one type can be written into a property of the other.

    Numbers fit numbers; text fits dates, which travel as text, and dates fit text.
    """
    if given is wanted or ValueType.ANY in (given, wanted):
        return True
    if given in _NUMBERS and wanted in _NUMBERS:
        return True
    return ValueType.STRING in (given, wanted) and (given in _INSTANTS or wanted in _INSTANTS)


def copying(source: ValueType, target: ValueType) -> Conversion | None:
    """Return the conversion of a row that states none: None copies, where the types allow it."""
    if fits(source, target) or target not in _SIMPLE or source not in _SIMPLE | _INSTANTS:
        return None
    return simple(target)


def simple(kind: ValueType) -> Conversion:
    """Return the conversion to a type that documents write as one word (`"string"`)."""
    return Conversion(text=kind.value, expression=Call(kind.value, (Value(),)))


def converts_values(row: ResolvedMapping) -> bool:
    """Return whether a row makes other values of them, in any direction in which it is kept equal.

    A data type that its property's values have already (`"string"` of a text) makes no others, nor does
    a reference, whose ids are translated.
    """
    both = Direction.BOTH
    ahead = row.direction in (both, Direction.TO_TARGET) and not _keeps(row.forward, row.source)
    back = row.direction in (both, Direction.TO_SOURCE) and not _keeps(row.backward, row.target)
    return row.reference is None and (ahead or back)


def way_back(conversion: Conversion | None, source: ValueType | None, target: ValueType) -> WayBack:
    """Return how a target value is read back into a source property.

    `source` is the type that the source's profile states, None where there is no profile: values
    are then copied back, for nothing better is known and the flow cannot run.
    """
    if conversion is None:
        return WayBack(copying(target, source) if source else None)
    if source is None:
        return _COPY
    expression = conversion.expression
    if _is_lossless(expression):
        return _back_to(source, given_type(conversion, source))
    return _back_from_instants(expression, source)


def _keeps(conversion: Conversion | None, read: ResolvedProperty) -> bool:
    match conversion and conversion.expression:
        case None | Value():
            return True
        case Call(name, (Value(),)):
            return read.type in _KEPT.get(name, ())
    return False


def _back_to(source: ValueType, given: ValueType) -> WayBack:
    # Numbers fit each other, yet 1.0 read back into an integer property must become 1.
    if given is source or (fits(given, source) and source not in _NUMBERS | {ValueType.ANY}):
        return _COPY
    if source not in _SIMPLE:
        return _LOST
    # `list` of one value made the list: its first element is the value again.
    if given is ValueType.LIST:
        first = Call("first", (Value(),))
        return WayBack(_conversion(Call(source.value, (first,))))
    return WayBack(simple(source))


def _back_from_instants(expression: Expression, source: ValueType) -> WayBack:
    match expression:
        # A date travels as text of just this form, so formatting it lost nothing.
        case Call("datetime-format", (Literal("%Y-%m-%d"), Value())) if source is ValueType.DATE:
            return _COPY
        case Call("datetime-parse", (Literal(), Value()) as arguments):
            if source is ValueType.STRING:
                return WayBack(_conversion(Call("datetime-format", arguments)))
    return _LOST


def _is_lossless(expression: Expression) -> bool:
    match expression:
        case Value():
            return True
        case Call(name, (argument,)):
            return FUNCTIONS[name].lossless and _is_lossless(argument)
    return False


def _type_of(expression: Expression, source: ValueType) -> ValueType:
    match expression:
        case Value():
            return source
        case Literal(value):
            return _LITERALS.get(type(value), ValueType.ANY)
        case Call("string", (argument,)):
            # Dates are text already: `string` changes nothing of them.
            inner = _type_of(argument, source)
            return inner if inner in _INSTANTS else ValueType.STRING
        case Call(name, arguments):
            result = FUNCTIONS[name].result
            return result or _common_type(name, arguments, source)


def _common_type(name: str, arguments: tuple[Expression, ...], source: ValueType) -> ValueType:
    # Of two arguments, the other branch gives none. None fits every property, as a null does.
    branches = arguments[1:] if name == "if" else arguments
    kinds = {_type_of(branch, source) for branch in branches if branch != Literal(None)}
    if kinds <= _NUMBERS and len(kinds) > 1:
        return ValueType.DECIMAL
    kind = kinds.pop() if kinds else ValueType.ANY
    # What a list holds the profile does not say.
    return ValueType.ANY if kinds or (name == "first" and kind is ValueType.LIST) else kind


def _conversion(expression: Call) -> Conversion:
    text = json.dumps(_as_json(expression), ensure_ascii=False, separators=(",", ":"))
    return Conversion(text=text, expression=expression)


def _as_json(expression: Expression) -> object:
    match expression:
        case Value():
            return "_."
        case Literal(value):
            return value
        case Call(name, arguments):
            return [name, *map(_as_json, arguments)]
