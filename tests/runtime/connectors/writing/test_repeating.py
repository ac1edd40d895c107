"""Creations that may be made twice, because the API makes one record of them."""

import json
from dataclasses import dataclass, field

import pytest
from specbridge.errors import ProfileError, UnreachableError
from specbridge.model.values import Json
from specbridge.profiles.load import read_profile
from specbridge.runtime.connectors.build import build_connector
from specbridge.runtime.records import Create, Outcome, Written

from tests.runtime.connectors.clocks import ManualTime
from tests.runtime.connectors.servers import Received, Reply, serving

PROFILE = """
name = "shop"
labels = ["Shop"]
base_url = "https://shop.example"

[[resources]]
name = "Orders"
id = "id"
external_reference = "ref"
properties = [{ path = "id", type = "integer", read_only = true }, { path = "ref" }, { path = "name" }]
"""
KEYED = 'create = { method = "POST", path = "/orders", idempotency = "Idempotency-Key" }\n'
UPSERT = 'create = { method = "PUT", path = "/orders/by-ref/{ref}" }\n'
PLAIN = 'create = { method = "POST", path = "/orders" }\n'


@dataclass
class Orders:
    """Orders by number; a key or a reference that was there before names the same order."""

    orders: list[dict[str, Json]] = field(default_factory=list)
    known: dict[str, int] = field(default_factory=dict)
    lose: int = 0

    def answer(self, request: Received) -> Reply:
        name = request.headers.get("idempotency-key") or request.path.rpartition("/")[2]
        if name == "orders" or name not in self.known:
            self.known[name] = len(self.orders)
            self.orders.append({**json.loads(request.text), "id": len(self.orders)})
        if self.lose:
            self.lose -= 1
            return Reply(reset=True)
        return Reply(status=201, body=dict(self.orders[self.known[name]]))


def create(calls: str, orders: Orders, *names: str) -> list[Outcome]:
    writes = [
        Create(key=name, properties={"name": name}, external_reference=f"ours/{name}")
        for name in names
    ]
    with serving(orders.answer) as server:
        connector = build_connector(
            read_profile(PROFILE + calls, "shop.toml"),
            {"SHOP_BASE_URL": server.base_url},
            make_clock=ManualTime().maker(),
        )
        try:
            return list(connector.write_records("Orders", writes, frozenset({"name"})))
        finally:
            connector.close()


@pytest.mark.parametrize("calls", [KEYED, UPSERT], ids=["idempotency", "upsert"])
def test_a_lost_answer_is_asked_for_again(calls: str) -> None:
    orders = Orders(lose=2)
    outcomes = create(calls, orders, "a", "b")
    assert all(isinstance(one, Written) for one in outcomes)
    assert sorted(str(order["name"]) for order in orders.orders) == ["a", "b"]


def test_an_upsert_s_address_holds_our_reference_as_one_segment() -> None:
    orders = Orders()
    create(UPSERT, orders, "a")
    assert list(orders.known) == ["ours%2Fa"]
    assert orders.orders == [{"name": "a", "id": 0}]


def test_without_either_a_lost_answer_is_never_asked_for_blindly() -> None:
    orders = Orders(lose=1)
    with pytest.raises(UnreachableError):
        create(PLAIN, orders, "a")
    assert len(orders.orders) == 1


def test_a_creation_that_could_write_over_another_record_is_refused() -> None:
    with pytest.raises(ProfileError, match=r"create\.path: a PUT writes over the record"):
        read_profile(PROFILE + UPSERT.replace("{ref}", "{name}"), "shop.toml")
    call = 'delete = { method = "DELETE", path = "/o/{id}", idempotency = "K" }'
    with pytest.raises(ProfileError, match=r"delete\.idempotency: is of `create` alone"):
        read_profile(PROFILE + call, "shop.toml")


def test_the_key_is_the_same_for_whoever_makes_the_record_again() -> None:
    keys: list[str] = []

    def answer(request: Received) -> Reply:
        keys.append(request.headers["idempotency-key"])
        return Reply(status=201, body={"id": 1, "number": "n"})

    def create(reference: str, name: str) -> None:
        with serving(answer) as server:
            connector = build_connector(
                read_profile(PROFILE + KEYED, "shop.toml"),
                {"SHOP_BASE_URL": server.base_url},
                make_clock=ManualTime().maker(),
            )
            write = Create(key="k", properties={"name": name}, external_reference=reference)
            list(connector.write_records("Orders", [write], frozenset()))
            connector.close()

    # A run that died and the next one; another body; another record.
    for reference, name in (("r1", "a"), ("r1", "a"), ("r1", "b"), ("r2", "a")):
        create(reference, name)
    assert keys[0] == keys[1]
    assert len(set(keys)) == 3
