"""Documents and profiles become packages of resolved flows: the way in to this room."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from specbridge.errors import Location, Problem, Severity
from specbridge.model.document import Document
from specbridge.model.profile import Profile
from specbridge.model.resolved import CreationRule, ResolvedFlow, ResolvedPackage
from specbridge.model.values import CreationPolicy, Direction
from specbridge.resolve.creation import resolve_creation
from specbridge.resolve.mirror import BoundFlow, JoinedFlow, join_flows
from specbridge.resolve.order import circle_problems, run_order
from specbridge.resolve.problems import file_name, in_order, problem
from specbridge.resolve.repeats import once_told, settle_repeats
from specbridge.resolve.systems.labels import (
    SIDES,
    System,
    document_systems,
    flow_system,
    label_problems,
)
from specbridge.resolve.systems.names import module_name, slug, unique_names
from specbridge.resolve.systems.sides import bind_side, side_problems
from specbridge.resolve.systems.symbols import symbols_of
from specbridge.resolve.tables.links import linked_pairs, resolve_link_rules
from specbridge.resolve.tables.rows import FlowScope, resolve_row
from specbridge.resolve.tables.shapes import fitting_rows
from specbridge.resolve.unwritten import say_unwritten
from specbridge.resolve.verify import (
    verify_flow_settings,
    verify_package_settings,
    verify_settings,
)
from specbridge.settings import Settings, flow_settings


@dataclass(frozen=True, slots=True, kw_only=True)
class _Named:
    """A document whose systems are known."""

    document: Document
    source: System
    target: System

    @property
    def pair(self) -> tuple[str, str]:
        return self.source.name, self.target.name


@dataclass(frozen=True, slots=True, kw_only=True)
class _Group:
    """The documents of one package: the first by file name, and its mirror."""

    first: _Named
    mirror: _Named | None = None


def resolve_packages(
    documents: Sequence[Document], settings: Settings, profiles: Mapping[str, Profile]
) -> tuple[ResolvedPackage, ...]:
    """Return a package per pair of systems, whatever order the documents come in.

    Mirror documents make one package, named after the one whose file name sorts first. A package
    with a problem of severity error holds what could be resolved, and must not be written. Raises
    SettingsError where the settings name a profile, a resource, a flow of one of the packages or a
    property of such a flow that there is not.
    """
    verify_settings(settings, profiles)
    named: list[_Named] = []
    stopped: list[ResolvedPackage] = []
    # By file name before path: where a team keeps its documents must not change what is generated.
    for document in sorted(documents, key=lambda one: (file_name(one.path), one.path)):
        source, target = document_systems(document, settings, profiles)
        if source and target:
            named.append(_Named(document=document, source=source, target=target))
        else:
            stopped.append(_nameless(document, (source, target)))
    groups, doubles = _groups(named)
    packages = [_resolve_group(group, settings, profiles) for group in groups]
    others = [*stopped, *doubles]
    # The stopped ones come last, so that none of them takes the name of a package that is written.
    names = unique_names(package.name for package in (*packages, *others))
    resolved = [
        replace(one, name=name) for one, name in zip((*packages, *others), names, strict=True)
    ]
    return (*map(say_unwritten, resolved[: len(packages)]), *resolved[len(packages) :])


def _nameless(document: Document, systems: tuple[System | None, System | None]) -> ResolvedPackage:
    where = Location(document.path, 1)
    unnamed = [side for side, system in zip(SIDES, systems, strict=True) if system is None]
    # Nothing more is to be said of a file that could not be opened or made out.
    grave = any(one.severity is Severity.ERROR for one in document.problems)
    unread = grave and not document.flows
    name = file_name(document.path)
    faults = [problem("E301", where, side=side, document=name) for side in unnamed if not unread]
    return _stopped(document, faults)


def _stopped(document: Document, faults: Sequence[Problem]) -> ResolvedPackage:
    name = file_name(document.path)
    return ResolvedPackage(
        name=module_name(name.rpartition(".")[0] or name),
        documents=(name,),
        flows=(),
        problems=in_order((*document.problems, *faults)),
    )


def _groups(documents: Sequence[_Named]) -> tuple[list[_Group], list[ResolvedPackage]]:
    """Return the documents by package, and those that say again what another says."""
    groups: dict[tuple[str, str], _Group] = {}
    doubles: list[ResolvedPackage] = []
    for one in documents:
        # One system on both sides is its own mirror: the next of that pair is a double.
        turned = one.pair[::-1]
        if one.pair not in groups and turned not in groups:
            groups[one.pair] = _Group(first=one)
        elif one.pair not in groups and groups[turned].mirror is None:
            groups[turned] = replace(groups[turned], mirror=one)
        else:
            before = groups[one.pair].first if one.pair in groups else groups[turned].mirror
            assert before is not None
            other = file_name(before.document.path)
            name = file_name(one.document.path)
            fault = problem("E302", Location(one.document.path, 1), other=other, document=name)
            doubles.append(_stopped(one.document, [fault]))
    return list(groups.values()), doubles


def _resolve_group(
    group: _Group, settings: Settings, profiles: Mapping[str, Profile]
) -> ResolvedPackage:
    members = [member for member in (group.first, group.mirror) if member]
    name = "_".join(
        module_name(slug(system.label)) for system in (group.first.source, group.first.target)
    )
    joined = join_flows(
        _bind_flows(group.first, settings, profiles),
        _bind_flows(group.mirror, settings, profiles) if group.mirror else (),
        tuple(file_name(member.document.path) for member in members),
    )
    names = unique_names(module_name(flow.name) for flow in joined)
    joined = tuple(replace(one, name=own) for one, own in zip(joined, names, strict=True))
    # Before any flow is resolved: a row may refer to what a later flow links.
    linked = linked_pairs(joined)
    verify_package_settings(settings, name, names)
    results = [_resolve_flow(flow, linked, name, settings) for flow in joined]
    flows, repeats = settle_repeats([flow for flow, _ in results])
    problems = [fault for member in members for fault in _problems(member, settings, profiles)]
    problems += [fault for _, faults in results for fault in faults]
    told = once_told((*problems, *repeats, *circle_problems(flows)))
    return ResolvedPackage(
        name=name,
        documents=tuple(file_name(member.document.path) for member in members),
        flows=run_order(flows),
        problems=in_order(_once(told)),
        remarks=_remarks(joined, members, told),
    )


def _remarks(
    joined: Sequence[JoinedFlow], members: Sequence[_Named], problems: Sequence[Problem]
) -> tuple[Problem, ...]:
    """Return where the mirror documents disagree, of what is certain about both of them."""
    read = (fault for member in members for fault in member.document.problems)
    # What cannot be read seems to be missing.
    if any(fault.severity is Severity.ERROR for fault in read):
        return ()
    remarks = (one for flow in joined for one in flow.remarks)
    return once_told((*problems, *remarks))[len(problems) :]


def _once(problems: Sequence[Problem]) -> list[Problem]:
    # Both mirror documents would say that the same system has no profile.
    told: set[str] = set()
    kept: list[Problem] = []
    for fault in problems:
        if fault.code != "W303" or fault.message not in told:
            kept.append(fault)
        told.add(fault.message)
    return kept


def _problems(member: _Named, settings: Settings, profiles: Mapping[str, Profile]) -> list[Problem]:
    # W301 says of each blank label how it was read: the reader's W101 would say it twice.
    found = [fault for fault in member.document.problems if fault.code != "W101"]
    systems = (member.source, member.target)
    return found + list(label_problems(member.document, systems, settings, profiles))


def _bind_flows(
    named: _Named, settings: Settings, profiles: Mapping[str, Profile]
) -> list[BoundFlow]:
    return [
        BoundFlow(
            document=named.document,
            flow=flow,
            source=bind_side(
                flow.source, flow_system(flow.source, named.source, settings, profiles), settings
            ),
            target=bind_side(
                flow.target, flow_system(flow.target, named.target, settings, profiles), settings
            ),
        )
        for flow in named.document.flows
        # A flow that cannot be read whole is never generated in part: its document is stopped.
        if flow.readable
    ]


def _resolve_flow(
    joined: JoinedFlow, linked: frozenset[tuple[str, str]], package: str, settings: Settings
) -> tuple[ResolvedFlow, list[Problem]]:
    own = flow_settings(settings, package, joined.name)
    ahead, ahead_faults = resolve_creation(joined.forward, own.when, package, joined.name)
    back, back_faults = resolve_creation(joined.backward, own.when_target, package, joined.name)
    scope = _scope(joined, (ahead, back), linked, settings)
    rows = [resolve_row(row, scope) for row in joined.rows]
    bound = [mapping for mapping, _ in rows]
    mappings, left_out = fitting_rows(list(zip(joined.rows, bound, strict=True)), joined.name)
    rules, rule_faults = resolve_link_rules(joined.link_rules, scope)
    # What is left out is not told to be held as well.
    kept = {id(mapping) for mapping in mappings}
    problems = [*_side_problems(joined), *ahead_faults, *back_faults, *rule_faults, *left_out]
    problems += [fault for mapping, faults in rows if id(mapping) in kept for fault in faults]
    flow = ResolvedFlow(
        name=joined.name,
        document=file_name(joined.lead.document.path),
        source=joined.source.side,
        target=joined.target.side,
        to_target=ahead,
        to_source=back,
        link_rules=rules,
        mappings=mappings,
        statements=_statements(joined),
        runnable=joined.source.certain and joined.target.certain,
        where=joined.lead.flow.where,
    )
    verify_flow_settings(settings, package, flow)
    return flow, problems


def _scope(
    joined: JoinedFlow,
    rules: tuple[CreationRule, CreationRule],
    linked: frozenset[tuple[str, str]],
    settings: Settings,
) -> FlowScope:
    ways = zip((Direction.TO_TARGET, Direction.TO_SOURCE), rules, strict=True)
    return FlowScope(
        name=joined.name,
        source=joined.source,
        target=joined.target,
        symbols=symbols_of(settings, joined.source, joined.target),
        linked=linked,
        creates=frozenset(way for way, rule in ways if rule.policy != CreationPolicy.NEVER),
    )


def _side_problems(joined: JoinedFlow) -> list[Problem]:
    sides = (joined.source, joined.target)
    return [fault for side in sides for fault in side_problems(joined.lead.flow, side)]


def _statements(joined: JoinedFlow) -> tuple[str, ...]:
    halves = [half for half in (joined.forward, joined.backward) if half]
    return tuple(dict.fromkeys(text for half in halves for text in half.flow.statements))
