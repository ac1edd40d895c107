"""A run: read, settle links, plan, journal, write, take back, until nothing is left to do."""

import gc
from collections.abc import Iterator, Mapping, Set
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial

from specbridge.errors import ApiError, GuardError, HaltedError
from specbridge.runtime.connectors.transport.clock import halted_by
from specbridge.runtime.decide.binding import BoundFlow
from specbridge.runtime.decide.merge import SOURCE, TARGET
from specbridge.runtime.decide.options import RunOptions
from specbridge.runtime.engine.accounts import check_accounts
from specbridge.runtime.engine.beginning import Task, begin_session, leased
from specbridge.runtime.engine.changing.creating import Creator
from specbridge.runtime.engine.changing.guards import check_guards
from specbridge.runtime.engine.changing.merged import follow_merged
from specbridge.runtime.engine.changing.pairs import carry_pairs, queue_decidable, sift_unlinked
from specbridge.runtime.engine.changing.recover import recover_writes
from specbridge.runtime.engine.changing.remembering import remember_writes
from specbridge.runtime.engine.changing.rounds import leave_kept, send_round
from specbridge.runtime.engine.changing.updating import Updates
from specbridge.runtime.engine.changing.vanished import mend_links, relink_left
from specbridge.runtime.engine.dry import DryConnector
from specbridge.runtime.engine.linking.claiming import share_accounts
from specbridge.runtime.engine.linking.referring import defer_waiting
from specbridge.runtime.engine.linking.settling import release_rivals, settle
from specbridge.runtime.engine.pausing import choose_flows
from specbridge.runtime.engine.reading import catch_up, read_resources
from specbridge.runtime.engine.session import Edges, Session, StoppedError, log
from specbridge.runtime.engine.standing import report_ambiguities, report_flows
from specbridge.runtime.engine.waking import take_woken
from specbridge.runtime.records import Usage
from specbridge.runtime.reports.report import Action, Paused, Report, RunOutcome, usage_since
from specbridge.runtime.store.accounts import number_company
from specbridge.runtime.store.engine import Store, store_errors
from specbridge.runtime.store.history.journal import end_run, forget_runs
from specbridge.runtime.store.leasing.leases import check_lease
from specbridge.runtime.store.leftover.leftovers import (
    lettered_sides,
    queue_dead_letters,
    queue_not_shown,
    queue_ready_waits,
    settle_parted,
    wake_dead_letters,
)
from specbridge.runtime.store.linking.links import Span, last_link, read_batches
from specbridge.runtime.store.linking.matching import reconsider
from specbridge.runtime.store.packages import read_followed, save_followed
from specbridge.runtime.store.seen.mentions import queue_mentioned_by_changed, queue_newly_mentioned
from specbridge.runtime.store.seen.queue import clear_queue, queue_end, queue_length

__all__ = ["MOST_PENDING", "Task", "rare_collections", "run_plan", "run_sync"]

MOST_PENDING = 5000
"""Records whose edits are held back, so that edits of several flows become one write."""


def run_sync(
    task: Task, store: Store, edges: Edges, options: RunOptions, *, actions: bool = False
) -> Report:
    """Bring all systems in sync and report; guards and failing APIs are outcomes, not exceptions.

    Raises StoreError where the store fails, StoreBusyError where another process works on the
    company, PackageError where a flow is not there or nothing can run.
    """
    with store_errors(), rare_collections(), leased(task, store, options), halted_by(edges.stop):
        session = begin_session(task, store, edges, options, "sync")
        return _run(task, session, actions=actions)


@contextmanager
def rare_collections() -> Iterator[None]:
    """Have Python look for cycles less often: a run makes many small values, and hardly a cycle."""
    before = gc.get_threshold()
    # 0 means that somebody has switched collections off.
    if before[0]:
        gc.set_threshold(max(before[0], 400_000), *before[1:])
    # What there is already will not become garbage meanwhile.
    gc.freeze()
    try:
        yield
    finally:
        if before[0] and gc.isenabled():
            # What others (SQLAlchemy, say) left in cycles, while only what the run made is looked at:
            # once it is unfrozen, Python counts it as old, and hardly ever looks again.
            gc.collect()
        gc.unfreeze()
        gc.set_threshold(*before)


def run_plan(task: Task, store: Store, edges: Edges, options: RunOptions) -> Report:
    """Report what run_sync would do; `store` must be a scratch store, and nothing is written."""
    assert store.scratch
    with store_errors():
        check_lease(store.connection, number_company(store.connection, task.company))
        dry = {system: DryConnector(one) for system, one in edges.connectors.items()}
        session = begin_session(task, store, replace(edges, connectors=dry), options, "plan")
        return _run(task, session, actions=True)


def _run(task: Task, session: Session, *, actions: bool) -> Report:
    found: list[Action] | None = [] if actions else None
    session.actions = found
    session.flows, paused = choose_flows(task, session)
    # Copies: a connector goes on counting, and may have served runs before.
    before = {system: replace(one.usage) for system, one in session.edges.connectors.items()}
    started = session.edges.clock()
    outcome, error, rounds = RunOutcome.CLEAN, None, _Rounds(session)
    try:
        if paused and not session.flows:
            outcome = RunOutcome.PAUSED
        else:
            check_accounts(session, force=session.options.force)
            share_accounts(session, session.company.resources.values())
            rounds.run()
    except GuardError as failure:
        outcome, error = RunOutcome.GUARD, str(failure)
    except (HaltedError, StoppedError):
        error = "stopped on request; the next run goes on from here"
    except ApiError as failure:
        outcome, error = RunOutcome.FAILED, str(failure)
    return _report(session, before, started, _Ending(outcome, error, rounds.count, paused))


@dataclass(frozen=True, slots=True)
class _Ending:
    outcome: RunOutcome
    error: str | None
    rounds: int
    paused: tuple[Paused, ...]


def _report(
    session: Session, before: Mapping[str, Usage], started: float, ending: _Ending
) -> Report:
    settle_parted(session.connection, [flow.number for flow in session.flows])
    flows = report_flows(session)
    outcome = ending.outcome
    left = any(f.standing.dead_letters or f.standing.open_conflicts for f in flows)
    if outcome is RunOutcome.CLEAN and (left or ending.paused):
        outcome = RunOutcome.LEFT_OVER
    now = session.edges.clock()
    report = Report(
        run=session.run,
        packages=session.company.packages,
        outcome=outcome,
        rounds=ending.rounds,
        seconds=now - started,
        flows=flows,
        requests={
            system: usage_since(one.usage, before[system])
            for system, one in session.edges.connectors.items()
        },
        actions=session.actions,
        ambiguities=report_ambiguities(session),
        error=ending.error,
        paused=ending.paused,
    )
    # Actions quote values; the journal has those, where they can be erased and are forgotten.
    summary = {name: value for name, value in report.as_json().items() if name != "actions"}
    end_run(session.connection, session.run, now, outcome.value, summary)
    forget_runs(session.connection, session.company.number, now - session.options.retention)
    session.store.commit()
    log.info("run ended", outcome=outcome.value, writes=report.writes)
    return report


class _Rounds:
    """The rounds of a run: each deals with what is queued, and queues what follows from it."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._before = 0
        resources = session.company.resources
        numbers = {number for flow in session.flows for number in flow.resources}
        # Read whatever flows run: a new reference in such a record may call for a creation.
        connected = {n for n, r in resources.items() if r.connections}
        self._resources = [resources[number] for number in sorted(numbers | connected)]
        # The others' queues stay as they are: for those runs, nothing has happened yet.
        self._running = [flow.number for flow in session.flows]
        # Linked records that others rival with, by resource and id: asked for once.
        self._asked: set[tuple[int, str]] = set()
        self.count = 0

    def run(self) -> None:
        session = self._session
        self._load_letters()
        # Before recovery, whose links are this run's own and count in no guard.
        self._before = last_link(session.connection)
        remembered = remember_writes(session)
        catch_up(session)
        take_woken(session)
        read_resources(session, self._resources)
        recover_writes(session, remembered)
        queue_mentioned_by_changed(session.connection, session.company)
        self._queue_followers()
        for flow in session.flows:
            queue_decidable(session, flow)
            # What was ambiguous before may be settled by now, though nothing is queued.
            release_rivals(session, flow, self._asked)
        # From the queue's start: what former runs left there is dealt with first.
        after = 0
        for number in range(1, session.options.rounds + 1):
            if queue_end(session.connection, self._running) <= after:
                send_round(session)
            end = queue_end(session.connection, self._running)
            if end <= after:
                break
            self.count = number
            self._run_round(Span(after=after, end=end, size=session.options.batch))
            after = end
        leave_kept(session)

    def _load_letters(self) -> None:
        session = self._session
        numbers = [flow.number for flow in session.company.flows]
        session.lettered = lettered_sides(session.connection, numbers)
        if session.options.full:
            # Who reads everything wants all of it dealt with.
            queue_dead_letters(session.connection, session.company.flows)
        for flow in session.flows:
            for side in (SOURCE, TARGET):
                if (flow.number, side) in session.lettered:
                    queue_not_shown(session.connection, flow, side)

    def _run_round(self, span: Span) -> None:
        session = self._session
        for flow in session.flows:
            follow_merged(session, flow)
        settle(session, session.flows, span)
        settle(session, [f for f in session.flows if release_rivals(session, f, self._asked)], span)
        # Later rounds only follow from what the guards let pass.
        if self.count == 1:
            check_guards(session, span, self._before)
        self._wake_letters(span)
        for flow in session.flows:
            relink_left(session, flow, span)
        session.checkpoint()
        updates = Updates(session)
        done: set[int] = set()
        for flow in session.flows:
            made = sum(session.tallies[flow.number].created)
            self._run_flow(flow, span, updates)
            done.add(flow.number)
            if sum(session.tallies[flow.number].created) > made:
                self._match_created(flow, span, done)
            if session.company.circle_of(flow.number):
                # Planned all at once, two values would go round it for ever: each pairing would see one side changed.
                updates.flush()
        updates.flush()
        self._reconsider(span.end)
        self._queue_followers()
        # One transaction: a crash leaves queued either the round's work, or what follows from it.
        # What was queued meanwhile has higher numbers and stays.
        clear_queue(session.connection, self._running, span.end)
        session.checkpoint()

    def _match_created(self, flow: BoundFlow, span: Span, done: Set[int]) -> None:
        """Match what a pairing created by the others' rules, before the next one creates.

        `done` are the pairings that the round has dealt with.
        """
        session = self._session
        touched = set(flow.resources)
        others = [f for f in session.flows if f is not flow and touched & set(f.resources)]
        if others:
            end = queue_end(session.connection, [other.number for other in others])
            settle(session, others, replace(span, end=max(end, span.end)), done)

    def _run_flow(self, flow: BoundFlow, span: Span, updates: Updates) -> None:
        session = self._session
        subject = f"sync {flow.name}"
        for side in (SOURCE, TARGET):
            # Of a pair that is queued on both sides, the second has nothing left to do.
            queued = partial(queue_length, session.connection, [flow.number], side)
            session.edges.expect(subject, queued)
            creator = Creator(session, flow, 1 - side)
            for batch in read_batches(session.connection, flow, side, span):
                mend_links(session, flow, batch.broken)
                carry_pairs(session, flow, batch.pairs, updates)
                unlinked = sift_unlinked(session, flow, side, batch.unlinked)
                # In a later round what it refers to may never be linked: it is created without.
                if self.count == 1:
                    unlinked = defer_waiting(session, flow, side, unlinked)
                creator.create(unlinked)
                session.edges.progress(subject, len(batch.pairs) + len(batch.unlinked))
                if len(updates) > MOST_PENDING:
                    updates.flush()
                session.checkpoint(lazy=True)

    def _reconsider(self, after: int) -> None:
        """Queue who was ambiguous and is not any more: a write of ours may have changed what it matched."""
        session = self._session
        for flow in session.flows:
            span = Span(after=after, end=after, size=session.options.batch)
            reconsider(session.connection, flow, span)

    def _wake_letters(self, span: Span) -> None:
        """Queue the records of dead letters that are about another record which changed."""
        session = self._session
        for flow in session.flows:
            for side in (SOURCE, TARGET):
                if (flow.number, side) in session.lettered:
                    wake_dead_letters(session.connection, flow, side, span)

    def _queue_followers(self) -> None:
        """Queue what waited for the links made since last time, and what they call for.

        Last time may have been in another run: links are made by hand, too, and runs are killed.
        """
        session, connection = self._session, self._session.connection
        since = read_followed(connection, session.company.number)
        newest = last_link(connection)
        if newest > since:
            queue_ready_waits(connection, session.company, since)
            queue_newly_mentioned(connection, session.company, since)
            save_followed(connection, session.company.number, newest)
