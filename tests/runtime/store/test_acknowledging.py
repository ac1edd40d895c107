"""Dead letters that somebody has seen make no run end with something left over, until they change."""

import json

import pytest
from click.testing import CliRunner
from specbridge.cli.stores.dead_letters import dead_letters
from specbridge.runtime.records import Refused
from specbridge.runtime.reports.report import RunOutcome

from tests.runtime.bench import Bench
from tests.runtime.firm import Firm
from tests.runtime.identities.drawing import Section
from tests.runtime.kept import KeptStore
from tests.runtime.people import firm_flow


@pytest.fixture
def refused(bench: Bench) -> str:
    """Leave over the firm whose name is taken; return its id."""
    bench.flows = (firm_flow(),)
    bench.ledgerly.put("Firms", {"Name": "Alfa"})
    bench.sync()
    second = bench.ledgerly.put("Firms", {"Name": "Alfa"})
    assert bench.sync().outcome is RunOutcome.LEFT_OVER
    return second


def ask(bench: Bench, *words: str) -> str:
    return call(bench.url, *words)


def call(url: str, *words: str) -> str:
    result = CliRunner().invoke(dead_letters, ["--store", url, *words])
    assert result.exit_code == 0, result.output
    # What to do next goes apart from the rows.
    return result.stdout


def test_an_acknowledged_letter_stays_listed_and_leaves_nothing_over(
    bench: Bench, refused: str
) -> None:
    assert ask(bench, "acknowledge", refused) == "1 dead letters acknowledged\n"
    (row,) = json.loads(ask(bench, "--json"))
    assert (row["id"], row["acknowledged"]) == (refused, True)
    assert ask(bench).endswith(' (acknowledged) "Alfa"\n')
    assert bench.sync().outcome is RunOutcome.CLEAN
    # Tried again, and refused for the same reason.
    ask(bench, "retry")
    assert bench.sync(full=True).outcome is RunOutcome.CLEAN
    (row,) = json.loads(ask(bench, "--json"))
    assert row["acknowledged"] is True


def test_a_letter_whose_reason_changes_is_to_be_seen_again(bench: Bench, refused: str) -> None:
    ask(bench, "acknowledge")
    third = bench.ledgerly.put("Firms", {"Name": "Alfa"})
    assert bench.sync().outcome is RunOutcome.LEFT_OVER
    ask(bench, "acknowledge", third)
    # Another name that is taken is another reason.
    bench.ledgerly.put("Firms", {"Name": "Beta"})
    assert bench.sync().outcome is RunOutcome.CLEAN
    bench.ledgerly.edit("Firms", refused, Name="Beta")
    assert bench.sync().outcome is RunOutcome.LEFT_OVER
    found = {row["id"]: row["acknowledged"] for row in json.loads(ask(bench, "--json"))}
    assert found == {refused: False, third: True}


def test_a_letter_that_was_dealt_with_is_forgotten(bench: Bench, refused: str) -> None:
    ask(bench, "acknowledge")
    bench.ledgerly.edit("Firms", refused, Name="Gamma")
    assert bench.sync().outcome is RunOutcome.CLEAN
    assert json.loads(ask(bench, "--json")) == []
    # It comes to nothing once more: somebody is to see that.
    bench.ledgerly.edit("Firms", refused, Name="Alfa")
    assert bench.sync().outcome is RunOutcome.LEFT_OVER
    (row,) = json.loads(ask(bench, "--json"))
    assert (row["id"], row["acknowledged"]) == (refused, False)


def test_nothing_to_acknowledge_is_said(bench: Bench, refused: str) -> None:
    result = CliRunner().invoke(dead_letters, ["--store", bench.url, "acknowledge", "999999"])
    assert "none of these is a dead letter" in str(result.exception)
    assert result.exit_code != 0
    assert refused in ask(bench)


TWO = (
    Section(source="A", target="C", rule="one", forth="always"),
    Section(source="A", target="D", rule="one", forth="always"),
)


def test_what_several_flows_say_of_a_record_is_listed_once(url: str) -> None:
    firm = Firm(KeptStore(url), {"two": TWO})
    ids = {firm.put("A", one=str(number), name="n") for number in range(3)}
    firm.worlds["west"].refuse = lambda write: Refused(key=write.key, status=422, reason="too many")
    assert firm.sync().outcome is RunOutcome.LEFT_OVER
    rows = json.loads(call(url, "--json"))
    assert {(row["flow"], *row["also"], row["id"]) for row in rows} == {
        ("a_to_c_00", "a_to_d_01", id_) for id_ in ids
    }
    assert len(call(url).splitlines()) == 3
    assert call(url).startswith("a_to_c_00, a_to_d_01 source ")
    assert call(url, "retry") == "3 dead letters will be tried again by the next sync\n"
    one = min(ids)
    assert call(url, "acknowledge", one) == "1 dead letters acknowledged\n"
    seen = {row["id"]: row["acknowledged"] for row in json.loads(call(url, "--json"))}
    assert seen == {id_: id_ == one for id_ in ids}
