"""The drill of docs/how-to/backup.md: a store as it was, systems that went on since, and nothing is lost or made twice."""

import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests.acceptance.conftest import PACKAGE, Office, Terminal
from tests.runtime.servers import new_database, tool_of

Backup = Callable[[], None]
Restored = Callable[[], str]


@contextmanager
def kept_on_sqlite(folder: Path) -> Iterator[tuple[str, Backup, Restored]]:
    store, copy = folder / "store.db", folder / "copy.db"

    def back_up() -> None:
        with closing(sqlite3.connect(store)) as one, closing(sqlite3.connect(copy)) as other:
            one.backup(other)

    def restore() -> str:
        for path in folder.glob("store.db*"):
            path.unlink()
        copy.rename(store)
        return f"sqlite:///{store}"

    yield f"sqlite:///{store}", back_up, restore


@contextmanager
def kept_on_postgresql(server: str, folder: Path) -> Iterator[tuple[str, Backup, Restored]]:
    copy = folder / "specbridge.dump"
    with new_database(server) as store, new_database(server) as other:

        def back_up() -> None:
            words = ["--format=custom", f"--file={copy}", f"--dbname={store}"]
            subprocess.run([tool_of(store, "pg_dump"), *words], check=True)

        def restore() -> str:
            words = ["--clean", "--if-exists", f"--dbname={other}", str(copy)]
            subprocess.run([tool_of(other, "pg_restore"), *words], check=True)
            return other

        yield store, back_up, restore


@pytest.fixture(params=["sqlite", "postgresql"])
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, Backup, Restored]]:
    """Give a store's URL, what backs it up, and what gives the URL of the store as it was then."""
    if request.param == "sqlite":
        with kept_on_sqlite(tmp_path) as found:
            yield found
    else:
        with kept_on_postgresql(request.getfixturevalue("postgresql"), tmp_path) as found:
            yield found


def test_a_store_that_was_restored_goes_on_where_the_systems_are(
    office: Office, kept: tuple[str, Backup, Restored]
) -> None:
    store, back_up, restore = kept
    first = terminal_on(office, store)
    assert first.sync().status in (0, 3)
    back_up()
    # Since then: an edit that arrived, a record that was created for one, and an edit that is yet to arrive.
    office.rename_customer(office.customer("Nordlys Elektro AS"), "Nordlys Elektro Nord AS")
    made = office.poweroffice.post("/Customers", json={"Name": "Ny Etter Kopien AS"})
    made.raise_for_status()
    assert first.sync().writes > 0
    office.rename_organization(office.organization("Fjellheim Kaffe AS"), "Fjellheim Te AS")

    again = terminal_on(office, restore())
    planned = again.run("plan", str(PACKAGE), "--full", "--json").answer["actions"]
    writes = [(a["kind"], a["name"]) for a in planned if a["kind"] in ("create", "update")]
    assert writes == [("update", "Fjellheim Kaffe AS")]
    assert again.sync("--full").writes == 1
    names = [row["Name"] for row in office.sandbox.poweroffice.records("Customers")]
    assert [names.count(name) for name in ("Fjellheim Te AS", "Nordlys Elektro Nord AS")] == [1, 1]
    organizations = [row["name"] for row in office.sandbox.zendesk.records("organizations")]
    assert organizations.count("Ny Etter Kopien AS") == 1
    assert again.sync("--full").writes == 0


def terminal_on(office: Office, store: str) -> Terminal:
    environment = {**office.terminal.environment, "SPECBRIDGE_STORE": store}
    return Terminal(directory=office.terminal.directory, environment=environment)
