"""`specbridge console`: pages to look at what runs left open, and to act on it."""

import os
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from specbridge.cli.extras import needing_extra
from specbridge.cli.logs import configure_logs
from specbridge.cli.service.addresses import host_option, own_address, public_address
from specbridge.cli.store_place import store_option, store_url
from specbridge.settings import load_settings

if TYPE_CHECKING:
    from specbridge.cli.running import Setup
    from specbridge.runtime.engine.undo import Chosen, UndoReport
    from specbridge.runtime.reports.report import Report
    from specbridge.service.console.access import Access
    from specbridge.service.console.jobs import Which

Progress = Callable[[str, int], None]


@click.command(epilog="""\b
Examples:
  specbridge console
  specbridge console --as anna --as ola
  specbridge console --read-only --port 8088
""")
@store_option
@host_option
@click.option("--port", type=click.IntRange(0, 65535), default=8081, show_default=True)
@click.option(
    "--address",
    metavar="URL",
    help="What browsers know it by behind a proxy, e.g. https://sync.example.",
)
@click.option(
    "--as",
    "actors",
    metavar="NAME",
    multiple=True,
    help="Who acts; several are fine. Default: you.",
)
@click.option("--read-only", is_flag=True, help="Let nobody act.")
def console(  # noqa: PLR0913  # one parameter per option
    *,
    store: str | None,
    host: str,
    port: int,
    address: str | None,
    actors: tuple[str, ...],
    read_only: bool,
) -> None:
    """Serve pages on which people see what is open, and settle it, until SIGTERM or Ctrl-C.

    Who opens a printed address may act under that name, or only read; whatever is done is kept in the store
    with the name. It listens on this machine alone unless --host says otherwise (docs/console.md).
    """
    configure_logs(0)
    with needing_extra("`console`", "console"):
        from specbridge.service.console import application, jobs
        from specbridge.service.console.access import Access
        from specbridge.service.webhooks import serving
    from specbridge.cli.running import stopped_by_signals
    from specbridge.runtime.store.engine import open_store
    from specbridge.runtime.store.history.deeds import this_user

    url = store_url(store)
    # A store that is not there yet is made, and an old one brought up to date, before anybody looks.
    open_store(url).close()
    listener = serving.bind(host, port)
    access = Access(
        () if read_only else actors or (this_user() or "somebody",),
        public_address(address, own_address(host, listener.getsockname()[1]), bare=True),
    )
    begun = jobs.Jobs()
    app = application.build_console(
        application.Console(url=url, access=access, work=ConsoleWork(store), jobs=begun)
    )
    with stopped_by_signals() as stop, serving.serving(app, listener):
        _tell(access)
        stop.wait()
        begun.end()


class ConsoleWork:
    """What the console has done by the commands' own means: plans, runs, undoing."""

    def __init__(self, store: str | None) -> None:
        self._store = store

    def companies(self) -> Sequence[str]:
        """Return the names of the companies that the settings name; of the one that the environment names alone."""
        from specbridge.companies.finding import choose_company, find_companies, has_companies

        settings = load_settings(Path.cwd())
        if not has_companies(settings):
            return ()
        if os.environ.get("SPECBRIDGE_COMPANY", "").strip():
            return (choose_company(None, settings, os.environ).name,)
        return list(find_companies(settings))

    def packages(self) -> Sequence[str]:
        """Return the names of the packages of the output folder."""
        from specbridge.runtime.package import package_folders

        settings = load_settings(Path.cwd())
        return [folder.name for folder in package_folders(settings.root / settings.output)]

    def plan(self, which: "Which", progress: Progress) -> "Report":
        """Return what a run would do now; nothing is written anywhere."""
        from specbridge.cli.running import open_connectors, run_options
        from specbridge.runtime.engine.run import run_plan
        from specbridge.runtime.engine.session import Edges
        from specbridge.runtime.store.engine import open_store

        setup = self._load(which)
        with (
            open_connectors(setup) as connectors,
            open_store(setup.url, scratch=True) as scratch,
        ):
            edges = Edges(connectors=connectors, progress=progress)
            return run_plan(setup.task(), scratch, edges, run_options(setup))

    def run(self, which: "Which", progress: Progress, stop: threading.Event) -> "Report":
        """Run once, as `sync` does."""
        from specbridge.cli.running import open_connectors, run_options
        from specbridge.runtime.engine.run import run_sync
        from specbridge.runtime.engine.session import Edges
        from specbridge.runtime.store.engine import open_store

        setup = self._load(which)
        with open_connectors(setup) as connectors, open_store(setup.url) as opened:
            edges = Edges(connectors=connectors, progress=progress, stop=stop)
            return run_sync(setup.task(), opened, edges, run_options(setup))

    def undo(self, run: int, chosen: "Chosen", who: str) -> "UndoReport":
        """Undo what is chosen of a run's writes, as `undo` does."""
        from specbridge.cli.running import load_setup
        from specbridge.cli.undoing import carry_out_undo, company_of_run, package_of_run

        whose = company_of_run(self._store, run, None)
        setup = load_setup(package_of_run(self._store, run), self._store, whose)
        return carry_out_undo(setup, run, chosen, who)

    def _load(self, which: "Which") -> "Setup":
        from specbridge.cli.running import load_setup

        settings = load_settings(Path.cwd())
        folder = settings.root / settings.output
        place = None if which.package is None else str(folder / which.package)
        return load_setup(place, self._store, which.company or None)


def _tell(access: "Access") -> None:
    """Print the addresses; each is a key, and goes to who is to have it."""
    for visitor, address in access.addresses().items():
        what = f"{visitor.name} acts at" if visitor.acts else "who only reads, at"
        click.echo(f"{what} {address}")
