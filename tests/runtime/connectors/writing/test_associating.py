"""Associations that have calls of their own: read beside the records, made before the old one is ended."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from specbridge.model.values import Json, Path
from specbridge.profiles.load import examine_profile, read_profile
from specbridge.runtime.connectors.build import build_connector
from specbridge.runtime.connectors.connector import RestConnector
from specbridge.runtime.records import Create, Outcome, Record, Refused, Update, Written

from tests.runtime.connectors.clocks import ManualTime
from tests.runtime.connectors.servers import LoopbackServer, Received, Reply, serving

PROFILE = """
name = "crm"
labels = ["Crm"]
base_url = "https://crm.example"
errors = ["why"]

[[resources]]
name = "Firms"
id = "id"
properties = [{ path = "id", type = "integer" }]

[[resources]]
name = "People"
id = "id"
properties = [
    { path = "id", type = "integer", read_only = true },
    { path = "name", type = "string" },
    { path = "firm", type = "integer", reference = "Firms" },
]
list = { path = "/people" }
read = { method = "GET", path = "/people/{id}" }
create = { method = "POST", path = "/people" }
update = { method = "PATCH", path = "/people/{id}" }

[[resources.associations]]
property = "firm"
list = { path = "/people/{id}/firms", items = "rows" }
other = "firm.id"
mark = "main"
marked = true
add = { method = "POST", path = "/people/{id}/firms", constants = { firm = "{other}", main = true } }
remove = { method = "DELETE", path = "/people/{id}/firms/{other}" }
"""
NAMES = frozenset({"name", "firm"})


class Crm:
    """People, and the firms of each: the main one of several is marked."""

    def __init__(self) -> None:
        self.names: dict[int, Json] = {1: "Ann", 2: "Bo"}
        self.firms: dict[int, dict[int, bool]] = {1: {10: True, 11: False}, 2: {}}

    def answer(self, request: Received) -> Reply:
        words = request.path.strip("/").split("/")
        if words == ["people"]:
            return self._people(request)
        person = int(words[1])
        if len(words) == 2:
            given = json.loads(request.text) if request.method == "PATCH" else {}
            assert "firm" not in given
            self.names[person] = given.get("name", self.names[person])
            return Reply(body={"id": person, "name": self.names[person]})
        firms = self.firms[person]
        if request.method == "DELETE":
            return Reply(status=204 if firms.pop(int(words[3]), None) is not None else 404)
        if request.method == "POST":
            given = json.loads(request.text)
            if given["firm"] == 66:
                return Reply(status=422, body={"why": "no such firm"})
            firms.update(dict.fromkeys(firms, False))
            firms[given["firm"]] = given["main"]
        rows: list[Json] = [{"firm": {"id": one}, "main": main} for one, main in firms.items()]
        return Reply(body={"rows": rows})

    def _people(self, request: Received) -> Reply:
        if request.method == "POST":
            self.names[3], self.firms[3] = json.loads(request.text)["name"], {}
            return Reply(status=201, body={"id": 3, "name": self.names[3]})
        return Reply(body=[{"id": one, "name": name} for one, name in self.names.items()])


@contextmanager
def connected(crm: Crm, text: str = PROFILE) -> Iterator[tuple[RestConnector, LoopbackServer]]:
    with serving(crm.answer) as server:
        connector = build_connector(
            read_profile(text, "crm.toml"),
            {"CRM_BASE_URL": server.base_url},
            make_clock=ManualTime().maker(),
        )
        try:
            yield connector, server
        finally:
            connector.close()


def change(crm: Crm, held: Json, wanted: Json, text: str = PROFILE, **more: Json) -> Outcome:
    current = Record("1", "", {"name": "Ann", "firm": held})
    changes: dict[Path, Json] = {("firm",): wanted}
    changes.update({(name,): value for name, value in more.items()})
    with connected(crm, text) as (connector, _):
        write = Update(key="w", current=current, changes=changes)
        (outcome,) = connector.write_records("People", [write], NAMES)
    return outcome


def firm_of(outcome: Outcome) -> Json:
    assert isinstance(outcome, Written)
    assert outcome.record is not None
    return outcome.record.properties.get("firm")


def test_the_marked_one_is_read_as_a_property() -> None:
    with connected(Crm()) as (connector, server):
        pages = list(connector.read_changes("People", None, NAMES))
        records = [one for page in pages for one in page.changes if isinstance(one, Record)]
        assert [one.properties["firm"] for one in records] == [10, None]
        # Whoever does not use it does not pay for it.
        before = len(server.received)
        list(connector.read_changes("People", None, frozenset({"name"})))
        assert len(server.received) == before + 1


def test_a_new_one_takes_the_place_of_the_marked_one_and_others_stay() -> None:
    crm = Crm()
    assert firm_of(change(crm, 10, 12, name="Anne")) == 12
    assert crm.firms[1] == {11: False, 12: True}
    assert crm.names[1] == "Anne"


def test_an_ended_one_is_ended_alone() -> None:
    crm = Crm()
    assert firm_of(change(crm, 10, None)) is None
    assert crm.firms[1] == {11: False}


def test_where_a_new_one_replaces_the_old_one_nothing_is_ended() -> None:
    crm = Crm()
    text = PROFILE.replace('other = "firm.id"', 'other = "firm.id"\nreplaces = true')
    assert firm_of(change(crm, 10, 12, text)) == 12
    assert crm.firms[1] == {10: False, 11: False, 12: True}


def test_somebody_else_s_choice_meanwhile_is_stale_and_our_own_is_done() -> None:
    crm = Crm()
    outcome = change(crm, 77, 12)
    assert isinstance(outcome, Refused)
    assert outcome.stale
    assert crm.firms[1] == {10: True, 11: False}
    # Made again after a crash: it is so already.
    assert firm_of(change(crm, 77, 10)) == 10


def test_a_refusal_is_the_write_s() -> None:
    crm = Crm()
    outcome = change(crm, 10, 66)
    assert outcome == Refused(key="w", status=422, reason="no such firm")
    assert crm.firms[1] == {10: True, 11: False}


def test_a_new_record_gets_its_own() -> None:
    crm = Crm()
    create = Create(key="c", properties={"name": "Cy", "firm": 10}, external_reference="")
    with connected(crm) as (connector, _):
        (outcome,) = connector.write_records("People", [create], NAMES)
    assert firm_of(outcome) == 10
    assert crm.firms[3] == {10: True}


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        (', reference = "Firms" }', " }", "property: firm says no reference"),
        ('list = { path = "/people/{id}/firms", items = "rows" }', "", "list: or read_many is to be stated"),
        ('path = "/people/{id}/firms", items', 'path = "/people/firms", items', "list.path: does not say which: {id}"),
        ('firm = "{other}"', 'firm = "{othr}"', "did you mean other"),
        ('"DELETE", path = "/people/{id}/firms/{other}"', '"DELETE", path = "/people/{id}/firms"', "remove.path: does not say which: {other}"),
        ('other = "firm.id"', "", "other: is missing"),
    ],
)  # fmt: skip
def test_what_is_not_said_is_refused(old: str, new: str, fault: str) -> None:
    _, faults = examine_profile(PROFILE.replace(old, new), "crm.toml")
    assert any(fault in str(one) for one in faults), [str(one) for one in faults]
