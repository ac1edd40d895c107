"""Tripletex alone, served on loopback: as people call it, and as our connector does."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from specbridge.model.values import Json, Path
from specbridge.profiles.load import built_in_texts, read_profile
from specbridge.runtime.connectors.build import build_connector
from specbridge.runtime.records import Connector, Create, Outcome, Record, Update, Written
from specbridge.sandbox.clock import Clock
from specbridge.sandbox.doubts import Doubt
from specbridge.sandbox.faults import FaultBox
from specbridge.sandbox.options import LimitsPlan, SandboxOptions
from specbridge.sandbox.running import Running, serving_systems
from specbridge.sandbox.tripletex.system import Tripletex
from specbridge.sandbox.world import build_world

from tests.runtime.connectors.conftest import QUICK
from tests.runtime.connectors.servers import closing_beside

Row = dict[str, Any]
SESSION = "/token/session/:create"


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """A company's Tripletex: the server, a session of a person's, and a way to connect."""

    system: Tripletex
    running: Running
    client: httpx.Client
    connect: Callable[..., Connector]

    @property
    def environment(self) -> Mapping[str, str]:
        return self.system.environment(self.running.url)

    def rows(self, kind: str) -> list[Row]:
        return self.running.records(kind)

    def row(self, kind: str, **values: object) -> Row:
        """Return the first record that has the values."""
        return next(row for row in self.rows(kind) if all(row[k] == v for k, v in values.items()))

    def add(self, kind: str, **values: object) -> Row:
        """Create a record as a person would, and return it as the server holds it."""
        answer = self.client.post(f"/{kind}", json=values)
        assert answer.status_code == 201, answer.text
        return self.row(kind, id=answer.json()["value"]["id"])

    def put(self, kind: str, row: Row, **values: object) -> httpx.Response:
        return self.client.put(f"/{kind}/{row['id']}", json=values)


Start = Callable[..., Company]


def until(days: int = 2) -> str:
    return (datetime.now(UTC) + timedelta(days=days)).date().isoformat()


def open_session(environment: Mapping[str, str], **others: str) -> httpx.Response:
    tokens = {
        "consumerToken": environment["TRIPLETEX_CONSUMER_TOKEN"],
        "employeeToken": environment["TRIPLETEX_EMPLOYEE_TOKEN"],
        "expirationDate": until(),
        **others,
    }
    return httpx.post(f"{environment['TRIPLETEX_BASE_URL']}{SESSION}", json=tokens)


@pytest.fixture(scope="session")
def closing() -> Iterator[Callable[[ExitStack], None]]:
    with closing_beside() as close:
        yield close


@pytest.fixture
def start(closing: Callable[[ExitStack], None]) -> Iterator[Start]:
    """Return what serves a company; `doubts` are decided the other way."""
    stack = ExitStack()
    try:

        def begin(*doubts: Doubt, limits: LimitsPlan = LimitsPlan.OFF, **more: Any) -> Company:
            options = SandboxOptions(limits=limits, otherwise=frozenset(doubts), **more)
            system = Tripletex(
                options, Clock(), FaultBox("tripletex", 0), build_world(options.records, 0)
            )
            (running,) = stack.enter_context(serving_systems([(system, 0)], 5.0))
            environment = system.environment(running.url)
            token = open_session(environment).json()["value"]["token"]
            client = httpx.Client(base_url=environment["TRIPLETEX_BASE_URL"], auth=("0", token))

            def connect(page: int = 1000) -> Connector:
                profile = read_profile(built_in_texts()["tripletex.toml"], "tripletex.toml")
                paging = replace(profile.paging, size=page)
                connector = build_connector(
                    replace(profile, limits=(), paging=paging), environment, QUICK
                )
                stack.callback(connector.close)
                return connector

            return Company(
                system=system,
                running=running,
                client=stack.enter_context(client),
                connect=connect,
            )

        yield begin
    finally:
        closing(stack)


@pytest.fixture
def company(start: Start) -> Company:
    return start()


def read(
    connector: Connector, resource: str, *names: str, cursor: str | None = None
) -> tuple[dict[str, Record], str | None]:
    """Return what a read gives, by ids, and the cursor after it."""
    *pages, last = connector.read_changes(resource, cursor, frozenset(names))
    found = {one.id: one for page in pages for one in page.changes if isinstance(one, Record)}
    return found, last.cursor


def update(
    connector: Connector, resource: str, record: Record, changes: dict[Path, Json], *names: str
) -> Outcome:
    write = Update(key="u", current=record, changes=changes)
    (outcome,) = connector.write_records(resource, [write], frozenset(names))
    return outcome


def create(connector: Connector, resource: str, properties: dict[str, Json]) -> Outcome:
    write = Create(key="c", properties=properties, external_reference="")
    (outcome,) = connector.write_records(resource, [write], frozenset(properties))
    return outcome


def record_of(outcome: Outcome) -> Record:
    assert isinstance(outcome, Written), outcome
    assert outcome.record is not None
    return outcome.record
