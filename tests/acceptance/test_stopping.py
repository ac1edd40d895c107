"""Stopped syncs have lost their lease when they go on; stopping.py stops many on request."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from specbridge.sandbox.messages import Answer, Call
from specbridge.sandbox.options import LimitsPlan, SandboxOptions

from tests.acceptance.conftest import PACKAGE, Office, opened_office
from tests.acceptance.stopping import staged, stop_often


def test_a_stopped_sync_sends_nothing_more_and_no_edit_is_lost(
    server: str | None, tmp_path: Path
) -> None:
    with staged(tmp_path, 3, 1.0, server) as stage:
        tally = stop_often(stage, 1)
    assert tally.stops == tally.gave_up == 1
    assert tally.sent_afterwards == 0
    assert tally.lost_edits == []


@dataclass(frozen=True, slots=True)
class Asked:
    """A sync that was asked to stop: its exit status, what it told, and the seconds until it ended."""

    status: int
    error: str
    seconds: float


def ask_to_stop(office: Office, under_way: Callable[[], bool]) -> Asked:
    """Send SIGTERM to a sync once something is under way, and wait for its end."""
    words = [sys.executable, "-m", "specbridge", "sync", str(PACKAGE), "--json"]
    process = subprocess.Popen(
        words,
        env={**os.environ, **office.terminal.environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    while not under_way():
        assert process.poll() is None, process.communicate()
        time.sleep(0.01)
    asked = time.monotonic()
    process.send_signal(signal.SIGTERM)
    output, _ = process.communicate(timeout=60)
    seconds = time.monotonic() - asked
    return Asked(process.returncode, str(json.loads(output)["error"]), seconds)


def test_a_stop_is_obeyed_while_a_job_is_under_way_and_the_next_run_waits_for_it(
    tmp_path: Path,
) -> None:
    options = SandboxOptions(records=60, limits=LimitsPlan.OFF, job_seconds=8.0)
    with opened_office(tmp_path, options) as office:
        log = office.sandbox.zendesk.request_log
        asked = ask_to_stop(office, lambda: any("create_many" in e[1] for e in log.entries))
        assert (asked.status, asked.seconds < 2.0) == (143, True), asked
        assert "stopped on request" in asked.error
        assert office.terminal.sync().status == 3
        names = [row["name"].casefold() for row in office.sandbox.zendesk.records("organizations")]
        assert len(names) == len(set(names)) > 50
        assert office.terminal.sync().writes == 0


def test_a_stop_is_obeyed_while_a_system_asks_to_wait(tmp_path: Path) -> None:
    refused: list[str] = []

    def throttle(call: Call, on: Callable[[Call], Answer]) -> Answer:
        if call.method == "GET":
            return on(call)
        refused.append(call.path)
        return Answer(status=429, headers={"Retry-After": "50"})

    with opened_office(tmp_path, SandboxOptions(limits=LimitsPlan.OFF)) as office:
        office.sandbox.zendesk.place_gateway(throttle)
        asked = ask_to_stop(office, lambda: bool(refused))
        assert (asked.status, asked.seconds < 2.0) == (143, True), asked
        office.sandbox.zendesk.place_gateway(None)
        assert office.terminal.sync().status == 3
        assert office.terminal.sync().writes == 0


def test_what_a_job_does_after_its_run_died_does_not_undo_what_people_say_meanwhile(
    tmp_path: Path,
) -> None:
    # Most of a second for each row: the next run begins before the job has come to its end.
    options = SandboxOptions(limits=LimitsPlan.OFF, withhold_seconds=0, job_seconds=60)
    with opened_office(tmp_path, options) as office:
        office.terminal.sync()
        zendesk = office.sandbox.zendesk
        customers = [
            row
            for row in office.sandbox.poweroffice.records("Customers")
            if sum(one["name"] == row["Name"] for one in zendesk.records("organizations")) == 1
        ][:6]
        for number, customer in enumerate(customers):
            office.rename_customer(customer, f"Plan {number}")
        office.pass_time()
        ask_to_stop(office, lambda: any("update_many" in e[1] for e in zendesk.request_log.entries))
        # By two writes of their own, which would come before the job's.
        for number, customer in enumerate(customers[-2:]):
            office.rename_customer(customer, f"Person {number}")
        office.pass_time(5)
        office.terminal.sync()
        time.sleep(1)
        office.terminal.sync()
        held = {row["Name"] for row in office.sandbox.poweroffice.records("Customers")}
        shown = {row["name"] for row in zendesk.records("organizations")}
        assert {"Plan 3", "Person 0", "Person 1"} <= held & shown
