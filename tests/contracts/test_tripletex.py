"""What our client sends to Tripletex and what its sandbox answers, held against the vendor's description."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from specbridge.errors import ProfileError
from specbridge.model.profile import Profile
from specbridge.model.values import Json, Path
from specbridge.profiles.load import built_in_texts, read_profile
from specbridge.runtime.records import Connector, Create, Delete, Update
from specbridge.sandbox.doubts import Doubt
from specbridge.sandbox.options import LimitsPlan, SandboxOptions
from specbridge.sandbox.running import Sandbox

from tests.contracts.descriptions import REFERENCE
from tests.contracts.further import travel_beside
from tests.contracts.gaps import needless, uncovered
from tests.contracts.judging import all_findings, asked, names_of, unnoticed
from tests.contracts.mutations import spoil_answer, spoil_request
from tests.contracts.recording import Exchange
from tests.contracts.resources import record_use, written
from tests.contracts.validating import check_answer, check_request

pytestmark = pytest.mark.skipif(
    not REFERENCE.is_dir(), reason=f"the vendors' descriptions are not at {REFERENCE}"
)
SYSTEM = "tripletex"
OPTIONS = SandboxOptions(
    systems=(SYSTEM,), limits=LimitsPlan.OFF, otherwise=frozenset({Doubt.TX_LISTS_OPEN})
)
LEAST_OPERATIONS = 60
SAMPLES: dict[str, dict[str, Json]] = {
    "Customer": {
        "name": "Kunde",
        "organizationNumber": "987654321",
        "postalAddress": {"city": "Voss", "country": {"id": "SE"}},
    },
    "Contact": {"firstName": "Eli", "email": "eli@kontrakt.example"},
    "Department": {"name": "Avdeling", "departmentNumber": "77"},
    "Supplier": {"name": "Lever", "email": "lever@kontrakt.example"},
    "Employee": {"firstName": "Eli", "lastName": "Foss", "employeeNumber": "9"},
    "Product": {"name": "Vare", "number": "V-9", "priceExcludingVatCurrency": 9.5},
}


def use(connector: Connector, profile: Profile, name: str) -> None:
    """Create, find, change, read and delete a record of a resource."""
    resource = next(one for one in profile.resources if one.name == name)
    names = frozenset(prop.path[0] for prop in resource.properties)
    create = Create(key="c", properties=SAMPLES[name], external_reference="")
    (record,) = written(connector, name, [create], names)
    *_, last = connector.read_changes(name, None, names)
    list(connector.read_changes(name, last.cursor, names))
    for lookup in resource.lookups:
        wanted = str(record.properties[lookup.property[0]])
        assert [one.id for one in connector.find_records(name, lookup.property, [wanted], names)]
    for changes in changed(name):
        update = Update(key="u", current=record, changes=changes)
        (record,) = written(connector, name, [update], names)
    if resource.delete is not None:
        list(connector.write_records(name, [Delete(key="d", current=record)], names))


def changed(name: str) -> Iterator[dict[Path, Json]]:
    """Yield the changes of a resource's record: of a text, of an address, of a reference."""
    if "name" in SAMPLES[name]:
        yield {("name",): "Endret"}
    if name == "Customer":
        yield {("postalAddress", "city"): "Bergen", ("postalAddress", "country", "id"): "NO"}
        yield {("organizationNumber",): "987654322"}
    if name == "Contact":
        yield {("customer", "id"): 80_000_001}
        yield {("customer", "id"): None}


def visit(sandbox: Sandbox) -> None:
    """Make the calls that our client does not make, and be refused in every way."""
    environment = sandbox.environment
    base = environment["TRIPLETEX_BASE_URL"]
    until = (datetime.now(UTC) + timedelta(days=3)).date().isoformat()
    tokens = {
        "consumerToken": environment["TRIPLETEX_CONSUMER_TOKEN"],
        "employeeToken": environment["TRIPLETEX_EMPLOYEE_TOKEN"],
        "expirationDate": until,
    }
    made = httpx.put(f"{base}/token/session/:create", params=tokens).json()["value"]
    httpx.get(f"{base}/customer")
    with httpx.Client(base_url=base, auth=("0", made["token"])) as client:
        visit_lists(client)
        be_refused(client)


def visit_lists(client: httpx.Client) -> None:
    for kind, sent in (("department", {"name": "L"}), ("customer", {"name": "L"})):
        made = client.post(f"/{kind}/list", json=[sent]).json()["values"][0]
        row = {"id": made["id"], "version": made["version"], "name": "M"}
        assert client.put(f"/{kind}/list", json=[row]).status_code == 200
    for kind in ("supplier", "product", "employee", "contact"):
        named = {"firstName": "A", "lastName": "B"} if kind in ("employee", "contact") else {}
        sent = named or {"name": "L"}
        assert client.post(f"/{kind}/list", json=[sent]).status_code == 201
    digest = client.get("/contact", headers={"If-None-Match": "x"}).json()["versionDigest"]
    client.get("/contact", headers={"If-None-Match": digest})
    client.get("/customer?fields=*,postalAddress(*,country(*)),changes(*),department(*)")


def be_refused(client: httpx.Client) -> None:
    sent: list[tuple[str, dict[str, Any]]] = [
        ("/customer", {}),
        ("/customer", {"name": "A", "id": 1}),
        ("/customer", {"name": "A", "email": "nowhere"}),
        ("/contact", {"firstName": "A", "customer": {"id": 1}}),
    ]
    for path, body in sent:
        assert not client.post(path, json=body).is_success
    assert client.put("/customer/80000001", json={"version": 99, "name": "B"}).status_code == 409
    assert client.get("/customer?fields=planet").status_code == 400
    assert client.delete("/customer/80000001").status_code == 422


@pytest.fixture(scope="module")
def exchanges() -> Sequence[Exchange]:
    """The whole course, travelled once."""
    return travel_beside(OPTIONS, use, list(SAMPLES), visit)


@pytest.fixture(scope="module")
def requests(exchanges: Sequence[Exchange]) -> Sequence[Exchange]:
    return asked(exchanges)


def test_every_request_of_the_client_is_described(requests: Sequence[Exchange]) -> None:
    assert uncovered(all_findings(check_request, requests)) == []


def test_every_answer_of_the_sandbox_is_described(exchanges: Sequence[Exchange]) -> None:
    assert uncovered(all_findings(check_answer, exchanges)) == []


def test_no_gap_is_needless(requests: Sequence[Exchange], exchanges: Sequence[Exchange]) -> None:
    findings = all_findings(check_request, requests) + all_findings(check_answer, exchanges)
    assert needless(findings, SYSTEM) == []


def test_the_course_comes_by_nearly_all_operations(
    requests: Sequence[Exchange], exchanges: Sequence[Exchange]
) -> None:
    ours = {name for _, name in names_of(requests)}
    assert len(names_of(exchanges)) + len(ours) >= LEAST_OPERATIONS
    assert {"GET /country", "DELETE /contact/list", "PUT /supplier/{id}"} <= ours


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"/department"', '"/departments"'),
        ('page = "from"', 'page = "offset"'),
        ('version = "version"', 'version = "versionx"'),
        ('path = "departmentNumber"', 'path = "number"'),
        ('body = "merge"', 'body = "json-patch"'),
    ],
)
def test_a_spoilt_profile_is_noticed(old: str, new: str) -> None:
    text = built_in_texts()["tripletex.toml"]
    assert old in text
    try:
        profile = read_profile(text.replace(old, new), "tripletex.toml")
    except ProfileError:
        # Noticed by the profile's own check already.
        return
    told = record_use(OPTIONS, profile, lambda one: use(one, profile, "Department"))
    findings = all_findings(check_request, told) + all_findings(check_answer, told)
    assert uncovered(findings) != []


def test_a_spoilt_answer_is_noticed(exchanges: Sequence[Exchange]) -> None:
    count, passed = unnoticed(spoil_answer, check_answer, exchanges)
    assert (passed, count > 100) == ([], True)


def test_a_spoilt_request_is_noticed(requests: Sequence[Exchange]) -> None:
    count, passed = unnoticed(spoil_request, check_request, requests)
    assert (passed, count > 50) == ([], True)
