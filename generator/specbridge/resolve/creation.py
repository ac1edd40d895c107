"""When a record is created on the other side: the creation sentences bound to the APIs."""

from collections.abc import Iterator

from specbridge.errors import Problem
from specbridge.model.document import Flow
from specbridge.model.profile import Resource
from specbridge.model.resolved import Connection, CreationRule, ResolvedCondition
from specbridge.model.rules import Creation
from specbridge.model.values import CreationPolicy
from specbridge.resolve.mirror import BoundFlow
from specbridge.resolve.problems import problem
from specbridge.resolve.systems.index import find_property
from specbridge.resolve.systems.names import slug
from specbridge.resolve.systems.sides import BoundSide, find_resource
from specbridge.settings import Predicate

NEVER = CreationRule()


def creation_policy(creation: Creation) -> CreationPolicy:
    """Return what the sentences say together.

    *connected* says for which records something is created, so it narrows *match-or-create*.
    """
    # The narrowest sentence first: where several are there, no record too many is created.
    if creation.when is not None:
        return CreationPolicy.WHEN
    if creation.connected is not None:
        return CreationPolicy.CONNECTED
    if creation.every or creation.match_or_create:
        return CreationPolicy.ALWAYS
    return CreationPolicy.NEVER


def resolve_creation(
    bound: BoundFlow | None, when: Predicate | None, package: str, name: str
) -> tuple[CreationRule, tuple[Problem, ...]]:
    """Return when a section's target is created for its source, and what is missing for that."""
    if bound is None:
        return NEVER, ()
    creation = bound.flow.creation
    stated = creation_policy(creation)
    # `when = {}`: the settings say that the document's condition holds for every record.
    lifted = stated is CreationPolicy.WHEN and when == Predicate()
    policy = CreationPolicy.ALWAYS if lifted else stated
    condition = _condition(when, bound.source) if policy is CreationPolicy.WHEN else None
    rule = CreationRule(
        policy=policy,
        connections=_connections(creation, bound.source),
        condition=condition,
        statement=_statement(bound.flow, stated),
    )
    faults = [*_when_problems(rule, bound, when, (package, name))]
    return rule, (*faults, *_connected_problems(rule, bound, name))


def _condition(when: Predicate | None, side: BoundSide) -> ResolvedCondition | None:
    if when is None or not when.path:
        return None
    definition = find_property(side.index, when.path)
    # Without a profile nothing can be checked, and the flow cannot run anyway.
    if definition is None and side.resource is not None:
        return None
    path = definition.path if definition else when.path
    return ResolvedCondition(path=path, value=when.equals, negate=when.negate)


def _connections(creation: Creation, side: BoundSide) -> tuple[Connection, ...]:
    if creation.connected is None or side.profile is None or side.resource is None:
        return ()
    found: dict[Connection, None] = {}
    for datatype in creation.connected.datatypes:
        resource = find_resource(side.profile, datatype)
        found.update(dict.fromkeys(_referring(resource, side.resource.name)))
    return tuple(found)


def _referring(resource: Resource | None, referred: str) -> Iterator[Connection]:
    for definition in resource.properties if resource else ():
        if resource is not None and definition.reference == referred:
            yield Connection(resource=resource.name, path=definition.path)


def _when_problems(
    rule: CreationRule, bound: BoundFlow, when: Predicate | None, names: tuple[str, str]
) -> Iterator[Problem]:
    if rule.policy is not CreationPolicy.WHEN or rule.condition is not None:
        return
    package, name = names
    flow, side = bound.flow, bound.source.side
    if when is not None and when.path:
        values = {"system": side.label, "path": ".".join(when.path), "resource": side.resource}
        yield problem("W401", flow.where, name, **values)
    else:
        prose = flow.creation.when
        yield problem("W351", flow.where, name, when=prose, package=package, section=name)


def _connected_problems(rule: CreationRule, bound: BoundFlow, name: str) -> Iterator[Problem]:
    flow, side = bound.flow, bound.source
    connected = flow.creation.connected
    if connected is None or side.profile is None or side.resource is None:
        return
    known = {slug(connection.resource) for connection in rule.connections}
    for datatype in connected.datatypes:
        resource = find_resource(side.profile, datatype)
        if resource is None or slug(resource.name) not in known:
            values = {"datatype": datatype, "resource": side.side.resource}
            yield problem("W352", flow.where, name, system=side.side.label, **values)


def _statement(flow: Flow, policy: CreationPolicy) -> str:
    for text in flow.statements:
        folded = text.casefold()
        # The policy does not keep its sentence; what creates it is told again by its fixed words.
        starts = policy is CreationPolicy.ALWAYS and folded.startswith("every ")
        creates = "a new " in folded and "will be created" in folded
        connected = policy is CreationPolicy.CONNECTED and "connected to" in folded
        states = policy is CreationPolicy.WHEN and "it will be synchronized with" in folded
        if starts or connected or states or (policy is CreationPolicy.ALWAYS and creates):
            return text
    return ""
