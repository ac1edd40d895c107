"""Flows bound to profiles and to the store's numbers: what a run looks up again and again.

Everything here is worked out once per run, so that planning a record is lookups and calls.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b

from specbridge.model.profile import Profile, Property, Resource
from specbridge.model.values import Json, Path
from specbridge.runtime.conversions import ConversionError
from specbridge.runtime.conversions.scalars import as_text
from specbridge.runtime.conversions.texts import fold_text
from specbridge.runtime.decide.equality import is_empty
from specbridge.runtime.decide.mapping import make_keys
from specbridge.runtime.decide.merge import SOURCE, TARGET
from specbridge.runtime.decide.paths import Place, holds, plain, read_place
from specbridge.runtime.decide.units import Unit, concerns, make_fixed_units, make_units
from specbridge.runtime.flow import AnyFlow, CreationRule, LinkKeys, Side

ResourceKey = tuple[str, str]
"""A resource's system and name."""

_KEYS = 2
"""How keys are made: where it changes, every record is looked at again, and gets new ones."""

KeyDigest = tuple[int, int]
"""Rule and digest of what a record matches by; unique properties have rules below 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BoundFlow:
    """A flow with its units, and for each side (source, target) what the run needs of it.

    `resources` are the store's numbers, `creations` says for each side when a record of it gets a
    counterpart, `unique` holds each side's places whose property is unique, `required` those that a
    new record must have; all source places of a unit count. `fixed` are the units of rows that
    are held both ways, and whose value a new record is given all the same. `guarded`: not every
    unit is about every pair. `referring` are all units, fixed or not, that hold references.
    """

    number: int
    flow: AnyFlow
    units: tuple[Unit, ...]
    resources: tuple[int, int]
    creations: tuple[CreationRule, CreationRule]
    unique: tuple[tuple[tuple[int, Place], ...], tuple[tuple[int, Place], ...]]
    fixed: tuple[Unit, ...]
    guarded: bool
    referring: tuple[Unit, ...]
    required: tuple[tuple[Place, ...], tuple[Place, ...]]

    @property
    def name(self) -> str:
        """Return the flow's name."""
        return self.flow.name

    @property
    def waits(self) -> bool:
        """Return whether its records may have to wait for others to be linked."""
        return bool(self.referring) or any(rule.reference for rule in self.flow.link_rules)

    @property
    def whole(self) -> bool:
        """Return whether all records of both resources take part in the flow."""
        return self.flow.source.subset is None and self.flow.target.subset is None

    def side(self, side: int) -> Side:
        """Return the flow's source or target."""
        return self.flow.source if side == SOURCE else self.flow.target

    def concerned(self, source: Mapping[str, Json], target: Mapping[str, Json]) -> tuple[Unit, ...]:
        """Return the units that are about a pair of records."""
        if not self.guarded:
            return self.units
        return tuple(unit for unit in self.units if concerns(unit, source, target))

    def includes(self, side: int, properties: Mapping[str, Json]) -> bool:
        """Return whether a record of the side's resource takes part in the flow."""
        subset = self.flow.source.subset if side == SOURCE else self.flow.target.subset
        return subset is None or holds(subset, properties)

    def keys(self, side: int, properties: Mapping[str, Json]) -> list[KeyDigest]:
        """Return what a record matches by: the link rules' keys, then its unique properties.

        A record whose keys cannot be made matches nothing. What a source refers to is left to
        index_references: its key depends on the links.
        """
        try:
            made = self.link_keys(side, properties)
        except ConversionError:
            # A unique name that it holds is taken all the same.
            made = ()
        found = [
            (rule, digest_number(key))
            for rule, key in enumerate(made)
            if key is not None and (side == TARGET or self.flow.link_rules[rule].reference is None)
        ]
        for rule, place in self.unique[side]:
            value = read_place(properties, place)
            if not is_empty(value):
                found.append((rule, unique_digest(value)))
        return found

    def link_keys(self, side: int, properties: Mapping[str, Json]) -> LinkKeys:
        """Return a record's key for each link rule, none for one that takes no part.

        Raises ConversionError for a record of another shape than the document says.
        """
        if not self.flow.link_rules or not self.includes(side, properties):
            return ()
        make = self.flow.source_keys if side == SOURCE else self.flow.target_keys
        return make_keys(make, properties)


@dataclass(frozen=True, slots=True, kw_only=True)
class BoundResource:
    """A resource that flows use: its number in the store, what is read of it, and who uses it.

    `names` are the top-level properties that are read; `uses` the flows and their sides;
    `connections` the resources and paths by which its records call for others to be created.
    """

    number: int
    key: ResourceKey
    names: frozenset[str]
    definition: Resource | None
    uses: tuple[tuple[BoundFlow, int], ...]
    connections: tuple[tuple[int, Path], ...]
    shape: str

    @property
    def name(self) -> str:
        """Return the resource's name in its profile."""
        return self.key[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class BoundPackage:
    """A package's flows in run order, and the resources that they use, by number."""

    number: int
    name: str
    flows: tuple[BoundFlow, ...]
    resources: Mapping[int, BoundResource]


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """The store's numbers of a package, its flows by name, and its resources by system and name."""

    package: int
    flows: Mapping[str, int]
    resources: Mapping[ResourceKey, int]


def digest_number(text: str) -> int:
    """Return 64 bits that stand for a text: the store keeps no second copy of people's details."""
    # Half of a surrogate pair may come as JSON; signed, because both databases' BIGINT is.
    return int.from_bytes(
        blake2b(text.encode(errors="surrogatepass"), digest_size=8).digest(), "big", signed=True
    )


def unique_digest(value: object) -> int:
    """Return the digest of a unique value: what makes no other key makes no other value of it."""
    # Zendesk trims a name before it looks whether it is taken; capitals make no other address.
    return digest_number(fold_text(as_text(value)))


def place_of(unit: Unit, side: int) -> Place:
    """Return where a unit is on one side; on the source, its preferred property."""
    return unit.sources[0] if side == SOURCE else unit.target


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
    bound = tuple(_bind_flow(flow, definitions, numbers) for flow in flows)
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
    flow: AnyFlow, definitions: Mapping[ResourceKey, Resource], numbers: Numbers
) -> BoundFlow:
    units, fixed = make_units(flow), make_fixed_units(flow)
    given = (*units, *fixed)
    keys = [(side.system, side.resource) for side in (flow.source, flow.target)]
    properties = [_properties(definitions.get(key)) for key in keys]
    return BoundFlow(
        number=numbers.flows[flow.name],
        flow=flow,
        units=units,
        fixed=fixed,
        guarded=any(unit.guarded for unit in given),
        referring=tuple(unit for unit in given if unit.reference is not None),
        resources=(numbers.resources[keys[SOURCE]], numbers.resources[keys[TARGET]]),
        creations=(flow.create_target, flow.create_source),
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
    shape = json.dumps([_KEYS, sorted(names), [shape_of(flow.flow) for flow, _ in uses]])
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
            for connection in flow.creations[side].connections:
                if (flow.side(side).system, connection.resource) == key:
                    yield flow.resources[side], connection.path


def _paths_used(bound: BoundFlow, side: int) -> Iterator[Path]:
    flow = bound.flow
    subset, condition = bound.side(side).subset, bound.creations[side].condition
    for place in (subset, condition):
        if place is not None:
            yield place.path
    for rule in flow.link_rules:
        yield rule.source if side == SOURCE else rule.target
    for row in flow.properties:
        yield row.source if side == SOURCE else row.target
        for item in row.source_conditions if side == SOURCE else row.target_conditions:
            yield item.path
