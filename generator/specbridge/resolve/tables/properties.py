"""Property cells bound to properties of the API: paths, types, conditions."""

import json
from dataclasses import dataclass

from specbridge.model.conversion import ValueType
from specbridge.model.profile import Property
from specbridge.model.resolved import ResolvedCondition, ResolvedProperty
from specbridge.model.rules import Condition, PropertyPath
from specbridge.model.values import Path
from specbridge.resolve.problems import Fault
from specbridge.resolve.systems.index import find_property
from specbridge.resolve.systems.sides import BoundSide
from specbridge.resolve.systems.symbols import Symbols, literal_of


@dataclass(frozen=True, slots=True)
class BoundProperty:
    """A property as far as it is certain, and what is not certain about it."""

    property: ResolvedProperty
    faults: tuple[Fault, ...]


def bind_property(cell: PropertyPath, bound: BoundSide, symbols: Symbols) -> BoundProperty:
    """Return the property that a cell means; faults where it or a condition is not certain."""
    definition = find_property(bound.index, cell.path)
    unknown = _unknown(cell.path, definition, bound)
    conditions = [_bind_condition(cell, one, bound, symbols) for one in cell.conditions]
    faults = tuple(one for one in conditions if isinstance(one, Fault)) if conditions else ()
    resolved = ResolvedProperty(
        text=cell.text,
        # The API's spelling: documents differ from it in case, or use an older name.
        path=definition.path if definition else cell.path,
        type=definition.type if definition else ValueType.ANY,
        definition=definition,
        conditions=(
            tuple(one for one in conditions if isinstance(one, ResolvedCondition))
            if conditions
            else ()
        ),
    )
    return BoundProperty(resolved, (*unknown, *faults))


def _unknown(path: Path, definition: Property | None, bound: BoundSide) -> tuple[Fault, ...]:
    # Without a profile no name is known to be wrong.
    if definition is not None or bound.resource is None:
        return ()
    values = {"path": ".".join(path), "resource": bound.resource.name}
    return (Fault("W401", {"system": bound.side.label, **values}),)


def _bind_condition(
    cell: PropertyPath, condition: Condition, bound: BoundSide, symbols: Symbols
) -> ResolvedCondition | Fault | None:
    """Return the condition bound to the API, None where the settings say that it always holds."""
    if not condition.path or not condition.value:
        return _bind_blank(cell, condition, bound, symbols)
    definition = find_property(bound.index, condition.path)
    unknown = _unknown(condition.path, definition, bound)
    if unknown:
        return unknown[0]
    kind = definition.type if definition else ValueType.ANY
    value = literal_of(condition.value, kind, bound.side.system, symbols)
    if isinstance(value, Fault):
        return value
    path = definition.path if definition else condition.path
    return ResolvedCondition(path=path, value=value)


def _bind_blank(
    cell: PropertyPath, condition: Condition, bound: BoundSide, symbols: Symbols
) -> ResolvedCondition | Fault | None:
    key = " ".join(f"{condition.value} in {'.'.join(condition.path)}".split())
    said = symbols.conditions.get(key)
    # What a blank part stands for is nowhere: the row must not hold for all records instead.
    if said is None:
        return _blank(cell, condition, key)
    if not said.path:
        return None
    definition = find_property(bound.index, said.path)
    unknown = _unknown(said.path, definition, bound)
    path = definition.path if definition else said.path
    return unknown[0] if unknown else ResolvedCondition(path=path, value=said.equals)


def _blank(cell: PropertyPath, condition: Condition, key: str) -> Fault:
    path, value = ".".join(condition.path), condition.value
    if path:
        lacking = f"says no value that `{path}` is to have"
        told = f"the value before « in {path}»"
    elif value:
        lacking = f"says of no property that it is to be `{value}`"
        told = f"the property behind «{value} in»"
    else:
        lacking, told = "says neither a property nor its value", "both"
    values = {"text": cell.text, "lacking": lacking, "mend": told, "key": json.dumps(key)}
    return Fault("W321", values)
