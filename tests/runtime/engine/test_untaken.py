"""Writes that a system says it carried out, and did not: each is said, and tried again when asked."""

from collections.abc import Callable

import pytest
from specbridge.model.values import Json
from specbridge.runtime.decide.equality import alike
from specbridge.runtime.engine.undo import undo_run
from specbridge.runtime.flow import ALWAYS
from specbridge.runtime.reports.report import Report

from tests.runtime.bench import Bench
from tests.runtime.people import firm_flow, person_flow


def linked(bench: Bench) -> tuple[str, str]:
    """Have a person and a user linked, and return their ids."""
    person = bench.ledgerly.put("Persons", {"Name": "Ann", "Mail": "a@x.example", "Phone": "1"})
    user = bench.acme.put("users", {"name": "Ann", "email": "a@x.example", "phone": "1"})
    assert bench.sync().writes == 0
    return person, user


def letters(report: Report) -> int:
    return sum(flow.standing.dead_letters for flow in report.flows)


def test_what_was_not_taken_is_a_dead_letter_and_left_alone(bench: Bench) -> None:
    person, user = linked(bench)
    bench.acme.ignores = frozenset({"name"})
    bench.ledgerly.edit("Persons", person, Name="Anne")
    report = bench.sync()
    assert (letters(report), report.writes, bench.acme.writes) == (1, 0, 1)
    (letter,) = [action for action in report.actions or () if action.kind == "dead_letter"]
    assert letter.id == person
    assert letter.reason == "acme answered that it took it, but name is as it was before"
    again = bench.sync()
    assert (letters(again), bench.acme.writes) == (1, 1)
    bench.acme.ignores = frozenset()
    assert letters(bench.sync()) == 1
    done = bench.sync(full=True)
    assert (letters(done), done.writes) == (0, 1)
    assert bench.acme.records("users")[user].properties["name"] == "Anne"
    assert bench.sync(full=True).writes == 0


@pytest.mark.parametrize("side", ["ledgerly", "acme"])
def test_it_is_tried_again_when_either_side_changes(bench: Bench, side: str) -> None:
    person, user = linked(bench)
    bench.acme.ignores = frozenset({"name"})
    bench.ledgerly.edit("Persons", person, Name="Anne")
    bench.sync()
    bench.acme.ignores = frozenset()
    if side == "ledgerly":
        bench.ledgerly.edit("Persons", person, Phone="2")
    else:
        bench.acme.edit("users", user, phone="2")
    report = bench.sync()
    assert letters(report) == 0
    assert bench.acme.rows("users") == [{"name": "Anne", "email": "a@x.example", "phone": "2"}]
    assert bench.ledgerly.rows("Persons") == [{"Name": "Anne", "Mail": "a@x.example", "Phone": "2"}]


def test_the_other_way_too(bench: Bench) -> None:
    person, user = linked(bench)
    bench.ledgerly.ignores = frozenset({"Name"})
    bench.acme.edit("users", user, name="Anne")
    report = bench.sync()
    (letter,) = [action for action in report.actions or () if action.kind == "dead_letter"]
    assert (letter.side, letter.id) == ("target", user)
    bench.ledgerly.ignores = frozenset()
    bench.sync(full=True)
    assert bench.ledgerly.records("Persons")[person].properties["Name"] == "Anne"


def test_of_several_properties_the_others_are_taken(bench: Bench) -> None:
    person, user = linked(bench)
    bench.acme.ignores = frozenset({"name"})
    bench.ledgerly.edit("Persons", person, Name="Anne", Phone="2")
    report = bench.sync()
    assert (letters(report), report.writes) == (1, 1)
    assert bench.acme.records("users")[user].properties["phone"] == "2"
    bench.acme.edit("users", user, phone="3")
    assert letters(bench.sync()) == 1
    assert bench.ledgerly.records("Persons")[person].properties["Phone"] == "3"
    bench.acme.ignores = frozenset()
    bench.sync(full=True)
    assert bench.acme.rows("users") == [{"name": "Anne", "email": "a@x.example", "phone": "3"}]


@pytest.mark.parametrize(
    ("field", "before", "sent", "normalise"),
    [
        ("Name", "Ann", "Ann ", str.strip),
        ("Mail", "a@x.example", "A@X.example", str.lower),
        ("Name", "https://x.example/", "https://X.example", lambda text: f"{text.lower()}/"),
    ],
)
def test_a_value_that_the_system_writes_in_its_own_way_is_taken(
    bench: Bench, field: str, before: str, sent: str, normalise: Callable[[str], str]
) -> None:
    person, _ = linked(bench)
    bench.ledgerly.edit("Persons", person, **{field: before})
    bench.sync()
    bench.acme.normalise = lambda _name, value: normalise(str(value))
    bench.ledgerly.edit("Persons", person, **{field: sent})
    assert letters(bench.sync()) == 0
    writes = bench.acme.writes
    assert bench.sync(full=True).writes == 0
    assert bench.acme.writes == writes
    assert bench.ledgerly.records("Persons")[person].properties[field] == sent


def test_what_a_created_record_lacks_is_written_once_more_and_then_said(bench: Bench) -> None:
    bench.flows = (firm_flow(), person_flow(ALWAYS, ALWAYS))
    bench.acme.ignores = frozenset({"phone"})
    bench.ledgerly.put("Persons", {"Name": "Ann", "Mail": "a@x.example", "Phone": "1"})
    report = bench.sync()
    assert letters(report) == 1
    assert bench.acme.rows("users")[0]["phone"] is None
    bench.sync()
    assert bench.acme.writes == 2  # created, and tried once more
    bench.acme.ignores = frozenset()
    bench.sync(full=True)
    assert bench.acme.rows("users")[0]["phone"] == "1"


def test_an_undo_says_what_was_not_taken_back(bench: Bench) -> None:
    person, user = linked(bench)
    bench.ledgerly.edit("Persons", person, Name="Anne")
    run = int(bench.sync().run)
    bench.acme.ignores = frozenset({"name"})
    with bench.open() as store:
        report = undo_run(bench.task, store, bench.edges(), run)
    assert report.restored == []
    assert report.kept == {user: "acme answered that it took it, but name is as it was before"}


@pytest.mark.parametrize(
    ("held", "sent", "are"),
    [
        ("Ann", " Ann ", True),
        ("Ann", "Anne", False),
        ("Ann", "ann", False),
        ("a@x.example", "A@X.Example", True),
        ("https://x.example/", "https://x.example", True),
        ("https://x.example/a", "https://x.example", False),
        ("+4722334455", "+47 22 33 44-55", True),
        ("+4722334455", "+47 22 33 44 56", False),
        ("1 500", "1.500", False),
        (["a.example"], ["A.example"], True),
        (["a.example"], ["a.example", "b.example"], False),
        (None, "", True),
        (1, 1.0, True),
        (1, True, False),
        ("x", None, False),
    ],
)
def test_alike(held: Json, sent: Json, are: bool) -> None:
    assert alike(held, sent) is are
