"""Binds the flows of a company's packages to profiles and to the store's numbers: what stands in `binding`, worked out once."""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from hashlib import blake2b

from specbridge.model.profile import Profile, Property, Resource
from specbridge.model.values import Path
from specbridge.runtime.decide.binding import (
    BoundCompany,
    BoundFlow,
    BoundResource,
    Numbers,
    Reads,
)
from specbridge.runtime.decide.feeding.groups import mark_fed, mark_returning
from specbridge.runtime.decide.identity.circles import (
    circles_of,
    find_closing_rows,
    find_returning_rows,
    state_rows,
)
from specbridge.runtime.decide.identity.pairings import (
    Ends,
    ResourceKey,
    Stated,
    ends_of,
    face,
    hold_rows,
    join_flows,
)
from specbridge.runtime.decide.merge import SOURCE, TARGET
from specbridge.runtime.decide.paths import Place, make_place, plain
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


def bind_company(
    name: str, packages: Sequence[str], profiles: Mapping[str, Profile], numbers: Numbers
) -> BoundCompany:
    """Bind the flows of a company's packages to their profiles and the store's numbers."""
    definitions = {
        (profile.name, resource.name): resource
        for profile in profiles.values()
        for resource in profile.resources
    }
    bound = _bind_flows([_Joined(*pairing) for pairing in numbers.pairings], definitions, numbers)
    flows = [stated.flow for _, _, group in numbers.pairings for stated in group]
    reads = [*(one for flow in flows for one in reads_of(flow)), *numbers.reads]
    # Whose a record is matters where companies have names.
    reads += _owning(definitions) if name else ()
    each_resource = (
        _bind_resource(key, bound, reads, definitions.get(key), numbers)
        for key in resource_keys(flows)
    )
    resources = {one.number: replace(one, company=name) for one in each_resource}
    circles = circles_of([stored.resources for stored in numbers.stored])
    return BoundCompany(
        number=numbers.company,
        name=name,
        packages=tuple(packages),
        flows=bound,
        resources=resources,
        numbers=numbers.resources,
        pairings={stored.number: stored for stored in numbers.stored},
        circles=tuple(frozenset(numbers.stored[n].number for n in circle) for circle in circles),
    )


def order_pairings(flows: Sequence[BoundFlow]) -> tuple[BoundFlow, ...]:
    """Return pairings in the order in which they create: references first, then by name.

    It is their own order, not that of documents. Where references go round, the names decide.
    """
    left = {flow.ends: flow for flow in sorted(flows, key=lambda flow: sorted(flow.ends))}
    by_ends = {frozenset(ends): ends for ends in left}
    needs = {ends: {by_ends[e] for e in _refers_to(f) if e in by_ends} for ends, f in left.items()}
    ordered: list[BoundFlow] = []
    while left:
        free = next((e for e in left if not (needs[e] - {e}) & left.keys()), next(iter(left)))
        ordered.append(left.pop(free))
    return tuple(ordered)


def _refers_to(flow: BoundFlow) -> Iterator[frozenset[ResourceKey]]:
    """Yield the ends of the pairings whose links a pairing's references go by."""
    systems = flow.flow.source.system, flow.flow.target.system
    references = [
        *(unit.reference for unit in flow.referring),
        *(rule.reference for rule in flow.flow.link_rules),
    ]
    for reference in references:
        if reference is not None:
            yield frozenset(zip(systems, reference, strict=True))


def reads_of(flow: AnyFlow) -> list[Reads]:
    """Return what a flow reads: of both its resources, and of those that call for creations."""
    found = []
    for side, stated in ((SOURCE, flow.source), (TARGET, flow.target)):
        names = {name for path in _paths_used(flow, side) if path for name in _names_of(path)}
        found.append(Reads(key=(stated.system, stated.resource), names=frozenset(names)))
    ends = ends_of(flow)
    for side, (system, rule) in enumerate(_creations(flow)):
        found += [
            Reads(
                key=(system, connection.resource),
                names=frozenset(_names_of(connection.path)),
                connections=((ends[side], connection.path),),
            )
            for connection in rule.connections
        ]
    return found


def _names_of(path: Path) -> tuple[str, ...]:
    """Return the property that a path begins with, and the dotted path where it goes on below it."""
    steps = [plain(step) for step in path]
    return (steps[0],) if len(steps) == 1 else (steps[0], ".".join(steps))


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


class _Joined:
    """A pairing's flows, faced as it is, and what they say together."""

    def __init__(self, number: int, ends: Ends, group: Sequence[Stated]) -> None:
        self.number = number
        self.parts = tuple(face(stated.flow, ends) for stated in group)
        self.packages = tuple(stated.package for stated in group)
        self.turned = frozenset(
            (stated.package, stated.flow.name) for stated in group if ends_of(stated.flow) != ends
        )
        self.flow = join_flows(self.parts)


def _bind_flows(
    joined: Sequence[_Joined], definitions: Mapping[ResourceKey, Resource], numbers: Numbers
) -> tuple[BoundFlow, ...]:
    """Bind pairings, with what each has to know of the others."""
    stated = [state_rows(one.flow) for one in joined]
    closing = find_closing_rows(stated)
    returning = find_returning_rows(stated, closing)
    each = []
    for n, one in enumerate(joined):
        held = {row for pairing, row in closing if pairing == n}
        rows = [one.flow.properties[row] for pairing, row in returning if pairing == n]
        keys = {str(make_place(row.target, row.target_conditions)) for row in rows}
        each.append(mark_returning(_bind_flow(one, held, definitions, numbers), keys))
    return order_pairings(mark_fed(each))


def _bind_flow(
    joined: _Joined,
    closing: Collection[int],
    definitions: Mapping[ResourceKey, Resource],
    numbers: Numbers,
) -> BoundFlow:
    flow, parts = hold_rows(joined.flow, closing), joined.parts
    units, fixed = make_units(flow), make_fixed_units(flow)
    given = (*units, *fixed)
    keys = [(side.system, side.resource) for side in (flow.source, flow.target)]
    properties = [_properties(definitions.get(key)) for key in keys]
    return BoundFlow(
        number=joined.number,
        flow=flow,
        parts=parts,
        packages=joined.packages,
        turned=joined.turned,
        # What is held tells, too, that other pairings have closed a circle, or do not any more.
        shape=_digest([_KEYS, [shape_of(part) for part in parts], sorted(closing)]),
        units=units,
        fixed=fixed,
        closing=(
            _closing_places(flow, closing, given, SOURCE),
            _closing_places(flow, closing, given, TARGET),
        ),
        guarded=any(unit.guarded for unit in given),
        whole=any(part.source.subset is None and part.target.subset is None for part in parts),
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


def _closing_places(
    flow: AnyFlow, closing: Collection[int], units: Sequence[Unit], side: int
) -> tuple[Place, ...]:
    """Return the places of a side that rows give which close a circle, and no other row."""
    kept = {str(place) for place in _places(units, side)}
    rows = [flow.properties[index] for index in sorted(closing)]
    places = [
        (
            make_place(row.source, row.source_conditions)
            if side == SOURCE
            else make_place(row.target, row.target_conditions)
        )
        for row in rows
    ]
    return tuple(place for place in places if str(place) not in kept)


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
    reads: Sequence[Reads],
    definition: Resource | None,
    numbers: Numbers,
) -> BoundResource:
    number = numbers.resources[key]
    own = [one for one in reads if one.key == key]
    names = frozenset(name for one in own for name in one.names)
    connections = dict.fromkeys(c for one in own for c in one.connections)
    # Whoever is asked for single paths has shown nothing of the others.
    asked = definition is not None and definition.select is not None
    return BoundResource(
        number=number,
        key=key,
        names=names,
        definition=definition,
        uses=tuple(
            (f, side) for f in flows for side in (SOURCE, TARGET) if f.resources[side] == number
        ),
        sides=tuple(
            (stored.number, side)
            for stored in numbers.stored
            for side in (SOURCE, TARGET)
            if stored.resources[side] == number
        ),
        connections=tuple(
            (numbers.resources[to], path) for to, path in connections if to in numbers.resources
        ),
        shape=_digest([_KEYS, sorted(name for name in names if "." not in name or asked)]),
    )


def _owning(definitions: Mapping[ResourceKey, Resource]) -> Iterator[Reads]:
    """Yield what tells whose the records of resources are."""
    for key, definition in definitions.items():
        if definition.external_reference is not None:
            yield Reads(key=key, names=frozenset(_names_of(definition.external_reference)))


def _digest(stated: object) -> str:
    return blake2b(json.dumps(stated).encode(), digest_size=16).hexdigest()


def _paths_used(flow: AnyFlow, side: int) -> Iterator[Path]:
    near = flow.source if side == SOURCE else flow.target
    creation = flow.create_target if side == SOURCE else flow.create_source
    for place in (near.subset, creation.condition):
        if place is not None:
            yield place.path
    for rule in flow.link_rules:
        yield rule.source if side == SOURCE else rule.target
    for row in flow.properties:
        yield row.source if side == SOURCE else row.target
        for item in row.source_conditions if side == SOURCE else row.target_conditions:
            yield item.path
