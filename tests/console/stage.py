"""A store that runs left open work in, and a console that is served over it."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import NamedTuple

import httpx
from specbridge.cli.sandbox.hands import change_record, read_record
from specbridge.cli.sandbox.reached import Reached
from specbridge.errors import PackageError
from specbridge.profiles.load import load_profiles
from specbridge.runtime.engine.undo import Chosen, UndoReport
from specbridge.runtime.reports.report import Report
from specbridge.runtime.store.engine import open_reading
from specbridge.runtime.store.tables.schema import deeds
from specbridge.sandbox.options import SandboxOptions
from specbridge.sandbox.running import Sandbox, running_sandbox
from specbridge.service.console.access import Access
from specbridge.service.console.application import Console, build_console
from specbridge.service.console.jobs import Jobs, Which, Work
from specbridge.service.webhooks.serving import bind, serving
from sqlalchemy import select

from tests.commands import run_command

ROOT = Path(__file__).parents[2]
PACKAGE = "powerofficego_zendesk"
RENAMED = ("Nordlys Elektro AS", "Kystfisk AS")
"""Organizations that people of both systems call by other names by now."""

SETTINGS = """[tool.specbridge]
documents = ["*.rst"]
output = "generated"
conflicts = "manual"
"""


@dataclass(frozen=True, kw_only=True)
class World:
    """A folder with a package, in which commands are run against a sandbox."""

    sandbox: Sandbox
    folder: Path

    @property
    def url(self) -> str:
        """Return the store's URL."""
        return f"sqlite:///{self.folder / 'store.db'}"

    @property
    def environment(self) -> Mapping[str, str]:
        """Return what commands are run with."""
        return {**os.environ, **self.sandbox.environment, "SPECBRIDGE_STORE": self.url}

    def run(self, *words: str) -> str:
        """Run a command to its end and return what it printed."""
        done = run_command(words, cwd=self.folder, env=self.environment)
        assert "Traceback" not in done.stderr, done.stderr
        return done.stdout + done.stderr

    def rename_everywhere(self) -> None:
        """Have people of both systems give customers other names, so that nobody knows which is right."""
        for called, of in (("Zendesk", ZENDESK), ("Go", GO)):
            self.rename(of, {name: f"{name} ({called})" for name in RENAMED})

    def rename(self, of: "Of", names: Mapping[str, str]) -> None:
        """Have people of one system give organizations other names; then time goes by."""
        reached = Reached(profiles=load_profiles(), environment=self.sandbox.environment)
        profile = reached.profiles[of.system]
        kind = profile, next(one for one in profile.resources if one.name == of.resource)
        state = self.sandbox.poweroffice if of is GO else self.sandbox.zendesk
        for row in state.records(of.kept):
            if row[of.name] in names:
                before = read_record(reached, kind, str(row[of.id]))
                change_record(reached, kind, before, {(of.name,): names[str(row[of.name])]})
        self.sandbox.zendesk.advance(120)
        self.sandbox.poweroffice.advance(120)

    def names(self, of: "Of") -> set[str]:
        """Return what organizations are called in one system."""
        state = self.sandbox.poweroffice if of is GO else self.sandbox.zendesk
        return {str(row[of.name]) for row in state.records(of.kept)}


class Of(NamedTuple):
    """Where a system keeps organizations: as the profile and as the sandbox call them, and their properties."""

    system: str
    resource: str
    kept: str
    name: str
    id: str


ZENDESK = Of("zendesk", "Organizations", "organizations", "name", "id")
GO = Of("poweroffice-go", "Customers", "Customers", "Name", "Id")


@contextmanager
def open_world(folder: Path, settings: str = SETTINGS) -> Iterator[World]:
    """Give a world that was synced twice: two conflicts wait, and what the sandbox leaves open anyway."""
    (folder / "pyproject.toml").write_text(settings, encoding="utf-8")
    shutil.copytree(ROOT / "generated" / PACKAGE, folder / "generated" / PACKAGE)
    with running_sandbox(SandboxOptions()) as sandbox:
        world = World(sandbox=sandbox, folder=folder)
        world.run("sync")
        world.rename_everywhere()
        world.run("sync")
        yield world


class Idle:
    """Work that nobody does: for consoles over stores that have no systems."""

    def companies(self) -> Sequence[str]:
        """Return none."""
        return ()

    def packages(self) -> Sequence[str]:
        """Return none."""
        return ()

    def plan(self, which: Which, progress: object) -> Report:
        """Refuse."""
        raise PackageError("there is nothing to plan")

    def run(self, which: Which, progress: object, stop: object) -> Report:
        """Refuse."""
        raise PackageError("there is nothing to run")

    def undo(self, run: int, chosen: Chosen, who: str) -> UndoReport:
        """Refuse."""
        raise PackageError("there is nothing to undo")


@dataclass(frozen=True, kw_only=True)
class Served:
    """A console that is served: its address, and the first addresses of those who may come in."""

    address: str
    entries: Mapping[str, str]
    clients: ExitStack

    def client(self, name: str) -> httpx.Client:
        """Return a client that has come in as somebody."""
        client = self.clients.enter_context(httpx.Client(base_url=self.address, timeout=60))
        answer = client.get(self.entries[name])
        assert answer.status_code == httpx.codes.SEE_OTHER, answer.text
        return client


@contextmanager
def serve_console(url: str, work: Work, *actors: str) -> Iterator[Served]:
    """Serve a console over a store for some who act and one who reads."""
    listener = bind("127.0.0.1", 0)
    access = Access(actors, f"http://127.0.0.1:{listener.getsockname()[1]}")
    jobs = Jobs()
    console = Console(url=url, access=access, work=work, jobs=jobs)
    with serving(build_console(console), listener), ExitStack() as clients:
        entries = {one.name: place for one, place in access.addresses().items()}
        yield Served(address=access.address, entries=entries, clients=clients)
        jobs.end()


@dataclass(frozen=True, kw_only=True)
class Running:
    """A console as its command runs it, in a process of its own, and who has come in."""

    number: int
    client: httpx.Client


@contextmanager
def running_console(folder: Path, environment: Mapping[str, str], *words: str) -> Iterator[Running]:
    """Run `specbridge console` in a folder, come in as anna, and end it."""
    command = [sys.executable, "-m", "specbridge", "console", "--port", "0", "--as", "anna", *words]
    with subprocess.Popen(
        command, cwd=folder, env={**os.environ, **environment}, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            entry = process.stdout.readline().split()[-1]
            with httpx.Client(base_url=entry.partition("/?")[0], timeout=60) as client:
                client.get(entry)
                yield Running(number=process.pid, client=client)
        finally:
            process.terminate()
            assert process.wait(60) == 0


def form_of(page: str, action: str, holding: str = "") -> dict[str, str]:
    """Return the unseen fields of the first form of a page that leads somewhere and holds a text."""
    found = forms_of(page, action, holding)
    assert found, f"no form to {action} that holds {holding!r}"
    return found[0]


def forms_of(page: str, action: str, holding: str = "") -> list[dict[str, str]]:
    """Return the unseen fields of all forms of a page that lead somewhere and hold a text."""
    forms = re.findall(r"<form.*?</form>", page, re.DOTALL)
    found = [form for form in forms if f'action="{action}"' in form and holding in form]
    hidden = [re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', x) for x in found]
    return [{name: unescape(value) for name, value in fields} for fields in hidden]


def kept_deeds(url: str) -> list[tuple[str, str, str]]:
    """Return who did what by hand, and how, oldest first."""
    with open_reading(url) as store:
        chosen = select(deeds.c.who, deeds.c.kind, deeds.c.detail).order_by(deeds.c.number)
        return [(row.who, row.kind, row.detail) for row in store.connection.execute(chosen)]
