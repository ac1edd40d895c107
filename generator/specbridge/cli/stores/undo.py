"""`undo`: restore what a run overwrote."""

import json
import os
from pathlib import Path

import click

from specbridge.cli.logs import configure_logs
from specbridge.cli.running import load_setup, open_connectors
from specbridge.errors import PackageError
from specbridge.runtime.engine.session import Edges
from specbridge.runtime.engine.undo import undo_run
from specbridge.runtime.store.addresses import choose_store
from specbridge.runtime.store.engine import open_reading, open_store
from specbridge.runtime.store.journal import (
    packages_of_run,
)
from specbridge.settings import load_settings


@click.command(epilog="Example: specbridge undo 12")
@click.argument("run", type=int)
@click.option("--package", metavar="PACKAGE", help="Directory or import path of the package.")
@click.option("--store", metavar="URL", help="Store; default $SPECBRIDGE_STORE, settings.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def undo(run: int, package: str | None, store: str | None, as_json: bool) -> None:
    """Restore what RUN overwrote, where nobody has changed it since.

    The next sync carries the restored values across. Records that RUN created stay.
    """
    configure_logs(0)
    setup = load_setup(package or _find_package(store, run), store)
    with open_connectors(setup) as connectors, open_store(setup.url) as opened:
        report = undo_run(setup.task(), opened, Edges(connectors=connectors), run)
    if as_json:
        click.echo(json.dumps(report.as_json(), ensure_ascii=False))
        return
    click.echo(f"run {report.run}: {len(report.restored)} records restored")
    for id_, reason in report.kept.items():
        click.echo(f"  {id_} left as it is: {reason}")


def _find_package(store: str | None, run: int) -> str | None:
    """Return where the package of a run is: where packages are generated, or in this directory.

    None where it ran several: all of the output folder.
    """
    settings = load_settings(Path.cwd())
    url = choose_store(store, os.environ, settings.store, settings.root)
    with open_reading(url) as opened:
        names = packages_of_run(opened.connection, run)
    if not names:
        raise PackageError(f"the store has no run {run}; `specbridge status` lists them")
    if len(names) > 1:
        # It ran all of the output folder, and so does what undoes it.
        return None
    (name,) = names
    # The store knows a package by name: where it lies differs from machine to machine.
    for place in (settings.root / settings.output / name, Path.cwd() / name):
        if place.is_dir():
            return str(place)
    raise PackageError(
        f"run {run} is of the package {name}, which is neither in {settings.output} nor here; "
        f"say where: specbridge undo {run} --package DIR"
    )
