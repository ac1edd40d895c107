"""plan, sync, audit and the store's commands on the sandbox, from document to synced records."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from specbridge.sandbox.options import SandboxOptions
from specbridge.sandbox.running import Sandbox, running_sandbox

from tests.commands import run_command

ROOT = Path(__file__).parents[2]
PACKAGE = str(ROOT / "generated" / "powerofficego_zendesk")
# The code of this checkout, whichever one is installed.
CHECKOUT = os.pathsep.join([str(ROOT / "generator"), str(ROOT)])


@dataclass(frozen=True)
class Stage:
    """A sandbox, and a directory in which commands are run against it."""

    sandbox: Sandbox
    directory: Path
    environment: Mapping[str, str]

    def start(self, *words: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "specbridge", *words],
            cwd=self.directory,
            env={**os.environ, "PYTHONPATH": CHECKOUT, **self.environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *words: str, expect: int = 0) -> str:
        done = self._end(*words)
        assert done.returncode == expect, done.stderr + done.stdout
        return done.stdout

    def errors(self, *words: str, expect: int) -> str:
        done = self._end(*words)
        assert done.returncode == expect, done.stderr
        return done.stderr

    def _end(self, *words: str) -> "subprocess.CompletedProcess[str]":
        environment = {**os.environ, **self.environment}
        return run_command(words, cwd=self.directory, env=environment)

    def json(self, *words: str, expect: int = 0) -> Any:
        return json.loads(self.run(*words, "--json", expect=expect))


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with running_sandbox(SandboxOptions()) as sandbox:
        environment = {
            **sandbox.environment,
            "SPECBRIDGE_STORE": f"sqlite:///{tmp_path / 'store.db'}",
        }
        yield Stage(sandbox=sandbox, directory=tmp_path, environment=environment)


def writes(report: Any) -> int:
    return sum(usage["write"] for usage in report["requests"].values())


def test_the_main_job_from_plan_to_audit(stage: Stage) -> None:
    plan = stage.json("plan", PACKAGE, expect=3)
    assert writes(plan) == 0
    assert not (stage.directory / "store.db").exists()
    first = stage.json("sync", PACKAGE, "--actions", expect=3)
    assert sorted((a["flow"], a["kind"]) for a in first["actions"]) == sorted(
        (a["flow"], a["kind"]) for a in plan["actions"]
    )
    again = stage.json("sync", PACKAGE, expect=3)
    assert (writes(again), again["rounds"]) == (0, 0)
    # Each list once, and of either system whose account it is.
    assert sum(usage["read"] for usage in again["requests"].values()) == 5 + 2
    customers = stage.sandbox.poweroffice.records("Customers")
    names = [row["name"] for row in stage.sandbox.zendesk.records("organizations")]
    for name in {row["Name"] for row in customers if not row["IsPerson"]}:
        assert names.count(name) == 1
    audit = stage.json("audit", PACKAGE, expect=3)
    failing = [s for s in audit["statements"] if s["fails"]]
    assert {s["kind"] for s in failing} == {"created"}  # the two names that are taken
    assert [s["text"] for s in audit["statements"] if s["held"]] == ['WebsiteUrl | url | "string"']
    assert len(stage.json("dead-letters")) == 2


def test_what_the_store_knows_is_told_and_changed_by_hand(stage: Stage) -> None:
    stage.run("sync", PACKAGE, expect=3)
    (status,) = stage.json("status")
    assert status["package"] == "powerofficego_zendesk"
    pairs = stage.json("links")
    assert {row["state"] for row in pairs} == {"linked", "ambiguous"}
    link = next(row for row in pairs if row["flow"] == "contactperson_to_users")
    words = (link["flow"], link["source"], link["target"])
    stage.run("links", "split", *words)
    stage.run("links", "split", *words, expect=2)
    assert ("split", *words) in [
        (row["state"], row["flow"], row["source"], row["target"]) for row in stage.json("links")
    ]
    stage.run("links", "unpin", *words)
    stage.run("sync", PACKAGE, expect=3)
    assert "2 dead letters" in stage.run("dead-letters", "retry")
    assert stage.json("conflicts") == []
    assert len(stage.json("conflicts", "--all")) >= 2
    stage.run("conflicts", "settle", "1", "--winner", "source", expect=2)
    export = stage.run("status", "export", "poweroffice-go", "ContactPersons", link["source"])
    assert link["target"] in export
    stage.run("status", "erase", "poweroffice-go", "ContactPersons", link["source"])
    assert stage.json("undo", "1", "--package", PACKAGE)["restored"]


def test_undo_finds_the_package_of_the_run(stage: Stage) -> None:
    copy = stage.directory / "elsewhere"
    shutil.copytree(PACKAGE, copy)
    stage.run("sync", "elsewhere", expect=3)
    assert stage.json("undo", "1")["restored"]
    assert "has no run 99" in stage.errors("undo", "99", expect=2)
    shutil.move(copy, stage.directory / "moved")
    assert "--package DIR" in stage.errors("undo", "1", expect=2)


def test_audit_writes_a_page_and_junit(stage: Stage) -> None:
    stage.run("audit", PACKAGE, "--html", "a.html", "--junit", "a.xml", expect=3)
    assert "</html>" in (stage.directory / "a.html").read_text(encoding="utf-8")
    assert "<testsuite" in (stage.directory / "a.xml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        pytest.param("ZENDESK_OAUTH_TOKEN", "wrong", id="wrong-key"),
        pytest.param("ZENDESK_BASE_URL", "http://127.0.0.1:9", id="unreachable"),
    ],
)
def test_a_system_that_does_not_answer_is_a_clear_message_and_exit_5(
    stage: Stage, name: str, value: str
) -> None:
    broken = Stage(stage.sandbox, stage.directory, {**stage.environment, name: value})
    process = broken.start("sync", PACKAGE)
    _, err = process.communicate(timeout=120)
    assert process.returncode == 5
    assert "zendesk" in err.casefold()
    assert "Traceback" not in err
    stage.run("sync", PACKAGE, expect=3)


def test_watch_ends_cleanly_on_sigterm(stage: Stage) -> None:
    process = stage.start("sync", PACKAGE, "--watch", "0.2", "--json")
    assert process.stdout is not None
    reports = [json.loads(process.stdout.readline()) for _ in range(3)]
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 3
    assert "stopping" in err
    assert [writes(report) for report in reports[1:]] == [0, 0]


def test_sigterm_ends_a_long_row_of_writes_soon_and_the_next_run_finishes_it(
    tmp_path: Path,
) -> None:
    """Ten writes a second: all of them would take ten seconds."""
    # What people rename must be new at once: the newest minute is not withheld.
    with running_sandbox(SandboxOptions(records=300, withhold_seconds=0)) as sandbox:
        store = f"sqlite:///{tmp_path / 'store.db'}"
        stage = Stage(sandbox, tmp_path, {**sandbox.environment, "SPECBRIDGE_STORE": store})
        stage.run("sync", PACKAGE, "--flow", "customers_to_organizations", expect=3)
        renamed = rename_organizations(sandbox, 100)
        process = stage.start("sync", PACKAGE, "--flow", "customers_to_organizations", "--json")
        patched = partial(sandbox.poweroffice.request_log.count, "PATCH")
        wait_until(lambda: patched() > 10)
        asked = time.monotonic()
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=30)
        assert time.monotonic() - asked < 5
        assert "stopped on request" in json.loads(out)["error"], err
        assert patched() < 80
        stage.run("sync", PACKAGE, "--flow", "customers_to_organizations", expect=3)
        assert patched() <= 100 + 10  # those under way when it stopped may be written again
        names = {row["Name"] for row in sandbox.poweroffice.records("Customers")}
        assert renamed <= names


def rename_organizations(sandbox: Sandbox, count: int) -> set[str]:
    """Rename organizations by the hundred, as somebody in Zendesk might; return the new names."""
    wanted = Counter(row["Name"] for row in sandbox.poweroffice.records("Customers"))
    # Of namesakes one has the name, and the others would take it once it is free.
    rows = [r for r in sandbox.zendesk.records("organizations") if wanted[r["name"]] < 2][-count:]
    changes = [{"id": row["id"], "name": f"{row['name']} Nytt"} for row in rows]
    headers = {"Authorization": f"Bearer {sandbox.environment['ZENDESK_OAUTH_TOKEN']}"}
    sandbox.zendesk.advance(120)
    for start in range(0, count, 100):
        httpx.put(
            f"{sandbox.environment['ZENDESK_BASE_URL']}/api/v2/organizations/update_many",
            json={"organizations": changes[start : start + 100]},
            headers=headers,
        ).raise_for_status()
    newest = str(changes[-1]["name"])
    wait_until(lambda: newest in {r["name"] for r in sandbox.zendesk.records("organizations")})
    return {str(change["name"]) for change in changes}


def wait_until(holds: Callable[[], bool], seconds: float = 30.0) -> None:
    """Return once something holds; fail where it does not within the seconds."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.05)


@pytest.mark.parametrize("wait", [0.2, 0.4, 0.6, 0.8])
def test_a_killed_run_leads_to_the_same_end_without_duplicates(stage: Stage, wait: float) -> None:
    process = stage.start("sync", PACKAGE)
    time.sleep(wait)  # the instant of the kill is the point
    process.kill()
    process.communicate(timeout=30)
    stage.run("sync", PACKAGE, expect=3)
    again = stage.json("sync", PACKAGE, expect=3)
    assert writes(again) == 0
    references = [row["external_id"] for row in stage.sandbox.zendesk.records("organizations")]
    created = [reference for reference in references if reference]
    assert len(created) == len(set(created)) == 7


def test_a_package_that_is_not_there_says_so(stage: Stage) -> None:
    process = stage.start("sync", "nowhere/at_all")
    _, err = process.communicate(timeout=30)
    assert process.returncode == 2
    assert "nowhere/at_all" in err


def test_a_run_that_is_started_elsewhere_finds_store_and_package_of_the_project(
    stage: Stage,
) -> None:
    project = stage.directory / "project"
    elsewhere = project / "logs"
    elsewhere.mkdir(parents=True)
    place = f"generated/{Path(PACKAGE).name}"
    shutil.copytree(PACKAGE, project / place)
    (project / "pyproject.toml").write_text("[tool.specbridge]\n", encoding="utf-8")
    variables = {k: v for k, v in stage.environment.items() if k != "SPECBRIDGE_STORE"}
    runs = [
        replace(stage, directory=folder, environment=variables) for folder in (project, elsewhere)
    ]
    assert writes(runs[0].json("sync", place, expect=3)) > 0
    assert writes(runs[1].json("sync", place, expect=3)) == 0
    assert [one["package"] for one in runs[1].json("status")] == [Path(PACKAGE).name]
    assert [path.name for path in elsewhere.iterdir()] == []
    assert (project / "specbridge.db").is_file()
