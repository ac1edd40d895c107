"""plan and sync on the sandbox, at a terminal and in a pipe: tables, pager, names, and what is next."""

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from specbridge.sandbox.options import SandboxOptions
from specbridge.sandbox.running import Sandbox, running_sandbox

from tests.cli.watching import CHECKOUT, ROOT, watch

HOSTILE = "\x1b[2J\x1b]0;owned\x07[bold]\u202e\x9b31mdlaD\r\nplan: clean"
PACKAGE = str(ROOT / "generated" / "powerofficego_zendesk")


@contextmanager
def attacked_sandbox() -> Iterator[Sandbox]:
    """Serve systems in which one name is an attack."""
    with running_sandbox(SandboxOptions()) as served:
        rename(served, "Ingrid Dahl", HOSTILE)
        yield served


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """Serve systems that are planned for, and that nobody writes to."""
    with attacked_sandbox() as served:
        yield served


@pytest.fixture
def written() -> Iterator[Sandbox]:
    """Serve systems of a test that writes to them."""
    with attacked_sandbox() as served:
        yield served


def rename(served: Sandbox, name: str, other: str) -> None:
    """Rename a user, as anybody may who has a Zendesk account."""
    (user,) = [row for row in served.zendesk.records("users") if row["name"] == name]
    answer = httpx.put(
        f"{served.environment['ZENDESK_BASE_URL']}/api/v2/users/{user['id']}",
        json={"user": {"name": other}},
        headers={"Authorization": f"Bearer {served.environment['ZENDESK_OAUTH_TOKEN']}"},
    )
    answer.raise_for_status()
    # The newest minute of changes is withheld.
    served.zendesk.advance(120)


@pytest.fixture
def environment(sandbox: Sandbox, tmp_path: Path) -> Mapping[str, str]:
    return environment_of(sandbox, tmp_path)


def environment_of(served: Sandbox, folder: Path) -> Mapping[str, str]:
    return {**served.environment, "SPECBRIDGE_STORE": f"sqlite:///{folder / 'store.db'}"}


def pipe(
    *words: str, folder: Path, environment: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    """Run a command whose output nobody sees on a terminal, though somebody asks for colours."""
    done = subprocess.run(
        [sys.executable, "-m", "specbridge", *words],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": CHECKOUT, "FORCE_COLOR": "1", **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in (0, 3), done.stderr
    return done


def test_a_long_plan_goes_through_the_pager(environment: Mapping[str, str], tmp_path: Path) -> None:
    paged = tmp_path / "paged"
    pager = tmp_path / "pager"
    pager.write_text(f"#!/bin/sh\ncat > {paged}\n", encoding="utf-8")
    pager.chmod(0o755)
    seen = watch(
        *("plan", PACKAGE), folder=tmp_path, environment={**environment, "PAGER": str(pager)}
    )
    assert seen.status == 3, seen.text
    shown = paged.read_text(encoding="utf-8")
    assert "would create in Zendesk: Fjellheim Kaffe AS · 10001" in shown
    assert '"KYSTFISK AS" -> "Kystfisk AS"' in shown
    assert "To create" in shown
    # What the pager showed is gone with it: the end stays.
    assert "would create" not in seen.last
    assert "plan: left over, would write " in seen.last
    assert f"  python -m specbridge sync {PACKAGE}" in seen.last or f" sync {PACKAGE}" in seen.last
    assert "written" not in shown + seen.last


def test_tables_are_as_wide_as_the_terminal_says(
    environment: Mapping[str, str], tmp_path: Path
) -> None:
    words = ("plan", PACKAGE, "--no-pager", "--quiet")
    narrow = {**environment, "COLUMNS": "60", "NO_COLOR": "1"}
    seen = watch(*words, folder=tmp_path, environment=narrow)
    assert "\x1b" not in seen.sent
    table = seen.text[seen.text.index("\nFlow ") :].split("\n")
    assert max(map(len, table)) <= 60
    # By its name, which no terminal obeys, a record is shown all the same.
    assert "[bold]\\u202e" in seen.text
    assert not {"\x07", "\u202e", "\x9b"} & {*seen.sent}
    assert "\nplan: clean" not in seen.text
    assert "next: " not in seen.text


def names_of(sandbox: Sandbox) -> set[str]:
    """Return what records are called in both systems, but for what is a common word as well."""
    users = {str(row["name"]) for row in sandbox.zendesk.records("users")}
    customers = {str(row["Name"]) for row in sandbox.poweroffice.records("Customers")}
    return {name for name in users | customers if " " in name}


def test_without_names_nobody_is_named(
    sandbox: Sandbox, environment: Mapping[str, str], tmp_path: Path
) -> None:
    named = pipe("plan", PACKAGE, folder=tmp_path, environment=environment)
    hidden = pipe("plan", PACKAGE, "--no-names", folder=tmp_path, environment=environment)
    as_json = pipe(
        "plan", PACKAGE, "--no-names", "--json", folder=tmp_path, environment=environment
    )
    assert [name for name in names_of(sandbox) if name in named.stdout]
    assert [name for name in names_of(sandbox) if name in hidden.stdout + as_json.stdout] == []
    told = json.loads(as_json.stdout)
    assert {action["name"] for action in told["actions"]} == {None}
    assert told["flows"][0]["sides"]["source"] == {
        "system": "poweroffice-go",
        "resource": "Customers",
    }


def test_a_pipe_gets_plain_lines_and_what_is_next_works(written: Sandbox, tmp_path: Path) -> None:
    environment = environment_of(written, tmp_path)
    plan = pipe("plan", PACKAGE, folder=tmp_path, environment=environment)
    assert "\x1b" not in plan.stdout + plan.stderr
    assert "would write" in plan.stdout
    assert "written" not in plan.stdout
    done = pipe("sync", PACKAGE, "--actions", folder=tmp_path, environment=environment)
    assert "\x1b" not in done.stdout + done.stderr
    assert "updated in Zendesk " in done.stdout
    following = [line.strip() for line in done.stdout.splitlines() if line.startswith("  python")]
    commands = [shlex.split(line)[3:] for line in following] or [
        shlex.split(line)[1:]
        for line in done.stdout.splitlines()
        if line.startswith("  specbridge")
    ]
    assert [words[0] for words in commands] == ["dead-letters", "links"]
    for words in commands:
        assert pipe(*words, folder=tmp_path, environment=environment).stdout
    quiet = pipe("sync", PACKAGE, "--quiet", folder=tmp_path, environment=environment)
    assert "next: " not in quiet.stdout + quiet.stderr
