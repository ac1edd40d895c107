"""Jobs that do what the documentation does not promise, on a server that does so on purpose."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock

import pytest
from specbridge.model.calls import BulkCall, LookupCall, ReadCall, WriteCall
from specbridge.model.profile import Profile, Property, Resource
from specbridge.model.values import Json
from specbridge.runtime.connectors.build import build_connector
from specbridge.runtime.records import (
    Connector,
    Create,
    Outcome,
    Record,
    Refused,
    Update,
    Write,
    Written,
)

from tests.runtime.connectors.clocks import ManualTime
from tests.runtime.connectors.servers import LoopbackServer, Received, Reply, serving

Row = dict[str, Json]
NAMES = frozenset({"name"})


def bulk_call(method: str, path: str) -> BulkCall:
    return BulkCall(
        method=method,
        path=path,
        wrap=("things",),
        size=5,
        jobs=2,
        job_path="/jobs/{job}",
        jobs_path="/jobs/show_many?ids={jobs}",
        recent_jobs_path="/jobs",
    )


PROFILE = Profile(
    name="acme",
    labels=("Acme",),
    base_url="https://acme.example",
    errors=(("error",),),
    busy=("TooManyJobs",),
    resources=(
        Resource(
            name="Things",
            id=("id",),
            external_reference=("ref",),
            properties=(
                Property(path=("ref",), unique=True),
                Property(path=("name",), unique=True),
            ),
            list=ReadCall(path="/things", items=("things",)),
            read_many=LookupCall(
                path="/things", property=("id",), parameter="ids", items=("things",), size=100
            ),
            lookups=(
                LookupCall(
                    path="/things", property=("ref",), parameter="refs", items=("things",), size=100
                ),
            ),
            create=WriteCall(method="POST", path="/things", wrap=("thing",)),
            update=WriteCall(method="PUT", path="/things/{id}", wrap=("thing",)),
            create_many=bulk_call("POST", "/things/create_many"),
            update_many=bulk_call("PUT", "/things/update_many"),
        ),
    ),
)


LOCKED: Row = {"error": "Failed", "details": "the record is locked"}


@dataclass
class JobServer:
    """Things and jobs; each flag is a way in which a job surprises, `strange` jobs long.

    `reset_starts`: the job is queued, its start not answered. `vanishing`: jobs are not known
    afterwards, though they were done. `without_index`: failures do not say which row they mean.
    `forbidden`: the call is not open to the account. `bare`: jobs shown together have no results.
    `busy`: the first starts are turned away. `reversed_results`: results in another order.
    `locked`: jobs refuse each row of a thing with such a name, though nothing is wrong with it.
    """

    strange: int = 1
    reset_starts: bool = False
    vanishing: bool = False
    undone: bool = False
    without_index: bool = False
    forbidden: bool = False
    bare: bool = False
    busy: bool = False
    reversed_results: bool = False
    locked: frozenset[str] = frozenset()
    things: dict[int, Row] = field(default_factory=dict)
    jobs: dict[str, Json] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)

    def answer(self, request: Received) -> Reply:
        """Answer a request, one at a time."""
        with self.lock:
            return self._answer(request)

    def _answer(self, request: Received) -> Reply:
        if request.path.endswith("_many") and request.path.startswith("/things"):
            return self._start(request)
        if request.path.startswith("/jobs"):
            return self._show(request)
        if request.method == "GET":
            return Reply(
                body={"things": [row for row in self.things.values() if _asked(row, request)]}
            )
        row: Row = json.loads(request.text)["thing"]
        if request.method == "PUT":
            row["id"] = int(request.path.rpartition("/")[2])
        return self._answer_one(self._write(row))

    def _answer_one(self, result: Row) -> Reply:
        if "error" in result:
            return Reply(status=422, body={"error": result["details"]})
        identifier = result["id"]
        assert isinstance(identifier, int)
        return Reply(body={"thing": self.things[identifier]})

    def _start(self, request: Received) -> Reply:
        if self.forbidden:
            return Reply(status=403, body={"error": "not open to this account"})
        strange, self.strange = self.strange > 0, self.strange - 1
        if strange and self.busy:
            return Reply(status=422, body={"error": "TooManyJobs"})
        rows: list[Row] = json.loads(request.text)["things"]
        results: list[Json] = []
        if not (strange and self.undone):
            results = [self._result(index, row) for index, row in enumerate(rows)]
        if self.reversed_results:
            results.reverse()
        job = f"job{len(self.jobs)}"
        status = "failed" if strange and self.undone else "completed"
        self.jobs[job] = {"id": job, "status": status, "results": results}
        if strange and self.vanishing:
            self.jobs[job] = None
        if strange and self.reset_starts:
            return Reply(reset=True)
        return Reply(body={"job_status": {"id": job, "status": "queued", "results": None}})

    def _result(self, index: int, row: Row) -> Row:
        result = self._write(row) if row.get("name") not in self.locked else LOCKED
        if "error" in result and not self.without_index:
            return {**result, "index": index}
        return result

    def _write(self, row: Row) -> Row:
        others = [one for one in self.things.values() if one["id"] != row.get("id")]
        for name in ("ref", "name"):
            if name in row and any(one[name] == row[name] for one in others):
                return {"error": "Failed", "details": f"{name} {row[name]} is already taken"}
        identifier = row.get("id") or len(self.things) + 1
        assert isinstance(identifier, int)
        self.things[identifier] = {**self.things.get(identifier, {}), **row, "id": identifier}
        return {"id": identifier, "status": "Done"}

    def _show(self, request: Received) -> Reply:
        known = {job: state for job, state in self.jobs.items() if state is not None}
        if request.path == "/jobs":
            return Reply(body={"job_statuses": list(known.values())})
        if request.path == "/jobs/show_many":
            asked = request.query["ids"].split(",")
            shown: list[Json] = [known[job] for job in asked if job in known]
            if self.bare:
                shown = [_bare(one) for one in shown]
            return Reply(body={"job_statuses": shown})
        job = request.path.rpartition("/")[2]
        if job not in known:
            return Reply(status=404)
        return Reply(body={"job_status": known[job]})


def _bare(job: Json) -> Json:
    assert isinstance(job, dict)
    return {"id": job["id"], "status": job["status"]}


def _asked(row: Row, request: Received) -> bool:
    names = {"ids": "id", "refs": "ref"}
    return all(str(row[names[name]]) in text.split(",") for name, text in request.query.items())


@contextmanager
def connected(world: JobServer) -> Iterator[tuple[Connector, LoopbackServer]]:
    with serving(world.answer) as server:
        connector = build_connector(
            PROFILE, {"ACME_BASE_URL": server.base_url}, make_clock=ManualTime().maker()
        )
        try:
            yield connector, server
        finally:
            connector.close()


def creates(count: int) -> list[Write]:
    return [
        Create(key=f"k{n}", properties={"name": f"Thing {n}"}, external_reference=f"r{n}")
        for n in range(count)
    ]


def run(connector: Connector, writes: list[Write]) -> dict[str, Outcome]:
    outcomes = list(connector.write_records("Things", writes, NAMES))
    assert sorted(one.key for one in outcomes) == sorted(one.key for one in writes)
    return {one.key: one for one in outcomes}


SURPRISES: dict[str, Callable[[], JobServer]] = {
    "none": JobServer,
    "start-without-answer": lambda: JobServer(reset_starts=True),
    "every-start-without-answer": lambda: JobServer(reset_starts=True, strange=99),
    "vanished": lambda: JobServer(vanishing=True),
    "every-job-vanished": lambda: JobServer(vanishing=True, strange=99),
    "failed-undone": lambda: JobServer(undone=True),
    "every-job-failed-undone": lambda: JobServer(undone=True, strange=99),
    "not-open-to-the-account": lambda: JobServer(forbidden=True),
    "shown-without-results": lambda: JobServer(bare=True),
    "too-many-jobs": lambda: JobServer(busy=True, strange=3),
    "results-in-another-order": lambda: JobServer(reversed_results=True),
}


@pytest.mark.parametrize("surprise", list(SURPRISES))
def test_every_record_is_created_once(surprise: str) -> None:
    world = SURPRISES[surprise]()
    with connected(world) as (connector, _):
        outcomes = run(connector, creates(23))
    for number in range(23):
        outcome = outcomes[f"k{number}"]
        assert isinstance(outcome, Written)
        assert world.things[int(outcome.id)]["name"] == f"Thing {number}"
    assert len(world.things) == 23


@pytest.mark.parametrize("surprise", list(SURPRISES))
def test_every_record_is_changed(surprise: str) -> None:
    world = SURPRISES[surprise]()
    for n in range(1, 24):
        world.things[n] = {"id": n, "name": f"Thing {n}", "ref": f"r{n}"}
    writes: list[Write] = [
        Update(
            key=str(n),
            current=Record(str(n), "", {"name": f"Thing {n}"}),
            changes={("name",): f"Changed {n}"},
        )
        for n in world.things
    ]
    with connected(world) as (connector, _):
        outcomes = run(connector, writes)
    for n, row in world.things.items():
        assert row["name"] == f"Changed {n}"
        outcome = outcomes[str(n)]
        assert isinstance(outcome, Written)
        assert outcome.record is not None
        assert outcome.record.properties["name"] == f"Changed {n}"


@pytest.mark.parametrize("without_index", [False, True])
@pytest.mark.parametrize("reversed_results", [False, True])
def test_refusals_reach_their_writes_whatever_results_say(
    without_index: bool, reversed_results: bool
) -> None:
    world = JobServer(strange=0, without_index=without_index, reversed_results=reversed_results)
    world.things[1] = {"id": 1, "name": "Thing 3", "ref": "other"}
    world.things[2] = {"id": 2, "name": "Thing 4", "ref": "another"}
    with connected(world) as (connector, _):
        outcomes = run(connector, creates(9))
    refused = {key: one for key, one in outcomes.items() if isinstance(one, Refused)}
    assert set(refused) == {"k3", "k4"}
    assert {one.duplicate for one in refused.values()} == {"name"}
    assert all("Thing" not in one.reason for one in refused.values())
    assert len(world.things) == 9


@pytest.mark.parametrize("without_index", [False, True])
def test_a_row_that_a_job_refused_is_asked_once_singly(without_index: bool) -> None:
    locked = frozenset({"Thing 3", "Thing 4", "New 3"})
    world = JobServer(strange=0, without_index=without_index, locked=locked)
    world.things[1] = {"id": 1, "name": "Thing 4", "ref": "other"}
    with connected(world) as (connector, server):
        outcomes = run(connector, creates(9))
        assert [key for key, one in outcomes.items() if isinstance(one, Refused)] == ["k4"]
        assert server.paths().count("POST /things") == 2
        writes: list[Write] = [
            Update(key=str(n), current=Record(str(n), "", row), changes={("name",): f"New {n}"})
            for n, row in world.things.items()
        ]
        changed = run(connector, writes)
        assert not [one for one in changed.values() if isinstance(one, Refused)]
        singly = [path for path in server.paths() if path.startswith("PUT /things/")]
        assert len(singly) - singly.count("PUT /things/update_many") == 1
    assert {row["name"] for row in world.things.values()} == {f"New {n}" for n in world.things}


def test_jobs_are_looked_at_together() -> None:
    with connected(JobServer(strange=0)) as (connector, server):
        run(connector, creates(50))
        starts = server.paths().count("POST /things/create_many")
        looks = sum(path.startswith("GET /jobs") for path in server.paths())
    assert starts == 10
    assert looks <= starts
