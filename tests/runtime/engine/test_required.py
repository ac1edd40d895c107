"""A record whose counterpart would lack a required property is a dead letter (scenario N7)."""

from dataclasses import replace

import pytest
from specbridge.model.profile import Property
from specbridge.model.values import Json
from specbridge.runtime.engine.run import Task, run_sync
from specbridge.runtime.flow import ALWAYS, PropertyMapping
from specbridge.runtime.references import References
from specbridge.runtime.store.engine import open_store

from tests.runtime.bench import Bench
from tests.runtime.people import PERSON_ROWS, PROFILES, Properties, person_flow, resource


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


def with_address(record: Properties, references: References) -> Properties:
    """Map a person: the address is an object there."""
    parts: dict[str, Json] = {"city": record.get("City"), "zip": record.get("Zip")}
    return {"name": record.get("Name"), "address": parts}


@pytest.mark.parametrize(
    ("city", "reason"), [("", None), ("Voss", "address.zip is required and has no value")]
)
def test_a_required_part_is_due_once_another_part_is_sent(
    sqlite_url: str, city: str, reason: str | None
) -> None:
    rows = [
        PropertyMapping(source=(here,), target=("address", there), statement=f"{here} {there}")
        for here, there in (("City", "city"), ("Zip", "zip"))
    ]
    flow = replace(person_flow(ALWAYS, rows=(PERSON_ROWS[0], *rows)), to_target=with_address)
    bench = Bench(sqlite_url, flows=(flow,))
    users = resource(
        "users",
        Property(path=("name",)),
        Property(path=("address", "city")),
        Property(path=("address", "zip"), required=True),
    )
    profiles = {**PROFILES, "acme": replace(PROFILES["acme"], resources=(users,))}
    bench.ledgerly.put("Persons", {"Name": "Bo", "City": city, "Zip": ""})
    task = Task(package="ledgerly_acme", flows=bench.flows, profiles=profiles)
    with open_store(bench.url) as store:
        report = run_sync(task, store, bench.edges(), bench.options, actions=True)
    told = [one.reason for one in report.actions or () if one.kind == "dead_letter"]
    made = [row["name"] for row in bench.acme.rows("users")]
    assert (told, made) == (([], ["Bo"]) if reason is None else ([reason], []))
