"""node-zendesk, somebody else's client of Zendesk, against the sandbox: its own ways get all rows and only those.

It is asked where Node and the package are at hand (package.json says how); else all of this is skipped.
"""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from specbridge.sandbox.options import LimitsPlan, SandboxOptions
from specbridge.sandbox.running import Sandbox, running_sandbox

HERE = Path(__file__).parent
FOLDERS = (os.environ.get("NODE_PATH", ""), str(HERE / "node_modules"))
# Of an export it reads one page alone, a thousand rows; a search finds no more.
MANY = SandboxOptions(records=1500, limits=LimitsPlan.OFF, withhold_seconds=0)


def ask(sandbox: Sandbox) -> dict[str, Any]:
    folder = next((one for one in FOLDERS if one and (Path(one) / "node-zendesk").exists()), None)
    node = shutil.which("node")
    if node is None or folder is None:
        pytest.skip("node-zendesk is not installed: the sandbox was not asked by it")
    done = subprocess.run(
        [node, str(HERE / "ask.cjs")],
        env={**os.environ, **sandbox.environment, "NODE_PATH": folder},
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def test_its_own_ways_get_all_rows_and_only_those() -> None:
    with running_sandbox(MANY) as sandbox:
        zendesk = sandbox.zendesk
        zendesk.advance(300)
        active = [row for row in zendesk.records("users") if row["active"]]
        everyone = sorted(row["id"] for row in zendesk.records("users"))
        firms = sorted(row["id"] for row in zendesk.records("organizations"))
        members = sorted(row["id"] for row in zendesk.records("organization_memberships"))
        told = ask(sandbox)
    assert len(firms) > 500 < len(everyone) < 1000
    users = sorted(row["id"] for row in active)
    assert sorted(told["users"]) == users
    ended = sorted(row["id"] for row in active if row["role"] == "end-user")
    assert sorted(told["withRole"]) == ended
    assert sorted(told["organizations"]) == firms
    assert sorted(told["memberships"]) == members
    assert sorted(told["exported"]) == everyone
    assert told["kinds"] == ["organization"]
    assert len(told["searched"]) == len(set(told["searched"])) == len(firms)
    assert set(told["searched"]) <= set(firms)
    outcomes = (told["notes"], told["again"], told["gone"], told["job"])
    assert outcomes == ("later", "422", "404", "queued")
