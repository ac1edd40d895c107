"""A connector that is closed is gone at once, whatever happened to it: nothing waits for a collector."""

import gc
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from weakref import ref

import pytest
from specbridge.errors import ApiError
from specbridge.profiles.load import load_profiles
from specbridge.runtime.connectors.build import build_connector
from specbridge.runtime.connectors.connector import RestConnector
from specbridge.runtime.records import Connector, Create, Record, Update
from specbridge.sandbox.running import Sandbox

from tests.runtime.connectors.conftest import QUICK
from tests.runtime.connectors.servers import Reply, replies, serving

Deed = Callable[[Connector], None]

NAMES = frozenset({"name"})
IMPATIENT = replace(QUICK, retry=replace(QUICK.retry, attempts=2, rereads=2, patience=0.5))


def read_all(connector: Connector) -> None:
    for _ in connector.read_changes("Organizations", None, NAMES):
        pass


def read_one_by_one(connector: Connector) -> None:
    values = [f"nobody {number}" for number in range(300)]
    list(connector.find_records("Organizations", ("name",), values, NAMES))


def create_some(connector: Connector, count: int = 3) -> None:
    writes = [
        Create(key=str(number), properties={"name": f"New {number}"}, external_reference="")
        for number in range(count)
    ]
    list(connector.write_records("Organizations", writes, NAMES))


def create_many(connector: Connector) -> None:
    create_some(connector, 250)


def rename_some(connector: Connector, count: int = 3) -> None:
    records = [Record(id=str(number), modified_at="", properties={}) for number in range(1, count)]
    writes = [
        Update(key=record.id, current=record, changes={("name",): f"New {record.id}"})
        for record in records
    ]
    list(connector.write_records("Organizations", writes, NAMES))


def rename_many(connector: Connector) -> None:
    rename_some(connector, 250)


DEEDS = {
    "read": read_all,
    "look up": read_one_by_one,
    "create some": create_some,
    "create many": create_many,
    "rename some": rename_some,
    "rename many": rename_many,
}
FAULTS = {
    "well": (),
    "throttled": ("429=1",),
    "failing": ("500=1",),
    "broken connections": ("reset=1",),
    "broken answers": ("reset-after-commit=1",),
    "malformed": ("malformed=1",),
    "redirected": ("302=1",),
    "empty": ("empty=1",),
}


@pytest.fixture
def uncollected() -> Iterator[None]:
    """Keep the collector from looking."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def use(environment: Mapping[str, str], deed: Deed) -> list[object]:
    """Do a deed with a new connector, close it, and return what is still there of it."""
    profile = replace(load_profiles()["zendesk"], limits=())
    connector = build_connector(profile, environment, IMPATIENT)
    assert isinstance(connector, RestConnector)
    parts = [ref(one) for one in (connector, connector._client, connector._access.transport)]
    with suppress(ApiError):
        deed(connector)
    connector.close()
    del connector
    return [part() for part in parts if part() is not None]


@pytest.mark.usefixtures("uncollected")
@pytest.mark.parametrize("deed", DEEDS.values(), ids=DEEDS)
@pytest.mark.parametrize("faults", FAULTS.values(), ids=FAULTS)
def test_a_closed_connector_is_gone(sandbox: Sandbox, faults: tuple[str, ...], deed: Deed) -> None:
    sandbox.zendesk.replace_faults(*faults)
    assert use(sandbox.environment, deed) == []


@pytest.mark.usefixtures("uncollected")
@pytest.mark.parametrize("deed", DEEDS.values(), ids=DEEDS)
def test_a_body_that_cannot_be_unpacked_keeps_nothing(deed: Deed) -> None:
    with serving(replies(Reply(text="?", headers={"Content-Encoding": "gzip"}))) as server:
        environment = {"ZENDESK_BASE_URL": server.base_url, "ZENDESK_OAUTH_TOKEN": "a token"}
        assert use(environment, deed) == []
