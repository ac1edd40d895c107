"""The connector and PowerOffice Go as its API describes it: pages, patches, lost answers."""

import pytest
from msgspec.structs import replace
from specbridge.errors import ApiError
from specbridge.model.values import Json, Path
from specbridge.runtime.records import (
    Connector,
    Create,
    Delete,
    Outcome,
    Record,
    Refused,
    Update,
    Write,
    Written,
)
from specbridge.sandbox.running import Sandbox

from tests.runtime.connectors.reads import NAMES, find, read_all, read_cursor

RESOURCES = ("Customers", "ContactPersons", "Departments")
TITLE: dict[str, Path] = {
    "Customers": ("Name",),
    "ContactPersons": ("EmailAddress",),
    "Departments": ("Name",),
}


def write(connector: Connector, resource: str, *writes: Write) -> dict[str, Outcome]:
    outcomes = {one.key: one for one in connector.write_records(resource, writes, NAMES)}
    assert set(outcomes) == {one.key for one in writes}
    return outcomes


def update(
    connector: Connector, resource: str, record: Record, changes: dict[Path, Json]
) -> Outcome:
    return write(connector, resource, Update(key="u", current=record, changes=changes))["u"]


def create_of(sandbox: Sandbox, resource: str) -> Create:
    customer: Json = sandbox.poweroffice.records("Customers")[0]["Id"]
    properties: dict[str, dict[str, Json]] = {
        "Customers": {"Name": "Ny AS"},
        "ContactPersons": {"ContactId": customer, "FirstName": "Ny", "LastName": "Person"},
        "Departments": {"Name": "Ny avdeling"},
    }
    return Create(key="c", properties=properties[resource], external_reference=f"ref:{resource}")


@pytest.mark.parametrize("resource", RESOURCES)
def test_reads_everything_then_only_changes(
    sandbox: Sandbox, poweroffice: Connector, resource: str
) -> None:
    records = read_all(poweroffice, resource)
    assert len(records) == len(sandbox.poweroffice.records(resource))
    cursor = read_cursor(poweroffice, resource)
    assert read_all(poweroffice, resource, cursor) == []
    path = TITLE[resource]
    outcome = update(poweroffice, resource, records[0], {path: "ny@post.example"})
    assert isinstance(outcome, Written)
    assert outcome.record is not None
    assert read_all(poweroffice, resource, cursor) == [outcome.record]


@pytest.mark.parametrize("resource", ["Customers", "ContactPersons"])
def test_an_empty_success_that_changed_nothing_is_a_refusal(
    sandbox: Sandbox, poweroffice: Connector, resource: str
) -> None:
    """So PowerOffice refuses an e-mail address with a mistyped domain."""
    before = sandbox.poweroffice.records(resource)
    record = read_all(poweroffice, resource)[0]
    create = create_of(sandbox, resource)
    mistyped = {**create.properties, "EmailAddress": "post@havblikk.n0"}
    outcomes = (
        update(poweroffice, resource, record, {("EmailAddress",): "post@havblikk.n0"}),
        write(poweroffice, resource, replace(create, properties=mistyped))["c"],
    )
    for outcome in outcomes:
        assert isinstance(outcome, Refused)
        assert "did not do it" in outcome.reason
    assert sandbox.poweroffice.records(resource) == before


def test_pages_are_read_to_their_end(sandbox: Sandbox, poweroffice: Connector) -> None:
    records = read_all(poweroffice, "ContactPersons")
    assert all("ContactId" in record.properties for record in records)
    assert sandbox.poweroffice.request_log.count("GET") == 1


@pytest.mark.parametrize("resource", RESOURCES)
def test_an_update_planned_on_an_older_record_is_stale(
    poweroffice: Connector, resource: str
) -> None:
    record = read_all(poweroffice, resource)[0]
    path = TITLE[resource]
    assert isinstance(update(poweroffice, resource, record, {path: "a@post.example"}), Written)
    outcome = update(poweroffice, resource, record, {path: "b@post.example"})
    assert isinstance(outcome, Refused)
    assert (outcome.stale, outcome.status) == (True, 409)


@pytest.mark.parametrize("resource", RESOURCES)
@pytest.mark.parametrize("fault", ["reset-after-commit=1*1", "reset=1*2", "500=1*1", "429=1*1"])
def test_an_update_survives_faults(
    sandbox: Sandbox, poweroffice: Connector, resource: str, fault: str
) -> None:
    record = read_all(poweroffice, resource)[0]
    sandbox.poweroffice.replace_faults(f"poweroffice:{fault}")
    outcome = update(poweroffice, resource, record, {TITLE[resource]: "ny@post.example"})
    assert isinstance(outcome, Written)
    assert outcome.record is not None
    assert outcome.record.properties[TITLE[resource][0]] == "ny@post.example"


def test_an_address_is_given_whole_where_there_was_none(poweroffice: Connector) -> None:
    names = frozenset({"MailAddress"})
    pages = poweroffice.read_changes("ContactPersons", None, names)
    record = next(change for page in pages for change in page.changes)
    assert isinstance(record, Record)
    assert record.properties["MailAddress"] is None
    changes: dict[Path, Json] = {
        ("MailAddress", "City"): "Oslo",
        ("MailAddress", "ZipCode"): "0150",
    }
    (outcome,) = poweroffice.write_records(
        "ContactPersons", [Update(key="u", current=record, changes=changes)], names
    )
    assert isinstance(outcome, Written)
    assert outcome.record is not None
    address = outcome.record.properties["MailAddress"]
    assert isinstance(address, dict)
    assert (address["City"], address["ZipCode"]) == ("Oslo", "0150")


def test_an_address_needs_no_contact_id_at_hand(poweroffice: Connector) -> None:
    record = read_all(poweroffice, "ContactPersons")[0]
    bare = Record(record.id, "", {"EmailAddress": record.properties["EmailAddress"]})
    outcome = update(poweroffice, "ContactPersons", bare, {("EmailAddress",): "ny@post.example"})
    assert isinstance(outcome, Written)
    (again,) = poweroffice.read_records("ContactPersons", [record.id, "424242"], NAMES)
    assert again.properties["EmailAddress"] == "ny@post.example"


@pytest.mark.parametrize("resource", RESOURCES)
def test_records_are_created_and_deleted(
    sandbox: Sandbox, poweroffice: Connector, resource: str
) -> None:
    outcome = write(poweroffice, resource, create_of(sandbox, resource))["c"]
    assert isinstance(outcome, Written)
    assert outcome.record is not None
    stored = {str(row["Id"]): row for row in sandbox.poweroffice.records(resource)}
    assert outcome.id in stored
    if resource == "Departments":
        assert stored[outcome.id]["IsActive"] is True
    for _ in range(2):
        deleted = write(poweroffice, resource, Delete(key="d", current=outcome.record))["d"]
        assert deleted == Written(key="d", id=outcome.id, record=None)
    vanished = update(poweroffice, resource, outcome.record, {TITLE[resource]: "x@post.example"})
    assert isinstance(vanished, Refused)
    assert vanished.gone


@pytest.mark.parametrize("resource", ["Customers", "ContactPersons"])
@pytest.mark.parametrize(
    "fault", ["reset-after-commit=1*1", "500=1*2", "reset=1*2", "malformed=1*1"]
)
def test_a_create_with_a_reference_survives_a_lost_answer(
    sandbox: Sandbox, poweroffice: Connector, resource: str, fault: str
) -> None:
    before = len(sandbox.poweroffice.records(resource))
    sandbox.poweroffice.replace_faults(f"poweroffice:{fault}")
    outcome = write(poweroffice, resource, create_of(sandbox, resource))["c"]
    assert isinstance(outcome, Written)
    assert len(sandbox.poweroffice.records(resource)) == before + 1


def test_a_create_without_a_reference_is_never_repeated(
    sandbox: Sandbox, poweroffice: Connector
) -> None:
    before = len(sandbox.poweroffice.records("Departments"))
    list(poweroffice.diagnose())
    sandbox.poweroffice.replace_faults("poweroffice:reset-after-commit=1*1")
    with pytest.raises(ApiError):
        write(poweroffice, "Departments", create_of(sandbox, "Departments"))
    assert len(sandbox.poweroffice.records("Departments")) == before + 1


def test_many_updates_without_an_answer_are_read_back_together(
    sandbox: Sandbox, poweroffice: Connector
) -> None:
    creates = [
        Create(key=f"k{n}", properties={"Name": f"Avdeling {n}"}, external_reference="")
        for n in range(20)
    ]
    created = write(poweroffice, "Departments", *creates)
    records = [one.record for one in created.values() if isinstance(one, Written) and one.record]
    before = poweroffice.usage.read
    updates = [
        Update(key=record.id, current=record, changes={("Name",): f"Omdøpt {record.id}"})
        for record in records
    ]
    outcomes = write(poweroffice, "Departments", *updates)
    for key, outcome in outcomes.items():
        assert isinstance(outcome, Written)
        assert outcome.record is not None
        assert outcome.record.properties["Name"] == f"Omdøpt {key}"
    assert poweroffice.usage.read == before + 1


@pytest.mark.parametrize(
    ("resource", "path", "value"),
    [
        ("Customers", ("ExternalImportReference",), "ref:Customers"),
        ("ContactPersons", ("ExternalCode",), "ref:ContactPersons"),
    ],
)
def test_records_are_found_by_reference(
    sandbox: Sandbox, poweroffice: Connector, resource: str, path: Path, value: str
) -> None:
    written = write(poweroffice, resource, create_of(sandbox, resource))["c"]
    assert isinstance(written, Written)
    found = list(poweroffice.find_records(resource, path, [value, "ref:nobody"], NAMES))
    assert [record.id for record in found] == [written.id]


def test_a_value_with_a_comma_is_found_all_the_same(poweroffice: Connector) -> None:
    create = Create(key="c", properties={"Name": "A"}, external_reference="")
    write(poweroffice, "Departments", create)
    record = find(poweroffice, "Departments", "Name", "A")
    changes: dict[Path, Json] = {("Code",): "a,b"}
    assert isinstance(update(poweroffice, "Departments", record, changes), Written)
    found = list(poweroffice.find_records("Departments", ("Code",), ["a,b"], NAMES))
    assert [one.id for one in found] == [record.id]


def test_a_missing_address_part_is_refused_before_anything_is_sent(
    sandbox: Sandbox, poweroffice: Connector
) -> None:
    create = Create(key="c", properties={"FirstName": "A", "LastName": "B"}, external_reference="r")
    outcome = write(poweroffice, "ContactPersons", create)["c"]
    assert isinstance(outcome, Refused)
    assert outcome.reason.startswith("ContactId is missing")
    assert sandbox.poweroffice.request_log.count("POST", "/v2") == 0


def test_a_refusal_says_why_without_the_value(sandbox: Sandbox, poweroffice: Connector) -> None:
    first = write(poweroffice, "Customers", create_of(sandbox, "Customers"))["c"]
    assert isinstance(first, Written)
    other = find(poweroffice, "Customers", "Name", "Granli Bygg AS")
    changes: dict[Path, Json] = {("ExternalImportReference",): "ref:Customers"}
    outcome = update(poweroffice, "Customers", other, changes)
    assert isinstance(outcome, Refused)
    assert outcome.duplicate == "ExternalImportReference"
    assert "ref:Customers" not in outcome.reason
