"""What undoes a run, the same for the command and the console."""

from pathlib import Path

from specbridge.cli.running import Setup, open_connectors
from specbridge.cli.store_place import store_url
from specbridge.errors import PackageError
from specbridge.runtime.engine.session import Edges
from specbridge.runtime.engine.undo import Chosen, UndoReport, undo_run
from specbridge.runtime.store.accounts import number_company
from specbridge.runtime.store.engine import open_reading, open_store, store_errors
from specbridge.runtime.store.history.deeds import Deed, note_deeds
from specbridge.runtime.store.history.journal import company_of_run as read_company_of_run
from specbridge.runtime.store.history.journal import packages_of_run
from specbridge.settings import load_settings


def carry_out_undo(setup: Setup, run: int, chosen: Chosen, who: str) -> UndoReport:
    """Undo what is chosen of a run's writes, and keep who did.

    Raises PackageError for a run or a write that there is not, StoreBusyError where another run is under way.
    """
    task = setup.task()
    with open_connectors(setup) as connectors, open_store(setup.url) as opened:
        report = undo_run(task, opened, Edges(connectors=connectors), run, chosen)
        with store_errors():
            company = number_company(opened.connection, task.company)
            done = Deed(company, who, "undo", detail=f"run {run}, in run {report.run}")
            note_deeds(opened.connection, [done])
            opened.commit()
    return report


def company_of_run(store: str | None, run: int, named: str | None) -> str | None:
    """Return the company that a run was of, None for the one without a name.

    Raises PackageError where there is no such run, or where it is another company's than the one that is named.
    """
    with open_reading(store_url(store)) as opened, store_errors():
        found = read_company_of_run(opened.connection, run)
    if found is None:
        raise PackageError(f"the store has no run {run}; `specbridge runs` lists them")
    if named is not None and named != found:
        raise PackageError(f"run {run} is not of the company {named}")
    return found or None


def package_of_run(store: str | None, run: int) -> str | None:
    """Return where the package of a run is: where packages are generated, or in this directory.

    None where it ran several: all of the output folder.
    """
    settings = load_settings(Path.cwd())
    with open_reading(store_url(store, settings)) as opened, store_errors():
        names = packages_of_run(opened.connection, run)
    if not names:
        raise PackageError(f"the store has no run {run}; `specbridge runs` lists them")
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
