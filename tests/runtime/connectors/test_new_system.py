"""A system that nobody wrote code for: the profile of docs/new-system.md against such a server."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from specbridge.model.profile import Profile
from specbridge.profiles.load import load_profiles
from specbridge.runtime.connectors.build import build_connector
from specbridge.runtime.records import (
    Connector,
    Create,
    Delete,
    Record,
    Refused,
    Tombstone,
    Update,
    Written,
)

from tests.runtime.connectors.clocks import ManualTime
from tests.runtime.connectors.ledgerly import TOKEN, Ledgerly
from tests.runtime.connectors.servers import LoopbackServer, serving

PAGE = Path(__file__).parents[3] / "docs" / "new-system.md"
NAMES = frozenset({"title", "phone"})


@pytest.fixture
def profile(tmp_path: Path) -> Profile:
    found = re.search(
        r'```toml\n(name = "ledgerly".*?)```', PAGE.read_text(encoding="utf-8"), re.DOTALL
    )
    assert found is not None
    path = tmp_path / "ledgerly.toml"
    path.write_text(found[1], encoding="utf-8")
    return load_profiles([path])["ledgerly"]


@pytest.fixture
def world() -> Ledgerly:
    return Ledgerly()


@pytest.fixture
def server(world: Ledgerly) -> Iterator[LoopbackServer]:
    with serving(world.answer) as running:
        yield running


@pytest.fixture
def connector(profile: Profile, server: LoopbackServer) -> Iterator[Connector]:
    environment = {"LEDGERLY_BASE_URL": f"{server.base_url}/api", "LEDGERLY_TOKEN": TOKEN}
    built = build_connector(profile, environment, make_clock=ManualTime().maker())
    yield built
    built.close()


def read_all(connector: Connector, cursor: str | None = None) -> tuple[list[object], str]:
    pages = list(connector.read_changes("Buyers", cursor, NAMES))
    assert pages[-1].cursor is not None
    assert [page.cursor for page in pages[:-1]] == [None] * (len(pages) - 1)
    return [change for page in pages for change in page.changes], pages[-1].cursor


def test_reads_everything_page_by_page(
    connector: Connector, world: Ledgerly, server: LoopbackServer
) -> None:
    keys = [world.add(title=f"Buyer {number}") for number in range(5)]
    changes, _ = read_all(connector)
    assert [change.id for change in changes if isinstance(change, Record)] == keys
    assert len(server.received) == connector.usage.read == 3
    first = changes[0]
    assert isinstance(first, Record)
    assert first.properties == {"title": "Buyer 0", "phone": None}


def test_reads_what_changed_since(connector: Connector, world: Ledgerly) -> None:
    keys = [world.add(title=f"Buyer {number}") for number in range(3)]
    _, cursor = read_all(connector)
    assert cursor == "2026-11-23T11:50:00Z"
    world.minute = 55
    world.buyers[keys[1]]["removed"] = True
    world._touch(keys[1])
    changes, _ = read_all(connector, cursor)
    assert changes == [Tombstone(keys[1])]


def test_creates_updates_and_deletes(connector: Connector, world: Ledgerly) -> None:
    writes = [
        Create(key=f"k{n}", properties={"title": f"Buyer {n}"}, external_reference=f"ref-{n}")
        for n in range(6)
    ]
    outcomes = {one.key: one for one in connector.write_records("Buyers", writes, NAMES)}
    assert set(outcomes) == {write.key for write in writes}
    created = outcomes["k0"]
    assert isinstance(created, Written)
    assert created.record is not None
    assert world.buyers[created.id]["origin"] == "ref-0"
    world.buyers[created.id]["note"] = "theirs"
    update = Update(key="u", current=created.record, changes={("phone",): "12"})
    (changed,) = connector.write_records("Buyers", [update], NAMES)
    assert isinstance(changed, Written)
    assert world.buyers[created.id]["phone"] == "12"
    # Its PUT replaces: what no row names, and even what the profile does not list, is still there.
    assert world.buyers[created.id]["origin"] == "ref-0"
    assert world.buyers[created.id]["note"] == "theirs"
    (deleted,) = connector.write_records("Buyers", [Delete(key="d", current=created.record)], NAMES)
    assert deleted == Written(key="d", id=created.id, record=None)


def test_an_update_planned_on_an_older_record_is_stale(
    connector: Connector, world: Ledgerly
) -> None:
    key = world.add(title="New title")
    old = Record(key, "", {"title": "Old title"})
    update = Update(key="u", current=old, changes={("title",): "Ours"})
    (outcome,) = connector.write_records("Buyers", [update], NAMES)
    assert isinstance(outcome, Refused)
    assert outcome.stale
    assert world.buyers[key]["title"] == "New title"


def test_a_taken_title_is_a_duplicate_named_without_its_value(
    connector: Connector, world: Ledgerly
) -> None:
    world.add(title="Ola Nordmann")
    create = Create(key="c", properties={"title": "Ola Nordmann"}, external_reference="r")
    (outcome,) = connector.write_records("Buyers", [create], NAMES)
    assert outcome == Refused(
        key="c", status=422, reason="title … is taken already", duplicate="title"
    )


def test_a_taken_reference_is_our_own_record(connector: Connector, world: Ledgerly) -> None:
    key = world.add(title="Mine", origin="r")
    create = Create(key="c", properties={"title": "Mine"}, external_reference="r")
    (outcome,) = connector.write_records("Buyers", [create], NAMES)
    assert isinstance(outcome, Written)
    assert outcome.id == key
    assert len(world.buyers) == 1


def test_finds_records_by_value_but_not_removed_ones(connector: Connector, world: Ledgerly) -> None:
    key = world.add(title="Here")
    world.add(title="Gone", removed=True)
    found = list(connector.find_records("Buyers", ("title",), ["Here", "Gone", "Nobody"], NAMES))
    assert [record.id for record in found] == [key]
    assert connector.can_find("Buyers", ("title",))
    assert not connector.can_find("Buyers", ("phone",))


@pytest.mark.parametrize(
    ("path", "changes", "reason"),
    [
        (("key",), "b9", "key is read-only"),
        (("changed",), "2020-01-01T00:00:00Z", "changed is read-only"),
    ],
)
def test_what_cannot_be_written_is_refused_before_anything_is_sent(
    connector: Connector, server: LoopbackServer, path: tuple[str, ...], changes: str, reason: str
) -> None:
    update = Update(key="u", current=Record("b1", "", {}), changes={path: changes})
    assert list(connector.write_records("Buyers", [update], NAMES)) == [
        Refused(key="u", status=400, reason=reason)
    ]
    assert server.received == []


def test_doctor_asks_the_probe(connector: Connector, server: LoopbackServer) -> None:
    findings = {one.subject: one for one in connector.diagnose()}
    assert findings["reachability"].well
    assert findings["privileges"].well
    assert server.paths() == ["GET /api/me"]
