"""The three commonest shapes of docs/new-system.md: each profile of the page against such a server."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from specbridge.profiles.load import read_profile
from specbridge.runtime.connectors.build import build_connector
from specbridge.runtime.records import Connector, Create, Record, Refused, Update, Written

from tests.runtime.connectors.clocks import ManualTime
from tests.runtime.connectors.servers import serving
from tests.runtime.connectors.shapes import Contacts, Shape, harbor, orchard, quarry

PAGE = (Path(__file__).parents[3] / "docs" / "new-system.md").read_text(encoding="utf-8")
PROFILES = {
    found[1]: text
    for text in re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    if (found := re.search(r'^name = "(\w+)"', text, re.MULTILINE))
}
CREDENTIALS = {
    "HARBOR_API_KEY": "harbor-key",
    "QUARRY_CLIENT_ID": "quarry-id",
    "QUARRY_CLIENT_SECRET": "quarry-secret",
    "ORCHARD_CONSUMER_TOKEN": "orchard-c",
    "ORCHARD_EMPLOYEE_TOKEN": "orchard-e",
}
SHAPES = {"harbor": (harbor, "/v1"), "quarry": (quarry, ""), "orchard": (orchard, "/api")}
NAMES = frozenset({"name"})


@pytest.fixture
def contacts() -> Contacts:
    return Contacts()


@pytest.fixture(params=SHAPES)
def connector(request: pytest.FixtureRequest, contacts: Contacts) -> Iterator[Connector]:
    name: str = request.param
    make: Callable[[Contacts], Shape]
    make, base = SHAPES[name]
    with serving(make(contacts).answer) as server:
        environment = {**CREDENTIALS, f"{name.upper()}_BASE_URL": f"{server.base_url}{base}"}
        built = build_connector(
            read_profile(PROFILES[name], f"{name}.toml"),
            environment,
            make_clock=ManualTime().maker(),
        )
        yield built
        built.close()


def read(connector: Connector, cursor: str | None = None) -> tuple[list[Record], str | None]:
    pages = list(connector.read_changes("Contacts", cursor, NAMES))
    changes = [change for page in pages for change in page.changes]
    return [one for one in changes if isinstance(one, Record)], pages[-1].cursor


def test_a_list_is_read_to_its_end(connector: Connector, contacts: Contacts) -> None:
    for number in range(5):
        contacts.add(name=f"n{number}")
    records, _ = read(connector)
    assert [one.properties["name"] for one in records] == [f"n{number}" for number in range(5)]


def test_only_what_changed_is_read_again(connector: Connector, contacts: Contacts) -> None:
    for number in range(4):
        contacts.add(name=f"n{number}")
    records, cursor = read(connector)
    assert cursor is not None
    assert len(records) == 4
    # Cursors keep ten minutes' distance from the server's clock.
    contacts.ticks = 3600
    contacts.put(2, {**contacts.rows[2], "name": "new"})
    changed, _ = read(connector, cursor)
    assert [one.properties["name"] for one in changed] == ["new"]


def test_records_are_created_found_and_changed_and_nothing_else_changes(
    connector: Connector, contacts: Contacts
) -> None:
    create = Create(key="c", properties={"name": "Ola"}, external_reference="ours-1")
    (created,) = connector.write_records("Contacts", [create], NAMES)
    assert isinstance(created, Written)
    assert created.record is not None
    (found,) = connector.find_records("Contacts", ("external_id",), ["ours-1"], NAMES)
    assert found.id == created.id
    update = Update(key="u", current=created.record, changes={("name",): "Kari"})
    (changed,) = connector.write_records("Contacts", [update], NAMES)
    assert isinstance(changed, Written)
    row = contacts.rows[int(created.id)]
    assert row == {"id": 1, "version": 2, "note": "kept", "external_id": "ours-1", "name": "Kari"}


def test_an_edit_of_somebody_else_s_is_not_overwritten(
    connector: Connector, contacts: Contacts
) -> None:
    contacts.add(name="theirs")
    update = Update(key="u", current=Record("1", "", {"name": "old"}), changes={("name",): "ours"})
    (outcome,) = connector.write_records("Contacts", [update], NAMES)
    assert isinstance(outcome, Refused)
    assert outcome.stale
    assert contacts.rows[1]["name"] == "theirs"
