"""Flows bound to profiles and to the store's numbers: what a run looks up again and again.

Everything here is worked out once per run, so that planning a record is lookups and calls.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import NamedTuple

from specbridge.model.profile import Resource
from specbridge.model.values import Json, Path
from specbridge.runtime.conversions import ConversionError
from specbridge.runtime.conversions.scalars import as_text
from specbridge.runtime.conversions.texts import fold_text
from specbridge.runtime.decide.equality import is_empty
from specbridge.runtime.decide.identity.pairings import (
    Ends,
    ResourceKey,
    Stated,
    ends_of,
    put_together,
)
from specbridge.runtime.decide.mapping import make_keys, map_record
from specbridge.runtime.decide.merge import SOURCE, TARGET
from specbridge.runtime.decide.paths import Place, holds, plain, read_place
from specbridge.runtime.decide.units import Unit, concerns
from specbridge.runtime.flow import AnyFlow, Condition, CreationRule, LinkKeys, Side
from specbridge.runtime.references import References

KeyDigest = tuple[int, int]
"""Rule and digest of what a record matches by; unique properties have rules below 0."""

PairingSide = tuple[int, int]
"""A pairing's number, and a side of it."""

FullName = tuple[str, str]
"""A flow's package and name: two packages may have flows of one name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BoundFlow:
    """A pairing with its units, and for each side (source, target) what the run needs of it.

    `parts` are the flows between its two resources, all faced as the pairing is, in the order of
    their preference; `flow` says what they say together, and is the flow itself where it is the only
    one. `packages` name for each part the package that states it, `turned` those that state it from the
    other side, `shape` is a digest of what they say.
    `resources` are the store's numbers, `creations` says for each side when a record of it gets a
    counterpart, by part, `unique` holds each side's places whose property is unique, `required` those that a
    new record must have; all source places of a unit count. `fixed` are the units of rows that
    are held both ways, and whose value a new record is given all the same. `closing` are for each side the
    places that only rows give which are held because they close a circle. `guarded`: not every
    unit is about every pair. `whole`: all records of both resources take part in the pairing.
    `referring` are all units, fixed or not, that hold references.
    """

    number: int
    flow: AnyFlow
    parts: tuple[AnyFlow, ...]
    packages: tuple[str, ...]
    shape: str
    units: tuple[Unit, ...]
    resources: tuple[int, int]
    creations: tuple[tuple[CreationRule, ...], tuple[CreationRule, ...]]
    unique: tuple[tuple[tuple[int, Place], ...], tuple[tuple[int, Place], ...]]
    fixed: tuple[Unit, ...]
    closing: tuple[tuple[Place, ...], tuple[Place, ...]]
    guarded: bool
    whole: bool
    referring: tuple[Unit, ...]
    required: tuple[tuple[Place, ...], tuple[Place, ...]]
    turned: frozenset[FullName] = frozenset()

    @property
    def name(self) -> str:
        """Return the flow's name."""
        return self.flow.name

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of all flows that are part of it."""
        return tuple(part.name for part in self.parts)

    @property
    def ends(self) -> Ends:
        """Return the resources of its source and target, by system and name."""
        return ends_of(self.flow)

    @property
    def full_names(self) -> tuple[FullName, ...]:
        """Return the packages and names of all flows that are part of it."""
        return tuple(zip(self.packages, self.names, strict=True))

    def owner(self, unit: Unit) -> FullName:
        """Return the flow whose settings hold for a unit: the first that states it."""
        if len(self.parts) == 1:
            return self.packages[0], self.flow.name
        return next(
            name
            for name, part in zip(self.full_names, self.parts, strict=True)
            if any(row.target == unit.target.path for row in part.properties)
        )

    @property
    def waits(self) -> bool:
        """Return whether its records may have to wait for others to be linked."""
        return bool(self.referring) or any(rule.reference for rule in self.flow.link_rules)

    def side(self, side: int) -> Side:
        """Return the flow's source or target."""
        return self.flow.source if side == SOURCE else self.flow.target

    def concerned(self, source: Mapping[str, Json], target: Mapping[str, Json]) -> tuple[Unit, ...]:
        """Return the units that are about a pair of records."""
        if not self.guarded:
            return self.units
        return tuple(unit for unit in self.units if concerns(unit, source, target))

    def includes(self, side: int, properties: Mapping[str, Json]) -> bool:
        """Return whether a record of the side's resource takes part in the pairing."""
        return any(_takes(part, side, properties) for part in self.parts)

    def parts_of(
        self, source: Mapping[str, Json], target: Mapping[str, Json]
    ) -> tuple[AnyFlow, ...]:
        """Return the flows that are about both records of a pair."""
        if len(self.parts) == 1 and self.whole:
            return self.parts
        return tuple(
            part
            for part in self.parts
            if _takes(part, SOURCE, source) and _takes(part, TARGET, target)
        )

    def parts_about(self, side: int, properties: Mapping[str, Json]) -> tuple[AnyFlow, ...]:
        """Return the flows that are about a record of a side, whatever its counterpart is."""
        return tuple(part for part in self.parts if _takes(part, side, properties))

    def rule_takes(self, rule: int, side: int, properties: Mapping[str, Json]) -> bool:
        """Return whether a record of a side is within the subset of the flow that states a link rule."""
        stating = [part for part in self.parts for _ in part.link_rules]
        return _takes(stating[rule], side, properties)

    def calls_for(self, side: int, properties: Mapping[str, Json]) -> Iterator[CreationRule]:
        """Yield the rules by which a record of a side may get a counterpart."""
        for part, rule in zip(self.parts, self.creations[side], strict=True):
            if _takes(part, side, properties):
                yield rule

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
        if len(self.parts) == 1:
            return _keys_of(self.parts[0], side, properties)
        return tuple(key for part in self.parts for key in _keys_of(part, side, properties))


def map_across(
    parts: Sequence[AnyFlow], side: int, properties: Mapping[str, Json], references: References
) -> Mapping[str, Json]:
    """Return what the other side is to hold for a record of a side, by these flows together.

    Raises ConversionError as map_record does.
    """
    if len(parts) == 1:
        only = parts[0]
        return map_record(
            only.to_target if side == SOURCE else only.to_source, properties, references
        )
    mappers = [part.to_target if side == SOURCE else part.to_source for part in parts]
    return put_together([map_record(mapper, properties, references) for mapper in mappers])


def _subset_of(part: AnyFlow, side: int) -> Condition | None:
    return part.source.subset if side == SOURCE else part.target.subset


def _takes(part: AnyFlow, side: int, properties: Mapping[str, Json]) -> bool:
    subset = _subset_of(part, side)
    return subset is None or holds(subset, properties)


def _keys_of(part: AnyFlow, side: int, properties: Mapping[str, Json]) -> LinkKeys:
    # A rule links within its own flow's subsets; the others' keeps its place all the same.
    if not part.link_rules or not _takes(part, side, properties):
        return (None,) * len(part.link_rules)
    return make_keys(part.source_keys if side == SOURCE else part.target_keys, properties)


@dataclass(frozen=True, slots=True, kw_only=True)
class BoundResource:
    """A resource that flows use: its number in the store, what is read of it, and who uses it.

    `names` are the top-level properties that are read, and the dotted paths of what is used below them,
    for all flows that the store knows; `uses` are
    the pairings that are bound, with their sides, `sides` those of the whole store, by number;
    `connections` the resources and paths by which its records call for others to be created. `company` is the
    name of whose it is: of accounts that companies share, each has its own records; "": there is one company.
    """

    number: int
    key: ResourceKey
    names: frozenset[str]
    definition: Resource | None
    uses: tuple[tuple[BoundFlow, int], ...]
    sides: tuple[PairingSide, ...]
    connections: tuple[tuple[int, Path], ...]
    shape: str
    company: str = ""

    @property
    def name(self) -> str:
        """Return the resource's name in its profile."""
        return self.key[1]

    @property
    def matched_by(self) -> frozenset[str]:
        """Return the top-level properties by which its records match, or call for others to be created."""
        found = {path for _, path in self.connections}
        for flow, side in self.uses:
            places = [place for _, place in flow.unique[side]]
            found.update(place.path for place in places)
            found.update(guard.path for place in places for guard in place.guards)
            for part in flow.parts:
                found.update(r.source if side == SOURCE else r.target for r in part.link_rules)
                if (subset := _subset_of(part, side)) is not None:
                    found.add(subset.path)
        return frozenset(plain(path[0]) for path in found)


class StoredPairing(NamedTuple):
    """A pairing as the store has it: the numbers of its resources, and the shape last looked at."""

    number: int
    resources: tuple[int, int]
    shape: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BoundCompany:
    """What a run works on: the pairings of its packages in run order, and the resources they use.

    `resources` are by number, `numbers` those of all that the store knows, by system and name.
    `pairings` are all of the company, bound or not; `circles` those of them, in groups, round which a
    record may meet another one of its own resource.
    """

    number: int
    name: str
    packages: tuple[str, ...]
    flows: tuple[BoundFlow, ...]
    resources: Mapping[int, BoundResource]
    numbers: Mapping[ResourceKey, int]
    pairings: Mapping[int, StoredPairing]
    circles: tuple[frozenset[int], ...] = ()

    def between(self, one: ResourceKey, other: ResourceKey) -> StoredPairing | None:
        """Return the pairing of two resources, None where there is none."""
        wanted = {self.numbers.get(one), self.numbers.get(other)}
        return next((p for p in self.pairings.values() if set(p.resources) == wanted), None)

    def circle_of(self, pairing: int) -> frozenset[int]:
        """Return the pairings on a circle with this one, itself included; none if it is on no circle."""
        return next((circle for circle in self.circles if pairing in circle), frozenset())


@dataclass(frozen=True, slots=True, kw_only=True)
class Reads:
    """What a flow reads of a resource: properties, and which references call for whose creation."""

    key: ResourceKey
    names: frozenset[str]
    connections: tuple[tuple[ResourceKey, Path], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """The store's numbers of a company, its pairings, and its resources by system and name.

    A pairing to be bound stands as its number, the ends that it is faced to, and its flows as they are
    stated. `stored` are all pairings of the company, `reads` what the flows of other packages read.
    """

    company: int
    pairings: Sequence[tuple[int, Ends, Sequence[Stated]]]
    resources: Mapping[ResourceKey, int]
    stored: Sequence[StoredPairing] = ()
    reads: Sequence[Reads] = ()


def digest_number(text: str) -> int:
    """Return 64 bits that stand for a text: the store keeps no second copy of people's details."""
    # Half of a surrogate pair may come as JSON; signed, because both databases' BIGINT is.
    digest = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


def unique_digest(value: object) -> int:
    """Return the digest of a unique value: what makes no other key makes no other value of it."""
    # Zendesk trims a name before it looks whether it is taken; capitals make no other address.
    return digest_number(fold_text(as_text(value)))


def place_of(unit: Unit, side: int, shown: int = 0) -> Place:
    """Return where a unit is on one side; on the source, its preferred property, or the one of this index."""
    return unit.sources[shown] if side == SOURCE else unit.target
