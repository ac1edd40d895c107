"""Calls ask for the properties in use: by a parameter, nested, or in the body of a search; by POST where it is long."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import parse_qsl

import pytest
from specbridge.model.values import Json
from specbridge.profiles.load import examine_profile, read_profile
from specbridge.runtime.connectors.build import build_connector
from specbridge.runtime.connectors.connector import RestConnector
from specbridge.runtime.records import Create, Record, Update, Written

from tests.runtime.connectors.clocks import ManualTime
from tests.runtime.connectors.servers import LoopbackServer, Received, Reply, serving

CRM = """
name = "crm"
labels = ["Crm"]
base_url = "https://crm.example"

[[resources]]
name = "Contacts"
id = "id"
id_type = "string"
modified_at = "updatedAt"
external_reference = "properties.ref"
select = { parameter = "properties", below = "properties", longest = 120 }
properties = [
    { path = "id", type = "string", read_only = true },
    { path = "updatedAt", type = "datetime", read_only = true },
    { path = "properties", type = "object" },
    { path = "properties.ref", type = "string", unique = true },
    { path = "properties.email", type = "string" },
    { path = "properties.name", type = "string" },
]
read = { method = "GET", path = "/contacts/{id}" }
create = { method = "POST", path = "/contacts" }
update = { method = "PATCH", path = "/contacts/{id}", body = "merge" }
list = { path = "/contacts", items = "results", long = { method = "POST", path = "/contacts/search", items = "results", body = { properties = "{fields}" } } }
read_many = { method = "POST", path = "/contacts/read", property = "id", size = 10, items = "results", body = { properties = "{fields}", inputs = [{ id = "{value}" }] } }
"""
BOOKS = """
name = "books"
labels = ["Books"]
base_url = "https://books.example"

[[resources]]
name = "Customers"
id = "id"
select = { parameter = "fields", style = "nested", whole = "*,address(*)" }
properties = [
    { path = "id", type = "integer", read_only = true },
    { path = "name", type = "string" },
    { path = "address.city", type = "string" },
    { path = "address.country.id", type = "integer" },
]
list = { path = "/customers?active=true", items = "values" }
read = { method = "GET", path = "/customers/{id}", wrap = "value" }
update = { method = "PUT", path = "/customers/{id}", answer_wrap = "value", body = "merge-objects" }
"""
USED = frozenset({"properties", "properties.email"})


class Crm:
    """Contacts that show what is asked for, and nothing else but their own fields."""

    def __init__(self) -> None:
        self.held: dict[str, Json] = {"ref": "r1", "email": "a@b.example", "name": "Ann"}

    def shown(self, asked: list[str]) -> Json:
        kept = {name: value for name, value in self.held.items() if name in asked}
        return {"id": "7", "updatedAt": "2026-11-23T11:00:00Z", "properties": kept}

    def answer(self, request: Received) -> Reply:
        if request.method == "PATCH":
            given = json.loads(request.text)["properties"]
            self.held |= given
            # The answer knows what was sent only.
            return Reply(body=self.shown(list(given)))
        if request.path in ("/contacts/search", "/contacts/read"):
            return Reply(body={"results": [self.shown(json.loads(request.text)["properties"])]})
        if request.method == "POST":
            self.held |= json.loads(request.text)["properties"]
            return Reply(status=201, body=self.shown(["ref"]))
        row = self.shown(request.query.get("properties", "").split(","))
        return Reply(body={"results": [row]} if request.path == "/contacts" else row)


@contextmanager
def connected(text: str, server: LoopbackServer) -> Iterator[RestConnector]:
    profile = read_profile(text, "x.toml")
    environment = {f"{profile.name.upper()}_BASE_URL": server.base_url}
    connector = build_connector(profile, environment, make_clock=ManualTime().maker())
    try:
        yield connector
    finally:
        connector.close()


def properties_of(record: Record) -> Json:
    return record.properties["properties"]


def test_a_list_asks_for_the_paths_in_use_and_our_own() -> None:
    with serving(Crm().answer) as server, connected(CRM, server) as connector:
        pages = list(connector.read_changes("Contacts", None, USED))
        asked = server.received[0].query["properties"]
    (record,) = (one for page in pages for one in page.changes if isinstance(one, Record))
    assert asked == "ref,email"
    assert properties_of(record) == {"ref": "r1", "email": "a@b.example"}


def test_all_that_is_listed_is_asked_for_where_no_path_is_known() -> None:
    with serving(Crm().answer) as server, connected(CRM, server) as connector:
        list(connector.read_changes("Contacts", None, frozenset({"properties"})))
        assert server.received[0].query["properties"] == "ref,email,name"


def test_a_long_address_becomes_a_post() -> None:
    many = USED | {f"properties.custom_{number}" for number in range(20)}
    with serving(Crm().answer) as server, connected(CRM, server) as connector:
        list(connector.read_changes("Contacts", None, many))
        (search,) = server.received
    assert search.path == "/contacts/search"
    asked = json.loads(search.text)["properties"]
    assert {"ref", "email", "custom_19"} <= set(asked)


def test_a_body_names_them() -> None:
    with serving(Crm().answer) as server, connected(CRM, server) as connector:
        (record,) = connector.read_records("Contacts", ["7"], USED)
        body = json.loads(server.received[0].text)
    assert body == {"properties": ["ref", "email"], "inputs": [{"id": "7"}]}
    assert properties_of(record) == {"ref": "r1", "email": "a@b.example"}


def test_the_answer_to_a_write_that_lacks_properties_is_read_again() -> None:
    crm = Crm()
    before = Record("7", "", {"id": "7", "properties": {"ref": "r1", "email": "a@b.example"}})
    change = Update(
        key="7", current=before, changes={("properties", "email"): "new@b.example"}, fresh=True
    )
    with serving(crm.answer) as server, connected(CRM, server) as connector:
        (changed,) = connector.write_records("Contacts", [change], USED)
    assert isinstance(changed, Written)
    assert changed.record is not None
    assert properties_of(changed.record) == {"ref": "r1", "email": "new@b.example"}


def test_what_was_created_is_read_with_all_that_is_in_use() -> None:
    create = Create(
        key="c", properties={"properties": {"email": "c@b.example"}}, external_reference="r1"
    )
    with serving(Crm().answer) as server, connected(CRM, server) as connector:
        (made,) = connector.write_records("Contacts", [create], USED)
    assert isinstance(made, Written)
    assert made.record is not None
    assert properties_of(made.record) == {"ref": "r1", "email": "c@b.example"}


def test_objects_are_opened_and_read_whole_where_they_are_sent_whole() -> None:
    asked: list[str] = []
    address: dict[str, Json] = {"id": 9, "city": "Oslo", "country": {"id": 161}, "line": "x"}

    def answer(request: Received) -> Reply:
        if request.method == "PUT":
            address.update(json.loads(request.text)["address"])
            return Reply(body={"value": {"id": 1, "name": "A", "address": address}})
        asked.append(request.query["fields"])
        row: dict[str, Json] = {"id": 1, "name": "A", "address": address}
        listed = request.path == "/customers"
        return Reply(body={"values": [row]} if listed else {"value": row})

    names = frozenset({"address", "address.city", "address.country.id"})
    with serving(answer) as server, connected(BOOKS, server) as connector:
        list(connector.read_changes("Customers", None, names))
        assert server.received[0].query == {"active": "true", "fields": asked[0]}
        current = Record("1", "", {"id": 1, "address": dict(address)})
        write = Update(key="1", current=current, changes={("address", "city"): "Moss"})
        (outcome,) = connector.write_records("Customers", [write], names)
        put = next(one for one in server.received if one.method == "PUT")
    assert isinstance(outcome, Written)
    assert asked == ["id,address(city,country(id))", "*,address(*)"]
    assert json.loads(put.text) == {
        "address": {"id": 9, "city": "Moss", "country": {"id": 161}, "line": "x"}
    }


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (BOOKS.replace(', whole = "*,address(*)"', ""), "select.whole: is missing"),
        (BOOKS.replace('"merge-objects"', '"merge"'), "select.whole: is said, and no update"),
        (
            CRM.replace('{ properties = "{fields}" }', '{ x = "1" }'),
            "list.long.body: {fields} is in no text",
        ),
        (CRM.replace("select = ", "# "), "read_many.body: nothing fills {fields}"),
        (
            CRM.replace('parameter = "properties"', 'paramter = "properties"'),
            "did you mean parameter",
        ),
        (CRM.replace("/contacts/search", "/contacts/../search"), "list.long.path"),
        (
            CRM.replace('style = "nested"', 'style = "nestd"').replace(
                "longest = 120", "longest = 0"
            ),
            "select.longest",
        ),
    ],
)
def test_what_is_not_enough_is_refused(text: str, fault: str) -> None:
    _, faults = examine_profile(text, "x.toml")
    assert any(fault in str(one) for one in faults), [str(one) for one in faults]


def test_values_are_one_parameter() -> None:
    with serving(Crm().answer) as server, connected(CRM, server) as connector:
        list(
            connector.read_changes("Contacts", None, frozenset({"properties", "properties.a&b=c"}))
        )
        query = server.received[0].query
    assert query == dict(parse_qsl("properties=ref%2Ca%26b%3Dc"))


def test_what_names_a_record_is_asked_for_along_and_makes_no_request_of_its_own() -> None:
    named = CRM.replace("[[resources]]", '[[resources]]\nnamed_by = [["properties.name"], ["id"]]')
    with serving(Crm().answer) as server, connected(named, server) as connector:
        pages = list(connector.read_changes("Contacts", None, USED))
        assert len(server.received) == 1
        assert "name" in server.received[0].query["properties"].split(",")
        (record,) = (one for page in pages for one in page.changes if isinstance(one, Record))
        assert record.name == "Ann"
        (found,) = connector.read_records("Contacts", ["7"], USED)
        assert found.name == "Ann"


def test_a_name_is_not_kept_among_the_properties_in_use() -> None:
    def answer(request: Received) -> Reply:
        assert "name" in request.query["fields"].split(",")
        row: Json = {"id": 1, "name": "Acme", "address": {"city": "Oslo"}}
        return Reply(body={"values": [row]})

    named = BOOKS.replace("[[resources]]", '[[resources]]\nnamed_by = [["name"]]')
    used = frozenset({"address", "address.city"})
    with serving(answer) as server, connected(named, server) as connector:
        pages = list(connector.read_changes("Customers", None, used))
    (record,) = (one for page in pages for one in page.changes if isinstance(one, Record))
    assert (record.name, set(record.properties)) == ("Acme", {"address"})
