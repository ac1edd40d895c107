"""ds-provider-powerofficego-py-lib, somebody else's client, against the sandbox: it reads all rows and only those.

It brings pandas along, and so is no part of the packages for tests: it is asked where POWEROFFICE_CLIENT_PYTHON
names a Python that has it (or this one has); else all of this is skipped.
"""

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from specbridge.sandbox.doubts import Doubt
from specbridge.sandbox.options import LimitsPlan, SandboxOptions
from specbridge.sandbox.running import Sandbox, running_sandbox

PACKAGE = "ds_provider_powerofficego_py_lib"
HERE = Path(__file__).parent
MANY = SandboxOptions(records=260, limits=LimitsPlan.OFF)


@pytest.fixture
def python() -> str:
    named = os.environ.get("POWEROFFICE_CLIENT_PYTHON", "")
    if not named and find_spec(PACKAGE) is None:
        pytest.skip(f"{PACKAGE} is not installed: the sandbox was not asked by it")
    return named or sys.executable


def ask(python: str, sandbox: Sandbox, *words: str) -> dict[str, Any]:
    done = subprocess.run(
        [python, str(HERE / "ask_poweroffice.py"), *words],
        env={**os.environ, **sandbox.environment},
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    return told


@pytest.mark.parametrize("kind", ["Customers", "ContactPersons", "Departments"])
@pytest.mark.parametrize("size", [13, 20000])
def test_it_reads_all_rows_once(python: str, kind: str, size: int) -> None:
    with running_sandbox(MANY) as sandbox:
        told = ask(python, sandbox, kind, str(size), "")
        held = [row["Id"] for row in sandbox.poweroffice.records(kind)]
    assert sorted(told["ids"]) == sorted(held)
    assert held != []


def test_it_goes_on_from_where_it_was(python: str) -> None:
    with running_sandbox(MANY) as sandbox:
        told = ask(python, sandbox, "Customers", "50", "")
        instants = [
            row["LastChangedDateTimeOffset"] for row in sandbox.poweroffice.records("Customers")
        ]
        # It cuts seven digits to six to compare them, and gives back the one that it read.
        assert told["next"] in instants
        later = ask(python, sandbox, "Customers", "50", told["next"])
    assert later["ids"] == []


def test_changed_since_gives_the_later_ones_alone(python: str) -> None:
    with running_sandbox(MANY) as sandbox:
        rows = sandbox.poweroffice.records("Customers")
        instants = sorted(row["LastChangedDateTimeOffset"] for row in rows)
        middle = instants[len(instants) // 2]
        told = ask(python, sandbox, "Customers", "7", middle)
        wanted = [row["Id"] for row in rows if row["LastChangedDateTimeOffset"] > middle]
    assert sorted(told["ids"]) == sorted(wanted)
    assert wanted != []


def test_without_links_to_pages_it_stops_at_the_first(python: str) -> None:
    # What makes the header worth sending: a client that relies on it reads less without.
    bare = SandboxOptions(
        records=260, limits=LimitsPlan.OFF, otherwise=frozenset({Doubt.NO_PAGE_LINKS})
    )
    with running_sandbox(bare) as sandbox:
        told = ask(python, sandbox, "Customers", "50", "")
    assert len(told["ids"]) == 50
