"""Values that an API has in other forms: read, compared, filtered by and written as it wants them."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st
from specbridge.model.conversion import ValueType
from specbridge.model.profile import Property, Resource, ValueForm
from specbridge.model.values import Json
from specbridge.profiles.load import read_profile
from specbridge.runtime.connectors.build import build_connector
from specbridge.runtime.connectors.reading.forms import decode_row, encode_row
from specbridge.runtime.records import Connector, Create, Record, Refused, Update, Written

from tests.runtime.connectors.clocks import ManualTime
from tests.runtime.connectors.servers import LoopbackServer, Received, Reply, serving

PROFILE = """
name = "shop"
labels = ["Shop"]
base_url = "https://shop.example"

[[resources]]
name = "Members"
id = "id"
modified_at = "changed"
list = { path = "/members" }
incremental = { path = "/members", since = "since", since_form = "epoch-seconds" }
read = { method = "GET", path = "/members/{id}" }
create = { method = "POST", path = "/members" }
update = { method = "PUT", path = "/members/{id}", body = "replace" }
properties = [
    { path = "id", type = "integer", read_only = true },
    { path = "changed", type = "datetime", form = "epoch-seconds", read_only = true },
    { path = "points", type = "integer", form = "text" },
    { path = "active", type = "boolean", form = "text", sent = "json" },
    { path = "born", type = "date", form = "epoch-milliseconds" },
    { path = "state", type = "string", codes = { open = 1, closed = 2 } },
    { path = "note.text", type = "string", clear = "-" },
]
"""
NAMES = frozenset({"points", "active", "born", "state", "note"})
RAW: dict[str, Json] = {
    "id": 7,
    "changed": 1_795_431_600,
    "points": "12",
    "active": "true",
    "born": -86_400_000,
    "state": 2,
    "note": {"text": "-", "by": "0042"},
    "unlisted": "1",
}
READ: dict[str, Json] = {
    "points": 12,
    "active": True,
    "born": "1969-12-31",
    "state": "closed",
    "note": {"text": None, "by": "0042"},
}


@dataclass
class Shop:
    """A server with one member, whose PUT and POST replace it."""

    member: dict[str, Json] = field(default_factory=lambda: dict(RAW))
    written: list[Json] = field(default_factory=list)

    def answer(self, request: Received) -> Reply:
        if request.method in ("PUT", "POST"):
            self.written.append(json.loads(request.text))
            self.member = {**json.loads(request.text), "id": 7, "changed": 1_795_431_700}
        one = request.path != "/members" or request.method == "POST"
        return Reply(body=dict(self.member) if one else [dict(self.member)])


@pytest.fixture
def shop() -> Shop:
    return Shop()


@pytest.fixture
def server(shop: Shop) -> Iterator[LoopbackServer]:
    with serving(shop.answer) as running:
        yield running


@pytest.fixture
def connector(server: LoopbackServer) -> Iterator[Connector]:
    environment = {"SHOP_BASE_URL": server.base_url}
    profile = read_profile(PROFILE, "shop.toml")
    built = build_connector(profile, environment, make_clock=ManualTime().maker())
    yield built
    built.close()


def test_values_are_read_as_their_types_have_them(
    connector: Connector, server: LoopbackServer
) -> None:
    *pages, last = connector.read_changes("Members", None, NAMES)
    assert [change for page in pages for change in page.changes] == [
        Record("7", "2026-11-23T11:00:00Z", READ)
    ]
    list(connector.read_changes("Members", last.cursor, NAMES))
    assert server.received[-1].query == {"since": "1795434600"}


def test_a_whole_record_goes_back_in_the_api_s_forms(connector: Connector, shop: Shop) -> None:
    (record,) = connector.read_records("Members", ["7"], NAMES)
    changes: dict[tuple[str, ...], Json] = {
        ("points",): 13,
        ("active",): False,
        ("born",): "1970-01-02",
        ("state",): "open",
    }
    (outcome,) = connector.write_records(
        "Members", [Update(key="u", current=record, changes=changes)], NAMES
    )
    changed = {"points": "13", "active": False, "born": 86_400_000, "state": 1}
    assert shop.written == [{**RAW, **changed}]
    assert isinstance(outcome, Written)
    assert outcome.record is not None
    assert outcome.record.properties["state"] == "open"


def test_no_value_is_what_the_api_has_for_it(connector: Connector, shop: Shop) -> None:
    shop.member["note"] = {"text": "x", "by": "0042"}
    (record,) = connector.read_records("Members", ["7"], NAMES)
    update = Update(key="u", current=record, changes={("note", "text"): None})
    assert isinstance(next(connector.write_records("Members", [update], NAMES)), Written)
    assert shop.written == [{**RAW, "note": {"text": "-", "by": "0042"}}]


def test_a_new_record_is_sent_in_the_api_s_forms(connector: Connector, shop: Shop) -> None:
    create = Create(key="c", properties={"points": 1, "state": "closed"}, external_reference="")
    (outcome,) = connector.write_records("Members", [create], NAMES)
    assert isinstance(outcome, Written)
    assert shop.written == [{"points": "1", "state": 2}]


def test_a_value_without_a_code_is_refused_before_anything_is_sent(
    connector: Connector, server: LoopbackServer
) -> None:
    create = Create(key="c", properties={"state": "ajar"}, external_reference="")
    assert list(connector.write_records("Members", [create], NAMES)) == [
        Refused(key="c", status=400, reason="state has no code for its value")
    ]
    assert server.received == []


RESOURCE = read_profile(PROFILE, "shop.toml").resources[0]
# Few letters: those of numbers, truths and instants.
TEXTS = st.text("0123456789.-truefals TZ:", max_size=20)
RAW_VALUES = st.fixed_dictionaries(
    {},
    optional={
        "changed": st.none() | st.integers(0, 2**33) | TEXTS,
        "points": st.none() | st.integers().map(str) | TEXTS | st.booleans(),
        "active": st.none() | st.sampled_from(["true", "false"]),
        "born": st.integers(-10_000, 10_000).map(lambda day: day * 86_400_000),
        "state": st.none() | st.integers(0, 3) | st.booleans() | TEXTS,
        "note": st.none() | st.fixed_dictionaries({"text": st.none() | TEXTS}),
    },
)


@given(RAW_VALUES)
def test_what_was_read_and_sent_again_reads_the_same(raw: dict[str, Json]) -> None:
    read = decode_row(RESOURCE, raw)
    assert decode_row(RESOURCE, encode_row(RESOURCE, read)) == read


@pytest.mark.parametrize(
    ("kind", "form", "raw"),
    [
        (ValueType.INTEGER, ValueForm.TEXT, "1.5"),
        (ValueType.INTEGER, ValueForm.TEXT, "twelve"),
        (ValueType.BOOLEAN, ValueForm.TEXT, "maybe"),
        (ValueType.DATETIME, ValueForm.EPOCH_SECONDS, "soon"),
        (ValueType.DATETIME, ValueForm.EPOCH_SECONDS, 10**15),
    ],
)
def test_what_has_another_form_than_stated_stays(
    kind: ValueType, form: ValueForm, raw: Json
) -> None:
    resource = Resource(
        name="X", id=("id",), properties=(Property(path=("x",), type=kind, form=form),)
    )
    assert decode_row(resource, {"x": raw}) == {"x": raw}


OSLO = Property(path=("at",), type=ValueType.DATETIME, form=ValueForm.LOCAL, zone="Europe/Oslo")


@pytest.mark.parametrize(
    ("raw", "read"),
    [
        ("2026-07-01T12:00:00", "2026-07-01T12:00:00+02:00"),
        ("2026-12-01 12:00:00.1234567", "2026-12-01T12:00:00.1234567+01:00"),
        ("2026-12-01T12:00:00Z", "2026-12-01T12:00:00Z"),
        ("soon", "soon"),
        (None, None),
    ],
)
def test_an_instant_may_be_in_a_zone_that_it_does_not_say(raw: Json, read: Json) -> None:
    resource = Resource(name="X", id=("id",), properties=(OSLO,))
    assert decode_row(resource, {"at": raw}) == {"at": read}


def test_a_local_instant_is_written_as_the_zone_s_clock_shows_it() -> None:
    resource = Resource(name="X", id=("id",), properties=(OSLO,))
    assert encode_row(resource, {"at": "2026-07-01T10:00:00Z"}) == {"at": "2026-07-01T12:00:00"}
