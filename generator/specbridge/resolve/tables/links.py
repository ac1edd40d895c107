"""Link rules bound to both APIs, and the pairs of resources that flows link."""

from collections.abc import Sequence

from specbridge.errors import Problem
from specbridge.model.resolved import ResolvedLinkRule
from specbridge.resolve.mirror import JoinedFlow, Rule
from specbridge.resolve.problems import problem, reason
from specbridge.resolve.tables.properties import BoundProperty, bind_property
from specbridge.resolve.tables.rows import FlowScope, foreign_ids, reference_of


def linked_pairs(flows: Sequence[JoinedFlow]) -> frozenset[tuple[str, str]]:
    """Return the pairs of resources (source's, target's) whose records the flows link."""
    return frozenset((flow.source.side.resource, flow.target.side.resource) for flow in flows)


def resolve_link_rules(
    rules: Sequence[Rule], scope: FlowScope
) -> tuple[tuple[ResolvedLinkRule, ...], tuple[Problem, ...]]:
    """Return the rules that can match, in their order, and a warning for each that cannot."""
    resolved: dict[object, ResolvedLinkRule] = {}
    problems: list[Problem] = []
    for rule in rules:
        source = bind_property(rule.source, scope.source, scope.symbols)
        target = bind_property(rule.target, scope.target, scope.symbols)
        faults = (*source.faults, *target.faults, *foreign_ids(source, target, scope))
        # A rule that lost a condition would link records that the document keeps apart; two ids
        # of two systems are equal by chance only.
        if faults:
            stated, why = rule.stated, reason(faults[0])
            texts = {"source": stated.source.text, "target": stated.target.text}
            problems.append(problem("W333", stated.where, scope.name, reason=why, **texts))
            continue
        bound = _bind_rule(rule, source, target, scope)
        # Two rules may mean the same properties by other names (an alias): the first counts.
        resolved.setdefault(_key(bound), bound)
    return tuple(resolved.values()), tuple(problems)


def _bind_rule(
    rule: Rule, source: BoundProperty, target: BoundProperty, scope: FlowScope
) -> ResolvedLinkRule:
    ends, cells = (source.property, target.property), (rule.stated.source, rule.stated.target)
    definitions = [end.definition for end in ends if end.definition]
    return ResolvedLinkRule(
        source=source.property,
        target=target.property,
        # One side is enough: where a system takes `A@x` and `a@x` for one, so must the match.
        case_insensitive=any(one.case_insensitive for one in definitions),
        reference=reference_of(*ends, scope.linked),
        statement=" | ".join(" ".join(cell.text.split()) for cell in cells),
        where=rule.stated.where,
    )


def _key(rule: ResolvedLinkRule) -> object:
    source, target = rule.source, rule.target
    return source.path, repr(source.conditions), target.path, repr(target.conditions)
