"""Batches that are answered row by row: what went through stands, what did not is told or goes singly."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count

import pytest
from specbridge.errors import ProfileError
from specbridge.model.values import Json
from specbridge.profiles.load import read_profile
from specbridge.runtime.connectors.build import build_connector
from specbridge.runtime.records import Create, Outcome, Record, Refused, Update, Write, Written

from tests.runtime.connectors.clocks import ManualTime
from tests.runtime.connectors.servers import LoopbackServer, Received, Reply, serving

PROFILE = """
name = "crm"
labels = ["Crm"]
base_url = "https://crm.example"

[[resources]]
name = "Contacts"
id = "id"
external_reference = "ref"
properties = [
    { path = "id", type = "integer", read_only = true },
    { path = "ref", type = "string", unique = true },
    { path = "name", type = "string" },
]
read = { method = "GET", path = "/contacts/{id}" }
create = { method = "POST", path = "/contacts" }
update = { method = "PATCH", path = "/contacts/{id}" }
create_batch = { method = "POST", path = "/batch/create", wrap = "inputs", size = 3, results = "results", result_index = "at", result_status = "code", result_error = "why" }
update_batch = { method = "POST", path = "/batch/update", wrap = "inputs", size = 3, results = "results", result_status = "code", result_error = "why" }

[[resources.lookups]]
method = "POST"
path = "/batch/read"
property = "ref"
size = 100
items = "results"
body = { refs = ["{value}"] }
"""
NAMES = frozenset({"name"})


@dataclass
class Batches:
    """Contacts by id. `lose` answers to batches are lost, before or after they were done; `closed` batches
    are refused whole; `cut` leaves the last row out of the results."""

    contacts: dict[int, dict[str, Json]] = field(default_factory=dict)
    numbers: "count[int]" = field(default_factory=lambda: count(1))
    lose: int = 0
    closed: bool = False
    cut: bool = False

    def answer(self, request: Received) -> Reply:
        if request.path == "/batch/read":
            refs = json.loads(request.text)["refs"]
            found = [dict(row) for row in self.contacts.values() if row["ref"] in refs]
            return Reply(body={"results": list[Json](found)})
        if request.path.startswith("/batch"):
            return self._batch(request)
        if request.method == "POST":
            row = self._write(json.loads(request.text))
            return Reply(status=int(str(row["code"])), body=row)
        identifier = int(request.path.rpartition("/")[2])
        if identifier not in self.contacts:
            return Reply(status=404)
        if request.method == "PATCH":
            self._write({"id": identifier, **json.loads(request.text)})
        return Reply(body=dict(self.contacts[identifier]))

    def _batch(self, request: Received) -> Reply:
        if self.closed:
            return Reply(status=403, body={"why": "not in your plan"})
        results: list[Json] = []
        for place, given in enumerate(json.loads(request.text)["inputs"]):
            results.append({"at": place, **self._write(given)})
        if self.lose:
            self.lose -= 1
            return Reply(reset=True)
        # Without order, which `at` makes up for.
        shown = results[:-1] if self.cut else results
        return Reply(
            status=207, body={"results": shown[::-1] if "create" in request.path else shown}
        )

    def _write(self, given: dict[str, Json]) -> dict[str, Json]:
        if given.get("name") == "bad":
            return {"code": 422, "why": "name is bad", "id": None}
        identifier = given.get("id") or next(self.numbers)
        assert isinstance(identifier, int)
        self.contacts[identifier] = {**self.contacts.get(identifier, {}), **given, "id": identifier}
        return {"code": 201, **self.contacts[identifier]}


@contextmanager
def served(batches: Batches) -> Iterator[LoopbackServer]:
    with serving(batches.answer) as server:
        yield server


def write(
    server: LoopbackServer, writes: Sequence[Write], text: str = PROFILE
) -> dict[str, Outcome]:
    connector = build_connector(
        read_profile(text, "crm.toml"),
        {"CRM_BASE_URL": server.base_url},
        make_clock=ManualTime().maker(),
    )
    try:
        return {one.key: one for one in connector.write_records("Contacts", writes, NAMES)}
    finally:
        connector.close()


def creates(*names: str) -> list[Create]:
    return [
        Create(key=f"k{n}", properties={"name": name}, external_reference=f"r{n}")
        for n, name in enumerate(names)
    ]


def test_each_row_has_its_own_outcome() -> None:
    batches = Batches()
    with served(batches) as server:
        outcomes = write(server, creates("a", "bad", "c", "d", "e"))
    assert outcomes["k1"] == Refused(key="k1", status=422, reason="name is …")
    done = {key: one.record for key, one in outcomes.items() if isinstance(one, Written)}
    assert {key: one.properties["name"] for key, one in done.items() if one} == {
        "k0": "a",
        "k2": "c",
        "k3": "d",
        "k4": "e",
    }
    assert len(batches.contacts) == 4
    assert server.paths().count("POST /batch/create") == 2
    assert "POST /contacts" not in server.paths()


@pytest.mark.parametrize("lose", [1, 2])
def test_a_lost_answer_makes_no_second_record(lose: int) -> None:
    batches = Batches(lose=lose)
    with served(batches) as server:
        outcomes = write(server, creates("a", "b", "c", "d"))
    assert all(isinstance(one, Written) for one in outcomes.values())
    assert sorted(str(row["ref"]) for row in batches.contacts.values()) == ["r0", "r1", "r2", "r3"]


def test_a_batch_that_is_closed_goes_singly() -> None:
    batches = Batches(closed=True)
    with served(batches) as server:
        outcomes = write(server, creates("a", "b", "c", "d"))
    assert all(isinstance(one, Written) for one in outcomes.values())
    assert server.paths().count("POST /contacts") == 4


def test_a_row_without_a_result_is_looked_up() -> None:
    batches = Batches(cut=True)
    with served(batches) as server:
        outcomes = write(server, creates("a", "b", "c", "d"))
    assert all(isinstance(one, Written) for one in outcomes.values())
    assert len(batches.contacts) == 4


def test_updates_are_answered_in_their_order() -> None:
    batches = Batches()
    for name in "abcd":
        batches._write({"name": name, "ref": name})
    updates = [
        Update(
            key=f"k{n}",
            current=Record(str(n), "", {"name": name}),
            changes={("name",): "bad" if n == 2 else name.upper()},
        )
        for n, name in enumerate("abcd", start=1)
    ]
    with served(batches) as server:
        outcomes = write(server, updates)
    assert [row["name"] for row in batches.contacts.values()] == ["A", "b", "C", "D"]
    assert [row["ref"] for row in batches.contacts.values()] == ["a", "b", "c", "d"]
    assert isinstance(outcomes["k2"], Refused)
    assert sum(isinstance(one, Written) for one in outcomes.values()) == 3


def test_what_a_batch_leaves_undone_needs_a_call_for_one() -> None:
    with pytest.raises(ProfileError, match="create: is missing: what create_batch leaves undone"):
        read_profile(PROFILE.replace('create = { method = "POST", path = "/contacts" }', ""), "x")
    with pytest.raises(ProfileError, match=r"update_batch\.body: must be stated of a PUT"):
        read_profile(PROFILE.replace('"POST", path = "/batch/update"', '"PUT", path = "/u"'), "x")


APART = (
    PROFILE.replace(
        'results = "results", result_index = "at", result_status = "code", result_error = "why"',
        'results = "results", errors = "errors", error_ids = "context.mark", trace = "mark"',
    )
    .replace(
        'results = "results", result_status = "code", result_error = "why"',
        'results = "results", errors = "errors", error_ids = "context.ids"',
    )
    .replace(
        "read = {",
        'taken = [{ path = "message", pattern = "ID: (?P<holder>[0-9]+)", property = "ref" }]\nread = {',
    )
)


class Apart(Batches):
    """Answers with what was done, and apart from that with what was refused; one error may be of many."""

    def _batch(self, request: Received) -> Reply:
        done: list[Json] = []
        errors: list[Json] = []
        for given in json.loads(request.text)["inputs"]:
            mark = given.pop("mark", None)
            row = self._write(given)
            if row["code"] == 201:
                done.append({"id": row["id"]})
            elif mark is not None:
                errors.append({"message": "it exists. ID: 77", "context": {"mark": [mark]}})
            else:
                errors.append({"message": "no", "context": {"ids": [str(given["id"])]}})
        return Reply(status=207, body={"results": done[::-1], "errors": errors})


def test_refusals_that_stand_apart_are_told_by_their_marks() -> None:
    batches = Apart()
    with served(batches) as server:
        outcomes = write(server, creates("a", "bad", "c", "d", "e"), APART)
    refused = outcomes["k1"]
    assert isinstance(refused, Refused)
    assert (refused.duplicate, refused.holder) == ("ref", "77")
    assert sum(isinstance(one, Written) for one in outcomes.values()) == 4
    assert all("mark" not in row for row in batches.contacts.values())
    assert "POST /contacts" not in server.paths()


def test_refusals_that_stand_apart_are_told_by_their_ids() -> None:
    batches = Apart()
    for name in "abcd":
        batches._write({"name": name, "ref": name})
    updates = [
        Update(
            key=f"k{n}",
            current=Record(str(n), "", {"name": name}),
            changes={("name",): "bad" if n == 2 else name.upper()},
        )
        for n, name in enumerate("abcd", start=1)
    ]
    with served(batches) as server:
        outcomes = write(server, updates, APART)
    assert outcomes["k2"] == Refused(key="k2", status=422, reason="no")
    assert sum(isinstance(one, Written) for one in outcomes.values()) == 3


def test_refusals_apart_say_whose_they_are() -> None:
    with pytest.raises(ProfileError, match=r"create_batch\.error_ids: is missing"):
        read_profile(APART.replace('error_ids = "context.mark", ', ""), "x")
    with pytest.raises(ProfileError, match=r"create_batch\.trace: is of refusals that stand apart"):
        read_profile(PROFILE.replace("size = 3, ", 'size = 3, trace = "mark", '), "x")
