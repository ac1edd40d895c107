"""Sides of flows bound to resources: datatypes, and subsets as predicates."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from specbridge.errors import Problem
from specbridge.model.document import Flow, Side
from specbridge.model.profile import Profile, Resource, Subset
from specbridge.model.resolved import ResolvedSide
from specbridge.resolve.problems import problem
from specbridge.resolve.systems.index import PropertyIndex, index_properties
from specbridge.resolve.systems.labels import System
from specbridge.resolve.systems.names import slug
from specbridge.settings import Predicate, Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class BoundSide:
    """A resolved side, and what is known of its API: None where nothing is.

    `explained` says that settings or profile know which records the subset has, be it all of them.
    """

    side: ResolvedSide
    profile: Profile | None
    resource: Resource | None
    index: PropertyIndex | None
    explained: bool

    @property
    def certain(self) -> bool:
        """Return whether it is certain which records the side means."""
        return self.side.known and self.explained


def bind_side(side: Side, system: System, settings: Settings) -> BoundSide:
    """Return the side of a flow, bound to the resource that the profile has for its datatype."""
    resource = find_resource(system.profile, side.datatype) if system.profile else None
    own = _own_subsets(settings, system.name, resource)
    predicate = _predicate(side.subset, resource, own)
    resolved = ResolvedSide(
        system=system.name,
        label=side.label if slug(side.label) else system.label,
        datatype=side.datatype,
        subset=side.subset,
        resource=resource.name if resource else side.datatype,
        known=resource is not None,
        predicate=predicate,
    )
    index = index_properties(resource.properties) if resource else None
    return BoundSide(
        side=resolved,
        profile=system.profile,
        resource=resource,
        index=index,
        # No predicate is none that is known, or the settings' word that all records are meant.
        explained=side.subset is None or predicate is not None or slug(side.subset) in own,
    )


def find_resource(profile: Profile, datatype: str) -> Resource | None:
    """Return the resource that a datatype's name means, letters and digits compared, case aside."""
    wanted = slug(datatype)
    for resource in profile.resources:
        if wanted in {slug(resource.name), *map(slug, resource.datatypes)}:
            return resource
    return None


def side_problems(flow: Flow, bound: BoundSide) -> Iterator[Problem]:
    """Yield a warning where the profile lacks the datatype, or nothing explains the subset."""
    side = bound.side
    if bound.profile is None:
        return
    if bound.resource is None:
        yield problem("W311", flow.where, flow.name, system=side.label, datatype=side.datatype)
    elif not bound.certain:
        yield problem(
            "W312",
            flow.where,
            flow.name,
            datatype=side.datatype,
            subset=side.subset,
            system=side.system,
            resource=side.resource,
        )


def _own_subsets(
    settings: Settings, system: str, resource: Resource | None
) -> Mapping[str, Predicate]:
    if resource is None:
        return {}
    tables = settings.subsets.get(system, {})
    own = (table for name, table in tables.items() if slug(name) == slug(resource.name))
    return {slug(name): predicate for table in own for name, predicate in table.items()}


def _predicate(
    subset: str | None, resource: Resource | None, own: Mapping[str, Predicate]
) -> Subset | None:
    if resource is None:
        return None
    # A side without subset may be one all the same: `Customers` are those that are no persons.
    name = "plain" if subset is None else subset
    # Settings come first: `plain = {}` lifts what the profile narrows.
    if slug(name) in own:
        return _as_subset(name, own[slug(name)], resource)
    if subset is None:
        return resource.plain
    return next((known for known in resource.subsets if slug(known.name) == slug(subset)), None)


def _as_subset(name: str, own: Predicate, resource: Resource) -> Subset | None:
    if not own.path:
        return None
    alike = next((known for known in resource.subsets if slug(known.name) == slug(name)), None)
    return Subset(
        name=name,
        path=own.path,
        equals=own.equals,
        negate=own.negate,
        # Settings say which records; what creating one needs is the API's to say.
        required=alike.required if alike else (),
    )
