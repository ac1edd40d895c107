"""Binds a package's flows to profiles and to the store's numbers: what stands in `binding`, worked out once."""

import json
from collections.abc import Iterator, Mapping, Sequence
from hashlib import blake2b

from specbridge.model.profile import Profile, Property, Resource
from specbridge.model.values import Path
from specbridge.runtime.decide.binding import BoundFlow, BoundPackage, BoundResource, Numbers
from specbridge.runtime.decide.merge import SOURCE, TARGET
from specbridge.runtime.decide.pairings import ResourceKey, face, join_flows
from specbridge.runtime.decide.paths import Place, plain
from specbridge.runtime.decide.units import Unit, make_fixed_units, make_units
from specbridge.runtime.flow import AnyFlow, CreationRule

_KEYS = 2
"""How keys are made: where it changes, every record is looked at again, and gets new ones."""


def resource_keys(flows: Sequence[AnyFlow]) -> tuple[ResourceKey, ...]:
    """Return the resources that flows use, without repetition, in the order of their use."""
    sides = [side for flow in flows for side in (flow.source, flow.target)]
    found = [(side.system, side.resource) for side in sides]
    # A resource that only calls for others' creation is read too, though no flow may sync it.
    for flow in flows:
        for system, rule in _creations(flow):
            found += [(system, connection.resource) for connection in rule.connections]
    return tuple(dict.fromkeys(found))


def bind_package(
    name: str, flows: Sequence[AnyFlow], profiles: Mapping[str, Profile], numbers: Numbers
) -> BoundPackage:
    """Bind the flows of a package to its profiles and the store's numbers."""
    definitions = {
        (profile.name, resource.name): resource
        for profile in profiles.values()
        for resource in profile.resources
    }
    bound = tuple(
        _bind_flow(number, [face(flow, ends) for flow in group], definitions, numbers)
        for number, ends, group in numbers.pairings
    )
    resources = {
        numbers.resources[key]: _bind_resource(key, bound, definitions.get(key), numbers)
        for key in resource_keys(flows)
    }
    return BoundPackage(number=numbers.package, name=name, flows=bound, resources=resources)


def shape_of(flow: AnyFlow) -> str:
    """Return a digest of what a flow states: when it changes, every pair is looked at again."""
    # The mapper's functions are left out: they print as addresses, which no two processes share.
    stated = (
        *(flow.source, flow.target, flow.create_target, flow.create_source),
        *(flow.link_rules, flow.properties),
    )
    return blake2b(repr(stated).encode(), digest_size=16).hexdigest()


def _creations(flow: AnyFlow) -> tuple[tuple[str, CreationRule], tuple[str, CreationRule]]:
    return (flow.source.system, flow.create_target), (flow.target.system, flow.create_source)


def _bind_flow(
    number: int,
    parts: Sequence[AnyFlow],
    definitions: Mapping[ResourceKey, Resource],
    numbers: Numbers,
) -> BoundFlow:
    flow = join_flows(parts)
    units, fixed = make_units(flow), make_fixed_units(flow)
    given = (*units, *fixed)
    keys = [(side.system, side.resource) for side in (flow.source, flow.target)]
    properties = [_properties(definitions.get(key)) for key in keys]
    return BoundFlow(
        number=number,
        flow=flow,
        parts=tuple(parts),
        units=units,
        fixed=fixed,
        guarded=any(unit.guarded for unit in given),
        referring=tuple(unit for unit in given if unit.reference is not None),
        resources=(numbers.resources[keys[SOURCE]], numbers.resources[keys[TARGET]]),
        creations=(
            tuple(part.create_target for part in parts),
            tuple(part.create_source for part in parts),
        ),
        unique=(
            _unique_places(given, SOURCE, properties[SOURCE]),
            _unique_places(given, TARGET, properties[TARGET]),
        ),
        required=(
            _required(given, SOURCE, properties[SOURCE]),
            _required(given, TARGET, properties[TARGET]),
        ),
    )


def _properties(definition: Resource | None) -> Mapping[Path, Property]:
    return {} if definition is None else {item.path: item for item in definition.properties}


def _unique_places(
    units: Sequence[Unit], side: int, properties: Mapping[Path, Property]
) -> tuple[tuple[int, Place], ...]:
    places = [place for place in _places(units, side) if _is(properties, place, "unique")]
    # Below 0: link rules are numbered from 0 on, and both kinds of keys stand in one table.
    return tuple((-number, place) for number, place in enumerate(places, start=1))


def _places(units: Sequence[Unit], side: int) -> Iterator[Place]:
    found = (p for unit in units for p in (unit.sources if side == SOURCE else (unit.target,)))
    yield from {str(place): place for place in found}.values()


def _required(
    units: Sequence[Unit], side: int, properties: Mapping[Path, Property]
) -> tuple[Place, ...]:
    return tuple(place for place in _places(units, side) if _is(properties, place, "required"))


def _is(properties: Mapping[Path, Property], place: Place, flag: str) -> bool:
    return place.path in properties and bool(getattr(properties[place.path], flag))


def _bind_resource(
    key: ResourceKey,
    flows: Sequence[BoundFlow],
    definition: Resource | None,
    numbers: Numbers,
) -> BoundResource:
    number = numbers.resources[key]
    uses = tuple(
        (f, side) for f in flows for side in (SOURCE, TARGET) if f.resources[side] == number
    )
    connections = tuple(_connections(key, flows))
    paths = [path for flow, side in uses for path in _paths_used(flow, side)]
    names = frozenset(
        plain(path[0]) for path in (*paths, *(path for _, path in connections)) if path
    )
    # With the flows, not the names alone: a new conversion makes unchanged records differ.
    shape = json.dumps(
        [_KEYS, sorted(names), [shape_of(part) for flow, _ in uses for part in flow.parts]]
    )
    return BoundResource(
        number=number,
        key=key,
        names=names,
        definition=definition,
        uses=uses,
        connections=connections,
        shape=blake2b(shape.encode(), digest_size=16).hexdigest(),
    )


def _connections(key: ResourceKey, flows: Sequence[BoundFlow]) -> Iterator[tuple[int, Path]]:
    """Yield the resources whose records are created because records of `key` refer to them."""
    for flow in flows:
        for side in (SOURCE, TARGET):
            for connection in (c for rule in flow.creations[side] for c in rule.connections):
                if (flow.side(side).system, connection.resource) == key:
                    yield flow.resources[side], connection.path


def _paths_used(bound: BoundFlow, side: int) -> Iterator[Path]:
    flow = bound.flow
    subsets = (p.source.subset if side == SOURCE else p.target.subset for p in bound.parts)
    conditions = (rule.condition for rule in bound.creations[side])
    for place in (*subsets, *conditions):
        if place is not None:
            yield place.path
    for rule in flow.link_rules:
        yield rule.source if side == SOURCE else rule.target
    for row in flow.properties:
        yield row.source if side == SOURCE else row.target
        for item in row.source_conditions if side == SOURCE else row.target_conditions:
            yield item.path
