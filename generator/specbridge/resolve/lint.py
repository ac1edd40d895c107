"""The documents against themselves, their mirrors and the APIs: what only `lint` tells."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from specbridge.errors import Problem
from specbridge.model.profile import Profile, Resource
from specbridge.model.resolved import (
    CreationRule,
    ResolvedFlow,
    ResolvedMapping,
    ResolvedPackage,
    ResolvedProperty,
    ResolvedSide,
)
from specbridge.model.values import CreationPolicy, Direction, Path
from specbridge.resolve.circles import closing_rows, tell_closing
from specbridge.resolve.problems import in_order, problem
from specbridge.resolve.repeats import joins_itself
from specbridge.resolve.systems.sides import find_resource
from specbridge.settings import ConflictPolicy, Policies, Settings, flow_policies

_DEFAULTS = Settings()


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldRow:
    """A row that is not kept equal in a direction, as `lint --json` lists it."""

    flow: str
    source: str
    target: str
    direction: Direction
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Way:
    """One direction of a flow: where records go, and when they are created there."""

    flow: ResolvedFlow
    direction: Direction
    into: ResolvedSide
    rule: CreationRule
    resource: Resource | None

    def ends(self, row: ResolvedMapping) -> tuple[ResolvedProperty, ResolvedProperty]:
        """Return the property that is read and the one that is written."""
        if self.direction is Direction.TO_TARGET:
            return row.source, row.target
        return row.target, row.source

    def rows(self) -> list[ResolvedMapping]:
        """Return the rows that a record created this way gets."""
        # A row held for changes (W403) still gives its value to a record that is created.
        ways = (self.direction, Direction.BOTH)
        return [
            row for row in self.flow.mappings if row.direction in ways or row.create_only in ways
        ]


def lint_packages(
    packages: Sequence[ResolvedPackage],
    profiles: Mapping[str, Profile],
    settings: Settings = _DEFAULTS,
) -> tuple[Problem, ...]:
    """Return all problems by package, in their order, those of reading and resolving included."""
    closing = closing_rows(packages)
    told: list[Problem] = []
    for package in packages:
        found = [*package.problems, *package.remarks]
        found += [tell_closing(one) for one in closing if one.held.package == package.name]
        for flow in package.flows:
            policies = flow_policies(settings, package.name, flow.name)
            found += _flow_problems(flow, package.flows, profiles, policies)
        told += in_order(found)
    return tuple(told)


def held_rows(packages: Sequence[ResolvedPackage]) -> tuple[HeldRow, ...]:
    """Return every held row, by package, flow in run order and row; texts as documents have.

    Those that close circles come last.
    """
    held = [
        _held_row(flow, row, one.direction, one.code)
        for package in packages
        for flow in package.flows
        for row in flow.mappings
        for one in row.held
    ]
    closing = [one.held for one in closing_rows(packages)]
    held += [_held_row(one.flow, one.row, one.row.direction, "W431") for one in closing]
    return tuple(held)


def _held_row(flow: ResolvedFlow, row: ResolvedMapping, direction: Direction, code: str) -> HeldRow:
    return HeldRow(
        flow=flow.name,
        source=row.source.text,
        target=row.target.text,
        direction=direction,
        code=code,
    )


def _flow_problems(
    flow: ResolvedFlow,
    flows: Sequence[ResolvedFlow],
    profiles: Mapping[str, Profile],
    policies: Policies,
) -> Iterator[Problem]:
    yield from _link_problems(flow)
    yield from _doubling_problems(flow, flows)
    ways = list(_ways(flow, profiles))
    for way in ways:
        yield from _creation_problems(way)
        yield from _length_problems(way)
    yield from _instant_problems(flow, ways, policies)


def _ways(flow: ResolvedFlow, profiles: Mapping[str, Profile]) -> Iterator[_Way]:
    for direction, into, rule in (
        (Direction.TO_TARGET, flow.target, flow.to_target),
        (Direction.TO_SOURCE, flow.source, flow.to_source),
    ):
        profile = profiles.get(into.system)
        resource = find_resource(profile, into.resource) if profile and into.known else None
        yield _Way(flow=flow, direction=direction, into=into, rule=rule, resource=resource)


def _creation_problems(way: _Way) -> Iterator[Problem]:
    if way.resource is None or way.rule.policy is CreationPolicy.NEVER:
        return
    values = {"resource": way.resource.name, "system": way.into.label}
    # Without such a call what it would need says nothing more.
    if way.resource.create is None and way.resource.create_many is None:
        yield problem("W428", way.flow.where, way.flow.name, **values)
        return
    for path in _missing(way.resource, way):
        texts = {"path": ".".join(path), **values}
        yield problem("W421", way.flow.where, way.flow.name, **texts)
    yield from _unique_problems(way)


def _missing(resource: Resource, way: _Way) -> Iterator[Path]:
    call = resource.create or resource.create_many
    supplied = {way.ends(row)[1].path for row in way.rows()}
    # A profile's constants, and what makes a record one of the subset, are sent without a row.
    supplied |= {(name,) for name in (call.constants if call else ())}
    predicate = way.into.predicate
    if predicate is not None:
        supplied.add(predicate.path)
    due = [one.path for one in resource.properties if one.required]
    due += list(predicate.required) if predicate else []
    for path in dict.fromkeys(due):
        # The parts of an object are due only once a part of it is sent.
        sent = any(other[:-1] == path[:-1] for other in supplied)
        if path not in supplied and (len(path) == 1 or sent):
            yield path


def _unique_problems(way: _Way) -> Iterator[Problem]:
    for row in way.rows():
        read, written = way.ends(row)
        if not (written.definition and written.definition.unique):
            continue
        if read.definition is None or not read.definition.unique:
            values = {"path": ".".join(written.path), "resource": way.into.resource}
            texts = {"source": ".".join(read.path), **values}
            yield problem("W423", row.where, way.flow.name, **texts)


def _length_problems(way: _Way) -> Iterator[Problem]:
    for row in way.rows():
        read, written = way.ends(row)
        most = written.definition.max_length if written.definition else None
        own = read.definition.max_length if read.definition else None
        # A reference is translated to an id of the other system: the source's length says nothing.
        if most is not None and (own is None or own > most) and row.reference is None:
            values = {"path": ".".join(written.path), "resource": way.into.resource}
            texts = {"source": ".".join(read.path), "length": most, **values}
            yield problem("W422", row.where, way.flow.name, **texts)


def _link_problems(flow: ResolvedFlow) -> Iterator[Problem]:
    policies = {flow.to_target.policy, flow.to_source.policy}
    if not flow.link_rules and policies == {CreationPolicy.NEVER}:
        sides = {"source": flow.source.datatype, "target": flow.target.datatype}
        yield problem("W427", flow.where, flow.name, **sides)


def _doubling_problems(flow: ResolvedFlow, flows: Sequence[ResolvedFlow]) -> Iterator[Problem]:
    """Yield a warning where records are created that nothing compares with those that are there."""
    ends = _ends(flow)
    # What cannot run creates nothing; that it cannot is told already.
    if not flow.runnable:
        return
    # Flows of one pair work as one: a rule of any of them links for all.
    if any(other.link_rules for other in flows if _ends(other) == ends) or joins_itself(flow):
        return
    ways = ((flow.to_target, flow.source, flow.target), (flow.to_source, flow.target, flow.source))
    for rule, here, there in ways:
        if rule.policy is CreationPolicy.ALWAYS:
            sides = {"source": here.datatype, "target": there.datatype}
            yield problem("W429", flow.where, flow.name, **sides)


def _instant_problems(
    flow: ResolvedFlow, ways: Sequence[_Way], policies: Policies
) -> Iterator[Problem]:
    """Yield a warning for each side of which `latest` cannot know when a record was modified."""
    used = {policies.conflicts, *policies.properties.values()}
    both = any(row.direction is Direction.BOTH for row in flow.mappings)
    # Only a property that both sides may change can be changed on both.
    if ConflictPolicy.LATEST not in used or not both or not flow.runnable:
        return
    for way in ways:
        if way.resource is not None and not way.resource.modified_at:
            values = {"resource": way.resource.name, "system": way.into.label}
            yield problem("W432", flow.where, flow.name, **values)


def _ends(flow: ResolvedFlow) -> frozenset[tuple[str, str]]:
    return frozenset((side.system, side.resource) for side in (flow.source, flow.target))
