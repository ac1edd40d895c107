"""Running companies one after the other in one process, each as `sync --company NAME` does."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from threading import Event

from specbridge.cli.running import Setup, load_setup_of, run_options
from specbridge.cli.service.shelf import Shelf
from specbridge.companies.finding import (
    NAMELESS,
    Company,
    find_companies,
    find_company,
    has_companies,
)
from specbridge.errors import SettingsError
from specbridge.runtime.engine.run import run_sync
from specbridge.runtime.engine.session import Edges
from specbridge.runtime.records import Connector
from specbridge.runtime.reports.report import Report, RunOutcome
from specbridge.runtime.store.engine import open_store, store_errors
from specbridge.service.queue.turns import Plan
from specbridge.settings import Settings, load_settings


class CompanyRuns:
    """Runs the companies of the project in this directory; its settings are read anew for each run.

    `every` is how many seconds a company whose settings state no schedule is to lag behind at most.
    """

    def __init__(self, store: str | None, every: float) -> None:
        """Keep where the store is, and the usual schedule."""
        self._store = store
        self._every = every
        self._shelf = Shelf()
        self._settings = _LatestSettings()

    def plan(self, company: str) -> Plan:
        """Return when a company runs; raises SettingsError for one that the settings do not know."""
        return plan_of(_known(company, self._settings.read()), self._every)

    def run(self, company: str, unpolled: frozenset[str], stop: Event) -> Report:
        """Run a company once; raises SpecbridgeError where that fails."""
        settings = self._settings.read()
        setup = load_setup_of(_known(company, settings), settings, None, self._store)
        with self._shelf.lent(setup) as connectors:
            report = _run(setup, connectors, unpolled, stop)
        if report.outcome is RunOutcome.FAILED:
            # A credential may be another one by now, in the same file.
            self._shelf.drop(company)
        return report

    def close(self) -> None:
        """Close what is kept open from run to run."""
        self._shelf.clear()


class _LatestSettings:
    """The settings of the project in this directory, read again when their file has changed."""

    def __init__(self) -> None:
        self._read = Settings(root=Path.cwd())
        self._stamp: tuple[int, ...] | None = None

    def read(self) -> Settings:
        """Return the settings as they are; raises SettingsError as load_settings does."""
        # Of the file before it is read: what is changed meanwhile is read the next time.
        folder = self._read.root
        stamp = _stamp(folder)
        if stamp is None or stamp != self._stamp:
            self._read = load_settings(Path.cwd())
            self._stamp = stamp if self._read.root == folder else None
        return self._read


def _stamp(folder: Path) -> tuple[int, ...] | None:
    """Return what tells one version of a folder's settings from another, None where it has none."""
    try:
        found = (folder / "pyproject.toml").stat()
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns


def project_companies(settings: Settings) -> Mapping[str, Company]:
    """Return the companies that workers run, by name: where the settings name none, the one without a name."""
    return find_companies(settings) if has_companies(settings) else {NAMELESS.name: NAMELESS}


def plan_of(company: Company, every: float) -> Plan:
    """Return when a company runs; within `every` seconds where its settings do not say."""
    schedule = company.schedule
    if schedule.seconds is None and not schedule.times:
        return Plan(every, schedule.next_after)
    return Plan(schedule.seconds, schedule.next_after)


def _run(
    setup: Setup, connectors: Mapping[str, Connector], unpolled: frozenset[str], stop: Event
) -> Report:
    options = replace(run_options(setup), unpolled=unpolled)
    with store_errors(), open_store(setup.url) as store:
        return run_sync(setup.task(), store, Edges(connectors=connectors, stop=stop), options)


def _known(name: str, settings: Settings) -> Company:
    # Its own file alone: a run must not cost the more the more companies there are.
    stated = find_company(settings, name) if has_companies(settings) else NAMELESS
    if stated is None or stated.name != name:
        raise SettingsError(f"the settings name no company {name or 'without a name'} any more")
    return stated
