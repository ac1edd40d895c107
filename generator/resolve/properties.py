"""Property cells bound to properties of the API: paths, types, conditions."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from generator.model.conversion import ValueType
from generator.model.profile import Property, Resource
from generator.model.resolved import ResolvedCondition, ResolvedProperty
from generator.model.rules import Condition, PropertyPath
from generator.model.values import Json, Path
from generator.resolve.problems import Fault
from generator.resolve.sides import BoundSide
from generator.resolve.symbols import literal_of


@dataclass(frozen=True, slots=True)
class BoundProperty:
    """A property as far as it is certain, and what is not certain about it."""

    property: ResolvedProperty
    faults: tuple[Fault, ...]


def bind_property(
    cell: PropertyPath, bound: BoundSide, symbols: Mapping[str, Json]
) -> BoundProperty:
    """Return the property that a cell means; faults where it or a condition is not certain."""
    definition = find_property(bound.resource, cell.path)
    conditions = [_bind_condition(cell, one, bound, symbols) for one in cell.conditions]
    faults = [*_unknown(cell.path, definition, bound)]
    faults += [one for one in conditions if isinstance(one, Fault)]
    resolved = ResolvedProperty(
        text=cell.text,
        path=definition.path if definition else cell.path,
        type=definition.type if definition else ValueType.ANY,
        definition=definition,
        conditions=tuple(one for one in conditions if isinstance(one, ResolvedCondition)),
    )
    return BoundProperty(resolved, tuple(faults))


def find_property(resource: Resource | None, path: Path) -> Property | None:
    """Return the API's property for the names of a document, None where it has none.

    Exact names come first, then names that differ in case only, then aliases. What lies below an
    object or a list of which the profile lists no parts is taken to be there, of any type.
    """
    if resource is None:
        return None
    return _listed(resource, path) or _below_open(resource, path)


def bare(path: Path) -> Path:
    """Return a path without the marks of its list steps."""
    return tuple(name.removesuffix("[]") for name in path)


def _listed(resource: Resource, path: Path) -> Property | None:
    wanted = _folded(path)
    alike: list[Property] = []
    for definition in resource.properties:
        own = bare(definition.path)
        if own == path:
            return definition
        if _folded(own) == wanted or ".".join(wanted) in map(str.casefold, definition.aliases):
            alike.append(definition)
    return alike[0] if alike else None


def _below_open(resource: Resource, path: Path) -> Property | None:
    for length in range(len(path) - 1, 0, -1):
        whole = _listed(resource, path[:length])
        if whole is None:
            continue
        if not _is_open(resource, whole):
            return None
        *head, last = whole.path
        step = f"{last}[]" if whole.type is ValueType.LIST else last
        below = (*head, step, *path[length:])
        return replace(whole, path=below, type=ValueType.ANY, aliases=(), max_length=None)
    return None


def _is_open(resource: Resource, whole: Property) -> bool:
    depth = len(whole.path)
    listed = any(
        len(part.path) > depth and bare(part.path)[:depth] == bare(whole.path)
        for part in resource.properties
    )
    return whole.type in (ValueType.OBJECT, ValueType.LIST, ValueType.ANY) and not listed


def _folded(path: Path) -> Path:
    return tuple(name.casefold() for name in path)


def _unknown(path: Path, definition: Property | None, bound: BoundSide) -> Iterator[Fault]:
    if definition is None and bound.resource is not None:
        yield Fault(
            "W401",
            {"system": bound.side.label, "path": ".".join(path), "resource": bound.resource.name},
        )


def _bind_condition(
    cell: PropertyPath, condition: Condition, bound: BoundSide, symbols: Mapping[str, Json]
) -> ResolvedCondition | Fault:
    if not condition.path or not condition.value:
        return Fault("W321", {"text": cell.text})
    definition = find_property(bound.resource, condition.path)
    for fault in _unknown(condition.path, definition, bound):
        return fault
    kind = definition.type if definition else ValueType.ANY
    value = literal_of(condition.value, kind, bound, symbols)
    if isinstance(value, Fault):
        return value
    path = definition.path if definition else condition.path
    return ResolvedCondition(path=path, value=value)
