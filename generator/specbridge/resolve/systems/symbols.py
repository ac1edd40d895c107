"""Values of conditions: literals of the property's type, and symbols that settings explain."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass

from specbridge.model.conversion import ValueType
from specbridge.model.resolved import ResolvedSide
from specbridge.model.values import Json
from specbridge.resolve.problems import Fault
from specbridge.resolve.systems.names import slug

_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_WHOLE = re.compile(r"-?[0-9]+")
_WIKIDATA = re.compile(r"wd:Q\d+", re.IGNORECASE)
# A system's name has few words; a hostile value may have thousands.
_MOST_WORDS = 8
_TRUTHS: Mapping[str, bool] = {"true": True, "false": False}


@dataclass(frozen=True, slots=True)
class Symbols:
    """What settings say of symbols, and the names of the flow's systems that symbols begin with."""

    explained: Mapping[str, Json]
    systems: frozenset[str]


def symbols_of(explained: Mapping[str, Json], *sides: ResolvedSide) -> Symbols:
    """Return the symbols of a flow between two sides."""
    names = frozenset(slug(name) for side in sides for name in (side.system, side.label))
    return Symbols(explained, names - {""})


def literal_of(value: str, kind: ValueType, system: str, symbols: Symbols) -> Json | Fault:
    """Return what the value of a condition stands for, as the property's type has it.

    A symbol that settings explain is what they say for the system. One that they do not explain
    (`wd:Q…`, or `system-datatype` words) and a literal that the type does not have are faults.
    """
    explained = symbols.explained.get(value)
    if isinstance(explained, dict):
        explained = explained.get(system)
    if explained is not None:
        return explained
    # Explained for other systems only: it is a symbol, however much it looks like a literal.
    if value in symbols.explained or _is_symbol(value, symbols):
        return Fault("W322", {"value": value})
    literal = _typed(value, kind)
    if literal is None:
        return Fault("W323", {"value": value, "type": kind.value})
    return literal


def _is_symbol(value: str, symbols: Symbols) -> bool:
    if _WIKIDATA.fullmatch(value):
        return True
    words = value.split("-")
    # The last word is the datatype; the system's name may itself have dashes.
    starts = ("".join(words[:count]) for count in range(1, min(len(words), _MOST_WORDS)))
    return any(slug(start) in symbols.systems for start in starts)


def _typed(value: str, kind: ValueType) -> Json:
    match kind:
        case ValueType.INTEGER:
            return int(value) if _is_number(value) and _WHOLE.fullmatch(value) else None
        case ValueType.FLOAT | ValueType.DECIMAL:
            return float(value) if _is_number(value) else None
        case ValueType.BOOLEAN:
            # Not `bool`: any text but an empty one would be true.
            return _TRUTHS.get(value.casefold())
        case _:
            return value


def _is_number(value: str) -> bool:
    """Return whether a text is a number as JSON writes it, and one that a float can hold."""
    # `int` and `float` take `1_000`, digits of any script, `nan` and `infinity` besides.
    return _NUMBER.fullmatch(value) is not None and math.isfinite(float(value))
