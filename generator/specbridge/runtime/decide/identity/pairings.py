"""Flows between the same two resources work as one pairing, whichever section states them; pure.

A document may name a pair of datatypes several times, for other subsets or rows, and from either
side. Each flow alone would link and create by itself, so that a record got as many counterparts as
there are sections.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from specbridge.model.values import Direction, Json
from specbridge.runtime.decide.equality import equal_values, is_empty
from specbridge.runtime.decide.mapping import Mapper, Properties
from specbridge.runtime.flow import (
    NEVER,
    AnyFlow,
    Condition,
    Held,
    LinkKeys,
    LinkRule,
    PropertyMapping,
)
from specbridge.runtime.references import References

ResourceKey = tuple[str, str]
"""A resource's system and name."""

Ends = tuple[ResourceKey, ResourceKey]
"""The resources of a flow's source and target."""

_TURNED = {
    Direction.BOTH: Direction.BOTH,
    Direction.NONE: Direction.NONE,
    Direction.TO_TARGET: Direction.TO_SOURCE,
    Direction.TO_SOURCE: Direction.TO_TARGET,
}


def ends_of(flow: AnyFlow) -> Ends:
    """Return the resources that a flow joins."""
    source, target = flow.source, flow.target
    return (source.system, source.resource), (target.system, target.resource)


class Stated(NamedTuple):
    """A flow, and the package that states it."""

    package: str
    flow: AnyFlow


def group_flows(flows: Sequence[Stated]) -> tuple[tuple[Stated, ...], ...]:
    """Return the flows by the two resources that they join, as they are stated.

    Groups come in the order of their first flows. A flow that joins a resource with itself has
    nothing to keep equal and is in none.
    """
    groups: dict[frozenset[ResourceKey], list[Stated]] = {}
    for stated in flows:
        ends = ends_of(stated.flow)
        if ends[0] != ends[1]:
            groups.setdefault(frozenset(ends), []).append(stated)
    return tuple(tuple(group) for group in groups.values())


def choose_ends(group: Sequence[AnyFlow]) -> Ends:
    """Return which way round the flows of a group are to be read.

    As they all are, where they agree. Else by name, whatever order they stand in, but that a link
    rule over references goes before: such a rule is read from its own source alone.
    """
    stated = {ends_of(flow): flow for flow in group}
    if len(stated) == 1:
        return next(iter(stated))
    referring = {ends_of(flow) for flow in group if any(r.reference for r in flow.link_rules)}
    return min(stated, key=lambda ends: (ends not in referring, ends))


def face(flow: AnyFlow, ends: Ends) -> AnyFlow:
    """Return the flow with its source at the first of the ends."""
    return flow if ends_of(flow) == ends else turn_flow(flow)


def turn_flow(flow: AnyFlow) -> AnyFlow:
    """Return the flow with its sides exchanged.

    A link rule over references cannot be turned. Without it records might be taken for new that are
    not, so that such a flow creates nothing.
    """
    kept = tuple(n for n, rule in enumerate(flow.link_rules) if rule.reference is None)
    sure = len(kept) == len(flow.link_rules)
    return replace(
        flow,
        source=flow.target,
        target=flow.source,
        create_target=flow.create_source if sure else NEVER,
        create_source=flow.create_target if sure else NEVER,
        link_rules=tuple(_turn_rule(flow.link_rules[number]) for number in kept),
        properties=tuple(map(_turn_row, flow.properties)),
        to_target=_turn_mapper(flow.to_source),
        to_source=_turn_mapper(flow.to_target),
        source_keys=flow.target_keys if sure else _choose_keys(flow.target_keys, kept),
        target_keys=flow.source_keys if sure else _choose_keys(flow.source_keys, kept),
    )


def join_flows(flows: Sequence[AnyFlow]) -> AnyFlow:
    """Return flows that are faced alike as one that says all that they say, in their order.

    Rows keep to the records that their own flow is about. The keys are those of all flows, one after
    the other. What is created when is not the joined flow's to say: its parts differ in that.
    """
    first = flows[0]
    if len(flows) == 1:
        return first
    return replace(
        first,
        source=replace(first.source, subset=_common(flow.source.subset for flow in flows)),
        target=replace(first.target, subset=_common(flow.target.subset for flow in flows)),
        create_target=NEVER,
        create_source=NEVER,
        link_rules=tuple(rule for flow in flows for rule in flow.link_rules),
        properties=tuple(_distinct_rows(flows)),
        statements=tuple(dict.fromkeys(text for flow in flows for text in flow.statements)),
    )


def hold_rows(flow: AnyFlow, closing: Collection[int]) -> AnyFlow:
    """Return a pairing's flow with those rows held that would close a circle over several pairings.

    A record that is created gets no value by them either: it comes round the circle.
    """
    if not closing:
        return flow
    rows = list(flow.properties)
    for index in closing:
        reason = "it closes a circle over several pairs of resources, on which values are converted"
        held = Held(direction=rows[index].direction, code="W431", reason=reason)
        rows[index] = replace(
            rows[index],
            direction=Direction.NONE,
            held=(*rows[index].held, held),
        )
    return replace(flow, properties=tuple(rows))


def put_together(mapped: Sequence[Mapping[str, Json]]) -> Mapping[str, Json]:
    """Return what several mappers make of a record as one: of two values the first that is not empty."""
    if len(mapped) == 1:
        return mapped[0]
    made: dict[str, Json] = {}
    for properties in mapped:
        made = _overlay(made, properties)
    return made


def _common(subsets: Iterable[Condition | None]) -> Condition | None:
    found = list(subsets)
    return found[0] if all(one == found[0] for one in found) else None


def _distinct_rows(flows: Sequence[AnyFlow]) -> Iterator[PropertyMapping]:
    """Yield the rows of all flows, each about its flow's records; one that is repeated counts once."""
    seen: list[tuple[object, ...]] = []
    for flow in flows:
        for row in flow.properties:
            guarded = _guarded(row, flow)
            # Another data type makes no other row: which of them counts is said when it is generated.
            stated = (
                *(guarded.source, guarded.source_conditions),
                *(guarded.target, guarded.target_conditions),
            )
            if stated not in seen:
                seen.append(stated)
                yield guarded


def _guarded(row: PropertyMapping, flow: AnyFlow) -> PropertyMapping:
    source, target = flow.source.subset, flow.target.subset
    return replace(
        row,
        source_conditions=(*row.source_conditions, *((source,) if source else ())),
        target_conditions=(*row.target_conditions, *((target,) if target else ())),
    )


def _choose_keys(
    make: Callable[[Mapping[str, Json]], LinkKeys], kept: Sequence[int]
) -> Callable[[Mapping[str, Json]], LinkKeys]:
    def choose(record: Mapping[str, Json]) -> LinkKeys:
        keys = make(record)
        return tuple(keys[number] for number in kept)

    return choose


def _turn_mapper(mapper: Mapper) -> Mapper:
    def turned(record: Properties, references: References) -> Properties:
        # A mapper asks for two resources in the order in which its own document has them.
        return mapper(record, {(there, here): ids for (here, there), ids in references.items()})

    return turned


def _turn_rule(rule: LinkRule) -> LinkRule:
    return replace(rule, source=rule.target, target=rule.source)


def _turn_row(row: PropertyMapping) -> PropertyMapping:
    reference = None if row.reference is None else (row.reference[1], row.reference[0])
    return replace(
        row,
        source=row.target,
        target=row.source,
        direction=_TURNED[row.direction],
        create_only=_TURNED[row.create_only],
        reference=reference,
        source_conditions=row.target_conditions,
        target_conditions=row.source_conditions,
        held=tuple(map(_turn_held, row.held)),
    )


def _turn_held(held: Held) -> Held:
    return replace(held, direction=_TURNED[held.direction])


def _overlay(first: Mapping[str, Json], second: Mapping[str, Json]) -> dict[str, Json]:
    made = dict(first)
    for name, value in second.items():
        made[name] = _join(made[name], value) if name in made else value
    return made


def _join(first: Json, second: Json) -> Json:
    if isinstance(first, dict) and isinstance(second, dict):
        return _overlay(first, second)
    if isinstance(first, list) and isinstance(second, list):
        return _join_elements(first, second)
    return second if is_empty(first) else first


def _join_elements(first: Sequence[Json], second: Iterable[Json]) -> list[Json]:
    """Return the elements of both lists, those once that are about the same."""
    made = list(first)
    for element in second:
        index = next((i for i, one in enumerate(made) if _same_element(one, element)), None)
        if index is None:
            made.append(element)
        else:
            made[index] = _join(made[index], element)
    return made


def _same_element(first: Json, second: Json) -> bool:
    """Return whether two elements may be one: what both of them state is equal."""
    if not (isinstance(first, dict) and isinstance(second, dict)):
        return equal_values(first, second)
    shared = first.keys() & second.keys()
    return bool(shared) and all(equal_values(first[name], second[name]) for name in shared)
