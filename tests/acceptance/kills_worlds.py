"""The worlds in which syncs are killed: documents that repeat, turn round, close circles, share systems.

All run on the sandbox's servers; some have a third system beside them.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from typing import Any

from specbridge.sandbox.options import LimitsPlan, SandboxOptions

from tests.acceptance.conftest import PACKAGE, Office, Terminal, opened_office
from tests.acceptance.strangers import CRM_PROFILE, Crm
from tests.acceptance.test_identity import (
    AHEAD,
    BACK,
    CUSTOMERS,
    DOCUMENTS,
    USERS,
    equal,
    every,
    state_section,
)
from tests.runtime.connectors.servers import LoopbackServer, serving

ORGANIZATIONS = "Zendesk Organizations"
CONTACTS = "Crm Contact"
PHONES = {
    CUSTOMERS: ("Name", "PhoneNumber"),
    USERS: ("name", "details"),
    ORGANIZATIONS: ("name", "details"),
    CONTACTS: ("properties.name", "properties.phone"),
}
"""What each resource calls a name and a telephone number."""

EDITS = 12
"""Records that people edit between a first sync and the one that is killed."""


def keep(source: str, target: str) -> str:
    """Return a section by which each source record has a target record, found by its name or made."""
    rows = tuple(zip(PHONES[source], PHONES[target], strict=True))
    said = f"{every(source, target)}\n\n{equal(source, target, *rows[0])}"
    return state_section(source, target, said, *rows)


def title(text: str, *sections: str) -> str:
    """Return a document."""
    return "\n".join([text, "=" * len(text), "", *sections])


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What documents say, by their files' names; none: what the committed package says."""

    documents: Mapping[str, str] = field(default_factory=dict)

    @property
    def has_crm(self) -> bool:
        """Return whether a third system takes part."""
        return any("crm" in name for name in self.documents)

    @property
    def words(self) -> Sequence[str]:
        """Return which package to sync: all of the project's, or the committed one."""
        return () if self.documents else (str(PACKAGE),)

    def write(self, folder: Path) -> None:
        """Generate the packages of a project in a new folder."""
        (folder / "specs").mkdir(parents=True)
        files = {f"specs/{name}": text for name, text in self.documents.items()}
        files["pyproject.toml"] = '[tool.specbridge]\nprofiles = ["crm.toml"]\n'
        files["crm.toml"] = CRM_PROFILE
        for name, text in files.items():
            (folder / name).write_text(text, encoding="utf-8")
        if self.documents:
            done = Terminal(directory=folder, environment={}).run("generate")
            assert done.status == 0, done.errors


OURS, THEIRS = "powerofficego-zendesk.rst", "zendesk-powerofficego.rst"
TITLES = {OURS: "Powerofficego to Zendesk Dataflow", THEIRS: "Zendesk to Powerofficego Dataflow"}
CHAIN = {
    OURS: title(TITLES[OURS], keep(CUSTOMERS, ORGANIZATIONS)),
    "zendesk-crm.rst": title("Zendesk to Crm Dataflow", keep(ORGANIZATIONS, CONTACTS)),
}
WORLDS = {
    "first sync": World(),
    **{name: World(documents={OURS: title(TITLES[OURS], t)}) for name, t in DOCUMENTS.items()},
    "a mirror of its own": World(
        documents={OURS: title(TITLES[OURS], AHEAD), THEIRS: title(TITLES[THEIRS], BACK)}
    ),
    "circle": World(
        documents={
            OURS: title(
                TITLES[OURS],
                keep(CUSTOMERS, ORGANIZATIONS),
                keep(ORGANIZATIONS, USERS),
                keep(CUSTOMERS, USERS),
            )
        }
    ),
    "two packages": World(documents=CHAIN),
    "triangle of systems": World(
        documents={
            **CHAIN,
            "crm-powerofficego.rst": title(
                "Crm to Powerofficego Dataflow", keep(CONTACTS, CUSTOMERS)
            ),
        }
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """The systems of a world while it is played."""

    office: Office
    crm: Crm
    crm_server: LoopbackServer

    @property
    def environment(self) -> Mapping[str, str]:
        """Return the variables by which a sync finds the systems."""
        own = {"CRM_BASE_URL": self.crm_server.base_url, "CRM_API_KEY": "k3y-of-crm"}
        return {**self.office.terminal.environment, **own}

    def requests(self) -> int:
        """Return how many requests all systems have answered."""
        logs = (self.office.sandbox.poweroffice, self.office.sandbox.zendesk)
        return sum(len(one.request_log.entries) for one in logs) + len(self.crm_server.received)

    def edit(self) -> None:
        """Have people edit telephone numbers on each side, here and there on two sides in turn."""
        companies = _alone(self.office.sandbox.poweroffice.records("Customers"), "Name")
        for number, name in enumerate(sorted(companies)[:EDITS]):
            self.office.pass_time(2)
            if number % 3 != 1:
                path = f"/Customers/{companies[name]['Id']}"
                self.office.patch(path, "PhoneNumber", f"+47 10 {number:02}")
            self.office.pass_time(2)
            if number % 3 != 0:
                self._call_there(name, f"+47 20 {number:02}")
        self.office.pass_time(200)

    def _call_there(self, name: str, phone: str) -> None:
        zendesk = self.office.sandbox.zendesk
        for kind, singular in (("organizations", "organization"), ("users", "user")):
            row = _alone(zendesk.records(kind), "name").get(name)
            if row is not None:
                path = f"/{kind}/{row['id']}"
                sent = {singular: {"details": phone}}
                self.office.zendesk.put(path, json=sent).raise_for_status()
                return

    def holdings(self) -> Mapping[str, Counter[tuple[str, ...]]]:
        """Return what all systems hold, ids aside."""
        poweroffice, zendesk = self.office.sandbox.poweroffice, self.office.sandbox.zendesk
        organizations, users = zendesk.records("organizations"), zendesk.records("users")
        names = {row["id"]: row["name"] for row in [*organizations, *users]}
        lines = {
            "Customers": (
                (row["Name"], row["PhoneNumber"]) for row in poweroffice.records("Customers")
            ),
            "organizations": ((row["name"], row["details"]) for row in organizations),
            "users": (
                (row["name"], row["email"], row["details"], names.get(row["organization_id"]))
                for row in users
                if row["active"]
            ),
            "identities": (
                (names.get(row["user_id"]), row["value"], row["primary"])
                for row in zendesk.records("identities")
            ),
            "memberships": (
                (names.get(row["user_id"]), names.get(row["organization_id"]))
                for row in zendesk.records("organization_memberships")
            ),
            "contacts": ((row["name"], row.get("phone")) for row in self._contacts()),
        }
        return {
            kind: Counter(tuple(map(_text, row)) for row in rows) for kind, rows in lines.items()
        }

    def made_twice(self) -> list[str]:
        """Return the external references that more than one record of a resource has."""
        poweroffice, zendesk = self.office.sandbox.poweroffice, self.office.sandbox.zendesk
        references = Counter[tuple[str, str]]()
        for kind in ("organizations", "users"):
            references.update((kind, _text(row["external_id"])) for row in zendesk.records(kind))
        rows = poweroffice.records("Customers")
        references.update(("Customers", _text(row.get("ExternalImportReference"))) for row in rows)
        references.update(("contacts", _text(row.get("ref"))) for row in self._contacts())
        return [f"{kind} {text}" for (kind, text), n in references.items() if text and n > 1]

    def _contacts(self) -> list[dict[str, Any]]:
        with self.crm.lock:
            return [dict(row["properties"]) for row in self.crm.contacts.values()]  # type: ignore[arg-type]  # an object


@contextmanager
def staged(records: int, directory: Path) -> Iterator[Stage]:
    """Run all systems, with the same records each time; the directory is that of the project."""
    with ExitStack() as stack:
        crm = Crm()
        for number in range(1, 6):
            crm.contacts[f"p{number}"] = {"id": f"p{number}", "properties": {}}
            crm.edit(f"p{number}", name=f"Only in Crm {number} AS", phone=f"+47 9{number}")
        server = stack.enter_context(serving(crm.answer))
        server.date = format_datetime(datetime.now(UTC), usegmt=True)
        options = SandboxOptions(records=records, limits=LimitsPlan.OFF)
        office = stack.enter_context(opened_office(directory, options))
        yield Stage(office=office, crm=crm, crm_server=server)


def _alone(rows: Sequence[Mapping[str, Any]], name: str) -> dict[str, Mapping[str, Any]]:
    """Return rows by a name that no other one has."""
    counts = Counter(row[name] for row in rows)
    return {row[name]: row for row in rows if row[name] and counts[row[name]] == 1}


def _text(value: object) -> str:
    return "" if value is None else str(value)
