"""Requests of whole runs on the sandbox, beside the least number that could do.

The least possible: one request per page that must be read and one per batch that must be written,
as the APIs define pages and batches. Token calls and nothing else is left out.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import Any

from generator.sandbox.options import SandboxOptions
from generator.sandbox.running import Running, Sandbox, running_sandbox

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "generated" / "powerofficego_zendesk"
_POWEROFFICE_PAGE = 5000
_ZENDESK_PAGE = 1000
_BATCH = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """How many records each side holds, by kind."""

    poweroffice: Mapping[str, int]
    zendesk: Mapping[str, int]

    @property
    def reads(self) -> int:
        """Return the fewest requests that read everything."""
        pages = sum(ceil(n / _POWEROFFICE_PAGE) for n in self.poweroffice.values())
        return pages + sum(ceil(n / _ZENDESK_PAGE) for n in self.zendesk.values())


def sizes_of(sandbox: Sandbox) -> Sizes:
    """Count the records that the flows read."""
    own = ("Customers", "ContactPersons", "Departments")
    theirs = ("organizations", "users")
    return Sizes(
        poweroffice={kind: len(sandbox.poweroffice.records(kind)) for kind in own},
        zendesk={kind: len(sandbox.zendesk.records(kind)) for kind in theirs},
    )


def sync(sandbox: Sandbox, directory: str) -> dict[str, Any]:
    """Run a sync in a process of its own and return its report."""
    done = subprocess.run(
        [sys.executable, "-m", "generator", "sync", str(PACKAGE), "--json"],
        cwd=directory,
        env={**os.environ, **sandbox.environment},
        capture_output=True,
        text=True,
        check=False,
    )
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def count(running: Running) -> int:
    """Return the requests answered since the last count, token calls left out."""
    log = running.request_log
    number = log.count() - log.count("POST", "/OAuth/Token")
    log.clear()
    return number


def main(records: int = 2000) -> None:
    """Print requests made, requests needed, and their ratio, per run."""
    with (
        running_sandbox(SandboxOptions(records=records)) as sandbox,
        tempfile.TemporaryDirectory() as directory,
    ):
        sizes = sizes_of(sandbox)
        sys.stdout.write(f"{'run':34}{'made':>7}{'least':>7}{'ratio':>7}{'seconds':>9}\n")
        report = sync(sandbox, directory)
        created = sum(sum(flow["created"].values()) for flow in report["flows"])
        updated = sum(sum(flow["updated"].values()) for flow in report["flows"])
        writes = ceil(created / _BATCH) + ceil(updated / _BATCH)
        _print(
            f"first sync, {created} new, {updated} changed", sandbox, sizes.reads + writes, report
        )
        report = sync(sandbox, directory)
        _print("unchanged", sandbox, len(sizes.poweroffice) + len(sizes.zendesk), report)


def _print(name: str, sandbox: Sandbox, least: int, report: Mapping[str, Any]) -> None:
    made = count(sandbox.poweroffice) + count(sandbox.zendesk)
    sys.stdout.write(f"{name:34}{made:>7}{least:>7}{made / least:>7.2f}{report['seconds']:>9.2f}\n")


if __name__ == "__main__":
    main()
