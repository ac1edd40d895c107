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

_DONE = ("linked", "created", "updated", "deleted")
_PLANNED = ("to link", "to create", "to update", "to delete")


def print_report(report: Report, *, planned: bool = False) -> None:
    """Print what a run did, or would do where it is `planned`, flow by flow."""
    for item in report.paused:
        click.secho(item.told(), fg=_COLOURS[RunOutcome.PAUSED])
    if report.outcome is RunOutcome.PAUSED:
        # Nothing was done: there is nothing else to tell.
        return
    for flow in report.flows:
        shared = f" (with {', '.join(flow.shared)})" if flow.shared else ""
        click.echo(f"{flow.name}{shared}: {_summary(flow, planned=planned)}")
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
    done = f"{report.writes} records {'to write, planned' if planned else 'written'}"
    click.secho(
        f"run {report.run}: {words}, {done} in {report.seconds:.1f} s", fg=_COLOURS[report.outcome]
    )


def _summary(flow: FlowReport, *, planned: bool) -> str:
    tally, standing = flow.tally, flow.standing
    link, create, update, delete = _PLANNED if planned else _DONE
    counts = (
        (standing.links, "links"),
        (tally.linked, link),
        (sum(tally.created), create),
        (sum(tally.updated), update),
        (sum(tally.deleted), delete),
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
