"""Custom fields as arrays of keys and values, and properties that go along with others: nothing else is touched."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy

import pytest
from specbridge.errors import ProfileError
from specbridge.model.values import Json, Path
from specbridge.profiles.load import read_profile
from specbridge.runtime.connectors.build import build_connector
from specbridge.runtime.connectors.connector import RestConnector
from specbridge.runtime.records import Create, Record, Refused, Update, Written

from tests.runtime.connectors.clocks import ManualTime
from tests.runtime.connectors.servers import LoopbackServer, Received, Reply, serving

PROFILE = """
name = "desk"
labels = ["Desk"]
base_url = "https://desk.example"

[[resources]]
name = "Firms"
id = "id"
external_reference = ["fields", "9"]
entries = [{ path = "fields", key = "id", value = "held", key_type = "integer" }]
properties = [
    { path = "id", type = "integer", read_only = true },
    { path = "name", type = "string" },
    { path = "number", type = "string", along = ["address.country"] },
    { path = "address.country", type = "string" },
    { path = "address.city", type = "string" },
    { path = "fields", type = "object" },
    { path = ["fields", "9"], type = "string", unique = true },
    { path = ["fields", "3"], type = "integer", form = "text" },
]
list = { path = "/firms" }
read = { method = "GET", path = "/firms/{id}" }
create = { method = "POST", path = "/firms" }
update = { method = "PATCH", path = "/firms/{id}", body = "merge" }
"""
NAMES = frozenset({"name", "number", "fields", "address"})
FIRM: dict[str, Json] = {
    "id": 1,
    "name": "A",
    "number": "1",
    "address": {"country": "NO", "city": "Oslo"},
    "fields": [{"id": 3, "held": "7", "label": "seats"}, {"id": 4, "held": ["x"]}],
}


class Desk:
    """Firms whose fields an update replaces as a whole; a number is checked with the country beside it."""

    def __init__(self) -> None:
        self.firms: dict[int, dict[str, Json]] = {1: deepcopy(FIRM)}

    def answer(self, request: Received) -> Reply:
        if request.method == "POST":
            self.firms[2] = {**json.loads(request.text), "id": 2}
            return Reply(status=201, body=self.firms[2])
        if request.path == "/firms":
            return Reply(body=list[Json](self.firms.values()))
        identifier = int(request.path.rpartition("/")[2])
        if request.method == "PATCH":
            given = json.loads(request.text)
            if "number" in given and "country" not in given.get("address", {}):
                return Reply(status=422, body={"why": "of which country?"})
            address = {**self.firms[identifier]["address"], **given.pop("address", {})}  # type: ignore[dict-item]  # an object
            self.firms[identifier] |= {**given, "address": address}
        return Reply(body=deepcopy(self.firms[identifier]))


@contextmanager
def connected(desk: Desk, text: str = PROFILE) -> Iterator[tuple[RestConnector, LoopbackServer]]:
    with serving(desk.answer) as server:
        connector = build_connector(
            read_profile(text, "desk.toml"),
            {"DESK_BASE_URL": server.base_url},
            make_clock=ManualTime().maker(),
        )
        try:
            yield connector, server
        finally:
            connector.close()


def read(connector: RestConnector) -> Record:
    pages = connector.read_changes("Firms", None, NAMES)
    (record,) = (one for page in pages for one in page.changes if isinstance(one, Record))
    return record


def change(connector: RestConnector, changes: dict[Path, Json]) -> Written | Refused:
    write = Update(key="1", current=read(connector), changes=changes)
    (outcome,) = connector.write_records("Firms", [write], NAMES)
    return outcome


def test_an_array_of_keys_and_values_reads_as_an_object() -> None:
    with connected(Desk()) as (connector, _):
        assert read(connector).properties["fields"] == {"3": 7, "4": ["x"]}


def test_one_value_changes_and_the_others_go_back_as_they_were() -> None:
    desk = Desk()
    with connected(desk) as (connector, _):
        outcome = change(connector, {("fields", "3"): 8, ("fields", "5"): "new"})
    assert isinstance(outcome, Written)
    assert outcome.record is not None
    assert outcome.record.properties["fields"] == {"3": 8, "4": ["x"], "5": "new"}
    assert desk.firms[1]["fields"] == [
        {"id": 3, "held": "8", "label": "seats"},
        {"id": 4, "held": ["x"]},
        {"id": 5, "held": "new"},
    ]
    assert {**desk.firms[1], "fields": 0} == {**FIRM, "fields": 0}


def test_changed_elements_may_go_alone_where_the_api_keeps_the_others() -> None:
    text = PROFILE.replace('key_type = "integer"', 'key_type = "integer", changed = true')
    with connected(Desk(), text) as (connector, server):
        change(connector, {("fields", "3"): None})
        sent = [json.loads(one.text) for one in server.received if one.method == "PATCH"]
    assert sent == [{"fields": [{"id": 3, "held": None}]}]


def test_a_new_record_has_its_fields_and_our_reference_in_the_array() -> None:
    desk = Desk()
    create = Create(key="c", properties={"name": "B", "fields": {"3": 5}}, external_reference="r")
    with connected(desk) as (connector, _):
        (outcome,) = connector.write_records("Firms", [create], NAMES)
    assert isinstance(outcome, Written)
    assert desk.firms[2]["fields"] == [{"id": 3, "held": "5"}, {"id": 9, "held": "r"}]


def test_a_property_goes_with_those_that_it_is_judged_by() -> None:
    desk = Desk()
    with connected(desk) as (connector, server):
        assert isinstance(change(connector, {("number",): "2"}), Written)
        # Somebody has moved it meanwhile: what goes along is as it was just read.
        stale = read(connector)
        desk.firms[1]["address"] = {"country": "SE", "city": "Lund"}
        write = Update(key="1", current=stale, changes={("number",): "3"})
        (outcome,) = connector.write_records("Firms", [write], NAMES)
        sent = [json.loads(one.text) for one in server.received if one.method == "PATCH"]
    assert isinstance(outcome, Written)
    assert sent == [
        {"number": "2", "address": {"country": "NO"}},
        {"number": "3", "address": {"country": "SE"}},
    ]
    assert desk.firms[1]["address"] == {"country": "SE", "city": "Lund"}


@pytest.mark.parametrize(
    ("old", "new", "text"),
    [
        ('along = ["address.country"]', 'along = ["address.contry"]', "did you mean address.country"),
        ('value = "held"', 'value = "id"', r"entries\[fields\]\.key: and value must be two names"),
        ('key_type = "integer"', 'key_type = "float"', "key_type: must be integer or string"),
        ('{ path = "fields", type = "object" }', '{ path = "fields", type = "list" }', "another type than object"),
        ('read = { method = "GET", path = "/firms/{id}" }', "", "read: is missing: an update sends arrays"),
        ('body = "merge"', 'body = "json-patch"', "entries: are written by bodies that hold them"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_refused(old: str, new: str, text: str) -> None:
    with pytest.raises(ProfileError, match=text):
        read_profile(PROFILE.replace(old, new), "desk.toml")
