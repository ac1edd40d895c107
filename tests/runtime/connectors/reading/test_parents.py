"""Records that are listed below others: all parents are asked, and each record says whose it is."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from specbridge.errors import MalformedResponseError
from specbridge.model.values import Json
from specbridge.profiles.load import examine_profile, read_profile
from specbridge.runtime.connectors.build import build_connector
from specbridge.runtime.connectors.connector import RestConnector
from specbridge.runtime.records import Create, Record, Update, Written

from tests.runtime.connectors.clocks import ManualTime
from tests.runtime.connectors.servers import LoopbackServer, Received, Reply, serving

PROFILE = """
name = "shop"
labels = ["Shop"]
base_url = "https://shop.example"
paging = { style = "offset", end = "empty-page", parameters = { page = "from" } }

[[resources]]
name = "Orders"
id = "id"
properties = [{ path = "id", type = "integer", read_only = true }]
list = { path = "/orders" }

[[resources]]
name = "Lines"
id = "id"
parent = { resource = "Orders", property = "order" }
properties = [
    { path = "id", type = "integer", read_only = true },
    { path = "order", type = "integer", reference = "Orders", create_only = true, required = true },
    { path = "text", type = "string" },
]
list = { path = "/orders/{parent}/lines" }
read = { method = "GET", path = "/orders/{order}/lines/{id}" }
create = { method = "POST", path = "/orders/{order}/lines" }
update = { method = "PATCH", path = "/orders/{order}/lines/{id}" }
"""
NAMES = frozenset({"order", "text"})
LINES: dict[int, list[int]] = {1: [11, 12, 13], 2: [], 3: [31]}


class Shop:
    """Orders with lines, one to a page; a line does not say of which order it is."""

    def __init__(self, lines: dict[int, list[int]] = LINES) -> None:
        self.lines: dict[int, dict[int, dict[str, Json]]] = {
            order: {one: {"id": one, "text": f"t{one}"} for one in own}
            for order, own in lines.items()
        }
        self.gone: set[int] = set()

    def answer(self, request: Received) -> Reply:
        start = int(request.query.get("from", 0))
        words = request.path.strip("/").split("/")
        if words == ["orders"]:
            return Reply(body=[{"id": one} for one in list(self.lines)[start : start + 1]])
        order = int(words[1])
        if order in self.gone:
            return Reply(status=404)
        lines = self.lines[order]
        if len(words) > 3:
            row = lines[int(words[3])]
            row.update(json.loads(request.text) if request.method == "PATCH" else {})
            return Reply(body=dict[str, Json](row))
        if request.method == "POST":
            assert "order" not in json.loads(request.text)
            lines[99] = {**json.loads(request.text), "id": 99}
            return Reply(status=201, body=dict[str, Json](lines[99]))
        return Reply(body=[dict[str, Json](one) for one in list(lines.values())[start : start + 1]])


@contextmanager
def connected(
    answer: Callable[[Received], Reply],
) -> Iterator[tuple[RestConnector, LoopbackServer]]:
    with serving(answer) as server:
        connector = build_connector(
            read_profile(PROFILE, "shop.toml"),
            {"SHOP_BASE_URL": server.base_url},
            make_clock=ManualTime().maker(),
        )
        try:
            yield connector, server
        finally:
            connector.close()


def read(connector: RestConnector) -> list[Record]:
    pages = connector.read_changes("Lines", None, NAMES)
    return [one for page in pages for one in page.changes if isinstance(one, Record)]


def test_the_lists_of_all_parents_are_one() -> None:
    with connected(Shop().answer) as (connector, _):
        found = read(connector)
    assert [(one.id, one.properties["order"]) for one in found] == [
        ("11", 1),
        ("12", 1),
        ("13", 1),
        ("31", 3),
    ]


def test_a_parent_that_is_gone_meanwhile_has_no_records() -> None:
    shop = Shop()
    shop.gone.add(1)
    with connected(shop.answer) as (connector, _):
        assert [one.id for one in read(connector)] == ["31"]


def test_a_record_below_two_parents_is_an_error() -> None:
    with (
        connected(Shop({1: [11], 2: [11]}).answer) as (connector, _),
        pytest.raises(MalformedResponseError, match="11 stands below both 1 and 2"),
    ):
        read(connector)


def test_writes_and_readings_of_one_know_whose_it_is() -> None:
    with connected(Shop().answer) as (connector, server):
        create = Create(key="c", properties={"order": 3, "text": "new"}, external_reference="")
        (made,) = connector.write_records("Lines", [create], NAMES)
        (again,) = connector.look_again("Lines", [Record("12", "", {"order": 1})], NAMES)
        update = Update(key="u", current=again, changes={("text",): "x"})  # type: ignore[arg-type]  # a record
        (changed,) = connector.write_records("Lines", [update], NAMES)
        paths = server.paths()
    assert isinstance(made, Written)
    assert made.record is not None
    assert made.record.properties == {"order": 3, "text": "new"}
    assert isinstance(changed, Written)
    assert changed.record is not None
    assert changed.record.properties == {"order": 1, "text": "x"}
    assert {"POST /orders/3/lines", "PATCH /orders/1/lines/12"} <= set(paths)


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('resource = "Orders"', 'resource = "Ordrs"', "parent.resource: Ordrs is no resource; did you mean Orders"),
        ('resource = "Orders"', 'resource = "Lines"', "parent.resource: Lines stands below Lines itself"),
        ('property = "order"', 'property = "ordr"', "parent.property: ordr is none of its properties"),
        ('path = "/orders/{parent}/lines"', 'path = "/lines"', "list.path: does not say below which"),
        ('list = { path = "/orders" }', "", "Orders has no list below which others stand"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused(old: str, new: str, fault: str) -> None:
    _, faults = examine_profile(PROFILE.replace(old, new), "shop.toml")
    assert any(fault in str(one) for one in faults), [str(one) for one in faults]
