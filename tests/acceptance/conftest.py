"""The `specbridge` command as users run it: a process, its exit status, what it prints."""

import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from specbridge.sandbox.options import LimitsPlan, SandboxOptions
from specbridge.sandbox.running import Sandbox, running_sandbox

from tests.commands import Command, begun_command, run_command

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "generated" / "powerofficego_zendesk"
# A system that fails throughout is given up soon; what fails now and then is still overcome.
IMPATIENT = {"SPECBRIDGE_PATIENCE": "2"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What a command ended with."""

    status: int
    output: str
    errors: str

    @property
    def answer(self) -> dict[str, Any]:
        """Return the output's JSON."""
        loaded: dict[str, Any] = json.loads(self.output)
        return loaded

    @property
    def writes(self) -> int:
        """Return the write requests of a run to both systems."""
        return sum(usage["write"] for usage in self.answer["requests"].values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Terminal:
    """A working directory and an environment in which commands are run."""

    directory: Path
    environment: Mapping[str, str]

    def run(self, *words: str, **variables: str) -> Done:
        environment = {**os.environ, **IMPATIENT, **self.environment, **variables}
        done = run_command(words, cwd=self.directory, env=environment)
        return Done(status=done.returncode, output=done.stdout, errors=done.stderr)

    @contextmanager
    def begun(self, *words: str) -> Iterator[Command]:
        """Begin a command, and kill it at the end of the block."""
        environment = {**os.environ, **self.environment}
        with begun_command(words, cwd=self.directory, env=environment) as command:
            yield command

    def sync(self, *words: str, **variables: str) -> Done:
        return self.run("sync", str(PACKAGE), "--json", *words, **variables)


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """A running sandbox with a terminal that knows it and signed-in people on both sides."""

    sandbox: Sandbox
    terminal: Terminal
    poweroffice: httpx.Client
    zendesk: httpx.Client

    def customer(self, name: str) -> dict[str, Any]:
        return next(
            row for row in self.sandbox.poweroffice.records("Customers") if row["Name"] == name
        )

    def contact(self, first: str) -> dict[str, Any]:
        rows = self.sandbox.poweroffice.records("ContactPersons")
        return next(row for row in rows if row["FirstName"] == first)

    def organization(self, name: str) -> dict[str, Any]:
        rows = self.sandbox.zendesk.records("organizations")
        return next(row for row in rows if row["name"] == name)

    def user(self, name: str) -> dict[str, Any]:
        return next(row for row in self.sandbox.zendesk.records("users") if row["name"] == name)

    def emails(self, user: Mapping[str, Any]) -> list[tuple[str, bool]]:
        rows = self.sandbox.zendesk.records("identities")
        return [(r["value"], r["primary"]) for r in rows if r["user_id"] == user["id"]]

    def rename_customer(self, customer: Mapping[str, Any], name: str) -> None:
        self.patch(f"/Customers/{customer['Id']}", "Name", name)

    def patch(self, path: str, name: str, value: str) -> None:
        operations = [{"op": "replace", "path": f"/{name}", "value": value}]
        media_type = {"Content-Type": "application/json-patch+json"}
        self.poweroffice.patch(path, json=operations, headers=media_type).raise_for_status()

    def rename_organization(self, organization: Mapping[str, Any], name: str) -> None:
        path = f"/organizations/{organization['id']}"
        self.zendesk.put(path, json={"organization": {"name": name}}).raise_for_status()

    def pass_time(self, seconds: float = 120) -> None:
        self.sandbox.poweroffice.advance(seconds)
        self.sandbox.zendesk.advance(seconds)


@pytest.fixture(params=["sqlite", "postgresql"])
def server(request: pytest.FixtureRequest) -> str | None:
    """Return where stores are made: None, for files, then a PostgreSQL's URL."""
    return None if request.param == "sqlite" else str(request.getfixturevalue("postgresql"))


def use_our_packages(directory: Path) -> None:
    """Make a directory a project whose output is the packages of this repository."""
    settings = f'[tool.specbridge]\noutput = "{(ROOT / "generated").as_posix()}"\n'
    (directory / "pyproject.toml").write_text(settings, encoding="utf-8")


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    store = f"sqlite:///{tmp_path / 'specbridge.db'}"
    return Terminal(directory=tmp_path, environment={"SPECBRIDGE_STORE": store})


def sign_in(environment: Mapping[str, str]) -> httpx.Client:
    """Return a client that a person uses at a ledger."""
    key = {"Ocp-Apim-Subscription-Key": environment["POWEROFFICE_GO_SUBSCRIPTION_KEY"]}
    answer = httpx.post(
        environment["POWEROFFICE_GO_TOKEN_URL"],
        data={"grant_type": "client_credentials"},
        auth=(
            environment["POWEROFFICE_GO_APPLICATION_KEY"],
            environment["POWEROFFICE_GO_CLIENT_KEY"],
        ),
        headers=key,
    )
    token = answer.raise_for_status().json()["access_token"]
    headers = {**key, "Authorization": f"Bearer {token}"}
    return httpx.Client(base_url=environment["POWEROFFICE_GO_BASE_URL"], headers=headers)


@contextmanager
def opened_office(directory: Path, options: SandboxOptions) -> Iterator[Office]:
    """Run a sandbox, sign people in, and give a terminal in the directory."""
    with running_sandbox(options) as sandbox:
        environment = sandbox.environment
        with (
            sign_in(environment) as poweroffice,
            httpx.Client(
                base_url=f"{environment['ZENDESK_BASE_URL']}/api/v2",
                headers={"Authorization": f"Bearer {environment['ZENDESK_OAUTH_TOKEN']}"},
            ) as zendesk,
        ):
            # The package lies in a project, whose store would be everybody's.
            store = {"SPECBRIDGE_STORE": f"sqlite:///{directory / 'specbridge.db'}"}
            yield Office(
                sandbox=sandbox,
                terminal=Terminal(directory=directory, environment={**environment, **store}),
                poweroffice=poweroffice,
                zendesk=zendesk,
            )


@pytest.fixture
def open_office(tmp_path: Path) -> Iterator[Callable[[], Office]]:
    # People edit and sync at once here: with the newest minute withheld, nothing would be new yet.
    options = SandboxOptions(limits=LimitsPlan.OFF, withhold_seconds=0)
    with opened_office(tmp_path, options) as office:
        yield lambda: office


@pytest.fixture
def office(open_office: Callable[[], Office]) -> Office:
    return open_office()
