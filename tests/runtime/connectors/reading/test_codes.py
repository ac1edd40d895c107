"""Codes that an API has in a list of its own; what goes along with an object's parts; lookups of several lists."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from specbridge.errors import ProfileError
from specbridge.model.values import Json, Path
from specbridge.profiles.load import read_profile
from specbridge.runtime.connectors.build import build_connector
from specbridge.runtime.records import Connector, Create, Record, Refused, Update, Written

from tests.runtime.connectors.clocks import ManualTime
from tests.runtime.connectors.servers import LoopbackServer, Received, Reply, serving

PROFILE = """
name = "shop"
labels = ["Shop"]
base_url = "https://shop.example"

[code_lists.countries]
list = { path = "/countries?fields=id,iso", items = "values" }
name = "iso"
code = "id"

[[resources]]
name = "Members"
id = "id"
modified_at = "changed"
list = { path = "/members" }
read = { method = "GET", path = "/members/{id}" }
create = { method = "POST", path = "/members" }
update = { method = "PUT", path = "/members/{id}", body = "merge" }
lookups = [{ path = "/members", property = "number", parameter = "numbers", queries = [{ old = "no" }, { old = "yes" }] }]
properties = [
    { path = "id", type = "integer", read_only = true },
    { path = "changed", type = "datetime", read_only = true },
    { path = "name", type = "string" },
    { path = "number", type = "integer" },
    { path = "home", type = "object", along = ["home.id", "home.city", "home.country.id"] },
    { path = "home.id", type = "integer", read_only = true },
    { path = "home.city", type = "string" },
    { path = "home.country.id", type = "string", listed = "countries", emptied = "home.country" },
]
"""
NAMES = frozenset({"name", "home"})
COUNTRY: Path = ("home", "country", "id")
MEMBER: dict[str, Json] = {
    "id": 7,
    "changed": "2026-11-23T11:00:00Z",
    "name": "Kari",
    "number": 3,
    "home": {"id": 70, "city": "Voss", "country": {"id": 161}},
}


@dataclass
class Shop:
    """A server with one member, and a list of two countries."""

    written: list[Json] = field(default_factory=list)
    lists: int = 0

    def answer(self, request: Received) -> Reply:
        if request.path == "/countries":
            self.lists += 1
            # A row without a name, and one whose code is there already.
            rows: list[Json] = [
                {"id": 161, "iso": "NO"},
                {"id": 191, "iso": "SE"},
                {"id": 9},
                {"id": 161, "iso": "XX"},
            ]
            return Reply(body={"values": rows})
        if request.method in ("PUT", "POST"):
            self.written.append(json.loads(request.text))
        if request.path == "/members" and request.method == "GET":
            shown = request.query.get("old") != "no"
            return Reply(body=[dict(MEMBER)] if shown else [])
        return Reply(body=dict(MEMBER))


@pytest.fixture
def shop() -> Shop:
    return Shop()


@pytest.fixture
def server(shop: Shop) -> Iterator[LoopbackServer]:
    with serving(shop.answer) as running:
        yield running


@pytest.fixture
def connector(server: LoopbackServer) -> Iterator[Connector]:
    profile = read_profile(PROFILE, "shop.toml")
    environment = {"SHOP_BASE_URL": server.base_url}
    built = build_connector(profile, environment, make_clock=ManualTime().maker())
    yield built
    built.close()


def read(connector: Connector, names: frozenset[str] = NAMES) -> Record:
    (record,) = connector.read_records("Members", ["7"], names)
    return record


def update(connector: Connector, changes: dict[Path, Json]) -> object:
    record = read(connector)
    (outcome,) = connector.write_records(
        "Members", [Update(key="u", current=record, changes=changes)], NAMES
    )
    return outcome


def test_a_code_is_read_by_its_name_and_the_list_once(connector: Connector, shop: Shop) -> None:
    for _ in range(2):
        home = read(connector).properties["home"]
        assert home == {"id": 70, "city": "Voss", "country": {"id": "NO"}}
    assert shop.lists == 1


def test_a_list_is_not_read_where_nothing_in_use_names_it(connector: Connector, shop: Shop) -> None:
    read(connector, frozenset({"name"}))
    read(connector, frozenset({"home", "home.city"}))
    assert shop.lists == 0


def test_a_part_goes_with_what_its_object_names(connector: Connector, shop: Shop) -> None:
    assert isinstance(update(connector, {COUNTRY: "SE"}), Written)
    assert isinstance(update(connector, {("name",): "Kai"}), Written)
    assert shop.written == [
        {"home": {"id": 70, "city": "Voss", "country": {"id": 191}}},
        {"name": "Kai"},
    ]


def test_no_value_is_no_object_around_it(connector: Connector, shop: Shop) -> None:
    assert isinstance(update(connector, {COUNTRY: None}), Written)
    assert shop.written == [{"home": {"id": 70, "city": "Voss", "country": None}}]


def test_what_the_list_lacks_waits_and_the_rest_goes(connector: Connector, shop: Shop) -> None:
    outcome = update(connector, {COUNTRY: "ZZ", ("home", "city"): "Bergen"})
    assert isinstance(outcome, Refused)
    assert "home.country.id has no code" in outcome.reason
    assert shop.written == [{"home": {"id": 70, "city": "Bergen", "country": {"id": 161}}}]
    assert isinstance(update(connector, {COUNTRY: "ZZ"}), Refused)
    assert len(shop.written) == 1


def test_a_record_is_created_without_what_the_list_lacks(connector: Connector, shop: Shop) -> None:
    home: Json = {"city": "Voss", "country": {"id": "ZZ"}}
    create = Create(key="c", properties={"name": "Kai", "home": home}, external_reference="")
    (outcome,) = connector.write_records("Members", [create], NAMES)
    assert isinstance(outcome, Written)
    assert shop.written == [{"name": "Kai", "home": {"city": "Voss"}}]


def test_a_lookup_asks_each_of_its_lists(connector: Connector, server: LoopbackServer) -> None:
    (found,) = connector.find_records("Members", ("number",), ["3"], NAMES)
    assert found.id == "7"
    asked = [one.query for one in server.received if one.path == "/members"]
    assert asked == [{"numbers": "3", "old": "no"}, {"numbers": "3", "old": "yes"}]


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('listed = "countries"', 'listed = "towns"', "towns is none of code_lists"),
        ('listed = "countries"', 'listed = "countries", codes = { NO = 1 }', "one of them"),
        ('path = "number", type = "integer"', 'path = "n[]", listed = "countries"', "in no list"),
        ('emptied = "home.country"', 'emptied = "home.country.id"', "object around"),
        ('name = "iso"', 'name = "iso[].x"', "one value of a row"),
        ('path = "/countries?fields=id,iso"', 'path = "/{land}"', "land"),
        ('items = "values" }', 'items = "values", method = "POST" }', "is a GET"),
    ],
)
def test_a_list_of_codes_must_fit(old: str, new: str, fault: str) -> None:
    assert old in PROFILE
    with pytest.raises(ProfileError, match=fault.replace("[", r"\[")):
        read_profile(PROFILE.replace(old, new), "shop.toml")
