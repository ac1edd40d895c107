"""A record whose counterpart would lack a required property is a dead letter (scenario N7)."""

from dataclasses import replace

from specbridge.model.profile import Property
from specbridge.runtime.engine.run import Task, run_sync
from specbridge.runtime.flow import ALWAYS
from specbridge.runtime.store.engine import open_store

from tests.runtime.bench import Bench
from tests.runtime.people import PROFILES, person_flow, resource


def test_n7_a_required_property_without_a_value_holds_the_creation_back(sqlite_url: str) -> None:
    bench = Bench(sqlite_url, flows=(person_flow(ALWAYS),))
    users = resource("users", Property(path=("name",), required=True))
    profiles = {**PROFILES, "acme": replace(PROFILES["acme"], resources=(users,))}
    bench.ledgerly.put("Persons", {"Name": "", "Mail": "a@x.example"})
    bench.ledgerly.put("Persons", {"Name": "Bo", "Mail": "b@x.example"})
    task = Task(package="ledgerly_acme", flows=bench.flows, profiles=profiles)
    with open_store(bench.url) as store:
        report = run_sync(task, store, bench.edges(), bench.options, actions=True)
    assert [row["name"] for row in bench.acme.rows("users")] == ["Bo"]
    (letter,) = [action for action in report.actions or () if action.kind == "dead_letter"]
    assert letter.reason == "name is required and has no value"
