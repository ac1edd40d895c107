"""The audit: each statement of a document checked on what both systems hold now.

It reads everything afresh into a scratch store and writes nothing. A pair of which a record is gone,
a reference that waits for a link, and a record that is ambiguous cannot be checked: they are counted.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from specbridge.model.profile import Profile
from specbridge.model.values import CreationPolicy, Direction
from specbridge.runtime.decide.binding import BoundFlow
from specbridge.runtime.decide.merge import SOURCE, TARGET
from specbridge.runtime.decide.options import RunOptions
from specbridge.runtime.decide.paths import dotted, make_place
from specbridge.runtime.decide.plan import Pair
from specbridge.runtime.engine.accounts import check_accounts
from specbridge.runtime.engine.auditing.findings import (
    Called,
    Count,
    Finding,
    check_units,
    check_unlinked,
    explain,
    waiting_finding,
)
from specbridge.runtime.engine.auditing.left import count_left_over, find_left_over
from specbridge.runtime.engine.auditing.naming import Naming
from specbridge.runtime.engine.auditing.texts import creation_text
from specbridge.runtime.engine.beginning import Task, begin_session
from specbridge.runtime.engine.changing.pairs import plan_pairs, read_unsettled
from specbridge.runtime.engine.linking.claiming import share_accounts
from specbridge.runtime.engine.linking.settling import settle
from specbridge.runtime.engine.reading import catch_up, read_resources
from specbridge.runtime.engine.session import Edges, Session
from specbridge.runtime.engine.standing import in_stated_order
from specbridge.runtime.flow import AnyFlow, PropertyMapping, Side
from specbridge.runtime.reports.audit_reasons import Reason
from specbridge.runtime.reports.audit_report import (
    AuditedFlow,
    AuditedSide,
    AuditReport,
    Example,
    LeftOver,
    ReadCount,
    Statement,
    Withheld,
)
from specbridge.runtime.store.engine import Store, store_errors
from specbridge.runtime.store.history.auditing import last_sync, records_read
from specbridge.runtime.store.leftover.summary import count_all_links
from specbridge.runtime.store.linking.links import Span, read_batches
from specbridge.runtime.store.linking.matching import matched_links
from specbridge.runtime.store.seen.queue import queue_all, queue_end

MOST_EXAMPLES = 10
"""Records or pairs that are named of each statement, unless more are asked for."""


@dataclass(slots=True)
class _Counts:
    """What was found of one flow so far: of its creations by side, its units by key, what waits."""

    most: int
    created: tuple[Count, Count]
    waiting: Count
    units: dict[str, Count] = field(default_factory=dict)

    def unit(self, key: str) -> Count:
        return self.units.setdefault(key, Count(self.most))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Audited:
    """A flow with what was found of it."""

    flows: Sequence[AuditedFlow]
    statements: Sequence[Statement]
    left: LeftOver


def run_audit(
    task: Task, store: Store, edges: Edges, options: RunOptions, examples: int = MOST_EXAMPLES
) -> AuditReport:
    """Check every statement of the task's flows; `store` must be a scratch store.

    So many `examples` of each statement are kept at most. Raises ApiError where a system cannot be read.
    """
    assert store.scratch
    with store_errors():
        # Forced, because nothing is written: a guard would only keep the findings back.
        fresh = replace(options, full=True, force=True)
        session = begin_session(task, store, edges, fresh, "audit")
        company, began = session.company, edges.clock()
        after = last_sync(session.connection, company.number)
        session.flows = tuple(flow for flow in company.flows if task.runs(flow))
        # Of another account the document says nothing: what is linked is not there.
        check_accounts(session, force=False)
        share_accounts(session, company.resources.values())
        catch_up(session)
        read_resources(session, company.resources.values())
        span = _queue_everything(session)
        # What it would link now should have been linked already.
        settle(session, session.flows, span)
        flows = in_stated_order(session.flows)
        found = [_Auditor(session, flow, span, task.profiles, examples).audit() for flow in flows]
        return AuditReport(
            package=", ".join(company.packages),
            statements=tuple(item for one in found for item in one.statements),
            left_over=tuple(one.left for one in found),
            flows=tuple(flow for one in found for flow in one.flows),
            read=tuple(_read(session)),
            at=began,
            after=after,
        )


def _queue_everything(session: Session) -> Span:
    """Queue every record, where the reading has queued only what differs from the store's."""
    for flow in session.flows:
        queue_all(session.connection, flow)
    end = queue_end(session.connection, [flow.number for flow in session.flows])
    return Span(after=0, end=end, size=session.options.batch)


def _read(session: Session) -> Iterator[ReadCount]:
    used = {number for flow in session.flows for number in flow.resources}
    counts = records_read(session.connection, used)
    for number, resource in session.company.resources.items():
        if number in used:
            system, name = resource.key
            yield ReadCount(system=system, resource=name, records=counts.get(number, 0))


class _Auditor:
    """Audits one pairing: every record of it, then what its flows state."""

    def __init__(
        self,
        session: Session,
        flow: BoundFlow,
        span: Span,
        profiles: Mapping[str, Profile],
        most: int,
    ) -> None:
        self._session = session
        self._flow = flow
        self._span = span
        self._profiles = profiles
        self._called: Called = (self._call(flow.flow.source), self._call(flow.flow.target))
        self._counts = _Counts(most, (Count(most), Count(most)), Count(most))
        self._naming = Naming(session, flow)

    def audit(self) -> _Audited:
        session, flow, counts = self._session, self._flow, self._counts
        subject = f"check {flow.name}"
        session.edges.expect(subject, lambda: 0)
        for side in (SOURCE, TARGET):
            for batch in read_batches(session.connection, flow, side, self._span):
                terms = self._called, counts.created[side]
                check_unlinked(session, flow, side, batch.unlinked, terms)
                self._check_pairs(batch.pairs)
                session.edges.progress(subject, len(batch.pairs) + len(batch.unlinked))
        left = count_left_over(session, flow, counts.waiting)
        linked = count_all_links(session.connection, flow.number) - left.vanished
        for side in (SOURCE, TARGET):
            # Every link of two that are there is a counterpart, whoever made it.
            counts.created[side].holds = linked
        kept = find_left_over(session, flow, self._called, counts.waiting)
        examples = {name: self._naming.tell(findings) for name, findings in kept.items()}
        return _Audited(
            flows=tuple(self._described(linked)),
            statements=tuple(self._statements()),
            left=replace(left, examples=examples),
        )

    def _check_pairs(self, pairs: Sequence[Pair]) -> None:
        session, flow, counts = self._session, self._flow, self._counts
        left = read_unsettled(session, flow, pairs)
        for pair, plan in plan_pairs(session, flow, pairs, left):
            for wait in plan.waits:
                counts.waiting.fail(waiting_finding(pair, wait, self._called))
            for key, finding in check_units(flow, pair, plan, self._called):
                if finding is None:
                    counts.unit(key).holds += 1
                else:
                    counts.unit(key).fail(finding)

    def _statements(self) -> Iterator[Statement]:
        created = self._counts.created
        matches = iter(range(len(self._flow.flow.link_rules)))
        for package, part in zip(self._flow.packages, self._flow.parts, strict=True):
            for side, creation in ((SOURCE, part.create_target), (TARGET, part.create_source)):
                if creation.policy is not CreationPolicy.NEVER:
                    text = creation_text(part, side)
                    yield self._statement((package, part.name, "created"), text, created[side])
            for rule, number in zip(part.link_rules, matches, strict=False):
                text = rule.statement or f"{dotted(rule.source)} = {dotted(rule.target)}"
                count = self._count_matches(number)
                yield self._statement((package, part.name, "linked"), text, count)
            for row in part.properties:
                yield self._row_statement(package, part, row)

    def _count_matches(self, rule: int) -> Count:
        count = Count(self._counts.most)
        because = explain(Reason.NOT_LINKED, self._called, SOURCE)
        for source, target, made_in in matched_links(
            self._session.connection, self._flow.number, rule
        ):
            # What this very run had to link, no sync had linked.
            if made_in != self._session.run:
                count.holds += 1
            else:
                example = Example(source=source, target=target, because=because)
                count.fail(Finding(example=example, side=SOURCE))
        return count

    def _row_statement(self, package: str, part: AnyFlow, row: PropertyMapping) -> Statement:
        text = row.statement or f"{dotted(row.source)} = {dotted(row.target)}"
        about = package, part.name, "property"
        withheld = tuple(Withheld(code=held.code, reason=held.reason) for held in row.held)
        if row.direction is Direction.NONE:
            found = self._statement(about, text, Count(0))
            return replace(found, held=True, withheld=withheld)
        key = str(make_place(row.target, row.target_conditions))
        return replace(self._statement(about, text, self._counts.unit(key)), withheld=withheld)

    def _statement(self, about: tuple[str, str, str], text: str, count: Count) -> Statement:
        package, flow, kind = about
        return Statement(
            flow=flow,
            package=package,
            kind=kind,
            text=text,
            checked=count.holds + count.fails,
            holds=count.holds,
            fails=count.fails,
            held=False,
            examples=self._naming.tell(count.findings),
        )

    def _described(self, linked: int) -> Iterator[AuditedFlow]:
        for package, part in zip(self._flow.packages, self._flow.parts, strict=True):
            yield AuditedFlow(
                name=part.name,
                package=package,
                document=part.document,
                source=self._side(part.source),
                target=self._side(part.target),
                links=linked,
            )

    def _side(self, side: Side) -> AuditedSide:
        return AuditedSide(
            system=side.system,
            called=self._call(side),
            resource=side.resource,
            label=side.label,
        )

    def _call(self, side: Side) -> str:
        """Return what people call a system: the first label of its profile."""
        profile = self._profiles.get(side.system)
        return profile.labels[0] if profile is not None and profile.labels else side.system
