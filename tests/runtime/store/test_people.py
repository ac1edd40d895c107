"""What is erased of a person is gone from every table, from reports, and from the file itself."""

import json
import subprocess
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from specbridge.errors import StoreBusyError
from specbridge.runtime.engine.run import run_sync
from specbridge.runtime.engine.undo import undo_run
from specbridge.runtime.flow import ALWAYS
from specbridge.runtime.reports.report import RunOutcome
from specbridge.runtime.store.engine import open_reading
from specbridge.runtime.store.leftover.handwork import split_link
from specbridge.runtime.store.packages import KnownFlow, known_flows
from specbridge.runtime.store.persons.people import (
    erase_person,
    export_person,
    find_person,
    find_records,
)
from specbridge.runtime.store.persons.scrubbing import scrub_store
from specbridge.runtime.store.seen.wakes import Woken, add_wakes, pending_wakes
from specbridge.runtime.store.tables import schema
from specbridge.runtime.store.tables.schema import dead_letters, mentions, metadata, runs, waiting
from sqlalchemy import Connection, Table, delete, select, text

from tests.commands import run_command
from tests.runtime.bench import Bench
from tests.runtime.people import CONNECTED_FIRMS, firm_flow, person_flow

HER_MAIL, HER_FRIEND = "anna.andersson@x.example", "bo@x.example"


def fill(bench: Bench) -> tuple[str, str]:
    """Put a linked person and others beside her; return the ids of her two records."""
    bench.flows = (firm_flow(), person_flow(ALWAYS, ALWAYS))
    bench.ledgerly.last_id, bench.acme.last_id = 730_001_000, 840_001_000
    her = bench.ledgerly.put("Persons", {"Name": "Anna", "Mail": HER_MAIL, "Phone": "1"})
    bench.ledgerly.put("Persons", {"Name": "Bo", "Mail": HER_FRIEND})
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
        person = find_person(store.connection, [(_persons(flows).resources[system], id_)])
        erase_person(store.connection, person)
        assert not any(export_person(store.connection, person).values())
        scrub_store(store.connection)


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
    for file in files(bench):
        found = file.read_bytes()
        assert [trace for trace in traces if trace.encode() in found] == [], file


def files(bench: Bench) -> list[Path]:
    """Return the files that hold the store's tables and indexes."""
    if bench.url.startswith("sqlite"):
        path = Path(bench.url.removeprefix("sqlite:///"))
        return list(path.parent.glob(f"{path.name}*"))
    with bench.open() as store:
        store.connection.execute(text("CHECKPOINT"))
        folder = Path(store.connection.execute(text("SHOW data_directory")).scalar_one())
        # What no system's own table has: those before 16384 were there when the server was made.
        own = text("SELECT pg_relation_filepath(oid) FROM pg_class WHERE oid >= 16384")
        names = [name for name in store.connection.execute(own).scalars() if name]
    found = [folder / name for name in names]
    assert any(HER_FRIEND.encode() in file.read_bytes() for file in found)
    return found


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


def test_what_she_was_called_leaves_no_trace(bench: Bench) -> None:
    her, user = fill(bench)
    for name in ("The Countess of Before", "The Countess of Today"):
        bench.ledgerly.edit("Persons", her, Called=name)
        bench.sync()
    with bench.open() as store:
        assert "The Countess of Today" in texts(store.connection)
    bench.ledgerly.remove("Persons", her)
    bench.acme.remove("users", user)
    erase(bench, 0, her)
    assert_nothing_is_left(bench, "Countess")


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
            place = find_person(store.connection, [(firms.resources[0], id_)])
            erase_person(store.connection, place)
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
        place = find_person(store.connection, [(flows[0].resources[0], first)])
        erase_person(store.connection, place)
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


def test_links_that_no_package_states_any_more_are_erased_as_well(bench: Bench) -> None:
    her, user = fill(bench)
    with bench.open() as store:
        store.connection.execute(delete(schema.flows))
        store.commit()
        (start,) = find_records(store.connection, "ledgerly", "Persons", her)
        person = find_person(store.connection, [start])
        assert [id_ for _, id_ in person] == [her, user]
        assert erase_person(store.connection, person) > 0
        scrub_store(store.connection)
    assert_nothing_is_left(bench, her, user, HER_MAIL)


def test_every_company_of_the_store_is_reached_and_no_namesake_of_those_linked(
    bench: Bench,
) -> None:
    her, user = fill(bench)
    # The other company knows a record of her id, and of her user's: that is somebody else.
    with bench.open() as store:
        run_sync(replace(bench.task, company="other"), store, bench.edges(), bench.options)
        other = [
            place
            for system, name, id_ in (("ledgerly", "Persons", her), ("acme", "users", user))
            for place in find_records(store.connection, system, name, id_)
        ]
        assert len(other) == 4
        first, second, *users = other
        assert set(find_person(store.connection, [first])) == {first, users[0]}
        assert set(find_person(store.connection, [first, second])) == set(other)
        erase_person(store.connection, find_person(store.connection, [first, second]))
        scrub_store(store.connection)
    assert_nothing_is_left(bench, her, user, HER_MAIL)


def test_a_store_that_is_read_meanwhile_is_erased_once_more(tmp_path: Path) -> None:
    bench = Bench(f"sqlite:///{tmp_path / 'store.db'}")
    her, _ = fill(bench)
    with open_reading(bench.url) as reader, bench.open() as store:
        under_way = reader.connection.execute(select(schema.records))
        assert under_way.fetchone()
        store.connection.exec_driver_sql("PRAGMA busy_timeout = 100")
        starts = find_records(store.connection, "ledgerly", "Persons", her)
        assert erase_person(store.connection, find_person(store.connection, starts)) > 0
        with pytest.raises(StoreBusyError, match="erase it once more"):
            scrub_store(store.connection)
        under_way.close()
    with bench.open() as store:
        assert erase_person(store.connection, find_person(store.connection, starts)) == 0
        scrub_store(store.connection)
    assert_nothing_is_left(bench, her, HER_MAIL)


def test_erase_and_export_reach_the_whole_store_and_say_where_there_is_nothing(
    tmp_path: Path,
) -> None:
    bench = Bench(f"sqlite:///{tmp_path / 'store.db'}")
    her, user = fill(bench)
    (tmp_path / "store.db.0003").write_bytes(b"")

    def run(*words: str) -> "subprocess.CompletedProcess[str]":
        return run_command(["status", "--store", bench.url, *words], cwd=tmp_path)

    exported = run("export", "acme", "users", user)
    assert HER_MAIL in exported.stdout
    assert {row["id"] for row in json.loads(exported.stdout)["records"]} == {her, user}
    erased = run("erase", "acme", "users", user)
    assert (erased.returncode, erased.stdout[:7]) == (0, "erased ")
    assert "store.db.0003 is a copy" in erased.stderr
    assert_nothing_is_left(bench, her, user, HER_MAIL)
    for word in ("export", "erase"):
        again = run(word, "acme", "users", user)
        assert (again.returncode, again.stdout) == (2, "")
        assert f"the store holds nothing of acme users {user}" in again.stderr
    assert run("erase", "acme", "nothing", "1").returncode == 2


def _rows(connection: Connection, table: Table) -> str:
    return str(connection.execute(select(table)).all())


def test_a_record_that_waits_to_be_read_is_forgotten_too(bench: Bench) -> None:
    her, user = fill(bench)
    with bench.open() as store:
        woken = [
            Woken("acme", "users", user),
            Woken("acme", "companies", user),
            Woken("ledgerly", "Persons", her),
        ]
        add_wakes(store.connection, 1, woken, 1.0)
        store.commit()
    erase(bench, 1, user)
    with bench.open() as store:
        # Another resource's record of the same id is nobody's.
        assert list(pending_wakes(store.connection, 1)) == [("acme", "companies")]
