"""Systems as profiles say: every style of paging and of updates is served, synchronized both ways and audited."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from specbridge.profiles.load import read_profile
from specbridge.sandbox.anysystem.serving import Described, running_profiles

from tests.acceptance.conftest import Done, Terminal
from tests.sandbox.described import DOCUMENT, STYLES

PACKAGE = "generated/alpha_beta"
PAIRS = list(zip([*STYLES][::2], [*STYLES][1::2], strict=True))


@dataclass(frozen=True, kw_only=True)
class Pair:
    """Two described systems, and a project that knows them."""

    described: Described
    terminal: Terminal

    def run(self, *words: str) -> Done:
        done = self.terminal.run(*words)
        assert done.status == 0, (words, done.output, done.errors)
        return done

    def people(self, system: str) -> list[dict[str, Any]]:
        rows = self.described.running[system].system.world()["People"]
        return [{**row, "city": (row["address"] or {}).get("city")} for row in rows]

    def person(self, system: str, name: str) -> dict[str, Any]:
        return next(row for row in self.people(system) if row["name"] == name)

    def edit(self, system: str, name: str, **values: Any) -> None:
        found = self.person(system, name)
        self.described.systems[system].edit("People", str(found["id"]), **values)


def write_project(folder: Path, alpha: str, beta: str) -> None:
    files = {
        "pyproject.toml": '[tool.specbridge]\nprofiles = ["alpha.toml", "beta.toml"]\n',
        "alpha.toml": alpha,
        "beta.toml": beta,
        "specs/alpha-beta.rst": DOCUMENT,
    }
    (folder / "specs").mkdir()
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")


@pytest.fixture(params=PAIRS, ids=" and ".join)
def pair(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Pair]:
    first, second = request.param
    texts = {"alpha": STYLES[first].profile("alpha"), "beta": STYLES[second].profile("beta")}
    write_project(tmp_path, texts["alpha"], texts["beta"])
    with ExitStack() as stack:
        alpha = read_profile(texts["alpha"], "alpha.toml")
        beta = read_profile(texts["beta"], "beta.toml")
        described = stack.enter_context(running_profiles([alpha, beta], records=9))
        beta_rows = described.systems["beta"]
        # Two of Alpha's people are strangers there, who are to be made.
        for identifier in ("1001", "1002"):
            beta_rows.edit("People", identifier, name=f"Ny {identifier}", email=None)
        terminal = Terminal(directory=tmp_path, environment=dict(described.environment))
        yield Pair(described=described, terminal=terminal)


COMPARED = ("name", "email", "phone", "city", "state")


def test_doctor_sync_both_ways_and_audit(pair: Pair) -> None:
    pair.run("profile", "check")
    pair.run("generate")
    pair.run("doctor", PACKAGE)
    pair.run("sync", PACKAGE, "--json")
    alpha, beta = pair.people("alpha"), pair.people("beta")
    assert len(alpha) == 9 < len(beta)
    assert pair.run("sync", PACKAGE, "--json").writes == 0

    names = [row["name"] for row in alpha if row["email"]][-4:]
    pair.edit("alpha", names[0], phone="111")
    pair.edit("beta", names[1], phone="222", state=2)
    pair.edit("beta", names[2], address={"city": "Bergen", "zip": "5003"})
    pair.edit("alpha", names[3], phone="")
    pair.run("sync", PACKAGE, "--json")
    assert pair.person("beta", names[0])["phone"] == "111"
    assert (pair.person("alpha", names[1])["phone"], pair.person("alpha", names[1])["state"]) == (
        "222",
        2,
    )
    assert pair.person("alpha", names[2])["city"] == "Bergen"
    # What no row of the document names stays where it is.
    assert pair.person("beta", names[2])["address"]["zip"] == "5003"
    assert pair.run("sync", PACKAGE, "--json").writes == 0
    pair.run("audit", PACKAGE)
    assert _compared(pair.people("alpha")) <= _compared(pair.people("beta"))


def _compared(rows: list[dict[str, Any]]) -> set[tuple[Any, ...]]:
    return {tuple(str(row[name]) for name in COMPARED) for row in rows}


def test_the_command_serves_a_profile_beside_both_apis(tmp_path: Path) -> None:
    profile = tmp_path / "alpha.toml"
    profile.write_text(STYLES["after-row, merge"].profile("alpha"), encoding="utf-8")
    where = tmp_path / "sandbox.env"
    command = [sys.executable, "-m", "specbridge", "sandbox", "--env-file", str(where)]
    words = ["--profile", str(profile), "--records", "3", "--fault", "alpha:503=1*1"]
    with subprocess.Popen([*command, *words], stderr=subprocess.PIPE, text=True) as process:
        try:
            until = time.monotonic() + 60
            while not where.exists() and process.poll() is None and time.monotonic() < until:
                time.sleep(0.05)
            rows = (line.partition("=") for line in where.read_text().splitlines())
            environment = {name: value for name, _, value in rows}
            url = f"{environment['ALPHA_BASE_URL']}/people"
            statuses = [httpx.get(url).status_code for _ in range(2)]
            count = len(httpx.get(url).json()["rows"])
        finally:
            process.terminate()
            _, told = process.communicate(timeout=30)
    assert {"ZENDESK_BASE_URL", "POWEROFFICE_GO_BASE_URL"} <= set(environment)
    assert (statuses, count) == ([503, 200], 3)
    assert "proves the profile against itself, and nothing of the system" in told


def test_the_command_refuses_a_profile_with_faults(tmp_path: Path) -> None:
    profile = tmp_path / "alpha.toml"
    profile.write_text('name = "alpha"\n', encoding="utf-8")
    done = Terminal(directory=tmp_path, environment={}).run("sandbox", "--profile", str(profile))
    assert done.status == 2
    assert "alpha.toml:1: labels: is missing" in done.errors
