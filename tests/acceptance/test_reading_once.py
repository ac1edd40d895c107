"""What is read is read once in a run: the requests of a full run, of an audit and of an undo."""

from collections import Counter
from collections.abc import Iterator

import pytest
from specbridge.runtime.engine.audit import run_audit
from specbridge.runtime.engine.undo import undo_run

from tests.acceptance.answers import Lab, opened_lab

LISTS = {
    "/v2/Customers",
    "/v2/ContactPersons",
    "/v2/Departments",
    "/api/v2/incremental/organizations",
    "/api/v2/incremental/users/cursor",
}


@pytest.fixture
def lab() -> Iterator[Lab]:
    with opened_lab() as found:
        yield found


def start(lab: Lab) -> None:
    for running in (lab.sandbox.poweroffice, lab.sandbox.zendesk):
        running.request_log.clear()


def read(lab: Lab) -> Counter[str]:
    """Return how often each address was read since the start."""
    logs = lab.sandbox.poweroffice.request_log, lab.sandbox.zendesk.request_log
    return Counter(path for log in logs for method, path, _ in log.entries if method == "GET")


def test_a_full_run_without_changes_lists_all_once(lab: Lab) -> None:
    start(lab)
    lab.sync(full=True)
    assert read(lab) == Counter(LISTS)


def test_a_full_run_with_edits_reads_what_it_changes_once_before(lab: Lab) -> None:
    for old in lab.spare[:3]:
        lab.rename_customer(old, lab.fresh("Spare"))
    start(lab)
    assert lab.sync(full=True).writes == 3
    assert read(lab) == Counter({*LISTS, "/api/v2/organizations/show_many"})


@pytest.mark.parametrize("count", [1, 12], ids=["one", "many"])
def test_what_a_full_run_misses_is_asked_for_alone(lab: Lab, count: int) -> None:
    customer = next(row for row in lab.worlds()["Customers"] if row["Name"] == lab.pivot)
    people = [
        lab.poweroffice.post(
            f"/ContactPersons/{customer['Id']}",
            json={"FirstName": "Ny", "LastName": lab.fresh("Person")},
        ).json()
        for _ in range(count)
    ]
    lab.sync()
    paths = [f"/ContactPersons/{row['ContactId']}/{row['Id']}" for row in people]
    for path in paths:
        lab.poweroffice.delete(path).raise_for_status()
    start(lab)
    assert lab.sync(full=True, force=True).error is None
    assert read(lab) == Counter(LISTS) + Counter(f"/v2{path}" for path in paths)


def test_an_audit_lists_all_once(lab: Lab) -> None:
    lab.sync()
    start(lab)
    with lab.opened(scratch=True) as (task, store, edges, options):
        assert run_audit(task, store, edges, options).statements
    assert read(lab) == Counter(LISTS)


def test_an_undo_reads_what_it_restores_once(lab: Lab) -> None:
    old = lab.pivot
    lab.pivot = lab.fresh("Pivot")
    lab.rename_customer(old, lab.pivot)
    run = int(lab.sync().run)
    start(lab)
    with lab.opened() as (task, store, edges, _):
        report = undo_run(task, store, edges, run)
    assert len(report.restored) == 1
    assert read(lab) == Counter({"/api/v2/organizations/show_many"})


def test_an_undo_of_patches_reads_each_record_once(lab: Lab) -> None:
    lab.sync()
    old = lab.pivot = next(name for name in lab.names("Customers") if name.startswith("Granli"))
    lab.rename_organization(old, lab.fresh("Pivot"))
    run = int(lab.sync().run)
    start(lab)
    with lab.opened() as (task, store, edges, _):
        report = undo_run(task, store, edges, run)
    (restored,) = report.restored
    assert read(lab) == Counter({f"/v2/Customers/{restored}"})
