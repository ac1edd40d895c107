"""A world to audit: the sandbox, synced once, and then worked on by people of both systems."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from specbridge.sandbox.options import SandboxOptions
from specbridge.sandbox.running import Sandbox, running_sandbox

from tests.commands import run_command

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "generated" / "powerofficego_zendesk"

RENAMED = {
    "Nordlys Elektro AS": "Nordlys Elektro ASA",
    "Kystfisk AS": "Kystfisk Nord AS",
    "Bjørk & Sønner ANS": "Bjork & Sonner ANS",
}
"""What people of Zendesk call organizations by now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """A folder in which commands are run against a sandbox."""

    sandbox: Sandbox
    folder: Path
    environment: Mapping[str, str]

    def run(self, *words: str) -> tuple[int, str]:
        """Run a command; return its exit code and what it printed."""
        done = run_command(words, cwd=self.folder, env={**os.environ, **self.environment})
        assert "Traceback" not in done.stderr, done.stderr
        return done.returncode, done.stdout

    def audit(self, *words: str) -> Path:
        """Audit, and return the page."""
        page = self.folder / "audit.html"
        code, _ = self.run("audit", str(PACKAGE), "--html", str(page), *words)
        assert code in (0, 3)
        return page

    def rename_organizations(self) -> None:
        """Let people of Zendesk rename some organizations."""
        rows = {row["name"]: row["id"] for row in self.sandbox.zendesk.records("organizations")}
        token = self.environment["ZENDESK_OAUTH_TOKEN"]
        with httpx.Client(
            base_url=self.environment["ZENDESK_BASE_URL"],
            headers={"Authorization": f"Bearer {token}"},
        ) as client:
            for name, other in RENAMED.items():
                body = {"organization": {"name": other}}
                client.put(f"/api/v2/organizations/{rows[name]}", json=body).raise_for_status()


@contextmanager
def working_world(folder: Path, records: int = 12) -> Iterator[World]:
    """Give a world that was synced, and in which people have worked since."""
    with running_sandbox(SandboxOptions(records=records)) as sandbox:
        store = {"SPECBRIDGE_STORE": f"sqlite:///{folder / 'store.db'}"}
        world = World(sandbox=sandbox, folder=folder, environment={**sandbox.environment, **store})
        world.run("sync", str(PACKAGE))
        world.rename_organizations()
        yield world
