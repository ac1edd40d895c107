"""External references: by what a created record is found again after a crash, today's texts and older ones."""

from dataclasses import replace

import pytest
from specbridge.runtime.decide.merge import SOURCE
from specbridge.runtime.decide.options import RunOptions
from specbridge.runtime.engine.beginning import begin_session
from specbridge.runtime.engine.changing.writing import external_reference, older_references
from specbridge.runtime.flow import ALWAYS
from specbridge.runtime.reports.report import RunOutcome

from tests.runtime.bench import Bench
from tests.runtime.people import PERSON_ROWS, person_flow
from tests.runtime.worlds import Crash

OLDER = "specbridge:ledgerly_acme:person_to_users:Persons:1"
TODAY = "specbridge::ledgerly:Persons:1"


def begin(bench: Bench) -> None:
    """Have a person without a counterpart, who can be told by nothing that is the same on both sides."""
    bench.flows = (person_flow(ALWAYS, rows=PERSON_ROWS[:3]),)
    bench.ledgerly.put("Persons", {"Name": "Ann", "Mail": None, "Phone": None, "FirmId": None})


def kill_after_the_write(bench: Bench) -> None:
    bench.acme.crash_after = 0
    with pytest.raises(Crash):
        bench.sync()


def users(bench: Bench) -> list[tuple[str, object]]:
    rows = bench.acme.records("users").values()
    return [(stored.reference, stored.properties["name"]) for stored in rows]


def test_a_created_record_is_told_by_company_system_resource_and_id(bench: Bench) -> None:
    begin(bench)
    bench.sync()
    assert users(bench) == [(TODAY, "Ann")]


def test_the_same_record_has_the_same_reference_whatever_flow_it_is_created_by(
    bench: Bench,
) -> None:
    begin(bench)
    kill_after_the_write(bench)
    # The document is another one by the time that somebody looks: its flow has a new name.
    (flow,) = bench.flows
    bench.flows = (replace(flow, name="people_to_users"),)
    assert bench.sync().outcome is RunOutcome.CLEAN
    assert users(bench) == [(TODAY, "Ann")]
    assert bench.sync(full=True).writes == 0


@pytest.mark.parametrize("reference", [TODAY, OLDER, OLDER.upper()])
def test_what_a_killed_run_created_is_found_by_todays_reference_and_by_older_ones(
    bench: Bench, reference: str
) -> None:
    begin(bench)
    kill_after_the_write(bench)
    # As the version before would have sent it; and the server has changed the name since.
    (stored,) = bench.acme.records("users").values()
    bench.acme.references.clear()
    stored.reference = reference
    stored.properties["name"] = "ANNE"
    assert bench.sync().outcome is RunOutcome.CLEAN
    assert len(users(bench)) == 1
    assert bench.sync(full=True).writes == 0


def test_of_another_records_reference_nothing_is_taken(bench: Bench) -> None:
    begin(bench)
    kill_after_the_write(bench)
    (stored,) = bench.acme.records("users").values()
    bench.acme.references.clear()
    stored.reference = OLDER.replace(":1", ":2")
    stored.properties["name"] = "Somebody"
    bench.sync()
    assert len(users(bench)) == 2


def test_texts_that_are_too_long_are_digests_which_differ_for_each_record(bench: Bench) -> None:
    begin(bench)
    with bench.open() as store:
        session = begin_session(bench.task, store, bench.edges(), RunOptions(), "sync")
        (flow,) = session.flows
        origin = session.resource(flow, SOURCE)
        texts = [
            text
            for id_ in ("1", "2")
            for text in (
                external_reference(session.company, origin, id_, 30),
                *older_references(flow, origin, id_, 30),
            )
        ]
        whole = [*older_references(flow, origin, "1", 50)]
    assert whole == [OLDER]
    assert len(set(texts)) == 4
    assert all(text.startswith("specbridge:") and len(text) == 30 for text in texts)


def test_a_system_that_gives_two_records_one_id_makes_a_dead_letter_and_no_failure(
    bench: Bench,
) -> None:
    for name in ("One", "Other", "Third"):
        bench.ledgerly.put("Firms", {"Name": name})
    # Before each write: so all of them are answered with the same id.
    bench.acme.meddle = lambda _write: setattr(bench.acme, "last_id", 1000)
    report = bench.sync()
    assert report.outcome is RunOutcome.LEFT_OVER
    reasons = [action.reason for action in report.actions or () if action.kind == "dead_letter"]
    assert len(reasons) == 2
    assert all("the id that the system gave it is taken by acme" in reason for reason in reasons)
