"""Values of conditions: literals of the property's type, and symbols that settings explain."""

import re
from collections.abc import Mapping

from generator.model.conversion import ValueType
from generator.model.values import Json
from generator.resolve.names import slug
from generator.resolve.problems import Fault
from generator.resolve.sides import BoundSide

_WIKIDATA = re.compile(r"wd:Q\d+", re.IGNORECASE)
_TRUTHS: Mapping[str, bool] = {"true": True, "false": False}


def literal_of(
    value: str, kind: ValueType, bound: BoundSide, symbols: Mapping[str, Json]
) -> Json | Fault:
    """Return what the value of a condition stands for, as the property's type has it.

    A symbol that settings explain is what they say, as they say it. One that they do not explain
    (`wd:Q…`, or `system-datatype` words) and a literal that the type does not have are faults.
    """
    known, explained = _explained(value, bound.side.system, symbols)
    if known:
        return explained
    if _is_symbol(value, bound):
        return Fault("W322", {"value": value})
    literal = _typed(value, kind)
    if literal is None:
        return Fault("W323", {"value": value, "type": kind.value})
    return literal


def _explained(value: str, system: str, symbols: Mapping[str, Json]) -> tuple[bool, Json]:
    if value not in symbols:
        return False, None
    explained = symbols[value]
    if not isinstance(explained, dict):
        return True, explained
    return system in explained, explained.get(system)


def _is_symbol(value: str, bound: BoundSide) -> bool:
    if _WIKIDATA.fullmatch(value):
        return True
    first, mark, rest = value.partition("-")
    names = (bound.side.system, bound.side.label)
    starts = {slug(name) for name in names} | {slug(name.split("-")[0]) for name in names}
    return bool(mark and rest) and bool(slug(first)) and slug(first) in starts


def _typed(value: str, kind: ValueType) -> Json:
    try:
        match kind:
            case ValueType.INTEGER:
                return int(value)
            case ValueType.FLOAT | ValueType.DECIMAL:
                return float(value)
            case ValueType.BOOLEAN:
                return _TRUTHS.get(value.casefold())
            case _:
                return value
    except ValueError:
        return None
