"""What a run would do now, running now, and how what was begun goes on."""

from collections.abc import Mapping

from specbridge.errors import PackageError
from specbridge.pages.console import Button, Cell, ConsoleView, Form, Input, Row, Section, table
from specbridge.runtime.engine.undo import UndoReport
from specbridge.runtime.reports.report import Action, Report
from specbridge.service.console.asking import Asking, address, as_text, in_a_list, instant
from specbridge.service.console.jobs import Job


def show_work(asking: Asking) -> ConsoleView:
    """Show the forms that plan and run, and what was begun from this console."""
    choices = [("", "all of them", True), *((name, name, False) for name in asking.work.packages())]
    inputs = [Input(name="package", label="Which package", choices=choices)]
    if companies := asking.work.companies():
        owners = [(name, name, name == companies[0]) for name in companies]
        inputs.insert(0, Input(name="company", label="Of which company", choices=owners))
    buttons = [
        Button(text="Plan: what would a run do now?", value="plan"),
        Button(text="Run now", value="run"),
    ]
    begin = Section(
        id="begin",
        heading="Begin",
        note="A plan writes nothing, nowhere. A run waits for nobody: while another one is under way it does not begin.",
        forms=[Form(action="/do/work", buttons=buttons, inputs=inputs)],
    )
    rows = [Row(cells=_job_cells(job)) for job in asking.jobs.last()]
    columns = ("What", "By", "Began", "Stands")
    empty = "Nothing was begun since this console is running."
    begun = table("begun", "What was begun here", columns, rows, empty=empty)
    return ConsoleView(heading="Plan and run", here="/plan", sections=[begin, begun])


def _job_cells(job: Job) -> list[Cell]:
    href = address("/job", number=job.number)
    word, state = _stands(job)
    return [
        Cell(text=job.kind, href=href, note=job.what),
        Cell(text=job.who),
        Cell(text=instant(job.started_at)),
        Cell(text=word, state=state),
    ]


def _stands(job: Job) -> tuple[str, str]:
    if job.ended_at is None:
        return "under way", "waits"
    if job.error:
        return "not done", "fails"
    if isinstance(job.report, Report):
        clean = job.report.outcome.exit_code == 0
        return job.report.outcome.value, "holds" if clean else "held"
    return "done", "holds"


def show_job(asking: Asking) -> ConsoleView:
    """Show how far something is that was begun here, and what came of it."""
    number = asking.number("number")
    job = None if number is None else asking.jobs.find(number)
    if job is None:
        raise PackageError("nothing of this number was begun since this console is running")
    facts = {
        "By": job.who,
        "Began": instant(job.started_at),
        "Stands": _stands(job)[0],
        **({"Why": job.error} if job.error else {}),
        **{name: f"{count:,}" for name, count in job.progress.items() if job.ended_at is None},
    }
    forms = []
    if job.ended_at is None:
        look = [Button(text="Look again")]
        forms.append(Form(action="/job", asks=True, buttons=look, unseen=[("number", str(number))]))
    sections = [Section(id="job", heading=job.what or job.kind, facts=facts, forms=forms)]
    if isinstance(job.report, UndoReport):
        sections.append(_undone(job.report))
    elif job.report is not None:
        sections += _reported(asking, job.report, job)
    heading = f"{job.kind.capitalize()} {job.number}"
    again = address("/job", number=number) if job.ended_at is None else ""
    return ConsoleView(heading=heading, again=again, sections=sections)


def _undone(report: UndoReport) -> Section:
    rows = [Row(cells=[Cell(text=id_), Cell(text="restored")]) for id_ in report.restored]
    rows += [Row(cells=[Cell(text=id_), Cell(text="deleted")]) for id_ in report.deleted]
    rows += [
        Row(cells=[Cell(text=id_), Cell(text="left as it is", note=reason)])
        for id_, reason in report.kept.items()
    ]
    empty = "There was nothing to undo."
    return table(
        "undone", f"In run {report.run}", ("Record", "What became of it"), rows, empty=empty
    )


def _reported(asking: Asking, report: Report, job: Job) -> list[Section]:
    rows = []
    for flow in report.flows:
        tally, standing = flow.tally, flow.standing
        counts = (
            *(standing.links, tally.linked, sum(tally.created), sum(tally.updated)),
            *(sum(tally.deleted), standing.open_conflicts, standing.dead_letters),
        )
        rows.append(Row(cells=[Cell(text=flow.name), *(Cell(text=str(count)) for count in counts)]))
    columns = ("Flow", "Links", "New", "Created", "Updated", "Deleted", "Conflicts", "Dead letters")
    found = table("flows", "By flow", columns, rows, note=report.error or "")
    if report.actions is None:
        return [found]
    note = (
        f"The first {len(report.actions):,} of {job.actions:,}."
        if job.actions > len(report.actions)
        else ""
    )
    names = _names(asking, report)
    listed = [Row(cells=_action_cells(one, names)) for one in report.actions]
    titles = ("Flow", "What", "Record", "Before", "After")
    empty = "It would do nothing: all is in sync."
    return [found, table("actions", "What it would do", titles, listed, empty=empty, note=note)]


def _names(asking: Asking, report: Report) -> Mapping[tuple[str, str, str], str]:
    """Return what records are called, by flow, side and id."""
    flows = {flow.name: flow.resources for flow in report.flows}
    keys = {
        (one.flow, one.side, one.id) for one in report.actions or () if one.id and one.flow in flows
    }
    places = {(f, s, i): (flows[f][("source", "target").index(s)], str(i)) for f, s, i in keys}
    found = asking.names(places.values())
    return {(f, s, str(i)): found[at] for (f, s, i), at in places.items() if at in found}


def _action_cells(one: Action, names: Mapping[tuple[str, str, str], str]) -> list[Cell]:
    called = names.get((one.flow, one.side, one.id or ""), "")
    before, after = (
        "; ".join(f"{name}: {in_a_list(as_text(value))}" for name, value in values.items())
        for values in (one.before, one.after)
    )
    return [
        Cell(text=one.flow),
        Cell(text=one.kind, note=one.reason),
        Cell(text=in_a_list(called or one.id or "a new one"), note=f"{one.side} {one.id or ''}"),
        Cell(text=before),
        Cell(text=after),
    ]
