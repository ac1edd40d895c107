"""The audit: each statement of a document checked on what both systems hold now.

It reads everything afresh into a scratch store and writes nothing. A pair of which a record is gone,
a reference that waits for a link, and a record that is ambiguous cannot be checked: they are counted.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from specbridge.model.values import CreationPolicy, Direction, Json
from specbridge.runtime.decide.binding import BoundFlow
from specbridge.runtime.decide.equality import MISSING, Value
from specbridge.runtime.decide.merge import SOURCE, TARGET
from specbridge.runtime.decide.options import RunOptions
from specbridge.runtime.decide.paths import dotted, make_place, read_place
from specbridge.runtime.decide.plan import Pair, PairPlan
from specbridge.runtime.decide.units import fitting_rows
from specbridge.runtime.engine.accounts import check_accounts
from specbridge.runtime.engine.beginning import Task, begin_session
from specbridge.runtime.engine.changing.creating import Creator
from specbridge.runtime.engine.changing.pairs import plan_pairs, read_unsettled
from specbridge.runtime.engine.linking.settling import settle
from specbridge.runtime.engine.reading import catch_up, read_resources
from specbridge.runtime.engine.session import Edges, Session
from specbridge.runtime.engine.standing import in_stated_order
from specbridge.runtime.flow import AnyFlow, PropertyMapping
from specbridge.runtime.reports.audit_report import AuditReport, Example, LeftOver, Statement
from specbridge.runtime.store.engine import Store, store_errors
from specbridge.runtime.store.leftovers import count_open_conflicts
from specbridge.runtime.store.links import Batch, Span, read_batches
from specbridge.runtime.store.matching import count_candidates, matched_links
from specbridge.runtime.store.queue import queue_all, queue_end
from specbridge.runtime.store.summary import count_all_links, count_vanished

MOST_EXAMPLES = 10


@dataclass(slots=True)
class Count:
    """What was found of one statement so far."""

    holds: int = 0
    fails: int = 0
    examples: tuple[Example, ...] = ()

    def add(self, holds: bool, example: Example) -> None:
        """Count one record or pair; keep the first examples of those that fail."""
        self.holds += holds
        self.fails += not holds
        if not holds and len(self.examples) < MOST_EXAMPLES:
            self.examples = (*self.examples, example)


def run_audit(task: Task, store: Store, edges: Edges, options: RunOptions) -> AuditReport:
    """Check every statement of the task's flows; `store` must be a scratch store.

    Raises ApiError where a system cannot be read.
    """
    assert store.scratch
    with store_errors():
        # Forced, because nothing is written: a guard would only keep the findings back.
        fresh = replace(options, full=True, force=True)
        session = begin_session(task, store, edges, fresh, "audit")
        company = session.company
        session.flows = tuple(flow for flow in company.flows if task.runs(flow))
        # Of another account the document says nothing: what is linked is not there.
        check_accounts(session, force=False)
        catch_up(session)
        read_resources(session, company.resources.values())
        for flow in session.flows:
            # Every record is checked; the reading has queued only what differs from the store's.
            queue_all(session.connection, flow)
        end = queue_end(session.connection, [flow.number for flow in session.flows])
        span = Span(after=0, end=end, size=options.batch)
        # What it would link now should have been linked already.
        settle(session, session.flows, span)
        flows = in_stated_order(session.flows)
        found = [_audit_flow(session, flow, span) for flow in flows]
        return AuditReport(
            package=", ".join(company.packages),
            statements=tuple(item for statements, _ in found for item in statements),
            left_over=tuple(left for _, left in found),
        )


def _audit_flow(session: Session, flow: BoundFlow, span: Span) -> tuple[list[Statement], LeftOver]:
    created = (Count(), Count())
    properties: dict[str, Count] = {}
    waiting = 0
    for side in (SOURCE, TARGET):
        for batch in read_batches(session.connection, flow, side, span):
            _check_unlinked(session, flow, side, batch, created[side])
            waiting += _check_pairs(session, flow, batch.pairs, properties)
    left = _left_over(session, flow, waiting)
    linked = count_all_links(session.connection, flow.number) - left.vanished
    for side in (SOURCE, TARGET):
        # Every link of two that are there is a counterpart, whoever made it.
        created[side].holds = linked
    return list(_statements(session, flow, created, properties)), left


def _left_over(session: Session, flow: BoundFlow, waiting: int) -> LeftOver:
    connection, number = session.connection, flow.number
    return LeftOver(
        flow=flow.name,
        vanished=count_vanished(connection, number, flow.resources),
        open_conflicts=count_open_conflicts(connection, number),
        ambiguous=count_candidates(connection, number),
        waiting=waiting,
    )


def _statements(
    session: Session, flow: BoundFlow, created: tuple[Count, Count], properties: dict[str, Count]
) -> Iterator[Statement]:
    matches = iter(range(len(flow.flow.link_rules)))
    for part in flow.parts:
        for side, creation in ((SOURCE, part.create_target), (TARGET, part.create_source)):
            if creation.policy is not CreationPolicy.NEVER:
                yield _statement(part, "created", _creation_text(part, side), created[side])
        for rule, number in zip(part.link_rules, matches, strict=False):
            text = rule.statement or f"{dotted(rule.source)} = {dotted(rule.target)}"
            yield _statement(part, "linked", text, _count_matches(session, flow, number))
        for row in part.properties:
            yield _property_statement(part, row, properties)


def _check_unlinked(
    session: Session, flow: BoundFlow, side: int, batch: Batch, count: Count
) -> None:
    for record in Creator(session, flow, 1 - side).eligible(batch.unlinked):
        source, target = (record.id, None) if side == SOURCE else (None, record.id)
        count.add(False, Example(source=source, target=target))


def _check_pairs(
    session: Session, flow: BoundFlow, pairs: Sequence[Pair], counts: dict[str, Count]
) -> int:
    """Count what holds of pairs; return how many of their references wait."""
    waiting = 0
    for pair, plan in plan_pairs(session, flow, pairs, read_unsettled(session, flow, pairs)):
        waiting += len(plan.waits)
        checked = _units_checked(flow, pair, plan)
        for key, values, holds in checked:
            example = Example(
                source=pair.source.id,
                target=pair.target.id,
                source_value=values[SOURCE],
                target_value=values[TARGET],
            )
            counts.setdefault(key, Count()).add(holds, example)
    return waiting


def _units_checked(
    flow: BoundFlow, pair: Pair, plan: PairPlan
) -> Iterator[tuple[str, tuple[Json, Json], bool]]:
    waiting = {wait.unit for wait in plan.waits}
    for unit in flow.units:
        if unit.key in waiting or (unit not in plan.concerned and plan.failure is None):
            continue
        rows = fitting_rows(unit, pair.source.properties, pair.target.properties)
        source = read_place(pair.source.properties, unit.sources[(rows or (0,))[0]])
        target = read_place(pair.target.properties, unit.target)
        holds = unit.key in plan.agreed or unit.key in plan.alike
        yield unit.key, (_json(source), _json(target)), holds


def _json(value: Value) -> Json:
    return None if value is MISSING else value


def _count_matches(session: Session, flow: BoundFlow, rule: int) -> Count:
    count = Count()
    for source, target, made_in in matched_links(session.connection, flow.number, rule):
        # What this very run had to link, no sync had linked.
        count.add(made_in != session.run, Example(source=source, target=target))
    return count


def _property_statement(flow: AnyFlow, row: PropertyMapping, counts: dict[str, Count]) -> Statement:
    text = row.statement or f"{dotted(row.source)} = {dotted(row.target)}"
    if row.direction is Direction.NONE:
        return _statement(flow, "property", text, Count(), held=True)
    key = str(make_place(row.target, row.target_conditions))
    return _statement(flow, "property", text, counts.get(key, Count()))


def _creation_text(flow: AnyFlow, side: int) -> str:
    here, there = flow.source.label, flow.target.label
    rule = flow.create_target
    if side == TARGET:
        here, there, rule = there, here, flow.create_source
    for statement in flow.statements:
        # Labels are resolved, statements quote: only the datatype is sure to be in both.
        first, matched, second = statement.partition("will be synchronized with")
        if matched and here.split()[-1] in first and there.split()[-1] in second:
            return statement
    return f"{rule.policy.value}: a {there} for each {here}"


def _statement(
    flow: AnyFlow, kind: str, text: str, count: Count, *, held: bool = False
) -> Statement:
    return Statement(
        flow=flow.name,
        kind=kind,
        text=text,
        checked=count.holds + count.fails,
        holds=count.holds,
        fails=count.fails,
        held=held,
        examples=count.examples,
    )
