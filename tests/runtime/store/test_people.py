"""What is erased of a person is gone from every table, from reports, and from the file itself."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from specbridge.runtime.engine.run import run_sync
from specbridge.runtime.engine.undo import undo_run
from specbridge.runtime.flow import ALWAYS
from specbridge.runtime.reports.report import RunOutcome
from specbridge.runtime.store.handwork import split_link
from specbridge.runtime.store.packages import KnownFlow, known_flows
from specbridge.runtime.store.people import erase_person, export_person, find_person, scrub_file
from specbridge.runtime.store.schema import dead_letters, mentions, metadata, runs, waiting
from sqlalchemy import Connection, Table, select

from tests.runtime.bench import Bench
from tests.runtime.people import CONNECTED_FIRMS, firm_flow, person_flow

HER_MAIL = "anna.andersson@x.example"


def fill(bench: Bench) -> tuple[str, str]:
    """Put a linked person and others beside her; return the ids of her two records."""
    bench.flows = (firm_flow(), person_flow(ALWAYS, ALWAYS))
    bench.ledgerly.last_id, bench.acme.last_id = 730_001_000, 840_001_000
    her = bench.ledgerly.put("Persons", {"Name": "Anna", "Mail": HER_MAIL, "Phone": "1"})
    bench.ledgerly.put("Persons", {"Name": "Bo", "Mail": "bo@x.example"})
    bench.sync()
    (user,) = (
        id_ for id_, s in bench.acme.records("users").items() if s.properties["name"] == "Anna"
    )
    return her, user


def put_person(bench: Bench, number: int, firm: str) -> None:
    mail = f"{number}@x.example"
    bench.ledgerly.put("Persons", {"Name": f"P{number}", "Mail": mail, "FirmId": int(firm)})


def erase(bench: Bench, system: int, id_: str) -> None:
    """Do what `status erase` does; `system` is the side that the record is on."""
    with bench.open() as store:
        flows = known_flows(store.connection)
        person = find_person(store.connection, flows, (_persons(flows).resources[system], id_))
        erase_person(store.connection, flows, person)
        assert not any(export_person(store.connection, flows, person).values())
        scrub_file(store.connection)


def _persons(flows: Sequence[KnownFlow]) -> KnownFlow:
    return next(flow for flow in flows if flow.name == "person_to_users")


def texts(connection: Connection) -> str:
    """Return all rows of all tables."""
    tables = metadata.sorted_tables
    return "\n".join(f"{t.name} {row}" for t in tables for row in connection.execute(select(t)))


def assert_nothing_is_left(bench: Bench, *traces: str) -> None:
    with bench.open() as store:
        held = texts(store.connection)
    assert [line for line in held.splitlines() if any(trace in line for trace in traces)] == []
    if bench.url.startswith("sqlite"):
        path = Path(bench.url.removeprefix("sqlite:///"))
        for file in path.parent.glob(f"{path.name}*"):
            assert [trace for trace in traces if trace.encode() in file.read_bytes()] == []


def reports(bench: Bench) -> list[dict[str, object]]:
    with bench.open() as store:
        found = store.connection.execute(select(runs.c.report).order_by(runs.c.number)).scalars()
        return [json.loads(text) for text in found if text is not None]


def test_a_linked_person_leaves_no_trace(bench: Bench) -> None:
    her, user = fill(bench)
    bench.acme.edit("users", user, name="Anne")
    bench.sync()
    bench.ledgerly.remove("Persons", her)
    bench.acme.remove("users", user)
    erase(bench, 0, her)
    assert_nothing_is_left(bench, her, user, HER_MAIL, "Anne")
    with bench.open() as store:
        assert "bo@x.example" in texts(store.connection)


def test_pairs_taken_apart_or_in_doubt_leave_no_trace(bench: Bench) -> None:
    her, user = fill(bench)
    with bench.open() as store:
        split_link(store.connection, _persons(known_flows(store.connection)), (her, user))
        store.commit()
    bench.ledgerly.put("Persons", {"Name": "Bo 2", "Mail": "bo@x.example"})
    doubles = [bench.acme.put("users", {"name": f"A{n}", "phone": "1"}) for n in range(2)]
    bench.acme.put("users", {"name": "Bo 3", "email": "bo@x.example"})
    assert her in json.dumps(bench.sync().as_json()["ambiguities"])
    bench.ledgerly.remove("Persons", her)
    erase(bench, 0, her)
    assert_nothing_is_left(bench, her)
    # What has nothing to do with her is still told.
    told = json.dumps(reports(bench)[-1]["ambiguities"])
    assert '"source"' in told
    assert not any(id_ in told for id_ in doubles)
    # Those who matched her alone are in doubt no more, and whom she was split from is free.
    bench.sync()
    names = {row["Name"] for row in bench.ledgerly.rows("Persons")}
    assert names == {"Anna", "A0", "A1", "Bo", "Bo 2"}
    assert user in bench.acme.records("users")


def test_reports_of_undone_runs_leave_no_trace(bench: Bench) -> None:
    her, user = fill(bench)
    other = list(bench.ledgerly.records("Persons"))[1]
    bench.ledgerly.edit("Persons", her, Name="Anne")
    bench.ledgerly.edit("Persons", other, Name="Boa")
    run = bench.sync().run
    with bench.open() as store:
        assert len(undo_run(bench.task, store, bench.edges(), run).restored) == 2
    erase(bench, 1, user)
    assert_nothing_is_left(bench, her, user, HER_MAIL)
    (restored,) = (report["restored"] for report in reports(bench) if "restored" in report)
    assert isinstance(restored, list)
    assert len(restored) == 1
    # Undoing it once more finds what is left of it.
    with bench.open() as store:
        assert set(undo_run(bench.task, store, bench.edges(), run).kept) == set(restored)


def test_waits_mentions_and_dead_letters_of_others_do_not_name_what_is_erased(
    bench: Bench,
) -> None:
    bench.flows = (firm_flow(CONNECTED_FIRMS), person_flow(ALWAYS))
    bench.ledgerly.last_id, bench.acme.last_id = 730_001_000, 840_001_000
    firm = bench.ledgerly.put("Firms", {"Name": "Alfa"})
    taken = bench.acme.put("companies", {"name": "Beta"})
    rival = bench.ledgerly.put("Firms", {"Name": "Beta"})
    for number, id_ in enumerate((firm, rival)):
        put_person(bench, number, id_)
    bench.sync()
    # Beta of Ledgerly is linked with Beta of Acme by now; a second one finds the name taken.
    late = bench.ledgerly.put("Firms", {"Name": "Beta"})
    put_person(bench, 2, late)
    assert bench.sync().outcome is RunOutcome.LEFT_OVER
    with bench.open() as store:
        flows = known_flows(store.connection)
        firms = next(flow for flow in flows if flow.name == "firm_to_companies")
        traces = [firm, rival, late, taken]
        for table in (waiting, mentions, dead_letters):
            assert any(id_ in _rows(store.connection, table) for id_ in traces), table.name
        for id_ in (firm, rival, late):
            place = find_person(store.connection, flows, (firms.resources[0], id_))
            erase_person(store.connection, flows, place)
        for table in (waiting, mentions, dead_letters):
            assert not any(id_ in _rows(store.connection, table) for id_ in traces), table.name


def test_a_dead_letter_that_names_the_person_is_tried_again(bench: Bench) -> None:
    bench.flows = (firm_flow(),)
    first = bench.ledgerly.put("Firms", {"Name": "Alfa"})
    bench.sync()
    second = bench.ledgerly.put("Firms", {"Name": "Alfa"})
    assert bench.sync().outcome is RunOutcome.LEFT_OVER
    for id_ in list(bench.acme.records("companies")):
        bench.acme.remove("companies", id_)
    bench.ledgerly.remove("Firms", first)
    with bench.open() as store:
        flows = known_flows(store.connection)
        place = find_person(store.connection, flows, (flows[0].resources[0], first))
        erase_person(store.connection, flows, place)
        store.commit()
    report = bench.sync()
    assert (report.outcome, report.writes) == (RunOutcome.CLEAN, 1)
    assert second in bench.ledgerly.records("Firms")


def test_a_record_that_several_packages_have_read_is_erased_from_all(bench: Bench) -> None:
    her, user = fill(bench)
    with bench.open() as store:
        run_sync(replace(bench.task, package="second"), store, bench.edges(), bench.options)
    erase(bench, 0, her)
    assert_nothing_is_left(bench, her, user, HER_MAIL)


def _rows(connection: Connection, table: Table) -> str:
    return str(connection.execute(select(table)).all())
