"""What is paused stands still: packages, pairings that several share, and the whole company."""

import json

import pytest
from click.testing import CliRunner, Result
from specbridge.cli.main import main
from specbridge.runtime.engine.undo import undo_run
from specbridge.runtime.reports.report import RunOutcome

from tests.runtime.bench import Bench
from tests.runtime.firm import Firm
from tests.runtime.identities.drawing import Section
from tests.runtime.kept import KeptStore

PACKAGE = "ledgerly_acme"


def ask(url: str, *words: str, expect: int = 0) -> Result:
    result = CliRunner().invoke(main, [*words, "--store", url])
    assert result.exit_code == expect, result.output
    return result


@pytest.fixture
def overwritten(bench: Bench) -> tuple[str, str]:
    """Have a run overwrite a user's name; return the run's number and the person's id."""
    person = bench.ledgerly.put("Persons", {"Name": "Old", "Mail": "a@b.example"})
    bench.acme.put("users", {"name": "Old", "email": "a@b.example"})
    bench.sync()
    bench.ledgerly.edit("Persons", person, Name="New")
    run = bench.sync()
    assert [row["name"] for row in bench.acme.rows("users")] == ["New"]
    return str(run.run), person


def test_what_is_undone_while_paused_stays_undone(
    bench: Bench, overwritten: tuple[str, str]
) -> None:
    run, person = overwritten
    said = ask(bench.url, "pause", PACKAGE, "--reason", "looked at")
    assert said.output == f"{PACKAGE} is paused until `specbridge resume {PACKAGE}`\n"
    with bench.open() as store:
        assert undo_run(bench.task, store, bench.edges(), int(run)).restored
    writes = bench.writes()
    for _ in range(2):
        report = bench.sync()
        assert (report.outcome, report.outcome.exit_code) == (RunOutcome.PAUSED, 3)
        assert [(one.package, one.reason) for one in report.paused] == [(PACKAGE, "looked at")]
        assert (report.rounds, bench.writes()) == (0, writes)
    assert [row["name"] for row in bench.acme.rows("users")] == ["Old"]
    assert bench.ledgerly.records("Persons")[person].properties["Name"] == "New"
    assert bench.plan().outcome is RunOutcome.PAUSED
    ask(bench.url, "resume", PACKAGE)
    assert bench.sync().outcome is RunOutcome.CLEAN
    # What was restored is an edit like any other.
    assert bench.ledgerly.records("Persons")[person].properties["Name"] == "Old"


def test_what_changed_meanwhile_is_carried_across_once_it_goes_on(bench: Bench) -> None:
    ask(bench.url, "pause")
    bench.ledgerly.put("Firms", {"Name": "Firm"})
    assert bench.sync().outcome is RunOutcome.PAUSED
    assert bench.acme.rows("companies") == []
    ask(bench.url, "resume")
    assert bench.sync().outcome is RunOutcome.CLEAN
    assert [row["name"] for row in bench.acme.rows("companies")] == ["Firm"]


def test_a_pause_is_told_by_status_and_ended_once(
    bench: Bench, overwritten: tuple[str, str]
) -> None:
    assert overwritten
    ask(bench.url, "pause", PACKAGE)
    # Paused again it stays so since then, for the newer reason.
    ask(bench.url, "pause", PACKAGE, "--reason", "a reason")
    (row,) = json.loads(ask(bench.url, "status", "--json").output)
    assert (row["paused"]["package"], row["paused"]["reason"]) == (PACKAGE, "a reason")
    assert "paused since 20" in ask(bench.url, "status").output
    ask(bench.url, "pause", "--company")
    assert "still paused: the company" in ask(bench.url, "resume", PACKAGE).output
    (row,) = json.loads(ask(bench.url, "status", "--json").output)
    assert row["paused"]["package"] is None
    assert "paused with the company since" in ask(bench.url, "status").output
    assert (
        "the company is: `specbridge resume`" in ask(bench.url, "resume", PACKAGE, expect=2).output
    )
    ask(bench.url, "resume")
    assert "is not paused" in ask(bench.url, "resume", expect=2).output
    (row,) = json.loads(ask(bench.url, "status", "--json").output)
    assert row["paused"] is None


def test_what_is_no_package_is_refused(bench: Bench) -> None:
    bench.sync()
    assert ask(bench.url, "pause", "nowhere", expect=2).output
    assert ask(bench.url, "pause", PACKAGE, "--company", expect=2).output
    assert bench.sync().outcome is RunOutcome.CLEAN


TWO = {
    "one": [Section(source="A", target="B", rule="one", forth="always")],
    "two": [
        Section(source="A", target="B", rule="one"),
        Section(source="B", target="C", rule="one", forth="always"),
    ],
}


@pytest.fixture
def firm(url: str) -> Firm:
    return Firm(KeptStore(url), TWO)


def test_of_several_packages_the_others_go_on(firm: Firm, url: str) -> None:
    firm.put("B", one="x", name="x")
    firm.sync()
    ask(url, "pause", "one")
    firm.put("A", one="a", name="a")
    firm.put("B", one="y", name="y")
    for names, alone in (((), False), (("two",), True)):
        report = firm.sync(*names, alone=alone)
        assert report.outcome is RunOutcome.LEFT_OVER
        assert [one.package for one in report.paused] == ["one"]
    # The pairing of both packages stands still, though one of them alone was paused and loaded.
    assert sorted(map(str, firm.held("B"))) == ["x", "y"]
    assert sorted(map(str, firm.held("C"))) == ["x", "y"]
    assert firm.sync("one", alone=True).outcome is RunOutcome.PAUSED
    ask(url, "resume", "one")
    assert firm.sync().outcome is RunOutcome.CLEAN
    assert sorted(map(str, firm.held("C"))) == ["a", "x", "y"]
