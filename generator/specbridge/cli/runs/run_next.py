"""What to do after a run: what lists the work that is left, what lets a guard pass, what comes next."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from specbridge.cli.next_steps import Step, counted, given
from specbridge.runtime.reports.report import Report, RunOutcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """How a run was asked for: what follows is asked for in the same way.

    `full`: with --full; `planned`: by `plan`.
    """

    package: str | None
    store: str | None
    company: str | None = None
    only: Sequence[str] = ()
    full: bool = False
    planned: bool = False

    def again(self, command: str, *options: str) -> Sequence[str]:
        """Return the words of a command that runs the same."""
        flows = [word for name in self.only for word in ("--flow", name)]
        full = ("--full",) if self.full and command != "audit" else ()
        return (command, *given(self.package, self.store, self.company), *flows, *full, *options)

    def listing(self, *words: str) -> Sequence[str]:
        """Return the words of a command that asks the store about the same package."""
        package = ("--package", self.package) if self.package is not None else ()
        return (*words, *package, *given(store=self.store, company=self.company))


def next_steps(report: Report, call: Call) -> Iterator[Step]:
    """Yield what may be done next, what stops everything else first."""
    for pause in report.paused:
        who = pause.package or "the company"
        words = (pause.package,) if pause.package else ()
        more = given(store=call.store, company=call.company)
        yield Step(f"{who} is paused", ("resume", *words, *more))
    if report.outcome is RunOutcome.GUARD:
        yield from _after_guard(call)
    elif report.outcome is RunOutcome.FAILED:
        yield from _after_failure(call)
    elif report.error is not None:
        yield Step("it was stopped; the next run goes on from there", call.again("sync"))
    elif report.outcome is not RunOutcome.PAUSED:
        yield from _after_run(report, call)


def _after_guard(call: Call) -> Iterator[Step]:
    yield Step("see what would be written, and whether it is meant", call.again("plan", "--force"))
    if not call.planned:
        yield Step("if it is, let it pass", call.again("sync", "--force"))


def _after_failure(call: Call) -> Iterator[Step]:
    if call.package is not None:
        words = ("doctor", *given(call.package, company=call.company))
        yield Step("see what keeps the systems from answering", words)
    yield Step("then go on from there", call.again("plan" if call.planned else "sync"))


def _after_run(report: Report, call: Call) -> Iterator[Step]:
    if call.planned:
        # Of a plan nothing is kept: what it would leave over, no list has yet.
        work = report.writes > 0 or any(flow.tally.linked for flow in report.flows)
        yield Step("bring them in sync", call.again("sync")) if work else _audit(call)
        return
    left = [*_left_over(report, call)]
    yield from left
    if not left:
        yield _audit(call)


def _audit(call: Call) -> Step:
    return Step("check each statement of the document on both systems", call.again("audit"))


def _left_over(report: Report, call: Call) -> Iterator[Step]:
    standing = [flow.standing for flow in report.flows]
    if count := sum(one.open_conflicts for one in standing):
        yield Step(f"{counted(count, 'conflict')} to decide", call.listing("conflicts"))
    if count := sum(one.dead_letters for one in standing):
        yield Step(f"{counted(count, 'dead letter')} to look at", call.listing("dead-letters"))
    if count := sum(one.ambiguous for one in standing):
        yield Step(
            f"{counted(count, 'pair')} to choose among",
            call.listing("links", "--state", "ambiguous"),
        )
