"""`specbridge worker`: runs companies when they are due, on one of many machines."""

import os
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import click
import structlog

from specbridge.cli.extras import needing_extra
from specbridge.cli.logs import configure_logs
from specbridge.cli.running import stopped_by_signals
from specbridge.cli.store_place import store_option, store_url
from specbridge.errors import SpecbridgeError, StoreError
from specbridge.settings import load_settings

log = structlog.get_logger("specbridge")

_RELOAD = 15.0
"""Seconds between two looks at which companies the settings name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """What the command line asks for."""

    store: str | None
    slots: int
    every: float
    metrics: int | None
    verbose: int
    log_format: str

    @property
    def words(self) -> list[str]:
        """Return the command of one slot."""
        words = [sys.executable, "-m", "specbridge", "worker", "--every", str(self.every)]
        # Who dies before its slots have begun must be missed all the same.
        words += ["--slot-of", str(os.getpid())]
        words += ["--log-format", self.log_format, *(["-v"] * self.verbose)]
        return words if self.store is None else [*words, "--store", self.store]


@click.command(epilog="""\b
Examples:
  specbridge worker --store postgresql://sync@db/sync
  specbridge worker --slots 4 --metrics 9464
  specbridge worker --upgrade
""")
@store_option
@click.option(
    "--slots",
    type=click.IntRange(1, 64),
    default=1,
    show_default=True,
    help="How many companies to run at once, each in a process of its own.",
)
@click.option(
    "--every",
    type=click.FloatRange(min=1),
    default=300.0,
    show_default=True,
    metavar="SECONDS",
    help="How far a company whose settings state no schedule may lag behind.",
)
@click.option(
    "--metrics",
    type=click.IntRange(0, 65_535),
    metavar="PORT",
    help="Serve Prometheus gauges on this port of this machine (docs/running.md).",
)
@click.option(
    "--upgrade",
    is_flag=True,
    help="Finish an upgrade of the queue's tables, once no older worker runs, and end.",
)
@click.option(
    "--slot-of", type=int, hidden=True, help="Be one of a worker's processes, by its number."
)
@click.option("-v", "--verbose", count=True, help="Log runs (-v), requests too (-vv).")
@click.option(
    "--log-format", type=click.Choice(["text", "json"]), default="text", show_default=True
)
def worker(
    *,
    upgrade: bool,
    slot_of: int | None,
    store: str | None,
    verbose: int,
    log_format: str,
    **more: float,
) -> None:
    """Run companies when they are due, until SIGTERM, which ends the runs under way cleanly.

    Any number of workers, on any number of machines, may share a store on PostgreSQL: each company runs on
    one at a time. A company runs when its schedule says so, more often while it is busy, and at
    once when a webhook tells of a change (docs/running.md). Exit code 143 after SIGTERM, 130 after Ctrl-C.
    """
    configure_logs(verbose, log_format)
    with needing_extra("`worker`", "scale"):
        from specbridge.service.queue.schema import prepare_queue
    asked = _Asked(store=store, verbose=verbose, log_format=log_format, **more)  # type: ignore[arg-type]  # Click's own types
    url = store_url(store)
    if slot_of is not None:
        raise SystemExit(_serve(url, asked, slot_of))
    from specbridge.runtime.store.engine import open_store, store_errors

    with store_errors(), open_store(url) as opened:
        opened.rollback()
        left = prepare_queue(opened, whole=upgrade)
    if left:
        log.warning(
            "the queue's tables are half upgraded: `specbridge worker --upgrade`", left=len(left)
        )
    if not upgrade:
        raise SystemExit(_lead(url, asked))


def _serve(url: str, asked: _Asked, parent: int) -> int:
    from specbridge.cli.service.company_runs import CompanyRuns
    from specbridge.service.queue.slot import serve_slot

    with closing(CompanyRuns(asked.store, asked.every)) as runs:
        number = serve_slot(url, runs, parent)
    return 128 + number if number else 0


def _lead(url: str, asked: _Asked) -> int:
    """Keep slots going until a signal; return the exit code."""
    from specbridge.service.queue.crew import Crew, keep, working

    crew = Crew(words=asked.words, count=asked.slots)
    roll = _Roll(url=url, every=asked.every)
    roll.read()
    with stopped_by_signals() as stop, _gauges(url, asked.metrics), working(crew):
        click.echo(f"{asked.slots} at a time of {len(roll.names)} companies", err=True)
        keep(crew, roll.tick, stop)
    return 128 + stop.number


@dataclass(slots=True, kw_only=True)
class _Roll:
    """The companies that are run, as the settings name them of late."""

    url: str
    every: float
    names: Sequence[str] = ()
    _plans: Sequence[tuple[str, float | None]] = ()
    _read_at: float = field(default=0.0)

    def read(self) -> None:
        """Read the settings, and have new companies run; raises SettingsError, StoreError."""
        from specbridge.cli.service.company_runs import plan_of, project_companies
        from specbridge.service.queue.ticking import enrol

        known = project_companies(load_settings(Path.cwd()))
        plans = [(name, plan_of(one, self.every).seconds) for name, one in known.items()]
        self._read_at = time.monotonic()
        if plans != self._plans:
            enrol(self.url, plans)
            self.names, self._plans = tuple(known), plans

    def tick(self) -> None:
        """Queue who is due; what fails is told, and done again a second later."""
        from specbridge.runtime.store.engine import open_store, store_errors
        from specbridge.service.queue.ticking import tick

        try:
            if time.monotonic() - self._read_at > _RELOAD:
                self.read()
            with store_errors(), open_store(self.url) as store:
                tick(store, self.names)
        except StoreError as error:
            log.warning("nobody can be queued", reason=str(error))
        except SpecbridgeError as error:
            self._read_at = time.monotonic()
            log.warning("the settings cannot be read; those of before hold", reason=str(error))


@contextmanager
def _gauges(url: str, port: int | None) -> Iterator[None]:
    if port is None:
        yield
        return
    from specbridge.service.queue.gauges import serve_gauges

    with serve_gauges(url, port) as served:
        # The port that was found: 0 asks for any.
        click.echo(f"metrics on http://127.0.0.1:{served}/metrics", err=True)
        yield
