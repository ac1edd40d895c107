"""A CRM and a book-keeping system of which only profiles are known: everything that the language can say, in syncs.

Merged records, associations, records below others, answers that hold what was asked for, searches with a cap,
batches with refusals apart, sessions that end, versions, objects with ids of their own; and a run that is killed.
"""

from collections.abc import Iterator
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
from tests.acceptance.hub import HUB_PROFILE, Hub, properties_of
from tests.acceptance.ledger import LEDGER_PROFILE, Ledger
from tests.runtime.connectors.servers import Reply, serving

DOCUMENT = """\
======================
Ledger to Hub Dataflow
======================

Generated: 2026-11-23 00:00:01

Introduction
------------

What is kept equal between Ledger and Hub.

Ledger customer to Hub Company
------------------------------
Every Ledger customer will be synchronized with a Hub Company.

Once a link between a Ledger customer and a Hub Company is established, it will keep in sync between the two systems, regardless of where it is edited.

The following properties are synchronized between a Ledger customer and a Hub Company:

.. list-table::
   :header-rows: 1

   * - Ledger customer Property
     - Hub Company Property
     - Hub Data Type
   * - name
     - properties.name
     - "string"
   * - employees
     - properties.employees
     - "integer"
   * - address.city
     - properties.city
     - "string"

Ledger contact to Hub Contact
-----------------------------
Every Ledger contact will be synchronized with a Hub Contact.

Before any synchronization can take place, a link between a Ledger contact and a Hub Contact must be established.

A Ledger contact will merge with a Hub Contact if one of the following property combinations match:

.. list-table::
   :header-rows: 1

   * - Ledger contact Property
     - Hub Contact Property
   * - email
     - properties.email

Once a link between a Ledger contact and a Hub Contact is established, it will keep in sync between the two systems, regardless of where it is edited.

The following properties are synchronized between a Ledger contact and a Hub Contact:

.. list-table::
   :header-rows: 1

   * - Ledger contact Property
     - Hub Contact Property
     - Hub Data Type
   * - email
     - properties.email
     - "string"
   * - name
     - properties.name
     - "string"
   * - customerId
     - employer
     - "string"
"""
PACKAGE = "generated/ledger_hub"
COUNT = 8


@dataclass(frozen=True, kw_only=True)
class World:
    """Both systems, and a project that knows them by their profiles alone."""

    ledger: Ledger
    hub: Hub
    terminal: Terminal

    def sync(self, status: int = 0, *words: str) -> Done:
        done = self.terminal.run("sync", PACKAGE, "--json", *words)
        assert done.status == status, (done.output, done.errors)
        return done

    def find(self, kind: str, **values: Json) -> str:
        """Return the id of the one object with these properties."""
        (found,) = [
            id_
            for id_, row in self.hub.objects[kind].items()
            if all(properties_of(row).get(name) == value for name, value in values.items())
        ]
        return found


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    ledger, hub = Ledger(), Hub()
    for number in range(1, COUNT + 1):
        firm = ledger.add_customer(
            name=f"Firm {number}", employees=number, isInactive=number == COUNT
        )
        ledger.add_contact(name=f"Ann {number}", email=f"ann{number}@firm.example", customerId=firm)
    with ExitStack() as stack:
        servers = [stack.enter_context(serving(one.answer)) for one in (ledger, hub)]
        for server in servers:
            server.date = format_datetime(datetime.now(UTC), usegmt=True)
        files = {
            "pyproject.toml": '[tool.specbridge]\nprofiles = ["ledger.toml", "hub.toml"]\n',
            "ledger.toml": LEDGER_PROFILE,
            "hub.toml": HUB_PROFILE,
            "specs/ledger-hub.rst": DOCUMENT,
        }
        (tmp_path / "specs").mkdir()
        for name, text in files.items():
            (tmp_path / name).write_text(text, encoding="utf-8")
        environment = {
            "LEDGER_BASE_URL": servers[0].base_url,
            "LEDGER_CONSUMER": "c0nsumer",
            "LEDGER_EMPLOYEE": "empl0yee",
            "HUB_BASE_URL": servers[1].base_url,
            "HUB_TOKEN": "t0ken-of-hub",
        }
        terminal = Terminal(directory=tmp_path, environment=environment)
        done = terminal.run("generate")
        assert done.status == 0, (done.output, done.errors)
        yield World(ledger=ledger, hub=hub, terminal=terminal)


def unnamed(ledger: Ledger) -> list[Json]:
    """Return what no row of the document names of each customer, in the order of their ids."""
    kept: list[Json] = []
    for _, row in sorted(ledger.customers.items()):
        address = row["address"]
        assert isinstance(address, dict)
        other: Json = {**address, "city": None}
        kept.append([row["note"], row["organizationNumber"], row["isInactive"], other])
    return deepcopy(kept)


def test_both_are_kept_in_sync_by_their_profiles_alone(world: World) -> None:
    ledger, hub = world.ledger, world.hub
    before = unnamed(ledger)
    assert world.terminal.run("profile", "check").status == 0
    planned = world.terminal.run("plan", PACKAGE, "--json")
    assert planned.status == 0, planned.errors
    assert hub.objects == {"companies": {}, "contacts": {}}
    # All of them: pages are capped, inactive ones are a list of their own, contacts stand below customers.
    world.sync()
    assert len(hub.objects["companies"]) == len(hub.objects["contacts"]) == COUNT
    assert hub.batches > 0
    ann, firm = world.find("contacts", name="Ann 1"), world.find("companies", name="Firm 1")
    assert properties_of(hub.objects["companies"][firm])["employees"] == "1"
    assert hub.main_employer(ann) == firm
    assert world.sync().writes == 0

    # Edits on both sides; the session ends; somebody's second employer is left alone.
    ledger.sessions.append("another login")
    two = world.find("companies", name="Firm 2")
    hub.edit("companies", two, city="Bergen", employees="22")
    hub.employers[ann, two] = False
    ledger.edit_customer(1, name="Firm One")
    moved = next(row for row in ledger.contacts.values() if row["name"] == "Ann 3")
    moved["customerId"] = 1
    world.sync()
    assert ledger.customers[3]["employees"] == 22
    address = ledger.customers[3]["address"]
    assert isinstance(address, dict)
    assert address["city"] == "Bergen"
    assert world.find("companies", name="Firm One") == firm
    three = world.find("contacts", name="Ann 3")
    assert hub.main_employer(three) == firm
    assert {two for one, two in hub.employers if one == three} == {firm}
    assert hub.employers[ann, two] is False
    assert unnamed(ledger) == before
    assert {
        properties_of(row)["owner"] for kind in hub.objects.values() for row in kind.values()
    } == {"eva"}
    assert world.sync().writes == 0
    audited = world.terminal.run("audit", PACKAGE, "--json")
    assert audited.status == 0, (audited.output, audited.errors)


@pytest.mark.parametrize("words", [(), ("--full",)], ids=["by its successor", "by a full reading"])
def test_a_merged_record_keeps_its_link_and_nothing_is_made_anew(
    world: World, words: tuple[str, ...]
) -> None:
    world.sync()
    hub, ledger = world.hub, world.ledger
    stray = hub.add("contacts", name="Ann 5", email="a5@elsewhere.example")
    five = world.find("contacts", email="ann5@firm.example")
    new = hub.merge("contacts", five, stray)
    hub.edit("contacts", new, name="Anna 5")
    count = len(ledger.contacts)
    world.sync(0, *words)
    assert len(hub.objects["contacts"]) == COUNT
    assert len(ledger.contacts) == count
    assert "Anna 5" in {row["name"] for row in ledger.contacts.values()}
    # From then on edits travel both ways.
    next(row for row in ledger.contacts.values() if row["name"] == "Anna 5")["name"] = "Anne 5"
    world.sync()
    assert properties_of(hub.objects["contacts"][new])["name"] == "Anne 5"
    assert f'"{new}"' in world.terminal.run("links", "--json").output
    assert world.sync().writes == 0


def test_what_is_archived_or_merged_into_a_linked_record_is_nobody_s_loss(world: World) -> None:
    world.sync()
    hub, ledger = world.hub, world.ledger
    hub.archived.add(world.find("contacts", name="Ann 6"))
    hub.merge(
        "contacts", world.find("contacts", name="Ann 1"), world.find("contacts", name="Ann 2")
    )
    counts = len(ledger.contacts), len(hub.objects["contacts"])
    world.sync(0, "--full")
    world.sync(0, "--full")
    assert (len(ledger.contacts), len(hub.objects["contacts"])) == counts


def test_the_holder_that_a_refusal_names_is_linked(world: World) -> None:
    hub, ledger = world.hub, world.ledger
    # The further address of another contact is taken: nobody can search by it, and the refusal names who has it.
    mine = hub.add("contacts", email="ann7@firm.example", name="Ann VII")
    other = hub.add("contacts", email="x@elsewhere.example", name="X")
    hub.objects["contacts"][other]["further"] = "ann8@firm.example"
    world.sync(3)
    assert len(hub.objects["contacts"]) == COUNT
    letters = world.terminal.run("dead-letters", "--json")
    assert f"hub contacts {other}, which is not linked" in letters.output
    assert f'"{mine}"' in world.terminal.run("links", "--json").output
    assert {row["email"] for row in ledger.contacts.values()} == {
        f"ann{number}@firm.example" for number in range(1, COUNT + 1)
    }


def test_a_daily_limit_ends_the_run_and_the_next_one_goes_on(world: World) -> None:
    world.hub.daily = True
    failed = world.sync(5)
    assert "daily limit" in failed.output + failed.errors
    world.hub.daily = False
    world.sync()
    assert len(world.hub.objects["contacts"]) == COUNT


def test_a_run_that_is_killed_in_a_batch_makes_no_second_record(world: World) -> None:
    reached, release = Event(), Event()
    hub = world.hub
    plain = hub._batch

    def stalled(kind: str, verb: str, body: dict[str, Json]) -> Reply:
        reply = plain(kind, verb, body)
        if verb == "create" and not reached.is_set():
            reached.set()
            release.wait(30)
        return reply

    hub._batch = stalled  # type: ignore[method-assign]  # the server's own work, held up once
    try:
        with world.terminal.begun("sync", PACKAGE):
            assert reached.wait(60)
    finally:
        release.set()
    world.sync()
    assert len(hub.objects["companies"]) == len(hub.objects["contacts"]) == COUNT
    assert world.sync().writes == 0


def test_the_live_systems_are_probed(world: World) -> None:
    for name in ("ledger", "hub"):
        probed = world.terminal.run("profile", "probe", name)
        assert probed.status == 0, (probed.output, probed.errors)
