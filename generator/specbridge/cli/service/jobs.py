"""`specbridge jobs`: what workers are to run, and changing it by hand."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from specbridge.cli.extras import needing_extra
from specbridge.cli.printing import print_json
from specbridge.cli.store_place import store_option, store_url
from specbridge.errors import ChangedError
from specbridge.printable import printable

if TYPE_CHECKING:
    from specbridge.runtime.store.engine import Store
    from specbridge.service.queue.jobs import QueuedJob

_NAMELESS = "(no name)"


@click.group(
    invoke_without_command=True,
    epilog="""\b
Examples:
  specbridge jobs
  specbridge jobs cancel 42
  specbridge jobs retry 42
  specbridge jobs start acme
""",
)
@store_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def jobs(context: click.Context, store: str | None, as_json: bool) -> None:
    """List what is queued for workers: what waits, what runs, and what failed of late.

    Jobs that went well are kept by nobody: `specbridge runs` lists runs.
    """
    with needing_extra("`jobs`", "scale"):
        from specbridge.service.queue.jobs import read_jobs
    context.obj = store
    if context.invoked_subcommand is not None:
        return
    with _opened(store) as opened:
        found = read_jobs(opened)
    if as_json:
        print_json({"jobs": [job.as_json() for job in found]})
    else:
        _print(found)


@jobs.command
@click.argument("job", type=int)
@click.pass_obj
def cancel(store: str | None, job: int) -> None:
    """Cancel JOB; one that runs ends after what is under way. The company runs again when its time comes."""
    from specbridge.service.queue.jobs import cancel_job

    with _opened(store) as opened:
        state = cancel_job(opened, job)
        opened.commit()
    click.echo(f"job {job} is cancelled" if state == "todo" else f"job {job} is told to end")


@jobs.command
@click.argument("job", type=int)
@click.pass_obj
def retry(store: str | None, job: int) -> None:
    """Queue JOB, which failed, again at once."""
    from specbridge.service.queue.jobs import retry_job

    with _opened(store) as opened:
        retry_job(opened, job)
        opened.commit()
    click.echo(f"job {job} is queued")


@jobs.command
@click.argument("company", default="")
@click.pass_obj
def start(store: str | None, company: str) -> None:
    """Have COMPANY run now, whatever its schedule says and however it fared before."""
    from specbridge.runtime.store.leasing.schedules import read_turn
    from specbridge.service.queue.jobs import start_company

    with _opened(store) as opened:
        if read_turn(opened.connection, company) is None:
            raise ChangedError(f"no worker runs a company {company or _NAMELESS} yet")
        queued = start_company(opened, company)
        opened.commit()
    click.echo(f"{company or _NAMELESS} {'is queued' if queued else 'waits already'}")


@contextmanager
def _opened(store: str | None) -> "Iterator[Store]":
    from specbridge.runtime.store.engine import open_store, store_errors
    from specbridge.service.queue.engine import driver_connection

    with store_errors(), open_store(store_url(store)) as opened:
        # On SQLite nothing is ever queued, and who asks is told so.
        driver_connection(opened)
        yield opened


def _print(found: "Sequence[QueuedJob]") -> None:
    for job in found:
        since = job.since and datetime.fromtimestamp(job.since, UTC).strftime("%Y-%m-%d %H:%M:%S")
        company = printable(job.company or _NAMELESS)
        click.echo(f"{job.id:>8}  {job.state:<9}  {since or '':<19}  {company}")
    if not found:
        click.echo("nothing is queued")
