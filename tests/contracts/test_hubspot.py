"""What our client sends to HubSpot and what its sandbox answers, held against the vendor's description."""

from collections.abc import Mapping, Sequence

import httpx
import pytest
from specbridge.model.profile import Profile
from specbridge.model.values import Json, Path
from specbridge.profiles.load import built_in_texts, read_profile
from specbridge.runtime.records import Connector, Create, Delete, Record, Update
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


def use(connector: Connector, profile: Profile, name: str) -> None:
    """Create, find, change, read and delete records of a resource, one and many."""
    resource = next(one for one in profile.resources if one.name == name)
    first = next(iter(SAMPLES[name]))
    names = frozenset({"properties", *(f"properties.{key}" for key in SAMPLES[name])})
    records: list[Record] = []
    for numbers in (range(1), range(1, MANY + 1)):
        creates = [_create(name, number) for number in numbers]
        records += written(connector, name, creates, names)
    *_, last = connector.read_changes(name, None, names)
    list(connector.read_changes(name, last.cursor, names))
    list(connector.read_records(name, [one.id for one in records], names))
    for lookup in resource.lookups:
        values = ["ref-1", "kontrakt1@kontrakt.example"]
        list(connector.find_records(name, lookup.property, values, names))
    path: Path = ("properties", list(SAMPLES[name])[-1] if first != "email" else "firstname")
    for chosen in (records[:1], records[1:]):
        updates = [Update(key=one.id, current=one, changes={path: f"e{len(chosen)}.example"}) for one in chosen]  # fmt: skip
        written(connector, name, updates, names)
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
    found = travel_beside(OPTIONS, use, list(SAMPLES), visit)
    return [one for one in found if not one.path.startswith(ELSEWHERE)]


def test_every_request_of_the_client_is_described(exchanges: Sequence[Exchange]) -> None:
    found = all_findings(check_request, asked(exchanges))
    assert uncovered(found) == []
    assert needless(found, SYSTEM) == []


def test_every_answer_of_the_sandbox_is_described(exchanges: Sequence[Exchange]) -> None:
    assert uncovered(all_findings(check_answer, exchanges)) == []


def test_the_course_comes_by_nearly_all_operations(exchanges: Sequence[Exchange]) -> None:
    ours = {name for _, name in names_of(asked(exchanges))}
    assert len(names_of(exchanges)) + len(ours) >= LEAST_OPERATIONS
    for verb, path in (("POST", "batch/create"), ("POST", "batch/update"), ("POST", "search")):
        assert f"{verb} {OBJECTS}/contacts/{path}" in ours
    assert not any("upsert" in name for name in ours)


def test_a_spoilt_answer_is_noticed(exchanges: Sequence[Exchange]) -> None:
    count, passed = unnoticed(spoil_answer, check_answer, exchanges)
    assert (passed, count >= 300) == ([], True), count


def test_a_spoilt_request_is_noticed(exchanges: Sequence[Exchange]) -> None:
    count, passed = unnoticed(spoil_request, check_request, asked(exchanges))
    assert (passed, count >= 60) == ([], True), count


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
    found = record_use(OPTIONS, profile, lambda one: use(one, profile, "Contacts"))
    sent = [one for one in found if not one.path.startswith(ELSEWHERE)]
    assert uncovered(all_findings(check_request, sent)) != []
