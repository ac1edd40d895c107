"""What our client sends to Tripletex and what its sandbox answers, held against the vendor's description."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from specbridge.errors import SpecbridgeError
from specbridge.model.profile import Profile
from specbridge.model.values import Json, Path
from specbridge.profiles.load import built_in_texts, read_profile
from specbridge.runtime.connectors.connector import RestConnector
from specbridge.runtime.records import Connector, Create, Delete, Outcome, Record, Update, Written
from specbridge.sandbox.doubts import Doubt
from specbridge.sandbox.options import LimitsPlan, SandboxOptions
from specbridge.sandbox.running import Sandbox, running_sandbox

from tests.contracts.descriptions import REFERENCE
from tests.contracts.gaps import Gap
from tests.contracts.mutations import Mutant, spoil_answer, spoil_request
from tests.contracts.recording import CLIENT, Exchange, Recording
from tests.contracts.resources import connected
from tests.contracts.validating import (
    ANSWER,
    REQUEST,
    Finding,
    check_answer,
    check_request,
    operation_of,
)

pytestmark = pytest.mark.skipif(
    not REFERENCE.is_dir(), reason=f"the vendors' descriptions are not at {REFERENCE}"
)
SYSTEM = "tripletex"
OPTIONS = SandboxOptions(
    systems=(SYSTEM,), limits=LimitsPlan.OFF, otherwise=frozenset({Doubt.TX_LISTS_OPEN})
)
LEAST_OPERATIONS = 60


def gap(role: str, kind: str, places: str, reason: str) -> Gap:
    return Gap(
        system=SYSTEM, role=role, kind=kind, places=tuple(places.split()) or ("",), reason=reason
    )


GAPS = (
    gap(ANSWER, "null", "*", "nothing is described as nullable, and what is unset reads null"),
    gap(REQUEST, "null", "value *", "a reference is emptied by null"),
    gap(REQUEST, "parameter value", "productNumber", "a list of one value is this value"),
    gap(ANSWER, "status", "401 403 404 409 422 400 304", "no operation describes a refusal"),
    gap(ANSWER, "empty", "", "304 has no body"),
)
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
Check = Callable[[Exchange], list[Finding]]


def travel() -> Sequence[Exchange]:
    """Return all that is asked and answered while every resource is used, by our client and by people."""
    recording = Recording()
    with running_sandbox(OPTIONS) as sandbox:
        recording.attach(sandbox)
        profile = read_profile(built_in_texts()["tripletex.toml"], "tripletex.toml")
        with connected(profile, sandbox.environment) as connector:
            list(connector.diagnose())
            assert isinstance(connector, RestConnector)
            list(connector.probe(writes=True))
            for name, sample in SAMPLES.items():
                use(connector, profile, name, sample)
        with recording.people():
            visit(sandbox)
    return recording.exchanges


def use(connector: Connector, profile: Profile, name: str, sample: dict[str, Json]) -> None:
    """Create, find, change, read and delete a record of a resource."""
    resource = next(one for one in profile.resources if one.name == name)
    names = frozenset(prop.path[0] for prop in resource.properties)
    create = Create(key="c", properties=sample, external_reference="")
    record = done(connector.write_records(name, [create], names))
    *_, last = connector.read_changes(name, None, names)
    list(connector.read_changes(name, last.cursor, names))
    for lookup in resource.lookups:
        wanted = str(record.properties[lookup.property[0]])
        assert [one.id for one in connector.find_records(name, lookup.property, [wanted], names)]
    for changes in changed(name):
        update = Update(key="u", current=record, changes=changes)
        record = done(connector.write_records(name, [update], names))
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


def done(outcomes: Iterator[Outcome]) -> Record:
    (outcome,) = outcomes
    assert isinstance(outcome, Written), outcome
    assert outcome.record is not None
    return outcome.record


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
    return [one for one in travel() if one.system == SYSTEM]


@pytest.fixture(scope="module")
def requests(exchanges: Sequence[Exchange]) -> Sequence[Exchange]:
    return [one for one in exchanges if one.speaker == CLIENT]


def uncovered(check: Check, exchanges: Sequence[Exchange]) -> list[Finding]:
    findings = (finding for one in exchanges for finding in check(one))
    return [one for one in findings if not any(gap.covers(one) for gap in GAPS)]


def test_every_request_of_the_client_is_described(requests: Sequence[Exchange]) -> None:
    assert uncovered(check_request, requests) == []


def test_every_answer_of_the_sandbox_is_described(exchanges: Sequence[Exchange]) -> None:
    assert uncovered(check_answer, exchanges) == []


def test_no_gap_is_needless(requests: Sequence[Exchange], exchanges: Sequence[Exchange]) -> None:
    findings = [found for one in requests for found in check_request(one)]
    findings += [found for one in exchanges for found in check_answer(one)]
    assert [one for one in GAPS if not any(one.covers(found) for found in findings)] == []


def test_the_course_comes_by_nearly_all_operations(
    requests: Sequence[Exchange], exchanges: Sequence[Exchange]
) -> None:
    asked = {found.name for one in requests if (found := operation_of(one))}
    answered = {found.name for one in exchanges if (found := operation_of(one))}
    assert len(asked) + len(answered) >= LEAST_OPERATIONS
    assert {"GET /country", "DELETE /contact/list", "PUT /supplier/{id}"} <= asked


def first_of_each(exchanges: Sequence[Exchange]) -> Iterator[Exchange]:
    """Yield one exchange for each operation and status."""
    seen = set()
    for one in exchanges:
        operation = operation_of(one)
        key = (operation.name if operation else "", one.status)
        if key not in seen:
            seen.add(key)
            yield one


def unnoticed(
    spoil: Callable[[Exchange], Iterator[Mutant]], check: Check, exchanges: Sequence[Exchange]
) -> tuple[int, list[str]]:
    mutants = [(one, *mutant) for one in first_of_each(exchanges) for mutant in spoil(one)]
    passed = [
        f"{one.method} {one.path} {one.status}: {kind}"
        for one, kind, mutant in mutants
        if not uncovered(check, [mutant])
    ]
    return len(mutants), passed


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
    recording = Recording()
    refused = suppress(SpecbridgeError, AssertionError)
    with running_sandbox(OPTIONS) as sandbox, refused:
        recording.attach(sandbox)
        profile = read_profile(text.replace(old, new), "tripletex.toml")
        with connected(profile, sandbox.environment) as connector:
            use(connector, profile, "Department", SAMPLES["Department"])
    told = [one for one in recording.exchanges if one.system == SYSTEM]
    # Noticed by the profile's own check already, or by the description.
    assert not told or uncovered(check_request, told) or uncovered(check_answer, told)


def test_a_spoilt_answer_is_noticed(exchanges: Sequence[Exchange]) -> None:
    count, passed = unnoticed(spoil_answer, check_answer, exchanges)
    assert (passed, count > 100) == ([], True)


def test_a_spoilt_request_is_noticed(requests: Sequence[Exchange]) -> None:
    count, passed = unnoticed(spoil_request, check_request, requests)
    assert (passed, count > 50) == ([], True)
