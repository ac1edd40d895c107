"""`profile probe --write`: one test record each, made, found, changed and taken away; what does not fit is told."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field

import pytest
from specbridge.model.values import Json
from specbridge.profiles.load import load_profiles, read_profile
from specbridge.runtime.connectors.build import build_connector
from specbridge.runtime.records import Finding
from specbridge.sandbox.options import LimitsPlan, SandboxOptions
from specbridge.sandbox.running import Sandbox, running_sandbox

from tests.runtime.connectors.clocks import ManualTime
from tests.runtime.connectors.servers import Received, Reply, serving

Row = dict[str, Json]

PROFILE = """
name = "pier"
labels = ["Pier"]
base_url = "https://pier.example"
errors = ["message"]

[[resources]]
name = "Boats"
id = "id"
external_reference = "origin"
properties = [
    { path = "id", type = "integer", read_only = true },
    { path = "origin", type = "string", unique = true },
    { path = "name", type = "string", required = true, unique = true },
    { path = "country", type = "string", required = true },
    { path = "owner", type = "integer", required = true, reference = "Boats" },
    { path = "length", type = "float", required = true },
]
list = { path = "/boats", paging = { style = "link" } }
lookups = [{ path = "/boats", property = "origin", parameter = "origin", paging = { style = "link" } }]
read = { method = "GET", path = "/boats/{id}" }
create = { method = "POST", path = "/boats" }
update = { method = "PATCH", path = "/boats/{id}", precondition = "etag" }
delete = { method = "DELETE", path = "/boats/{id}", answers = false }
"""


@dataclass
class Pier:
    """Boats by id, of which the first one was there before."""

    boats: dict[int, Row] = field(default_factory=dict)
    made: int = 1
    keeps: bool = True  # a PATCH that is a PATCH
    heeds: bool = True  # If-Match
    deletes: bool = True
    finds: bool = True

    def __post_init__(self) -> None:
        self.boats[1] = {
            "id": 1,
            "origin": None,
            "name": "Ola's",
            "country": "NO",
            "owner": 1,
            "length": 3.5,
            "note": "n",
        }

    def answer(self, request: Received) -> Reply:
        """Answer a request."""
        tail = request.path.rpartition("/")[2]
        if tail == "boats":
            return self._post(request) if request.method == "POST" else self._list(request)
        identifier = int(tail)
        if identifier not in self.boats:
            return Reply(status=404)
        if request.method == "DELETE":
            if not self.deletes:
                return Reply(status=403, body={"message": "not yours"})
            del self.boats[identifier]
            return Reply(status=204)
        if request.method == "PATCH":
            if self.heeds and request.headers.get("if-match") != self._etag(identifier):
                return Reply(status=412)
            self._patch(identifier, request.body)
        return Reply(
            body=deepcopy(self.boats[identifier]), headers={"ETag": self._etag(identifier)}
        )

    def _patch(self, identifier: int, given: Json) -> None:
        assert isinstance(given, dict)
        held = self.boats[identifier]
        kept = (
            held
            if self.keeps
            else {name: None for name in held if name != "id"} | {"id": identifier}
        )
        self.boats[identifier] = {**kept, **given}

    def _etag(self, identifier: int) -> str:
        return f'"{hash(str(self.boats[identifier]))}"'

    def _list(self, request: Received) -> Reply:
        origin = request.query.get("origin")
        if origin is not None and not self.finds:
            return Reply(body=[])
        return Reply(
            body=[deepcopy(row) for row in self.boats.values() if origin in (None, row["origin"])]
        )

    def _post(self, request: Received) -> Reply:
        given = request.body
        assert isinstance(given, dict)
        if given.get("country") != "NO" or given.get("owner") != 1:
            return Reply(status=422, body={"message": "no such country, or nobody's"})
        self.made += 1
        self.boats[self.made] = {"id": self.made, "note": "made", **given}
        return Reply(status=201, body=deepcopy(self.boats[self.made]))


def try_writes(profile: str, answer: Callable[[Received], Reply]) -> dict[str, Finding]:
    """Return the findings by what of the boats they are about."""
    with serving(answer) as server:
        connector = build_connector(
            read_profile(profile, "pier.toml"),
            {"PIER_BASE_URL": server.base_url},
            make_clock=ManualTime().maker(),
        )
        try:
            found = list(connector.probe(writes=True))
        finally:
            connector.close()
    return {one.subject.partition(": ")[2]: one for one in found}


def test_a_test_record_is_made_found_changed_and_taken_away() -> None:
    pier = Pier()
    before = deepcopy(pier.boats)
    findings = try_writes(PROFILE, pier.answer)
    assert [one for one in findings.values() if not one.well] == []
    assert findings["create"].message == "made, and holds what was sent"
    assert findings["lookup of what was made"].message == "found by origin"
    assert findings["update"].message == (
        "name changed, and nothing else was emptied; one on an older state is refused"
    )
    assert findings["delete"].message == "the test record is deleted"
    assert (pier.made, pier.boats) == (2, before)


@pytest.mark.parametrize(
    ("ways", "step", "message"),
    [
        ({"keeps": False}, "update", "of name alone emptied country, length, note, origin, owner"),
        ({"heeds": False}, "update", "was taken: the system heeds no etag"),
        ({"finds": False}, "lookup of what was made", "not found by origin, for 10 s"),
    ],
)
def test_what_does_not_fit_is_told_and_the_record_is_gone_all_the_same(
    ways: dict[str, bool], step: str, message: str
) -> None:
    pier = Pier(**ways)  # type: ignore[arg-type]  # flags alone
    findings = try_writes(PROFILE, pier.answer)
    assert not findings[step].well
    assert message in findings[step].message
    assert list(pier.boats) == [1]
    assert "Ola" not in str(findings)


def test_a_record_that_cannot_be_deleted_is_named() -> None:
    findings = try_writes(PROFILE, Pier(deletes=False).answer)
    assert findings["delete"].message == "the test record 2 is still there: delete it by hand"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "delete = {",
            'archived = { path = "/gone", paging = { style = "link" } } #',
            "not tried: without read and del",
        ),
        ("create = {", "# ", "no create is stated"),
        ('"length", type = "float"', '"crew", type = "object"', "no record to take it from: crew"),
    ],
)
def test_nothing_is_made_that_cannot_be_taken_away(old: str, new: str, message: str) -> None:
    pier = Pier()
    assert old in PROFILE
    findings = try_writes(PROFILE.replace(old, new), pier.answer)
    assert message in findings["write"].message
    assert pier.made == 1


def test_both_built_in_profiles_try_their_writes_on_the_sandbox() -> None:
    with running_sandbox(SandboxOptions(limits=LimitsPlan.OFF)) as sandbox:
        before = _people_and_firms(sandbox)
        for name in ("zendesk", "poweroffice-go"):
            connector = build_connector(load_profiles()[name], sandbox.environment)
            try:
                found = {one.subject: one for one in connector.probe(writes=True)}
            finally:
                connector.close()
            tried = [one for text, one in found.items() if text.endswith((": create", ": update"))]
            assert len(tried) == {"zendesk": 4, "poweroffice-go": 16}[name]
            assert [one for one in tried if not one.well] == []
        assert found["Customers: delete"].message == "the test record is deleted"
        assert _people_and_firms(sandbox) == before


def _people_and_firms(sandbox: Sandbox) -> tuple[object, object]:
    """Return the users who are not deleted (those stay, and are marked), and all organizations."""
    users = [row for row in sandbox.zendesk.records("users") if row["active"]]
    return users, sandbox.zendesk.records("organizations")
