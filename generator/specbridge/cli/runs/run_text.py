"""Reports of runs and audits as text for people."""

import click

from specbridge.runtime.reports.audit_report import AuditReport
from specbridge.runtime.reports.report import FlowReport, Report, RunOutcome

_COLOURS = {
    RunOutcome.CLEAN: "green",
    RunOutcome.LEFT_OVER: "yellow",
    RunOutcome.PAUSED: "yellow",
    RunOutcome.GUARD: "red",
    RunOutcome.FAILED: "red",
}


def print_report(report: Report) -> None:
    """Print what a run did, flow by flow; click leaves colours out where there is no terminal."""
    for item in report.paused:
        click.secho(item.told(), fg=_COLOURS[RunOutcome.PAUSED])
    if report.outcome is RunOutcome.PAUSED:
        # Nothing was done: there is nothing else to tell.
        return
    for flow in report.flows:
        shared = f" (with {', '.join(flow.shared)})" if flow.shared else ""
        click.echo(f"{flow.name}{shared}: {_summary(flow)}")
    for ambiguity in report.ambiguities:
        others = ", ".join(ambiguity.candidates)
        click.echo(
            f"  ambiguous: {ambiguity.flow} {ambiguity.side} {ambiguity.id} matches {others}"
        )
    # None where nobody asked: a first sync has as many actions as records.
    for action in report.actions or ():
        # With `!r`: a terminal must not obey what a record holds.
        values = " ".join(f"{name}={value!r}" for name, value in action.after.items())
        line = f"  {action.kind} {action.side} {action.id or ''} {values} {action.reason}"
        click.echo(f"{action.flow}:{line.rstrip()}")
    for system, usage in report.requests.items():
        click.echo(f"{system}: {usage.read} reads, {usage.write} writes")
    words = report.outcome.value.replace("_", " ")
    click.secho(
        f"run {report.run}: {words}, {report.writes} records written in {report.seconds:.1f} s",
        fg=_COLOURS[report.outcome],
    )


def _summary(flow: FlowReport) -> str:
    tally, standing = flow.tally, flow.standing
    counts = (
        (standing.links, "links"),
        (tally.linked, "linked"),
        (sum(tally.created), "created"),
        (sum(tally.updated), "updated"),
        (sum(tally.deleted), "deleted"),
        (tally.conflicts, "conflicts"),
        (standing.ambiguous, "ambiguous"),
        (standing.waiting, "waiting"),
        (standing.dead_letters, "dead letters"),
        (standing.held, "held"),
    )
    return ", ".join(f"{count} {name}" for count, name in counts if count) or "nothing"


def print_audit(report: AuditReport) -> None:
    """Print each statement with what was checked, and the records that it fails for."""
    for item in report.statements:
        mark, colour = _mark(item.held, item.fails)
        click.secho(f"{mark:5}", fg=colour, nl=False)
        click.echo(f" {item.flow}: {item.text} ({item.holds} of {item.checked})")
        for example in item.examples:
            click.echo(f"      source {example.source}, target {example.target}")
    for left in report.left_over:
        if left.told():
            click.secho("left ", fg="yellow", nl=False)
            click.echo(f" {left.flow}: {'; '.join(left.told())}")
    click.secho(f"the document {'holds' if report.holds else 'fails'}")


def _mark(held: bool, fails: int) -> tuple[str, str]:
    if held:
        return "held", "yellow"
    return ("fails", "red") if fails else ("holds", "green")
