"""Two strict systems of which only profiles are known: plan, sync, edits on both sides, kill, sync, audit.

No property that no row names ever changes, and nothing is cut.
"""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from copy import deepcopy
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from threading import Event

import pytest
from specbridge.model.values import Json

from tests.acceptance.conftest import Done, Terminal
from tests.acceptance.strangers import (
    BOOKS_PROFILE,
    CRM_PROFILE,
    DOCUMENT,
    Books,
    Crm,
    Row,
    dict_of,
)
from tests.runtime.connectors.servers import serving

COUNT = 8
PACKAGE = "generated/books_crm"


@dataclass(frozen=True, kw_only=True)
class World:
    """Both systems, and a project that knows them by their profiles alone."""

    books: Books
    crm: Crm
    terminal: Terminal

    def sync(self) -> Done:
        done = self.terminal.run("sync", PACKAGE, "--json")
        assert done.status == 0, (done.output, done.errors)
        return done

    def contact(self, customer: int) -> Row:
        """Return the one contact whose name begins with the customer's number."""
        (found,) = [
            row
            for row in self.crm.contacts.values()
            if str(dict_of(row, "properties")["name"]).startswith(f"{customer} ")
        ]
        return found


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    books, crm = Books(), Crm()
    for number in range(1, COUNT + 1):
        books.add(title=f"{number} Ltd", phone=f"555-{number}")
    with ExitStack() as stack:
        servers = [stack.enter_context(serving(one.answer)) for one in (books, crm)]
        for server in servers:
            server.date = format_datetime(datetime.now(UTC), usegmt=True)
        environment = {
            "BOOKS_BASE_URL": servers[0].base_url,
            "BOOKS_SECRET": "s3cret-of-books",
            "CRM_BASE_URL": servers[1].base_url,
            "CRM_API_KEY": "k3y-of-crm",
        }
        write_project(tmp_path)
        yield World(
            books=books, crm=crm, terminal=Terminal(directory=tmp_path, environment=environment)
        )


def write_project(folder: Path) -> None:
    files = {
        "pyproject.toml": '[tool.specbridge]\nprofiles = ["books.toml", "crm.toml"]\n',
        "books.toml": BOOKS_PROFILE,
        "crm.toml": CRM_PROFILE,
        "specs/books-crm.rst": DOCUMENT,
    }
    (folder / "specs").mkdir()
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    done = Terminal(directory=folder, environment={}).run("generate")
    assert done.status == 0, done.errors


def unnamed(books: Books) -> list[Mapping[str, Json]]:
    """Return what no row of the document names of each customer."""
    return [
        {
            "note": row["note"],
            "lines": row["lines"],
            "origin": row["origin"],
            "address": {**dict_of(row, "address"), "city": None},
        }
        for row in deepcopy(books.customers).values()
    ]


def test_strict_systems_are_kept_in_sync_by_their_profiles_alone(world: World) -> None:
    books, crm = world.books, world.crm
    before = unnamed(books)
    assert world.terminal.run("profile", "check").status == 0
    planned = world.terminal.run("plan", PACKAGE, "--json")
    assert planned.status == 0, planned.errors
    assert crm.contacts == {}
    # All of them, though pages are capped and the last ones are told by an empty page.
    world.sync()
    assert len(crm.contacts) == COUNT
    first = dict_of(world.contact(1), "properties")
    assert {name: first[name] for name in ("phone", "city", "state", "owner")} == {
        "phone": "555-1",
        "city": "Oslo",
        "state": "active",
        "owner": "eva",
    }
    assert world.sync().writes == 0

    # Edits on both sides, of one record too; and the session ends.
    books.tokens.append("another login")
    books.edit(1, title="1 Inc")
    crm.edit(str(world.contact(1)["id"]), phone="555-0001")
    crm.edit(str(world.contact(2)["id"]), city="Bergen", state="closed")
    books.edit(3, phone="")
    # Somebody is faster, at a property that no row names.
    books.meddle = lambda: books.edit(2, note="theirs")
    world.sync()
    assert books.customers[1]["phone"] == "555-0001"
    assert dict_of(world.contact(1), "properties")["name"] == "1 Inc"
    assert books.customers[2]["state"] == 2
    assert dict_of(books.customers[2], "address")["city"] == "Bergen"
    expected = [{**row, "note": "theirs"} if row["note"] == "note 2" else row for row in before]
    assert unnamed(books) == expected
    assert {str(dict_of(row, "properties")["owner"]) for row in crm.contacts.values()} == {"eva"}

    # Archived there: told by the second list, and nothing is deleted or made anew.
    crm.archived.add(str(world.contact(4)["id"]))
    world.sync()
    assert len(books.customers) == len(crm.contacts) == COUNT
    assert world.sync().writes == 0
    audited = world.terminal.run("audit", PACKAGE, "--json")
    assert audited.status == 0, (audited.output, audited.errors)


def test_a_run_that_is_killed_in_a_batch_makes_no_second_record(world: World) -> None:
    reached = Event()
    release = Event()

    def stall() -> None:
        reached.set()
        release.wait(30)

    world.crm.stall = stall
    try:
        with world.terminal.begun("sync", PACKAGE):
            assert reached.wait(60)
    finally:
        world.crm.stall = None
        release.set()
    world.sync()
    assert len(world.crm.contacts) == COUNT
    assert world.sync().writes == 0
