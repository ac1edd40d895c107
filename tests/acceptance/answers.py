"""A pair of systems that are in sync, with a gateway before each that answers as a test says."""

import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

import httpx
from specbridge.model.profile import Profile
from specbridge.profiles.load import load_profiles
from specbridge.runtime.connectors.build import build_connectors
from specbridge.runtime.connectors.transport.access import ConnectorOptions
from specbridge.runtime.connectors.transport.retry import RetryPolicy
from specbridge.runtime.decide.options import FlowPolicy, RunOptions
from specbridge.runtime.engine.run import Task, run_sync
from specbridge.runtime.engine.session import Edges
from specbridge.runtime.package import load_package
from specbridge.runtime.records import Connector
from specbridge.runtime.reports.report import Report
from specbridge.runtime.store.engine import Store, open_store
from specbridge.runtime.store.tables.schema import dead_letters, resources
from specbridge.sandbox.messages import Answer, Call
from specbridge.sandbox.options import LimitsPlan, SandboxOptions
from specbridge.sandbox.running import Running, Sandbox, running_sandbox
from sqlalchemy import select

from tests.acceptance.conftest import PACKAGE, sign_in

On = Callable[[Call], Answer]
Reply = Callable[[Call, On], Answer]

RETRY = RetryPolicy(attempts=2, rereads=2, reconnects=2, first=0.01, longest=0.02, patience=0.5)
PAGE = 5
"""Rows a page, where a place wants a second one."""

SPARE = 40
"""Linked customers, to be deleted and renamed."""

_numbers = count(1)


@cache
def profiles(page: int | None = None) -> Mapping[str, Profile]:
    """Return both profiles without limits of their own; PowerOffice's with pages of that size."""
    known = load_profiles()
    poweroffice = known["poweroffice-go"]
    if page is not None:
        paging = replace(poweroffice.paging, size=page)
        poweroffice = replace(poweroffice, paging=paging)
    return {p.name: replace(p, limits=()) for p in (poweroffice, known["zendesk"])}


@dataclass(kw_only=True)
class Lab:
    """Both systems, people signed in to them, and the store that keeps them in sync.

    `deletions` are propagated, or not; `page` is PowerOffice's page size, None: the profile's.
    """

    sandbox: Sandbox
    store: Path
    poweroffice: httpx.Client
    zendesk: httpx.Client
    deletions: bool = False
    page: int | None = None
    pivot: str = "Granli Bygg AS"
    email: str = "ingrid.dahl@fjellheim.example"
    spare: list[str] = field(default_factory=list)
    connectors: dict[int | None, Mapping[str, Connector]] = field(default_factory=dict)

    def sync(self, *, full: bool = False, force: bool = False) -> Report:
        """Run as the command does, a few minutes after what was before."""
        for running in (self.sandbox.poweroffice, self.sandbox.zendesk):
            running.advance(200)
        with self.opened() as (task, store, edges, options):
            chosen = replace(options, full=full, force=force)
            return run_sync(task, store, edges, chosen, actions=True)

    @contextmanager
    def opened(self, *, scratch: bool = False) -> Iterator[tuple[Task, Store, Edges, RunOptions]]:
        """Open the store; the connectors stay as they do in a watch."""
        name, flows = load_package(str(PACKAGE))
        known = profiles(self.page)
        if self.page not in self.connectors:
            options = ConnectorOptions(timeout=5.0, retry=RETRY)
            opened = build_connectors(known.values(), self.sandbox.environment, options)
            self.connectors[self.page] = opened
        with open_store(f"sqlite:///{self.store}", scratch=scratch) as store:
            task = Task(package=name, flows=flows, profiles=known)
            chosen = RunOptions(policy=FlowPolicy(delete=self.deletions))
            yield task, store, Edges(connectors=self.connectors[self.page]), chosen

    def sign_off(self) -> None:
        """Close the connectors: the next run signs in again."""
        for connectors in self.connectors.values():
            for connector in connectors.values():
                connector.close()
        self.connectors = {}

    def worlds(self) -> Mapping[str, Sequence[Mapping[str, Any]]]:
        """Return all records of both systems by kind."""
        found = {}
        for running in (self.sandbox.poweroffice, self.sandbox.zendesk):
            with running.server.lock:
                found.update(running.system.world())
        return found

    def cursors(self) -> Mapping[str, str | None]:
        """Return the cursors of all resources."""
        with open_store(f"sqlite:///{self.store}") as store:
            rows = store.connection.execute(select(resources.c.name, resources.c.cursor))
            return {row.name: row.cursor for row in rows}

    def letters(self) -> set[str]:
        """Return the reasons of the dead letters, each with its record."""
        with open_store(f"sqlite:///{self.store}") as store:
            rows = store.connection.execute(select(dead_letters.c.id, dead_letters.c.reason))
            return {f"{id_}: {reason}" for id_, reason in rows}

    def names(self, kind: str) -> set[str]:
        """Return the names of the records of a kind."""
        return {str(row.get("name") or row.get("Name")) for row in self.worlds()[kind]}

    def fresh(self, word: str) -> str:
        """Return a name that nobody has."""
        return f"{word} {next(_numbers)} AS"

    def add_customer(self, name: str) -> int:
        """Add a company to PowerOffice."""
        answer = self.poweroffice.post("/Customers", json={"Name": name})
        number: int = answer.raise_for_status().json()["Id"]
        return number

    def rename_customer(self, old: str, new: str) -> None:
        """Rename a company in PowerOffice."""
        number = next(r["Id"] for r in self.worlds()["Customers"] if r["Name"] == old)
        operations = [{"op": "replace", "path": "/Name", "value": new}]
        media = {"Content-Type": "application/json-patch+json"}
        path = f"/Customers/{number}"
        self.poweroffice.patch(path, json=operations, headers=media).raise_for_status()

    def rename_organization(self, old: str, new: str) -> None:
        """Rename an organization in Zendesk."""
        number = next(r["id"] for r in self.worlds()["organizations"] if r["name"] == old)
        body = {"organization": {"name": new}}
        self.zendesk.put(f"/organizations/{number}", json=body).raise_for_status()

    def contact(self, email: str) -> Mapping[str, Any]:
        """Return the contact person with an address."""
        rows = self.worlds()["ContactPersons"]
        return next(row for row in rows if row["EmailAddress"] == email)

    def change_email(self, old: str, new: str) -> None:
        """Give a contact person another address, in PowerOffice."""
        row = self.contact(old)
        operations = [{"op": "replace", "path": "/EmailAddress", "value": new}]
        media = {"Content-Type": "application/json-patch+json"}
        path = f"/ContactPersons/{row['ContactId']}/{row['Id']}"
        self.poweroffice.patch(path, json=operations, headers=media).raise_for_status()


@contextmanager
def opened_lab() -> Iterator[Lab]:
    """Serve both systems and bring them in sync."""
    options = SandboxOptions(limits=LimitsPlan.OFF, token_seconds=10**8, job_seconds=0.01)
    with ExitStack() as stack:
        sandbox = stack.enter_context(running_sandbox(options))
        folder = Path(tempfile.mkdtemp())
        stack.callback(shutil.rmtree, folder)
        lab = Lab(
            sandbox=sandbox,
            store=folder / "store.db",
            poweroffice=stack.enter_context(sign_in(sandbox.environment)),
            zendesk=stack.enter_context(
                httpx.Client(
                    base_url=f"{sandbox.environment['ZENDESK_BASE_URL']}/api/v2",
                    headers={
                        "Authorization": f"Bearer {sandbox.environment['ZENDESK_OAUTH_TOKEN']}"
                    },
                )
            ),
        )
        stack.callback(lab.sign_off)
        lab.spare = [lab.fresh("Spare") for _ in range(SPARE)]
        for name in lab.spare:
            lab.add_customer(name)
        assert lab.sync().error is None
        assert set(lab.spare) <= lab.names("organizations")
        yield lab


@dataclass
class Meeting:
    """The calls that were answered as asked, and whether one of them was handed on, too."""

    calls: list[Call] = field(default_factory=list)
    handed_on: bool = False


@contextmanager
def answering(
    running: Running, is_meant: Callable[[Call], bool], reply: Reply, others: Reply | None = None
) -> Iterator[Meeting]:
    """Have the calls that are meant answered by `reply` until the block ends, all others by `others`."""
    meeting = Meeting()

    def gateway(call: Call, on: On) -> Answer:
        def hand_on(call: Call) -> Answer:
            meeting.handed_on |= call.method != "GET"
            return on(call)

        if not is_meant(call):
            return others(call, on) if others else on(call)
        meeting.calls.append(call)
        return reply(call, hand_on)

    running.place_gateway(gateway)
    try:
        yield meeting
    finally:
        running.place_gateway(None)


def says(status: int, body: object = None, **headers: str) -> Reply:
    """Return what answers so, and hands nothing on."""
    return lambda _call, _on: Answer(status=status, body=body, headers=headers)


def points(status: int) -> Reply:
    """Return what sends everybody to a page to sign in."""
    return says(status, Location="https://gate.example/sign-in?back=secret")


def does_then_says(status: int, body: object = None) -> Reply:
    """Return what hands a call on, and answers something else when it is done."""

    def reply(call: Call, on: On) -> Answer:
        on(call)
        return Answer(status=status, body=body)

    return reply


def shows_only(call: Call, on: On) -> Answer:
    """Answer a write with the record as it is, and write nothing."""
    return on(replace(call, method="GET", body=b""))
