"""A HubSpot account of the sandbox: a person's session at it, and our connector to it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import httpx
from specbridge.model.values import Json
from specbridge.profiles.load import load_profiles
from specbridge.runtime.connectors.build import build_connector
from specbridge.runtime.connectors.connector import RestConnector
from specbridge.runtime.connectors.transport.access import ConnectorOptions
from specbridge.runtime.records import Change, Create, Outcome, Record, Tombstone, Write
from specbridge.sandbox.hubspot.system import HubSpot
from specbridge.sandbox.options import LimitsPlan, SandboxOptions
from specbridge.sandbox.running import Running, running_sandbox

from tests.runtime.connectors.conftest import QUICK

OBJECTS = "/crm/v3/objects"
PROFILE = load_profiles()["hubspot"]
OPTIONS = SandboxOptions(
    limits=LimitsPlan.OFF, systems=("hubspot",), search_delay_seconds=0, token_seconds=10**8
)
LATE = replace(OPTIONS, search_delay_seconds=120)
"""Searches are ten seconds behind."""

NAMES = frozenset({"properties", "properties.email", "properties.firstname", "properties.company"})
COMPANY = frozenset({"properties", "properties.name", "properties.domain", "properties.industry"})
HOUSE = frozenset({"properties", "properties.email", "properties.associatedcompanyid"})

Row = dict[str, Any]


@dataclass
class Account:
    """A served account, and a session at it as a person's own tools have one."""

    running: Running
    session: httpx.Client
    environment: Mapping[str, str]

    @property
    def system(self) -> HubSpot:
        """Return the system itself."""
        assert isinstance(self.running.system, HubSpot)
        return self.running.system

    def call(self, method: str, path: str, body: object = None, **query: str) -> httpx.Response:
        """Make a call below the objects' path."""
        return self.session.request(method, f"{OBJECTS}{path}", json=body, params=query)

    def make(self, kind: str, **values: str) -> str:
        """Make a record, and return its id."""
        made = self.call("POST", f"/{kind}", {"properties": values}).raise_for_status()
        return str(made.json()["id"])

    def change(self, kind: str, identifier: str, **values: str) -> Row:
        """Change a record."""
        sent = {"properties": values}
        answer = self.call("PATCH", f"/{kind}/{identifier}", sent).raise_for_status()
        row: Row = answer.json()
        return row

    def values(self, kind: str, identifier: str) -> Row:
        """Return all values of a record."""
        (row,) = [one for one in self.running.records(kind) if one["id"] == identifier]
        found: Row = row["properties"]
        return found

    def asked(self, method: str, ending: str) -> int:
        """Return how many requests had the method, and a path that ends so."""
        entries = self.running.request_log.entries
        return sum(one[0] == method and one[1].endswith(ending) for one in entries)

    @contextmanager
    def connected(self, options: ConnectorOptions = QUICK) -> Iterator[RestConnector]:
        """Give our connector, without the profile's own limits."""
        profile = replace(PROFILE, limits=())
        connector = build_connector(profile, self.environment, options)
        try:
            yield connector
        finally:
            connector.close()


@contextmanager
def opened_account(options: SandboxOptions = OPTIONS) -> Iterator[Account]:
    """Serve an account until the block ends."""
    with running_sandbox(options) as sandbox:
        environment = sandbox.environment
        token = environment["HUBSPOT_ACCESS_TOKEN"]
        with httpx.Client(
            base_url=environment["HUBSPOT_BASE_URL"], headers={"Authorization": f"Bearer {token}"}
        ) as session:
            yield Account(sandbox.further["hubspot"], session, environment)


def read(
    connector: RestConnector, kind: str, cursor: str | None, names: frozenset[str] = NAMES
) -> tuple[list[Change], str]:
    """Return what a read brings, and the cursor to go on from."""
    pages = list(connector.read_changes(kind, cursor, names))
    following = pages[-1].cursor
    assert following is not None
    return [change for page in pages for change in page.changes], following


def records_of(changes: list[Change]) -> dict[str, Record]:
    """Return the records by id, without tombstones."""
    return {one.id: one for one in changes if isinstance(one, Record)}


def tombstones_of(changes: list[Change]) -> set[str]:
    """Return the ids of those that are gone."""
    return {one.id for one in changes if isinstance(one, Tombstone)}


def person(key: str, **values: Json) -> Create:
    """Return the creation of a contact."""
    return Create(key=key, properties={"properties": dict(values)}, external_reference=f"ref:{key}")


def write(
    connector: RestConnector, kind: str, *writes: Write, names: frozenset[str] = NAMES
) -> dict[str, Outcome]:
    """Carry out writes, and return their outcomes by key."""
    return {one.key: one for one in connector.write_records(kind, writes, names)}
