"""What people call a record is kept beside it: as it is read and written, and as long as it is."""

import re
from collections.abc import Mapping

import pytest
from specbridge.runtime.decide.binding import BoundResource
from specbridge.runtime.flow import ALWAYS
from specbridge.runtime.naming import LONGEST
from specbridge.runtime.records import Record, Refused
from specbridge.runtime.store.packages import resource_names
from specbridge.runtime.store.persons.people import export_person, find_person, find_records
from specbridge.runtime.store.seen.naming import names_of
from specbridge.runtime.store.seen.records import Reading, absorb_records
from specbridge.runtime.store.tables.schema import queue, records
from sqlalchemy import func, select, update

from tests.runtime.bench import Bench
from tests.runtime.people import firm_flow, person_flow


def fill(bench: Bench) -> str:
    """Sync a person whose counterpart is created; return her id."""
    bench.flows = (firm_flow(), person_flow(ALWAYS, ALWAYS))
    her = bench.ledgerly.put("Persons", {"Name": "Ada", "Mail": "ada@x.example"})
    bench.sync()
    return her


def named(bench: Bench) -> Mapping[str, list[str]]:
    """Return the names that the store has, by resource, as lists look them up."""
    with bench.open() as store:
        chosen = select(records.c.resource, records.c.id).order_by(records.c.id)
        places = [(resource, id_) for resource, id_ in store.connection.execute(chosen)]
        found = names_of(store.connection, [*places, *places, (999, "1"), (places[0][0], "none")])
        resources = resource_names(store.connection)
    listed: dict[str, list[str]] = {}
    for place in places:
        if place in found:
            listed.setdefault(resources[place[0]][1], []).append(found[place])
    return listed


def test_what_is_read_and_what_is_written_has_a_name(bench: Bench) -> None:
    fill(bench)
    assert named(bench) == {"Persons": ["Ada"], "users": ["Ada"]}


def test_a_name_that_nothing_else_depends_on_is_followed_and_moves_nothing(bench: Bench) -> None:
    her = fill(bench)
    bench.ledgerly.edit("Persons", her, Called="The Countess")
    before = bench.writes()
    bench.sync()
    assert named(bench)["Persons"] == ["The Countess"]
    assert bench.writes() == before
    with bench.open() as store:
        assert store.connection.execute(select(func.count()).select_from(queue)).scalar() == 0


def test_a_name_that_is_taken_away_gives_way_to_the_next(bench: Bench) -> None:
    her = fill(bench)
    bench.ledgerly.edit("Persons", her, Called="The Countess")
    bench.sync()
    bench.ledgerly.edit("Persons", her, Called=None)
    bench.sync()
    assert named(bench)["Persons"] == ["Ada"]


def test_a_store_of_before_is_named_as_it_is_read_again(bench: Bench) -> None:
    her = fill(bench)
    with bench.open() as store:
        store.connection.execute(update(records).values(name=""))
        store.commit()
    bench.sync()
    assert "Persons" not in named(bench)
    bench.ledgerly.edit("Persons", her, Phone="1")
    bench.sync()
    assert named(bench)["Persons"] == ["Ada"]
    bench.sync(full=True)
    assert named(bench) == {"Persons": ["Ada"], "users": ["Ada"]}


def test_a_record_that_is_gone_is_still_called_what_it_was(bench: Bench) -> None:
    her = fill(bench)
    bench.ledgerly.remove("Persons", her)
    bench.sync()
    assert named(bench)["Persons"] == ["Ada"]


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("A\0da\ud800", "A\ufffdda\ufffd"),
        ("Ada " * 100, ("Ada " * 100)[:LONGEST]),
        ("\x1b[2J\u202eadA\r\n[red]", "\x1b[2J\u202eadA [red]"),
    ],
    ids=["no-text-of-a-database", "long", "of-a-terminal"],
)
def test_an_odd_name_is_kept_as_far_as_it_can_be(bench: Bench, name: str, kept: str) -> None:
    her = fill(bench)
    bench.ledgerly.edit("Persons", her, Called=name)
    bench.sync()
    assert named(bench)["Persons"] == [kept]


def test_who_does_not_say_the_name_leaves_it(bench: Bench) -> None:
    her = fill(bench)
    with bench.open() as store:
        numbers = {name[1]: number for number, name in resource_names(store.connection).items()}
        known = BoundResource(
            number=numbers["Persons"],
            key=("ledgerly", "Persons"),
            names=frozenset(),
            definition=None,
            uses=(),
            sides=(),
            connections=(),
            shape="",
        )
        silent = Record(her, "2026-01-01T00:00:00Z", {"Phone": "2"})
        absorb_records(store.connection, known, [silent], Reading(generation=1, quiet=True))
        store.commit()
    assert named(bench)["Persons"] == ["Ada"]


def test_no_log_has_a_name(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    her = fill(bench)
    bench.ledgerly.edit("Persons", her, Called="The Countess", Name="Augusta", Phone="9")
    bench.acme.put("users", {"name": "The Countess", "phone": "9"})
    bench.ledgerly.put("Persons", {"Name": "The Countess", "Phone": "9"})
    bench.acme.refuse = lambda write: Refused(key=write.key, status=422, reason="it is full")
    bench.sync()
    told = "".join(capsys.readouterr())
    assert "dead letter" in told
    assert not re.search("Countess|Augusta|Ada", told)


def test_a_name_is_exported_with_the_person(bench: Bench) -> None:
    her = fill(bench)
    bench.ledgerly.edit("Persons", her, Called="The Countess")
    bench.sync()
    with bench.open() as store:
        starts = find_records(store.connection, "ledgerly", "Persons", her)
        exported = export_person(store.connection, find_person(store.connection, starts))
    assert sorted(str(row["name"]) for row in exported["records"] if isinstance(row, dict)) == [
        "Ada",
        "The Countess",
    ]
