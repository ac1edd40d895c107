"""What users pay for: the requests of whole runs, beside what the APIs' own sizes allow."""

from math import ceil

import pytest
from specbridge.sandbox.options import SandboxOptions
from specbridge.sandbox.running import Running, running_sandbox

from tests.acceptance.conftest import PACKAGE, Terminal

FLOW = "customers_to_organizations"
RECORDS = 600
_POWEROFFICE_PAGE, _ZENDESK_PAGE, _BULK = 5000, 1000, 100
_LOOKS_PER_JOB = 2
_ACCOUNTS = 2
"""Each system is asked once a process whose account it is."""


def count(running: Running) -> int:
    """Return the requests since the last count, token calls left out."""
    log = running.request_log
    number = log.count() - log.count("POST", "/OAuth/Token")
    log.clear()
    return number


@pytest.mark.parametrize("job_seconds", [0.05, 2.0], ids=["quick-jobs", "slow-jobs"])
def test_a_first_sync_pays_for_pages_batches_and_two_looks_per_job(
    terminal: Terminal, job_seconds: float
) -> None:
    options = SandboxOptions(records=RECORDS, job_seconds=job_seconds)
    with running_sandbox(options) as sandbox:
        customers = len(sandbox.poweroffice.records("Customers"))
        existing = len(sandbox.zendesk.records("organizations"))
        words = "sync", str(PACKAGE), "--flow", FLOW, "--json"
        done = terminal.run(*words, **sandbox.environment)
        (flow,) = done.answer["flows"]
        created = sum(flow["created"].values())
        assert created > 2 * _BULK
        jobs = ceil(created / _BULK)
        pages = ceil(customers / _POWEROFFICE_PAGE) + ceil(existing / _ZENDESK_PAGE)
        made = count(sandbox.poweroffice) + count(sandbox.zendesk)
        needed = pages + ceil(customers / _BULK) + _LOOKS_PER_JOB * jobs
        assert made - _ACCOUNTS <= 1.05 * needed

        again = terminal.run(*words, **sandbox.environment)
        assert again.writes == 0
        # One request for each of the two resources.
        assert count(sandbox.poweroffice) + count(sandbox.zendesk) == 2 + _ACCOUNTS
