"""What a flow's mapper and its sync module have to agree on: names, types, and where properties stand."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from specbridge.emit.body.access import place_of
from specbridge.emit.body.directions import Places
from specbridge.emit.body.shapes import IDENTIFIER, TYPES, SideTypes, shape_side
from specbridge.emit.python.literals import type_of
from specbridge.emit.python.names import Names, class_name, function_name
from specbridge.model.resolved import (
    ResolvedFlow,
    ResolvedLinkRule,
    ResolvedMapping,
    ResolvedProperty,
    ResolvedSide,
)
from specbridge.model.values import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class SideNames:
    """How a side is called in its mapper: `class_` `Users`, `function` `users`, `label` in prose."""

    class_: str
    function: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MapperNames:
    """The names that a mapper gives and its sync module takes."""

    source: SideNames
    target: SideNames

    @property
    def functions(self) -> tuple[str, str, str, str]:
        """Return the names of to_target, to_source, source_keys, target_keys."""
        source, target = self.source.function, self.target.function
        return f"to_{target}", f"to_{source}", f"{source}_keys", f"{target}_keys"


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowTypes:
    """A flow with its names, the types of both sides, and where each row's properties stand."""

    flow: ResolvedFlow
    names: MapperNames
    source: SideTypes
    target: SideTypes
    places: Places


def type_flow(flow: ResolvedFlow) -> FlowTypes:
    """Return what mapper and sync module have to agree on."""
    names = name_sides(flow)
    # Both sides take their classes from one scope: they stand in one module.
    taken = Names()
    classes = taken.take(names.source.class_), taken.take(names.target.class_)
    source = shape_side(classes[0], _entries(flow, source=True), taken)
    target = shape_side(classes[1], _entries(flow, source=False), taken)
    places = [(place_of(m.source, source), place_of(m.target, target)) for m in flow.mappings]
    return FlowTypes(flow=flow, names=names, source=source, target=target, places=places)


def name_sides(flow: ResolvedFlow) -> MapperNames:
    """Return the sides' names: the datatype's, with the system's or the side's before it if equal."""
    source, target = _full_name(flow.source), _full_name(flow.target)
    # Compared as functions are called: names that differ in signs alone would be one.
    if function_name(source) == function_name(target):
        source, target = f"{flow.source.label} {source}", f"{flow.target.label} {target}"
    if function_name(source) == function_name(target):
        # Both sides are called the same in the document, too.
        source, target = f"Source {source}", f"Target {target}"
    return MapperNames(
        source=_name_side(source, flow.source), target=_name_side(target, flow.target)
    )


def side_label(side: ResolvedSide) -> str:
    """Return what a document calls the side in full: `Powerofficego Customers person`."""
    return " ".join(part for part in (side.label, side.datatype, side.subset or "") if part)


def _full_name(side: ResolvedSide) -> str:
    return f"{side.datatype} {side.subset or ''}"


def _name_side(text: str, side: ResolvedSide) -> SideNames:
    return SideNames(class_=class_name(text), function=function_name(text), label=side_label(side))


def _entries(flow: ResolvedFlow, *, source: bool) -> Iterator[tuple[Path, str]]:
    rows: list[ResolvedMapping | ResolvedLinkRule] = [*flow.mappings, *flow.link_rules]
    sides = [row.source if source else row.target for row in rows]
    # A key has one type: where any row holds a reference there, all of them do.
    identifiers = {
        side.path for row, side in zip(rows, sides, strict=True) if row.reference is not None
    }
    for side in sides:
        yield side.path, IDENTIFIER if side.path in identifiers else TYPES[side.type]
    yield from _condition_entries(sides)


def _condition_entries(properties: Iterable[ResolvedProperty]) -> Iterator[tuple[Path, str]]:
    for property_ in properties:
        for condition in property_.conditions:
            yield condition.path, type_of(condition.value)
