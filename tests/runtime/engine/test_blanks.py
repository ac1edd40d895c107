"""Texts of blanks alone say nothing: they are empty like any other empty value (scenarios N1, N2, I3)."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from specbridge.emit.package import emit_package
from specbridge.model.profile import Property
from specbridge.model.values import Json
from specbridge.runtime.engine.audit import run_audit
from specbridge.runtime.engine.run import run_sync
from specbridge.runtime.flow import ALWAYS, NEVER, AnyFlow
from specbridge.runtime.reports.report import RunOutcome

from tests.emit.build import flow, package, prop, row, rule, side
from tests.emit.load import RENDERER, import_folder, write_texts
from tests.runtime.bench import Bench
from tests.runtime.people import PROFILES, firm_flow, person_flow, resource

BLANKS = pytest.mark.parametrize(
    "blank", [" ", "  ", "\t", "\u00a0"], ids=["one", "two", "tab", "hard"]
)


@BLANKS
def test_n1_a_blank_is_filled_from_the_other_side(bench: Bench, blank: str) -> None:
    bench.flows = (person_flow(),)
    bench.ledgerly.put("Persons", {"Name": blank, "Mail": "a@x.example", "Phone": "1"})
    bench.acme.put("users", {"name": "Ann", "email": "a@x.example", "phone": blank})
    assert bench.sync().outcome is RunOutcome.CLEAN
    assert bench.ledgerly.rows("Persons")[0]["Name"] == "Ann"
    assert bench.acme.rows("users")[0]["phone"] == "1"
    assert bench.sync(full=True).writes == 0


def test_n1_blanks_of_any_length_are_equal_and_the_audit_says_so(bench: Bench) -> None:
    bench.flows = (person_flow(),)
    bench.ledgerly.put("Persons", {"Name": "  ", "Mail": "a@x.example", "Phone": None})
    bench.acme.put("users", {"name": "", "email": "a@x.example", "phone": " "})
    assert bench.sync().writes == 0
    with bench.open(scratch=True) as store:
        report = run_audit(bench.task, store, bench.edges(), bench.options)
    assert all(statement.fails == 0 for statement in report.statements)


def test_n2_what_is_blanked_out_is_filled_again(bench: Bench) -> None:
    bench.flows = (person_flow(),)
    ann = bench.ledgerly.put("Persons", {"Name": "Ann", "Mail": "a@x.example"})
    bench.acme.put("users", {"name": "Ann", "email": "a@x.example"})
    bench.sync()
    bench.ledgerly.edit("Persons", ann, Name=" ")
    bench.sync()
    assert bench.ledgerly.rows("Persons")[0]["Name"] == "Ann"
    assert bench.acme.rows("users")[0]["name"] == "Ann"


def test_i3_blank_names_are_no_names_that_could_be_taken(bench: Bench) -> None:
    bench.flows = (firm_flow(),)
    for blank in (" ", "  "):
        bench.ledgerly.put("Firms", {"Name": blank})
    report = bench.sync()
    assert (report.outcome, report.writes) == (RunOutcome.CLEAN, 2)
    # As with any empty property: it is not sent.
    assert bench.acme.rows("companies") == [{}, {}]


def test_n7_a_blank_is_no_value_of_a_required_property(bench: Bench) -> None:
    bench.flows = (person_flow(ALWAYS),)
    users = resource("users", Property(path=("name",), required=True))
    profiles = {**PROFILES, "acme": replace(PROFILES["acme"], resources=(users,))}
    bench.ledgerly.put("Persons", {"Name": " ", "Mail": "a@x.example"})
    with bench.open() as store:
        task = replace(bench.task, profiles=profiles)
        report = run_sync(task, store, bench.edges(), bench.options)
    assert (report.outcome, report.writes) == (RunOutcome.LEFT_OVER, 0)


@pytest.fixture
def preferring(tmp_path: Path) -> Callable[[], AnyFlow]:
    """Return what generates a flow in which a firm's `Home`, else its `Work`, is the company's city."""

    def make() -> AnyFlow:
        sides = (side("Firms", label="Ledgerly"), side("companies", label="Acme"))
        rows = (row("Name", "name"), row("Home", "city"), row("Work", "city"))
        stated = flow(*sides, rows, [rule(prop("Name"), prop("name"))], name="firms")
        texts = emit_package(package(stated), RENDERER)
        found: AnyFlow = import_folder(write_texts(texts, tmp_path / "generated")).FLOWS[0]
        return found

    return make


@pytest.mark.parametrize("linked", [False, True])
def test_a_blank_does_not_keep_the_next_row_from_being_heard(
    bench: Bench, preferring: Callable[[], AnyFlow], linked: bool
) -> None:
    bench.flows = (replace(preferring(), create_source=NEVER),)
    firm = bench.ledgerly.put("Firms", {"Name": "Alfa", "Home": "  ", "Work": "Oslo"})
    if linked:
        bench.acme.put("companies", {"name": "Alfa", "city": None})
    bench.sync()
    (company,) = bench.acme.records("companies")
    assert bench.acme.rows("companies")[0]["city"] == "Oslo"
    bench.acme.edit("companies", company, city="Bergen")
    bench.sync()
    held: dict[str, Json] = bench.ledgerly.records("Firms")[firm].properties
    assert (held["Home"], held["Work"]) == ("  ", "Bergen")
    assert [bench.sync().writes, bench.sync(full=True).writes] == [0, 0]


def test_what_a_system_trims_holds_for_sync_and_audit_alike(bench: Bench) -> None:
    bench.flows = (person_flow(ALWAYS),)
    bench.acme.normalise = lambda _name, value: value.strip() if isinstance(value, str) else value
    ann = bench.ledgerly.put("Persons", {"Name": "Salt og Pepper ", "Mail": "a@x.example"})
    bench.sync()
    assert bench.acme.rows("users")[0]["name"] == "Salt og Pepper"
    assert bench.sync(full=True).writes == 0
    with bench.open(scratch=True) as store:
        report = run_audit(bench.task, store, bench.edges(), bench.options)
    assert all(statement.fails == 0 for statement in report.statements)
    # Another value is still told: this one the other system did not get.
    bench.ledgerly.edit("Persons", ann, Name="Salt")
    with bench.open(scratch=True) as store:
        report = run_audit(bench.task, store, bench.edges(), bench.options)
    assert [s.text for s in report.statements if s.fails] == ["Name name"]
