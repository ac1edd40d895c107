"""`sync --all-companies`: one company after the other; what keeps one from running stops no other."""

import time
import traceback
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import click

from specbridge.cli.ending import ENVIRONMENT, FAULT, describe, exit_code_of
from specbridge.cli.printing import print_json_line
from specbridge.cli.running import Setup, Stop, load_setup_of, open_connectors
from specbridge.cli.runs.options import print_run, tell_runs
from specbridge.cli.runs.progress import Progress
from specbridge.cli.runs.run_next import Call
from specbridge.cli.runs.syncing import Surroundings, Syncs
from specbridge.cli.store_place import store_url
from specbridge.companies.finding import Company, find_companies, has_companies
from specbridge.errors import SettingsError, SpecbridgeError
from specbridge.model.values import Json
from specbridge.printable import printable
from specbridge.runtime.reports.observing import Observer
from specbridge.runtime.reports.report import Report
from specbridge.runtime.store.history.companies import last_began
from specbridge.settings import Settings, load_settings

WORST = (0, 3, 4, 2, 5, ENVIRONMENT, FAULT)
"""Exit codes from the best to the worst: the worst of all companies is the command's (docs/companies.md)."""

_LOOK = 60.0
"""Seconds after which a watch looks again at which companies there are, though none of them is due."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CompanyRun:
    """How the run of one company ended: its exit code, and its report, or why there is none."""

    company: str
    exit_code: int
    report: Report | None = None
    error: str | None = None

    def as_json(self) -> dict[str, Json]:
        """Return it for programs; `run` is the report as `sync` prints it."""
        report: Json = None if self.report is None else dict(self.report.as_json())
        return {
            "company": self.company,
            "exit_code": self.exit_code,
            "error": self.error,
            "run": report,
        }


@dataclass(frozen=True, slots=True)
class _Command:
    """What the command was called with."""

    store: str | None
    flags: dict[str, float | None]
    stop: Stop
    observer: Observer
    as_json: bool


def sync_all_companies(
    store: str | None,
    flags: dict[str, float | None],
    stop: Stop,
    observer: Observer,
    *,
    as_json: bool,
) -> int:
    """Sync all companies of the settings, once or (--watch) whenever one is due; return the exit code.

    Raises SettingsError where the settings name none.
    """
    command = _Command(store, flags, stop, observer, as_json)
    runs = _run_all(command, _companies(load_settings(Path.cwd())).values())
    if flags["watch"] is None:
        status = _worst(runs)
        return 128 + stop.number if stop.number else status
    return _watch(command, float(flags["watch"]), runs)


def _companies(settings: Settings) -> Mapping[str, Company]:
    if not has_companies(settings):
        raise SettingsError("the settings name no company: see docs/companies.md")
    found = find_companies(settings)
    if not found:
        raise SettingsError("there is no company yet: `specbridge companies add NAME`")
    return found


def _watch(command: _Command, seconds: float, runs: Sequence[CompanyRun]) -> int:
    """Run what is due until somebody asks for a stop; return the worst of the last round."""
    began: dict[str, float] = dict.fromkeys((run.company for run in runs), time.time())
    while not command.stop.wait(_pause(command, seconds, began)):
        due = [one for one, at in _due(command, seconds, began) if at <= time.time()]
        began.update(dict.fromkeys((one.name for one in due), time.time()))
        runs = _run_all(command, due) or runs
    return _worst(runs)


def _pause(command: _Command, seconds: float, began: Mapping[str, float]) -> float:
    instants = [at for _, at in _due(command, seconds, began)]
    return max(0.0, min(min(instants, default=_LOOK + time.time()) - time.time(), _LOOK))


def _due(
    command: _Command, seconds: float, began: Mapping[str, float]
) -> Iterator[tuple[Company, float]]:
    """Yield the companies, each with the instant of its next run: by its schedule, else every so many seconds."""
    try:
        companies = _companies(load_settings(Path.cwd()))
    except SettingsError as error:
        # Somebody may be writing them just now.
        click.echo(printable(f"specbridge: {error}"), err=True)
        return
    now = time.time()
    for company in companies.values():
        last = began.get(company.name)
        if last is None:
            last = _began_before(command, company.name)
        by_schedule = company.schedule.next_after(last, now)
        yield company, by_schedule if by_schedule is not None else (last or 0.0) + seconds


def _began_before(command: _Command, company: str) -> float | None:
    """Return when a company's last sync began, as the store has it."""
    try:
        return last_began(store_url(command.store), company)
    except SpecbridgeError:
        # Its run will tell.
        return None


def _run_all(command: _Command, companies: Iterable[Company]) -> list[CompanyRun]:
    """Run companies one after the other, telling each as it ends; a stop leaves out those that are left."""
    runs = []
    for company in companies:
        if command.stop.is_set():
            break
        runs.append(_run_guarded(command, company))
    if command.as_json and runs:
        print_json_line({"exit_code": _worst(runs), "companies": [run.as_json() for run in runs]})
    elif runs:
        _print_end(runs)
    return runs


def _run_guarded(command: _Command, company: Company) -> CompanyRun:
    """Run a company; whatever ends it is told, and is its alone."""
    try:
        return _run(command, company)
    except SpecbridgeError as error:
        code, text = exit_code_of(error), str(error)
    except OSError as error:
        code, text = ENVIRONMENT, describe(error)
    except Exception as error:
        code, text = FAULT, f"{type(error).__name__}: {error}"
        click.echo(printable(traceback.format_exc()), err=True)
    click.echo(printable(f"specbridge: {company.name}: {text}"), err=True)
    return CompanyRun(company=company.name, exit_code=code, error=text)


def _run(command: _Command, company: Company) -> CompanyRun:
    setup = load_setup_of(company, load_settings(Path.cwd()), None, command.store)
    flags = command.flags
    progress = Progress(setup.labels, quiet=bool(flags["quiet"]))
    with open_connectors(setup, progress.observing(command.observer)) as connectors:
        around = Surroundings(connectors, command.stop, command.observer, progress)
        report = Syncs(setup, (), flags, around).run_once_free(float(flags["wait"] or 0))
    _print(command, setup, report)
    return CompanyRun(
        company=company.name,
        exit_code=report.outcome.exit_code,
        report=report,
        error=report.error,
    )


def _print(command: _Command, setup: Setup, report: Report) -> None:
    if command.as_json:
        return
    name = setup.company.name
    click.secho(name, bold=True)
    call = Call(package=None, store=command.store, company=name)
    how = tell_runs(setup, call, command.flags, as_json=False)
    # A pager would wait for a key between two companies.
    print_run(report, replace(how, pager=False))


def _print_end(runs: Sequence[CompanyRun]) -> None:
    codes = {code: [run.company for run in runs if run.exit_code == code] for code in WORST}
    others = [
        f"exit code {code}: {', '.join(names)}" for code, names in codes.items() if code and names
    ]
    told = "; ".join([f"{len(codes[0])} of {len(runs)} companies in sync", *others])
    click.echo(printable(told))


def _worst(runs: Sequence[CompanyRun]) -> int:
    return max((run.exit_code for run in runs), key=WORST.index, default=0)
