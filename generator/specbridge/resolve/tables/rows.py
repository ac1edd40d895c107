"""Rows of the property table bound to both APIs, and why one of them may be held."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from specbridge.errors import Problem
from specbridge.model.conversion import Conversion, ValueType
from specbridge.model.profile import Property, Resource
from specbridge.model.resolved import Held, Reference, ResolvedMapping, ResolvedProperty
from specbridge.model.rules import PropertyMapping
from specbridge.model.values import Direction
from specbridge.resolve.mirror import Row
from specbridge.resolve.problems import Fault, mend, reason, shown, towards
from specbridge.resolve.systems.sides import BoundSide
from specbridge.resolve.systems.symbols import Symbols
from specbridge.resolve.tables.conversions import copying, fits, given_type, way_back
from specbridge.resolve.tables.properties import BoundProperty, bind_property

Hold = tuple[Direction, Fault]
NOT_STATED = frozenset({"N/A", '"N/A"'})
"""The data type cells that state none; a blank one is a fault that the reader reports."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowScope:
    """What the rows of a flow are read with.

    `linked` are the pairs of resources (source's, target's) that flows of the package link;
    `creates` the directions in which this flow creates records.
    """

    name: str
    source: BoundSide
    target: BoundSide
    symbols: Symbols
    linked: frozenset[tuple[str, str]]
    creates: frozenset[Direction] = field(default=frozenset())


@dataclass(frozen=True, slots=True, kw_only=True)
class _Bound:
    """A row with everything about it that has been found out so far."""

    row: Row
    scope: FlowScope
    source: BoundProperty
    target: BoundProperty
    reference: Reference | None
    forward: Conversion | None
    backward: Conversion | None
    readable_back: bool


def resolve_row(row: Row, scope: FlowScope) -> tuple[ResolvedMapping, tuple[Problem, ...]]:
    """Return a row as far as it can be kept equal, and a warning for each direction it cannot."""
    bound = _bind(row, scope)
    holds = _settle(list(_holds(bound)))
    free = {Direction.TO_TARGET, Direction.TO_SOURCE} - {way for way, _ in holds}
    mapping = ResolvedMapping(
        source=bound.source.property,
        target=bound.target.property,
        # A reference is translated through the links; a conversion of the id would spoil it.
        forward=None if bound.reference else bound.forward,
        backward=None if bound.reference else bound.backward,
        direction=_direction(free),
        reference=bound.reference,
        held=_held(holds),
        statement=_statement(row),
        where=row.where,
        create_only=_create_only(holds, scope),
    )
    return mapping, tuple(_problems(row, mapping.held, holds, scope.name))


def reference_of(
    source: ResolvedProperty, target: ResolvedProperty, linked: frozenset[tuple[str, str]]
) -> Reference | None:
    """Return the reference that both properties hold, None unless a flow links what they mean."""
    ends = (_refers_to(source), _refers_to(target))
    if ends[0] is None or ends[1] is None or (ends[0], ends[1]) not in linked:
        return None
    return Reference(source=ends[0], target=ends[1])


def foreign_ids(source: BoundProperty, target: BoundProperty, scope: FlowScope) -> Iterator[Fault]:
    """Yield what is wrong where both properties hold ids, of records that no flow links."""
    ends = (source.property, target.property)
    if all(map(_refers_to, ends)) and reference_of(*ends, scope.linked) is None:
        yield _unlinked(*ends)


def _bind(row: Row, scope: FlowScope) -> _Bound:
    source = bind_property(row.source, scope.source, scope.symbols)
    target = bind_property(row.target, scope.target, scope.symbols)
    kinds = (source.property.type, target.property.type)
    forward = _stated(row.forward, *kinds)
    backward = _stated(row.backward, *kinds[::-1])
    readable = True
    # Only where the mirror does not say: what people wrote for the way back counts.
    if row.backward is None:
        back = way_back(forward, kinds[0] if scope.source.resource else None, kinds[1])
        backward, readable = back.conversion, back.certain
    elif row.forward is None:
        forth = way_back(backward, kinds[1] if scope.target.resource else None, kinds[0])
        forward, readable = forth.conversion, forth.certain
    return _Bound(
        row=row,
        scope=scope,
        source=source,
        target=target,
        reference=reference_of(source.property, target.property, scope.linked),
        forward=forward,
        backward=backward,
        readable_back=readable,
    )


def _stated(
    mapping: PropertyMapping | None, source: ValueType, target: ValueType
) -> Conversion | None:
    if mapping is None:
        return None
    return mapping.conversion or copying(source, target)


def _holds(bound: _Bound) -> Iterator[Hold]:
    for fault in (*bound.source.faults, *bound.target.faults):
        yield Direction.BOTH, fault
    yield from _unreadable_types(bound.row)
    for end, side in ((bound.source, bound.scope.source), (bound.target, bound.scope.target)):
        into = Direction.TO_SOURCE if end is bound.source else Direction.TO_TARGET
        yield from _api_holds(end.property.definition, side, into)
    yield from _reference_holds(bound)
    if bound.reference is None:
        yield from _type_holds(bound)


def _unreadable_types(row: Row) -> Iterator[Hold]:
    # Without the way ahead nothing says how to compare either, so the row is held both ways. So it is
    # where the mirror alone has the row: what it says is all that there is.
    back = Direction.TO_SOURCE if row.forward else Direction.BOTH
    for mapping, way in ((row.forward, Direction.BOTH), (row.backward, back)):
        if mapping and mapping.conversion is None and mapping.type_text.strip() not in NOT_STATED:
            yield way, Fault("W409", {"type": mapping.type_text})


def _api_holds(definition: Property | None, side: BoundSide, into: Direction) -> Iterator[Hold]:
    if definition is None or side.resource is None:
        return
    path = ".".join(definition.path)
    values = {"path": path, "resource": side.resource.name, "system": side.side.label}
    # First, as the first reason is the one that is told: these hold the row both ways.
    if definition.local:
        yield Direction.BOTH, Fault("W408", values)
    if definition.hidden:
        yield Direction.BOTH, Fault("W407", values)
    if definition.read_only:
        yield into, Fault("W402", values)
    # A strategy writes by calls of its own (e-mail through identities): it needs no update call.
    elif definition.create_only or (side.resource.update is None and not definition.strategy):
        yield into, _written_once(definition, side.resource, values)


def _written_once(definition: Property, resource: Resource, values: Mapping[str, str]) -> Fault:
    """Return why a property is not written after creation: the API says so, or there is no call."""
    if definition.create_only:
        return Fault("W403", {**values, "written": "written on creation only", "mend": ""})
    creates = resource.create is not None or resource.create_many is not None
    written = "written on creation only" if creates else "never written"
    lacking = "no update call" if creates else "no create and no update call"
    why = f"{written}: {values['system']} has {lacking}"
    return Fault("W403", {**values, "written": why, "mend": "; else complete the profile"})


def _reference_holds(bound: _Bound) -> Iterator[Hold]:
    source, target = bound.source.property, bound.target.property
    if bound.reference is not None:
        return
    for own, other, into in (
        (target, source, Direction.TO_TARGET),
        (source, target, Direction.TO_SOURCE),
    ):
        if _refers_to(own) is not None:
            # An id may be kept as mere text elsewhere; two ids of two systems are never equal.
            way = Direction.BOTH if _refers_to(other) is not None else into
            yield way, _unlinked(own, other)


def _unlinked(own: ResolvedProperty, other: ResolvedProperty) -> Fault:
    paths = {"path": ".".join(own.path), "other": ".".join(other.path)}
    return Fault("W406", {"resource": _refers_to(own), **paths})


def _type_holds(bound: _Bound) -> Iterator[Hold]:
    source, target = bound.source.property, bound.target.property
    if not bound.readable_back:
        stated = bound.row.forward or bound.row.backward
        lost = Direction.TO_SOURCE if bound.row.forward else Direction.TO_TARGET
        yield lost, Fault("W405", {"type": stated.type_text if stated else ""})
    ahead, back = given_type(bound.forward, source.type), given_type(bound.backward, target.type)
    if not fits(ahead, target.type):
        yield Direction.TO_TARGET, _mismatch(ahead, target, bound.scope.target)
    if not fits(back, source.type):
        yield Direction.TO_SOURCE, _mismatch(back, source, bound.scope.source)


def _mismatch(given: ValueType, into: ResolvedProperty, side: BoundSide) -> Fault:
    values = {"given": given.value, "path": ".".join(into.path), "type": into.type.value}
    return Fault("W404", {**values, "resource": side.side.resource})


def _settle(holds: list[Hold]) -> list[Hold]:
    """Keep a reason for each direction, the first; one that holds both ways stands for both."""
    settled: list[Hold] = []
    for direction in (Direction.TO_TARGET, Direction.TO_SOURCE):
        reasons = [fault for way, fault in holds if way in (direction, Direction.BOTH)]
        if reasons:
            # Any other reason first: what it keeps back must not be written on creation either.
            settled.append((direction, min(reasons, key=_writes_once)))
    return settled


def _writes_once(fault: Fault) -> bool:
    return fault.code == "W403"


def _held(holds: list[Hold]) -> tuple[Held, ...]:
    if len(holds) > 1 and holds[0][1] == holds[1][1]:
        holds = [(Direction.BOTH, holds[0][1])]
    return tuple(Held(direction=way, code=fault.code, reason=reason(fault)) for way, fault in holds)


def _direction(free: set[Direction]) -> Direction:
    if len(free) > 1:
        return Direction.BOTH
    return free.pop() if free else Direction.NONE


def _create_only(holds: list[Hold], scope: FlowScope) -> Direction:
    ways = {way for way, fault in holds if _writes_once(fault)} & scope.creates
    return _direction(ways)


def _problems(
    row: Row, reasons: tuple[Held, ...], holds: list[Hold], flow: str
) -> Iterator[Problem]:
    if not holds:
        return
    # One code may hold the row either way, each for a reason of its own.
    mends = {(fault.code, reason(fault)): mend(fault) for _, fault in holds}
    cells = "`{source}` to `{target}`".format(**{k: shown(text) for k, text in row.quoted.items()})
    for held in reasons:
        # The reader has told of a data type that it could not read, and that the row is held.
        if held.code == "W409":
            continue
        message = (
            f"the row {cells} is held {towards(_as_stated(held.direction, row))}: {held.reason}"
        )
        yield Problem(
            code=held.code,
            where=row.where,
            message=message,
            mend=mends[held.code, held.reason],
            flow=flow,
        )


_TURNED = {Direction.TO_TARGET: Direction.TO_SOURCE, Direction.TO_SOURCE: Direction.TO_TARGET}


def _as_stated(direction: Direction, row: Row) -> Direction:
    """Return a direction as the document of the row sees it: the mirror's target is our source."""
    return direction if row.forward else _TURNED.get(direction, direction)


def _statement(row: Row) -> str:
    stated = row.stated
    texts = (stated.source.text, stated.target.text, stated.type_text)
    return " | ".join(" ".join(text.split()) for text in texts)


def _refers_to(end: ResolvedProperty) -> str | None:
    return end.definition.reference if end.definition else None
