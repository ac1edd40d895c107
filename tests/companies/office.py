"""An office that runs companies: two ledgers, one shared Zendesk, and a project that names the companies."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from specbridge.sandbox.options import LimitsPlan, SandboxOptions
from specbridge.sandbox.running import Sandbox, running_sandbox

from tests.acceptance.conftest import Done, Office, Terminal, opened_office

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "generated" / "powerofficego_zendesk"
OPTIONS = SandboxOptions(limits=LimitsPlan.OFF, withhold_seconds=0)
# Tests sync more often than the exports of a minute last.
HEAD = f'[tool.specbridge]\nshare_limits = false\noutput = "{(ROOT / "generated").as_posix()}"\n'


@dataclass(frozen=True, slots=True, kw_only=True)
class Companies:
    """The company acme in an office of its own, and nord, which has a ledger of its own and acme's Zendesk."""

    acme: Office
    ledger: Sandbox
    terminal: Terminal

    @property
    def directory(self) -> Path:
        return self.terminal.directory

    @property
    def zendesk(self) -> Sandbox:
        return self.acme.sandbox

    @property
    def environments(self) -> Mapping[str, Mapping[str, str]]:
        """Return both companies' variables."""
        own = self.acme.sandbox.environment
        ledger = {k: v for k, v in self.ledger.environment.items() if k.startswith("POWEROFFICE")}
        return {"acme": own, "nord": {**own, **ledger}}

    def name_companies(self, **said: str) -> None:
        """Name companies in the settings, each with the lines of its table; their variables in files."""
        tables = "".join(
            f"[tool.specbridge.companies.{name}]\n{text}\n" for name, text in said.items()
        )
        packages = f'packages = ["{PACKAGE.name}"]\n'
        text = HEAD + tables.replace("]\n", f"]\n{packages}")
        (self.directory / "pyproject.toml").write_text(text, encoding="utf-8")
        for name in said:
            self.write_variables(name, self.environments.get(name, self.environments["nord"]))

    def name_anew(self) -> None:
        """Name acme and nord, and nobody else; none is paused."""
        for file in (self.directory / "companies").glob("*.env"):
            file.unlink()
        self.name_companies(acme="", nord="")
        for name in ("acme", "nord"):
            self.run("resume", "--company", name, expect=None)

    @property
    def url(self) -> str:
        """Return where the store is."""
        return self.terminal.environment["SPECBRIDGE_STORE"]

    def write_variables(self, name: str, variables: Mapping[str, str]) -> Path:
        """Write a company's file of variables."""
        path = self.directory / "companies" / f"{name}.env"
        path.parent.mkdir(exist_ok=True)
        lines = (f"{key}={value}\n" for key, value in variables.items())
        path.write_text("".join(lines), encoding="utf-8")
        return path

    def run(self, *words: str, expect: int | None = 0, **variables: str) -> Done:
        """Run a command, and check its exit status unless None is expected."""
        done = self.terminal.run(*words, **variables)
        assert expect is None or done.status == expect, (done.status, done.output, done.errors)
        return done

    def sync(self, company: str, *words: str, expect: int | None = None) -> dict[str, Any]:
        done = self.run("sync", "--company", company, "--json", *words, expect=expect)
        assert done.output, done.errors
        answer: dict[str, Any] = json.loads(done.output)
        return answer


@contextmanager
def opened_companies(directory: Path, store: str | None = None) -> Iterator[Companies]:
    """Run both sandboxes, and name the two companies in a project's settings; the process has no variables of theirs."""
    with opened_office(directory, OPTIONS) as acme, running_sandbox(OPTIONS) as ledger:
        where = {"SPECBRIDGE_STORE": store or f"sqlite:///{directory / 'specbridge.db'}"}
        terminal = Terminal(directory=directory, environment=where)
        companies = Companies(acme=acme, ledger=ledger, terminal=terminal)
        companies.name_companies(acme="", nord="")
        yield companies
