"""Undoing a part of a run: single writes, and creations that nobody has touched since."""

from collections.abc import Mapping

import pytest
from specbridge.errors import PackageError
from specbridge.runtime.decide.options import FlowPolicy
from specbridge.runtime.engine.undo import Chosen, UndoReport, undo_run
from specbridge.runtime.records import Delete, Refused, Write
from specbridge.runtime.reports.report import RunOutcome
from specbridge.runtime.store.history.undoing import entries_of_run
from specbridge.runtime.store.tables.schema import journal, links
from sqlalchemy import select, update

from tests.runtime.bench import Bench
from tests.runtime.firm import Firm
from tests.runtime.identities.drawing import Section
from tests.runtime.kept import KeptStore

CREATIONS = Chosen(creations=True)


def undo(bench: Bench, run: int, chosen: Chosen) -> UndoReport:
    bench.clock.advance()
    with bench.open() as store:
        return undo_run(bench.task, store, bench.edges(), run, chosen)


def names(bench: Bench, resource: str = "companies") -> list[str]:
    return sorted(str(row["name"]) for row in bench.acme.rows(resource))


def writes_of(bench: Bench, run: int) -> Mapping[str, int]:
    """Return the numbers of a run's writes, by the records' ids."""
    with bench.open() as store:
        return {x.record_id or "": x.number for x in entries_of_run(store.connection, run)}


@pytest.fixture
def created(bench: Bench) -> int:
    """Have a run create three companies; return its number."""
    for name in ("Alfa", "Beta", "Gamma"):
        bench.ledgerly.put("Firms", {"Name": name})
    run = bench.sync().run
    assert names(bench) == ["Alfa", "Beta", "Gamma"]
    return run


def company(bench: Bench, name: str) -> str:
    return next(
        i for i, s in bench.acme.records("companies").items() if s.properties["name"] == name
    )


def test_creations_stay_unless_asked_for(bench: Bench, created: int) -> None:
    report = undo(bench, created, Chosen())
    assert (report.created, report.deleted, report.restored) == (3, [], [])
    assert len(names(bench)) == 3


def test_what_nobody_has_touched_is_deleted_and_not_made_anew(bench: Bench, created: int) -> None:
    firms = list(bench.ledgerly.records("Firms"))
    report = undo(bench, created, CREATIONS)
    assert (len(report.deleted), report.kept, report.created) == (3, {}, 0)
    assert names(bench) == []
    for full in (False, True, False):
        again = bench.sync(full=full)
        assert (again.outcome, again.writes) == (RunOutcome.CLEAN, 0)
    # Nothing is deleted on the other side, either.
    assert list(bench.ledgerly.records("Firms")) == firms
    bench.ledgerly.edit("Firms", firms[0], Name="Alfa II")
    assert bench.sync().writes == 0
    assert undo(bench, created, CREATIONS).kept == dict.fromkeys(report.deleted, "it is gone")


def test_what_is_to_follow_deletions_does_not_follow_an_undo(bench: Bench, created: int) -> None:
    policy = FlowPolicy(delete=True)
    bench.options = type(bench.options)(
        flows={f"ledgerly_acme.{f.name}": policy for f in bench.flows}
    )
    undo(bench, created, CREATIONS)
    assert bench.sync().writes == 0
    assert len(bench.ledgerly.records("Firms")) == 3


def test_what_somebody_has_touched_stays(bench: Bench, created: int) -> None:
    alfa, beta, gamma = (company(bench, name) for name in ("Alfa", "Beta", "Gamma"))
    # A property that no flow uses; one that a flow carries across; and one that a run wrote since.
    bench.clock.advance()
    bench.acme.edit("companies", alfa, note="ours")
    bench.sync()
    bench.clock.advance()
    bench.acme.edit("companies", beta, name="Beta II")
    firm = next(
        i for i, s in bench.ledgerly.records("Firms").items() if s.properties["Name"] == "Gamma"
    )
    bench.ledgerly.edit("Firms", firm, Name="Gamma II")
    later = bench.sync().run
    report = undo(bench, created, CREATIONS)
    assert report.deleted == []
    assert report.kept == {
        alfa: "it has been changed since",
        beta: "it has been changed since",
        gamma: f"run {later} has written it since",
    }
    assert len(names(bench)) == 3


def test_an_edit_within_an_instant_of_the_creation_is_seen(bench: Bench, created: int) -> None:
    # Where instants are no finer than seconds, an edit may leave the creation's own.
    alfa = company(bench, "Alfa")
    bench.acme.records("companies")[alfa].properties["name"] = "Edited"
    assert undo(bench, created, CREATIONS).kept == {alfa: "it has been changed since"}


def test_of_what_is_not_known_nothing_is_deleted(bench: Bench, created: int) -> None:
    with bench.open() as store:
        store.connection.execute(update(journal).values(instant=None))
        store.commit()
    report = undo(bench, created, CREATIONS)
    assert set(report.kept.values()) == {"it is not known how it was when it had been made"}
    assert len(names(bench)) == 3


def test_a_refused_deletion_leaves_the_link_as_it_was(bench: Bench, created: int) -> None:
    def refuse(write: Write) -> Refused | None:
        return (
            Refused(key=write.key, status=403, reason="it is used")
            if isinstance(write, Delete)
            else None
        )

    bench.acme.refuse = refuse
    report = undo(bench, created, CREATIONS)
    assert set(report.kept.values()) == {"acme refused it (403): it is used"}
    with bench.open() as store:
        rows = store.connection.execute(select(links.c.pinned, links.c.vanished)).all()
    assert {tuple(row) for row in rows} == {(False, False)}
    bench.ledgerly.edit("Firms", next(iter(bench.ledgerly.records("Firms"))), Name="Alfa II")
    assert bench.sync().writes == 1


@pytest.mark.parametrize("instant", ["crash_before", "crash_after", "fail_before", "fail_after"])
def test_an_undo_that_dies_makes_nothing_anew(bench: Bench, created: int, instant: str) -> None:
    setattr(bench.acme, instant, 1)
    with pytest.raises(BaseException, match=r"^$|500"):
        undo(bench, created, CREATIONS)
    left = names(bench)
    for _ in range(2):
        assert bench.sync().writes == 0
    assert names(bench) == left
    assert len(bench.ledgerly.records("Firms")) == 3


def test_single_writes_are_undone_by_number_and_by_record(bench: Bench, created: int) -> None:
    firms = list(bench.ledgerly.records("Firms"))
    bench.clock.advance()
    for firm, name in zip(firms, ("Eins", "Zwei", "Drei"), strict=True):
        bench.ledgerly.edit("Firms", firm, Name=name)
    run = bench.sync().run
    eins, zwei = company(bench, "Eins"), company(bench, "Zwei")
    report = undo(bench, run, Chosen(writes=(writes_of(bench, run)[eins],)))
    assert report.restored == [eins]
    assert names(bench) == ["Alfa", "Drei", "Zwei"]
    report = undo(bench, run, Chosen(records=(f"companies/{zwei}",)))
    assert report.restored == [zwei]
    assert names(bench) == ["Alfa", "Beta", "Drei"]
    drei = company(bench, "Drei")
    report = undo(bench, created, Chosen(records=(f"acme/companies/{drei}",)))
    # A creation that is named is to go, if it is as it was made.
    assert report.kept == {drei: f"run {run} has written it since"}


def test_a_creation_that_is_named_is_deleted(bench: Bench, created: int) -> None:
    beta = company(bench, "Beta")
    assert undo(bench, created, Chosen(writes=(writes_of(bench, created)[beta],))).deleted == [beta]
    assert names(bench) == ["Alfa", "Gamma"]
    assert bench.sync().writes == 0


def test_what_a_run_did_not_write_is_refused_by_name(bench: Bench, created: int) -> None:
    for chosen in (Chosen(writes=(99_999,)), Chosen(records=("companies/none",))):
        with pytest.raises(PackageError, match="wrote no"):
            undo(bench, created, chosen)
    # Adopted, not written.
    bench.acme.put("companies", {"name": "Delta"})
    bench.ledgerly.put("Firms", {"Name": "Delta"})
    run = bench.sync().run
    delta = company(bench, "Delta")
    report = undo(bench, run, Chosen(records=(f"companies/{delta}",)))
    assert "linked, not written" in report.kept[delta]


TRIANGLE = (
    Section(source="A", target="B", rule="one", forth="always"),
    Section(source="B", target="C", rule="two", back="always"),
    Section(source="A", target="C", rule="one"),
)


def test_a_thing_remembers_what_was_taken_back(url: str) -> None:
    firm = Firm(KeptStore(url), {"triangle": TRIANGLE})
    a = firm.put("A", one="x", name="n")
    firm.put("C", one="x", name="n")
    run = firm.sync()
    assert len(firm.held("B")) == 1
    with firm.kept.open() as store:
        report = undo_run(firm.task(), store, firm.edges(), run.run, CREATIONS)
    assert len(report.deleted) == 1
    firm.edit("A", a, name="other")
    for _ in range(2):
        firm.sync()
    # Neither of the two that were one with it gets another.
    assert firm.held("B") == []
    assert firm.held("C") == ["other"]
