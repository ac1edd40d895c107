"""docs/new-system.md, step by step: a stranger adds a system of each common shape, against strict servers."""

import re
import shlex
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path

import httpx
import pytest
from specbridge.sandbox.options import LimitsPlan, SandboxOptions
from specbridge.sandbox.running import Sandbox, running_sandbox

from tests.acceptance.conftest import Terminal
from tests.runtime.connectors.servers import serving
from tests.runtime.connectors.shapes import Contacts, Shape, harbor, orchard, quarry

PAGE = (Path(__file__).parents[2] / "docs" / "new-system.md").read_text(encoding="utf-8")
CONSOLES = re.findall(
    r"```console\n(.*?)```\n\n`(profiles/(\w+)\.toml)`.*?```toml\n(.*?)```", PAGE, re.DOTALL
)
SHAPES: dict[str, tuple[Callable[[Contacts], Shape], str]] = {
    "harbor": (harbor, "/v1"),
    "quarry": (quarry, ""),
    "orchard": (orchard, "/api"),
}
PEOPLE = ("Ola", "Kari", "Nils", "Eva", "Per")


@dataclass(frozen=True, kw_only=True)
class World:
    """A new system with five people, a help desk with others, and a folder with nothing in it."""

    name: str
    contacts: Contacts
    sandbox: Sandbox
    terminal: Terminal

    def contact(self, name: str) -> int:
        """Return the id of the contact with a name."""
        (found,) = [key for key, row in self.contacts.rows.items() if row["name"] == name]
        return found

    def rename_user(self, email: str, name: str) -> None:
        """Rename a user as an agent would."""
        known = self.sandbox.environment
        headers = {"Authorization": f"Bearer {known['ZENDESK_OAUTH_TOKEN']}"}
        address = f"{known['ZENDESK_BASE_URL']}/api/v2/users/{self.user(email)['id']}"
        sent = {"user": {"name": name}}
        httpx.put(address, json=sent, headers=headers).raise_for_status()

    def user(self, email: str) -> dict[str, object]:
        """Return the user with an address."""
        (found,) = [row for row in self.sandbox.zendesk.records("users") if row["email"] == email]
        return found


@pytest.fixture(params=SHAPES)
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    name: str = request.param
    make, base = SHAPES[name]
    contacts = Contacts()
    for one in PEOPLE:
        email = f"{one.lower()}@{name}.example"
        contacts.add(name=one, email=email, phone="", external_id=f"theirs-{one}")
    with (
        running_sandbox(SandboxOptions(limits=LimitsPlan.OFF)) as sandbox,
        serving(make(contacts).answer) as server,
    ):
        server.date = format_datetime(datetime.now(UTC), usegmt=True)
        environment = {
            **sandbox.environment,
            f"{name.upper()}_BASE_URL": f"{server.base_url}{base}",
        }
        terminal = Terminal(directory=tmp_path, environment=environment)
        yield World(name=name, contacts=contacts, sandbox=sandbox, terminal=terminal)


def steps(console: str) -> Iterator[tuple[str, list[str]]]:
    """Yield each command of a console, and what its output must hold."""
    for part in console.split("$ ")[1:]:
        command, *expected = part.splitlines()
        yield command, expected


def test_the_page_has_the_three_shapes() -> None:
    assert [name for _, _, name, _ in CONSOLES] == list(SHAPES)


def test_each_step_of_the_page_does_what_it_says(world: World) -> None:
    ((console, path, _, profile),) = [one for one in CONSOLES if one[2] == world.name]
    users = len(world.sandbox.zendesk.records("users"))
    before = {key: dict(row) for key, row in world.contacts.rows.items()}
    variables: dict[str, str] = {}
    for command, expected in steps(console):
        words = shlex.split(command)
        if words[0] == "export":
            variables |= dict(word.split("=", 1) for word in words[1:])
            continue
        done = world.terminal.run(*words[1:], **variables)
        assert done.status == 0, (command, done.output, done.errors)
        for text in expected:
            assert text in done.output, (command, done.output)
    assert (world.terminal.directory / path).read_text(encoding="utf-8") == profile
    assert len(world.sandbox.zendesk.records("users")) == users + len(PEOPLE)
    # Nothing was written there, but for a test record that is gone.
    assert world.contacts.rows == before

    # And it stays in sync, with edits on both sides.
    email = f"ola@{world.name}.example"
    world.contacts.pass_time()
    world.sandbox.zendesk.advance(120)
    world.contacts.put(world.contact("Kari"), {**world.contacts.rows[2], "name": "Kari Moe"})
    world.rename_user(email, "Ola Moe")
    # The help desk's export leaves out what changed in the last minute.
    world.sandbox.zendesk.advance(120)
    package = f"generated/{world.name}_zendesk"
    done = world.terminal.run("sync", package, **variables)
    assert done.status == 0, (done.output, done.errors)
    assert world.user(f"kari@{world.name}.example")["name"] == "Kari Moe"
    row = world.contacts.rows[1]
    assert (row["name"], row["note"], row["external_id"]) == ("Ola Moe", "kept", "theirs-Ola")
    assert world.terminal.run("sync", package, "--json", **variables).writes == 0
