"""Requests of whole runs on the sandbox, beside the least number that could do.

The least possible: one request per page that must be read and one per batch that must be written,
as the APIs define pages and batches. Token calls and nothing else is left out.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import Any

from specbridge.profiles.load import load_profiles
from specbridge.runtime.connectors.build import build_connector
from specbridge.runtime.records import Create
from specbridge.sandbox.options import SandboxOptions
from specbridge.sandbox.running import Running, Sandbox, running_sandbox

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "generated" / "powerofficego_zendesk"
_POWEROFFICE_PAGE = 5000
_ZENDESK_PAGE = 1000
_BATCH = 100
_ACCOUNTS = 2
"""Each process asks either system once whose account it is."""


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


def sync(sandbox: Sandbox, directory: str, *words: str) -> dict[str, Any]:
    """Run a sync in a process of its own and return its report."""
    done = subprocess.run(
        [sys.executable, "-m", "specbridge", "sync", str(PACKAGE), "--json", *words],
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
    """Print requests made, requests needed, and their ratio, per run; then the pace of writes."""
    sys.stdout.write(f"{'run':44}{'made':>7}{'least':>7}{'ratio':>7}{'seconds':>9}\n")
    _all_flows(records)
    for job_seconds in (0.05, 2.0):
        _customers(5 * records, job_seconds)
    _pace()


def _all_flows(records: int) -> None:
    with (
        running_sandbox(SandboxOptions(records=records)) as sandbox,
        tempfile.TemporaryDirectory() as directory,
    ):
        sizes = sizes_of(sandbox)
        report = sync(sandbox, directory)
        created = sum(sum(flow["created"].values()) for flow in report["flows"])
        updated = sum(sum(flow["updated"].values()) for flow in report["flows"])
        writes = ceil(created / _BATCH) + ceil(updated / _BATCH)
        name = f"first sync, {created} new, {updated} changed"
        _print(name, sandbox, sizes.reads + writes + _ACCOUNTS, report)
        report = sync(sandbox, directory)
        least = len(sizes.poweroffice) + len(sizes.zendesk) + _ACCOUNTS
        _print("unchanged", sandbox, least, report)


def _customers(records: int, job_seconds: float) -> None:
    """Print the budget of a first sync of customers: pages, batches, two looks at each job, accounts."""
    with (
        running_sandbox(SandboxOptions(records=records, job_seconds=job_seconds)) as sandbox,
        tempfile.TemporaryDirectory() as directory,
    ):
        pages = ceil(records / _POWEROFFICE_PAGE)
        pages += ceil(len(sandbox.zendesk.records("organizations")) / _ZENDESK_PAGE)
        report = sync(sandbox, directory, "--flow", "customers_to_organizations")
        jobs = ceil(sum(report["flows"][0]["created"].values()) / _BATCH)
        budget = pages + ceil(records / _BATCH) + 2 * jobs + _ACCOUNTS
        _print(
            f"budget: {records} customers, {jobs} jobs of {job_seconds} s", sandbox, budget, report
        )


def _pace(writes: int = 300) -> None:
    """Print how near writes come to PowerOffice's ten a second, and how many are turned away."""
    with running_sandbox(SandboxOptions()) as sandbox:
        profile = load_profiles()["poweroffice-go"]
        connector = build_connector(profile, sandbox.environment)
        given = [
            Create(key=str(n), properties={"Name": f"Kunde {n}"}, external_reference=f"r{n}")
            for n in range(writes)
        ]
        list(connector.diagnose())
        began = time.monotonic()
        outcomes = list(connector.write_records("Customers", given, frozenset({"Id", "Name"})))
        rate = len(outcomes) / (time.monotonic() - began)
        refused = connector.usage.throttled / len(outcomes)
        connector.close()
    sys.stdout.write(
        f"{writes} writes: {rate / 10:.1%} of ten a second, {refused:.1%} answers 429\n"
    )


def _print(name: str, sandbox: Sandbox, least: int, report: Mapping[str, Any]) -> None:
    made = count(sandbox.poweroffice) + count(sandbox.zendesk)
    sys.stdout.write(f"{name:44}{made:>7}{least:>7}{made / least:>7.2f}{report['seconds']:>9.2f}\n")


if __name__ == "__main__":
    main()
