"""A record whose id is no segment: nothing is sent for it, and the others go on."""

from collections.abc import Sequence

import pytest
from specbridge.model.calls import WriteCall
from specbridge.model.profile import Profile, Property, Resource
from specbridge.runtime.connectors.build import build_connector
from specbridge.runtime.records import Create, Delete, Outcome, Record, Refused, Update, Write

from tests.runtime.connectors.servers import LoopbackServer, Reply, replies, serving

AGENTS = Resource(
    name="Agents",
    id=("id",),
    properties=(Property(path=("id",)), Property(path=("name",)), Property(path=("team",))),
    create=WriteCall(method="POST", path="/teams/{team}/agents"),
    update=WriteCall(method="PUT", path="/teams/{team}/agents/{id}", answers=False),
    delete=WriteCall(method="DELETE", path="/agents/{id}", answers=False),
)
PROFILE = Profile(name="led", labels=("Led",), base_url="https://led.example", resources=(AGENTS,))


def write(server: LoopbackServer, *writes: Write) -> Sequence[Outcome]:
    connector = build_connector(PROFILE, {"LED_BASE_URL": server.base_url})
    try:
        return list(connector.write_records("Agents", writes, frozenset()))
    finally:
        connector.close()


def record(id_: str, team: str) -> Record:
    return Record(id=id_, modified_at="", properties={"id": id_, "name": "A", "team": team})


@pytest.mark.parametrize(
    "bad",
    [
        Delete(key="bad", current=record("..", "t")),
        Delete(key="bad", current=record("%2e", "t")),
        Update(key="bad", current=record(".", "t"), changes={("name",): "B"}),
        Update(key="bad", current=record("7", ".."), changes={("name",): "B"}),
        Create(key="bad", properties={"name": "B", "team": "../x"}, external_reference=""),
    ],
)
def test_nothing_is_sent_to_an_address_that_is_another_call_s(bad: Write) -> None:
    good = Delete(key="good", current=record("8", "t"))
    with serving(replies(Reply(status=204))) as server:
        outcomes = {outcome.key: outcome for outcome in write(server, bad, good)}
        assert server.paths() == ["DELETE /agents/8"]
    refused = outcomes["bad"]
    assert isinstance(refused, Refused)
    assert "no address can hold its" in refused.reason
    assert not isinstance(outcomes["good"], Refused)
