"""Bases as the store keeps them: what both sides of a unit held when they last agreed."""

from collections.abc import Mapping, Sequence

from specbridge.model.values import Json
from specbridge.runtime.decide.equality import MISSING, Value
from specbridge.runtime.decide.merge import Base
from specbridge.runtime.decide.units import Unit, read_sources

StoredBase = Mapping[str, Json]
"""A link's base as the store keeps it: for each unit `[[source values], target value]`."""


def stored_base(
    unit: Unit, source: Mapping[str, Json], target: Value, rows: Sequence[int] | None
) -> Json:
    """Return a unit's base as the store keeps it: the source's values, and the target's.

    `rows` are those that are about the pair, None: all.
    """
    if unit.only:
        return [[source.get(unit.only)], bare(target)]
    return write_base((read_sources(unit, source, rows), target))


def write_base(base: Base) -> Json:
    """Return a unit's base as the store keeps it."""
    sources, target = base
    return [[bare(value) for value in sources], bare(target)]


def read_base(stored: Json) -> Base | None:
    """Return a unit's base as the store has kept it, None where there is none."""
    match stored:
        case [list() as sources, target]:
            return sources, target
        case _:
            return None


def bare(value: Value) -> Json:
    """Return a value as JSON has it: what is missing is null."""
    return None if value is MISSING else value
