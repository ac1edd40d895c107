"""What our client sends to HubSpot and what its sandbox answers, held against the vendor's description."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress

import httpx
import pytest
from specbridge.errors import SpecbridgeError
from specbridge.model.profile import Profile
from specbridge.model.values import Json, Path
from specbridge.profiles.load import built_in_texts, read_profile
from specbridge.runtime.connectors.connector import RestConnector
from specbridge.runtime.records import Connector, Create, Delete, Record, Update, Write, Written
from specbridge.sandbox.options import LimitsPlan, SandboxOptions
from specbridge.sandbox.running import Sandbox, running_sandbox

from tests.contracts.descriptions import REFERENCE
from tests.contracts.gaps import Gap
from tests.contracts.mutations import Mutant, spoil_answer, spoil_request
from tests.contracts.recording import CLIENT, Exchange, Recording
from tests.contracts.resources import connected
from tests.contracts.validating import (
    REQUEST,
    Finding,
    check_answer,
    check_request,
    operation_of,
)

pytestmark = pytest.mark.skipif(
    not REFERENCE.is_dir(), reason=f"the vendors' descriptions are not at {REFERENCE}"
)
SYSTEM = "hubspot"
OPTIONS = SandboxOptions(systems=(SYSTEM,), limits=LimitsPlan.OFF, search_delay_seconds=0)
OBJECTS = "/crm/v3/objects"
# Described in files of their own, which are not at hand.
ELSEWHERE = ("/crm/v4/", "/crm/v3/properties/", "/account-info/", "/oauth/")
LEAST_OPERATIONS = 45
MANY = 5  # enough for a batch
SAMPLES: Mapping[str, Mapping[str, Json]] = {
    "Contacts": {"email": "kontrakt{}@kontrakt.example", "firstname": "Eli"},
    "Companies": {"name": "Kontrakt {}", "domain": "kontrakt{}.example"},
    "Products": {"name": "Vare {}", "hs_sku": "V-{}"},
}
GAPS = (
    Gap(
        system=SYSTEM,
        role=REQUEST,
        kind="parameter value",
        places=("properties",),
        reason="a list with commas between its names, as the guides have it",
    ),
)
Check = Callable[[Exchange], list[Finding]]


def travel() -> Sequence[Exchange]:
    """Return all that is asked and answered while every resource is used, by our client and by people."""
    recording = Recording()
    with running_sandbox(OPTIONS) as sandbox:
        recording.attach(sandbox)
        profile = read_profile(built_in_texts()["hubspot.toml"], "hubspot.toml")
        with connected(profile, sandbox.environment) as connector:
            list(connector.diagnose())
            assert isinstance(connector, RestConnector)
            list(connector.probe(writes=True))
            for name in SAMPLES:
                use(connector, profile, name)
        with recording.people():
            visit(sandbox)
    return recording.exchanges


def use(connector: Connector, profile: Profile, name: str) -> None:
    """Create, find, change, read and delete records of a resource, one and many."""
    resource = next(one for one in profile.resources if one.name == name)
    first = next(iter(SAMPLES[name]))
    names = frozenset({"properties", *(f"properties.{key}" for key in SAMPLES[name])})
    records: list[Record] = []
    for numbers in (range(1), range(1, MANY + 1)):
        creates = [_create(name, number) for number in numbers]
        records += _done(connector, name, creates, names)
    *_, last = connector.read_changes(name, None, names)
    list(connector.read_changes(name, last.cursor, names))
    list(connector.read_records(name, [one.id for one in records], names))
    for lookup in resource.lookups:
        values = ["ref-1", "kontrakt1@kontrakt.example"]
        list(connector.find_records(name, lookup.property, values, names))
    path: Path = ("properties", list(SAMPLES[name])[-1] if first != "email" else "firstname")
    for chosen in (records[:1], records[1:]):
        updates = [Update(key=one.id, current=one, changes={path: f"e{len(chosen)}.example"}) for one in chosen]  # fmt: skip
        _done(connector, name, updates, names)
    list(connector.look_again(name, records, names))
    deletes = [Delete(key=one.id, current=one) for one in records]
    list(connector.write_records(name, deletes, names))
    list(connector.look_again(name, records[:1], names))


def _create(name: str, number: int) -> Create:
    values: dict[str, Json] = {
        key: str(value).format(number) for key, value in SAMPLES[name].items()
    }
    return Create(
        key=str(number), properties={"properties": values}, external_reference=f"ref-{number}"
    )


def _done(
    connector: Connector, name: str, writes: Sequence[Write], names: frozenset[str]
) -> list[Record]:
    outcomes = list(connector.write_records(name, writes, names))
    done = [one.record for one in outcomes if isinstance(one, Written) and one.record is not None]
    assert len(done) == len(writes), outcomes
    return done


def visit(sandbox: Sandbox) -> None:
    """Make the calls that our client does not make, and be refused in every way."""
    environment = sandbox.environment
    token = environment["HUBSPOT_ACCESS_TOKEN"]
    base = f"{environment['HUBSPOT_BASE_URL']}{OBJECTS}"
    httpx.get(f"{base}/contacts")
    with httpx.Client(base_url=base, headers={"Authorization": f"Bearer {token}"}) as client:
        for kind in ("contacts", "companies", "products"):
            _visit_kind(client, kind)
        _visit_merges(client)
        _be_refused(client)


def _visit_kind(client: httpx.Client, kind: str) -> None:
    named = "firstname" if kind == "contacts" else "name"
    made = client.post(f"/{kind}", json={"properties": {named: "Besøk"}}).json()["id"]
    client.get(f"/{kind}/{made}", params={"properties": named, "archived": "false"})
    upsert = {"id": "up", "idProperty": "specbridge_reference", "properties": {named: "Opp"}}
    for _ in range(2):
        client.post(f"/{kind}/batch/upsert", json={"inputs": [upsert]}).raise_for_status()
    client.post(f"/{kind}/batch/archive", json={"inputs": [{"id": made}]}).raise_for_status()
    read = {"inputs": [{"id": made}], "properties": [named], "propertiesWithHistory": []}
    client.post(f"/{kind}/batch/read", json=read)
    client.post(f"/{kind}/batch/read", params={"archived": "true"}, json=read).raise_for_status()
    search = {
        "query": "besøk",
        "limit": 1,
        "after": "0",
        "sorts": [named],
        "properties": [named],
        "filterGroups": [{"filters": [{"propertyName": named, "operator": "HAS_PROPERTY"}]}],
    }
    client.post(f"/{kind}/search", json=search).raise_for_status()
    client.get(f"/{kind}", params={"limit": "1", "associations": "companies"}).raise_for_status()


def _visit_merges(client: httpx.Client) -> None:
    for kind, named in (("contacts", "firstname"), ("companies", "name")):
        ids = [
            client.post(f"/{kind}", json={"properties": {named: name}}).json()["id"]
            for name in ("En", "To")
        ]
        sent = {"primaryObjectId": ids[0], "objectIdToMerge": ids[1]}
        made = client.post(f"/{kind}/merge", json=sent).raise_for_status().json()["id"]
    made = client.post("/contacts", json={"properties": {"firstname": "Vekk"}}).json()["id"]
    client.post("/contacts/gdpr-delete", json={"objectId": made}).raise_for_status()


def _be_refused(client: httpx.Client) -> None:
    taken = "ingrid.dahl@fjellheim.example"
    for sent in ({"nmae": "x"}, {"email": taken}, {"email": "x"}, {"hs_object_id": "1"}, {}):
        assert client.post("/contacts", json={"properties": sent}).is_error
    trace = {"properties": {"email": taken}, "objectWriteTraceId": "0"}
    for inputs in ([{"properties": {"email": taken}}], [trace]):
        client.post("/contacts/batch/create", json={"inputs": inputs})
    twice = {"inputs": [{"id": "1", "properties": {}}] * 2}
    assert client.post("/contacts/batch/update", json=twice).is_error
    one = {"id": "1", "properties": {}, "objectWriteTraceId": "0"}
    assert client.post("/contacts/batch/update", json={"inputs": [one]}).status_code == 207
    assert client.get("/contacts/1").status_code == 404
    assert client.patch("/contacts/1", json={"properties": {}}).status_code == 404
    assert client.delete("/contacts/1").status_code == 404
    assert client.post("/contacts/search", json={"limit": 200, "after": "9999"}).is_error


@pytest.fixture(scope="module")
def exchanges() -> Sequence[Exchange]:
    """The whole course, travelled once: what the description at hand is about."""
    found = [one for one in travel() if one.system == SYSTEM]
    return [one for one in found if not one.path.startswith(ELSEWHERE)]


def findings(check: Check, exchanges: Sequence[Exchange]) -> list[Finding]:
    return [finding for one in exchanges for finding in check(one)]


def uncovered(found: Sequence[Finding]) -> list[Finding]:
    return [one for one in found if not any(gap.covers(one) for gap in GAPS)]


def asked(exchanges: Sequence[Exchange]) -> list[Exchange]:
    return [one for one in exchanges if one.speaker == CLIENT]


def test_every_request_of_the_client_is_described(exchanges: Sequence[Exchange]) -> None:
    found = findings(check_request, asked(exchanges))
    assert uncovered(found) == []
    assert [gap for gap in GAPS if not any(gap.covers(one) for one in found)] == []


def test_every_answer_of_the_sandbox_is_described(exchanges: Sequence[Exchange]) -> None:
    assert uncovered(findings(check_answer, exchanges)) == []


def test_the_course_comes_by_nearly_all_operations(exchanges: Sequence[Exchange]) -> None:
    names = {operation.name for one in exchanges if (operation := operation_of(one))}
    ours = {operation.name for one in asked(exchanges) if (operation := operation_of(one))}
    assert len(names) + len(ours) >= LEAST_OPERATIONS
    for verb, path in (("POST", "batch/create"), ("POST", "batch/update"), ("POST", "search")):
        assert f"{verb} {OBJECTS}/contacts/{path}" in ours
    assert not any("upsert" in name for name in ours)


def first_of_each(exchanges: Sequence[Exchange]) -> Iterator[Exchange]:
    """Yield one exchange for each operation and status."""
    seen = set()
    for one in exchanges:
        operation = operation_of(one)
        key = (operation.name if operation else "", one.status)
        if key not in seen:
            seen.add(key)
            yield one


@pytest.mark.parametrize(
    ("spoil", "check", "least"),
    [(spoil_answer, check_answer, 300), (spoil_request, check_request, 60)],
    ids=["answers", "requests"],
)
def test_what_is_spoilt_is_noticed(
    exchanges: Sequence[Exchange],
    spoil: Callable[[Exchange], Iterator[Mutant]],
    check: Check,
    least: int,
) -> None:
    chosen = exchanges if check is check_answer else asked(exchanges)
    mutants = [(one, *mutant) for one in first_of_each(chosen) for mutant in spoil(one)]
    passed = [
        f"{one.method} {one.path} {one.status}: {kind}"
        for one, kind, mutant in mutants
        if not uncovered(check(mutant))
    ]
    assert (passed, len(mutants) >= least) == ([], True), len(mutants)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('wrap = "inputs"', 'wrap = "rows"'),
        ("/batch/read", "/batch/raed"),
        ('method = "PATCH"', 'method = "PUT"'),
        ('size = "limit"', 'size = "size"'),
        ('trace = "objectWriteTraceId"', 'trace = "traceId"'),
    ],
)
def test_a_spoilt_profile_is_noticed(old: str, new: str) -> None:
    text = built_in_texts()["hubspot.toml"]
    assert old in text
    profile = read_profile(text.replace(old, new), "hubspot.toml")
    recording = Recording()
    with running_sandbox(OPTIONS) as sandbox:
        recording.attach(sandbox)
        refused = suppress(SpecbridgeError, AssertionError)
        with refused, connected(profile, sandbox.environment) as connector:
            use(connector, profile, "Contacts")
    sent = [one for one in recording.exchanges if not one.path.startswith(ELSEWHERE)]
    assert uncovered(findings(check_request, asked(sent))) != []
