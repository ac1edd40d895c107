"""`companies`: lists them, adds, pauses, removes them and changes their keys."""

import os
import time
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

import click

from specbridge.cli.logs import configure_logs
from specbridge.cli.next_steps import Step, given, print_next
from specbridge.cli.printing import instant, print_json
from specbridge.cli.store_place import store_option, store_url
from specbridge.cli.tables import Column, on_terminal, show_lines, table_lines
from specbridge.companies.finding import Company, find_companies
from specbridge.model.values import Json
from specbridge.printable import in_one_line
from specbridge.runtime.store.engine import open_reading, store_errors
from specbridge.runtime.store.history.companies import CompanyState, company_states
from specbridge.settings import load_settings

Row = dict[str, Json]


@click.group(
    invoke_without_command=True,
    epilog="""\b
Examples:
  specbridge companies
  specbridge companies add acme
  specbridge companies pause acme --reason "books are closed"
  specbridge companies rotate acme new.env
  specbridge companies remove acme
""",
)
@store_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def companies(context: click.Context, store: str | None, as_json: bool) -> None:
    """List the companies: last run, open work, last event, next run; add, pause, remove them, change keys.

    Which companies there are, the settings say (docs/companies.md); one that only the store knows is listed too.
    """
    configure_logs(0)
    context.obj = store
    if context.invoked_subcommand is None:
        rows = list(_rows(store))
        if as_json:
            print_json({"companies": rows})
        elif on_terminal():
            show_lines(table_lines(_COLUMNS, map(_cells, rows)))
        else:
            for row in rows:
                click.echo(_line(row))
        if not rows and not as_json:
            click.echo("there is no company with a name")


def _rows(store: str | None) -> Iterator[Row]:
    settings = load_settings(Path.cwd())
    stated = find_companies(settings)
    with open_reading(store_url(store, settings)) as opened, store_errors():
        states = company_states(opened.connection)
    for name in sorted({*stated, *states} - {""}):
        yield _row(name, stated.get(name), states.get(name))


def _row(name: str, company: Company | None, state: CompanyState | None) -> Row:
    known = state or CompanyState(number=0)
    pause = known.pause
    return {
        "company": name,
        "packages": list(company.packages) if company is not None else [],
        "in_settings": company is not None,
        "fault": company.fault or None if company is not None else None,
        "paused": (
            None if pause is None else {"since": instant(pause.since), "reason": pause.reason}
        ),
        "last_run": _run(known),
        "conflicts": known.conflicts,
        "dead_letters": known.dead_letters,
        "ambiguous": known.ambiguous,
        "last_event": instant(known.heard_at),
        "next_run": instant(_next_run(company, known)),
    }


def _run(state: CompanyState) -> Json:
    if state.run is None:
        return None
    # A run that was killed could not say how it ended.
    outcome = state.run.outcome or "interrupted"
    return {
        "run": str(state.run.number),
        "started_at": instant(state.began_at),
        "outcome": outcome,
    }


def _next_run(company: Company | None, state: CompanyState) -> float | None:
    """Return when a company runs next: as the workers have it, else as its schedule says; None where nobody does."""
    if company is None or company.fault or state.pause is not None:
        return None
    return state.next_at or company.schedule.next_after(state.began_at, time.time())


_COLUMNS = (
    *(Column("Company"), Column("Last run", whole=True), Column("Outcome")),
    *(
        Column("Conflicts", right=True),
        Column("Letters", right=True),
        Column("Ambiguous", right=True),
    ),
    *(Column("Last event", whole=True), Column("Next run")),
)


def _cells(row: Row) -> Sequence[str]:
    run = row["last_run"] if isinstance(row["last_run"], dict) else {}
    began, outcome = run.get("started_at"), run.get("outcome")
    counts = (str(row[key]) for key in ("conflicts", "dead_letters", "ambiguous"))
    event = row["last_event"]
    return (
        *(str(row["company"]), _local(began), str(outcome or "")),
        *(*counts, _local(event), _local(row["next_run"]) or _why_none(row)),
    )


def _local(text: Json) -> str:
    if not isinstance(text, str):
        return ""
    return f"{datetime.fromisoformat(text).astimezone():%Y-%m-%d %H:%M}"


def _why_none(row: Row) -> str:
    if row["fault"]:
        return str(row["fault"])
    if isinstance(row["paused"], dict):
        reason = row["paused"]["reason"]
        return f"paused: {reason}" if reason else "paused"
    return "" if row["in_settings"] else "not in the settings"


def _line(row: Row) -> str:
    run = row["last_run"]
    told = (
        f"last run {run['started_at']} {run['outcome']}" if isinstance(run, dict) else "never ran"
    )
    work = f"{row['conflicts']} conflicts, {row['dead_letters']} dead letters, {row['ambiguous']} ambiguous"
    event = f", last event {row['last_event']}" if row["last_event"] else ""
    following = f"next run {row['next_run']}" if row["next_run"] else _why_none(row)
    return in_one_line(
        f"{row['company']}: {told}, {work}{event}{', ' if following else ''}{following}"
    )


@companies.command
@click.argument("name")
@click.option(
    "--take-over",
    "takes_over",
    is_flag=True,
    help="It is the one that the project was of before it named any: its links and history are kept.",
)
@click.pass_obj
def add(store: str | None, name: str, takes_over: bool) -> None:
    """Name a company in the settings, and make a start of its file of variables, for your eyes only."""
    # Imported here: a list must not wait for what only changes need.
    from specbridge.cli.service.changing_companies import add_company, check_new, take_over

    check_new(name)
    if takes_over:
        take_over(store, name)
    path = add_company(name)
    click.echo(f"company {in_one_line(name)} is in the settings; its variables go into {path}")
    print_next(
        Step(f"fill in {path}"),
        Step("see what a sync would do", ("plan", *given(store=store, company=name))),
    )


@companies.command
@click.argument("name")
@click.option("--reason", default="", metavar="TEXT", help="Why, for those who wonder.")
@click.pass_obj
def pause(store: str | None, name: str, reason: str) -> None:
    """Have sync, watch and workers leave a company alone until it is resumed."""
    from specbridge.cli.service.changing_companies import set_paused

    set_paused(store, name, reason)
    click.echo(f"company {name} is paused until `specbridge companies resume {name}`")


@companies.command
@click.argument("name")
@click.pass_obj
def resume(store: str | None, name: str) -> None:
    """Let a company go on; exit code 2 where it was not paused."""
    from specbridge.cli.service.changing_companies import set_paused

    set_paused(store, name, None)
    click.echo(f"company {name} goes on with the next sync")


@companies.command
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def remove(store: str | None, name: str, yes: bool) -> None:
    """Remove a company: its settings and variables, and all that the store holds of it, for good.

    In the systems nothing changes. Refused while a run of the company is under way. Exit code 2: there is no
    such company.
    """
    from specbridge.cli.service.changing_companies import remove_with_all

    if not yes:
        question = (
            f"remove the company {in_one_line(name)} with all that is stored of it, for good?"
        )
        click.confirm(question, abort=True)
    for line in remove_with_all(store, name, os.environ):
        click.echo(line)


@companies.command
@click.argument("name")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.pass_obj
def rotate(store: str | None, name: str, file: Path) -> None:
    """Take new values of a company's variables from FILE, once they are known to reach the same accounts.

    FILE has NAME=value lines, of what changes alone. Each system is asked, nothing is written there. Exit code
    4: they reach another account; 5: a system does not take them; the old ones stay in both cases.
    """
    from specbridge.cli.service.changing_companies import rotate_keys

    for line in rotate_keys(store, name, file):
        click.echo(line)
