"""Documents and profiles become packages of resolved flows: the way in to this room."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from generator.errors import Location, Problem, Severity
from generator.model.document import Document
from generator.model.profile import Profile
from generator.model.resolved import ResolvedFlow, ResolvedPackage
from generator.model.values import CreationPolicy, Direction
from generator.resolve.creation import resolve_creation
from generator.resolve.links import linked_pairs, resolve_link_rules
from generator.resolve.mirror import BoundFlow, JoinedFlow, join_flows
from generator.resolve.names import module_name, slug, unique_names
from generator.resolve.order import circle_problems, run_order
from generator.resolve.problems import in_order, problem
from generator.resolve.rows import FlowScope, resolve_row
from generator.resolve.shapes import fitting_rows
from generator.resolve.sides import bind_side, side_problems
from generator.resolve.symbols import symbols_of
from generator.resolve.systems import (
    SIDES,
    System,
    document_systems,
    file_name,
    flow_system,
    label_problems,
)
from generator.resolve.verify import verify_settings
from generator.settings import Settings, flow_settings


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
    problems: tuple[Problem, ...] = ()


def resolve_packages(
    documents: Sequence[Document], settings: Settings, profiles: Mapping[str, Profile]
) -> tuple[ResolvedPackage, ...]:
    """Return a package per pair of systems, whatever order the documents come in.

    Mirror documents make one package, named after the one whose file name sorts first. A package
    with a problem of severity error holds what could be resolved, and must not be written. Raises
    SettingsError where the settings name a profile or a resource that there is not.
    """
    verify_settings(settings, profiles)
    named: list[_Named] = []
    packages: list[ResolvedPackage] = []
    for document in sorted(documents, key=lambda one: (file_name(one.path), one.path)):
        source, target = document_systems(document, settings, profiles)
        if source and target:
            named.append(_Named(document=document, source=source, target=target))
        else:
            packages.append(_nameless(document, (source, target)))
    packages += [_resolve_group(group, settings, profiles) for group in _groups(named)]
    names = unique_names(package.name for package in packages)
    return tuple(replace(one, name=name) for one, name in zip(packages, names, strict=True))


def _nameless(document: Document, systems: tuple[System | None, System | None]) -> ResolvedPackage:
    name = file_name(document.path)
    faults = tuple(
        problem("E301", Location(document.path, 1), side=side)
        for side, system in zip(SIDES, systems, strict=True)
        if system is None and not _is_unread(document)
    )
    return ResolvedPackage(
        name=module_name(name.rpartition(".")[0] or name),
        documents=(name,),
        flows=(),
        problems=in_order((*document.problems, *faults)),
    )


def _is_unread(document: Document) -> bool:
    # Nothing more is to be said of a file that could not be opened or made out.
    grave = any(one.severity is Severity.ERROR for one in document.problems)
    return grave and not document.flows


def _groups(documents: Sequence[_Named]) -> list[_Group]:
    groups: dict[tuple[str, str], _Group] = {}
    for one in documents:
        turned = (one.pair[1], one.pair[0])
        other = groups.get(one.pair)
        if other is not None:
            groups[one.pair] = _with_double(other, one)
        elif turned in groups and groups[turned].mirror is None:
            groups[turned] = replace(groups[turned], mirror=one)
        elif turned in groups:
            groups[turned] = _with_double(groups[turned], one)
        else:
            groups[one.pair] = _Group(first=one)
    return list(groups.values())


def _with_double(group: _Group, double: _Named) -> _Group:
    path = double.document.path
    same = group.first.pair == double.pair or group.mirror is None
    other = group.first if same else group.mirror
    assert other is not None
    fault = problem("E302", Location(path, 1), other=file_name(other.document.path))
    return replace(group, problems=(*group.problems, *double.document.problems, fault))


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
    linked = linked_pairs(joined)
    results = [_resolve_flow(flow, linked, name, settings) for flow in joined]
    flows = [flow for flow, _ in results]
    problems = [fault for member in members for fault in _problems(member, settings, profiles)]
    problems += [fault for _, faults in results for fault in faults]
    return ResolvedPackage(
        name=name,
        documents=tuple(file_name(member.document.path) for member in members),
        flows=run_order(flows),
        problems=in_order(_once((*problems, *circle_problems(flows), *group.problems))),
        remarks=tuple(remark for flow in joined for remark in flow.remarks),
    )


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
        if flow.readable
    ]


def _resolve_flow(
    joined: JoinedFlow, linked: frozenset[tuple[str, str]], package: str, settings: Settings
) -> tuple[ResolvedFlow, list[Problem]]:
    own = flow_settings(settings, package, joined.name)
    to_target, missing = resolve_creation(joined.forward, own.when, package, joined.name)
    to_source, missing_back = resolve_creation(
        joined.backward, own.when_target, package, joined.name
    )
    ways = {Direction.TO_TARGET: to_target, Direction.TO_SOURCE: to_source}
    scope = FlowScope(
        name=joined.name,
        source=joined.source,
        target=joined.target,
        symbols=symbols_of(settings.symbols, joined.source.side, joined.target.side),
        linked=linked,
        creates=frozenset(w for w, rule in ways.items() if rule.policy != CreationPolicy.NEVER),
    )
    rows = [resolve_row(row, scope) for row in joined.rows]
    mappings, left_out = fitting_rows([mapping for mapping, _ in rows], joined.name)
    rules, rule_faults = resolve_link_rules(joined.link_rules, scope)
    kept = {id(mapping) for mapping in mappings}
    problems = [*side_problems(joined.lead.flow, joined.source)]
    problems += [*side_problems(joined.lead.flow, joined.target), *missing, *missing_back]
    problems += [*rule_faults, *left_out]
    problems += [fault for mapping, faults in rows if id(mapping) in kept for fault in faults]
    flow = ResolvedFlow(
        name=joined.name,
        document=file_name(joined.lead.document.path),
        source=joined.source.side,
        target=joined.target.side,
        to_target=to_target,
        to_source=to_source,
        link_rules=rules,
        mappings=mappings,
        statements=_statements(joined),
        runnable=joined.source.certain and joined.target.certain,
        where=joined.lead.flow.where,
    )
    return flow, problems


def _statements(joined: JoinedFlow) -> tuple[str, ...]:
    halves = [half for half in (joined.forward, joined.backward) if half]
    return tuple(dict.fromkeys(text for half in halves for text in half.flow.statements))
