"""`sync --watch --metrics-port` serves what its runs and requests come to."""

import os
import re
import signal
import subprocess
import sys
import time

import httpx

from tests.acceptance.conftest import PACKAGE, Office

SECONDS = 60


def test_a_watching_sync_serves_metrics_of_runs_and_requests_without_any_value(
    office: Office,
) -> None:
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "specbridge", "sync", str(PACKAGE), "--json"),
            *("--watch", "0.1", "--metrics-port", "0"),
        ],
        cwd=office.terminal.directory,
        env={**os.environ, **office.terminal.environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    said = re.search(r"http://127\.0\.0\.1:\d+/metrics", process.stderr.readline())
    assert said is not None
    text, end = "", time.monotonic() + SECONDS
    while not re.search(r"specbridge_runs_total\{.*\} [2-9]", text) and time.monotonic() < end:
        text = httpx.get(said[0]).text
    process.send_signal(signal.SIGTERM)
    assert process.wait(SECONDS) == 3
    process.stderr.close()
    assert re.search(r'specbridge_runs_total\{outcome="left_over",.*\} [2-9]', text), text
    created = r'specbridge_actions_total\{action="create",flow="customers_to_organizations",.*'
    assert re.search(created + r'side="target"\} [1-9]', text)
    assert 'specbridge_requests_total{method="POST",status="2xx",system="zendesk"}' in text
    for value in ("Granli", "example", "10001"):
        assert value not in text
