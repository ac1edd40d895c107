"""Progress: drawn while a run goes on, of every phase and every long wait; gone, whatever ends the run."""

import os
import pty
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from specbridge.cli.runs.gauges import Gauges, Line, tell_seconds
from specbridge.cli.runs.progress import is_watched
from specbridge.runtime.engine.holding import held
from specbridge.runtime.store.accounts import number_company
from specbridge.runtime.store.engine import open_store
from specbridge.runtime.store.leasing.leases import Lease
from specbridge.sandbox.options import LimitsPlan, SandboxOptions
from specbridge.sandbox.running import Sandbox, running_sandbox

from tests.cli.watching import HIDDEN, ROOT, VISIBLE, Seen, once, watch

PACKAGE = str(ROOT / "generated" / "powerofficego_zendesk")
CTRL_C = "\x03"


@pytest.fixture
def slow() -> Iterator[Sandbox]:
    """Serve systems whose bulk jobs are waited for."""
    options = SandboxOptions(records=60, job_seconds=2.0)
    with running_sandbox(options) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def small() -> Iterator[Sandbox]:
    """Serve systems that nothing here writes to."""
    with running_sandbox(SandboxOptions()) as sandbox:
        yield sandbox


def around(sandbox: Sandbox, folder: Path, **more: str) -> Mapping[str, str]:
    return {**sandbox.environment, "SPECBRIDGE_STORE": f"sqlite:///{folder / 'store.db'}", **more}


def is_restored(seen: Seen) -> bool:
    """Return whether the cursor was hidden, and is to be seen again."""
    return seen.sent.count(HIDDEN) == seen.sent.count(VISIBLE) > 0


def test_every_phase_is_shown_and_what_is_waited_for(slow: Sandbox, tmp_path: Path) -> None:
    seen = watch("sync", PACKAGE, folder=tmp_path, environment=around(slow, tmp_path))
    assert seen.status == 3, seen.text
    for phase in ("reading ", "matching ", "comparing ", "writing "):
        assert phase in seen.text
    assert "Zendesk Organizations" in seen.text
    wait, *_ = [line for line in seen.text.split("\n") if line.startswith("waiting")]
    assert "Zendesk: bulk job " in wait or " bulk jobs of " in wait
    assert " s left" in wait
    assert is_restored(seen)
    assert seen.last.lstrip("\r\n").startswith("Flow ")
    assert "waiting " not in seen.last


def test_ctrl_c_ends_it_and_leaves_the_terminal_as_it_was(slow: Sandbox, tmp_path: Path) -> None:
    press = once("bulk job", CTRL_C)
    seen = watch("sync", PACKAGE, folder=tmp_path, environment=around(slow, tmp_path), look=press)
    assert seen.status == 130, seen.text
    assert is_restored(seen)
    assert "stopping after what is under way" in seen.text
    assert "stopped on request" in seen.last
    assert ": stopped, " in seen.last
    assert "b''" not in seen.text


def test_a_plan_is_left_at_once(slow: Sandbox, tmp_path: Path) -> None:
    slow.poweroffice.replace_faults("timeout=1")
    press, began = once("connecting", CTRL_C), time.monotonic()
    seen = watch("plan", PACKAGE, folder=tmp_path, environment=around(slow, tmp_path), look=press)
    assert seen.status == 130, seen.text
    assert is_restored(seen)
    assert seen.last.strip() == "specbridge: stopped"
    # A request that hangs is not waited for: the command's own start is what takes time.
    assert time.monotonic() - began < 20.0


def test_an_error_leaves_the_terminal_as_it_was(small: Sandbox, tmp_path: Path) -> None:
    environment = around(small, tmp_path, ZENDESK_OAUTH_TOKEN="wrong")
    seen = watch("plan", PACKAGE, folder=tmp_path, environment=environment)
    assert seen.status == 5, seen.text
    assert is_restored(seen)
    assert "specbridge doctor" in seen.last


def test_a_watch_draws_each_run(small: Sandbox, tmp_path: Path) -> None:
    words = ("sync", PACKAGE, "--flow", "customers_person_to_users", "--watch", "0.2")
    press = once("run 2: clean", CTRL_C)
    seen = watch(*words, folder=tmp_path, environment=around(small, tmp_path), look=press)
    assert seen.status == 0, seen.text
    assert seen.sent.count(HIDDEN) == seen.sent.count(VISIBLE) >= 2
    assert "run 2: clean, 0 records written" in seen.text


def test_a_limit_that_is_used_up_is_named(tmp_path: Path) -> None:
    """Twenty exports a minute, as Zendesk's answers say: the next run waits."""
    limited = SandboxOptions(limits=LimitsPlan.ENTERPRISE)
    words = ("sync", PACKAGE, "--flow", "customers_person_to_users", "--watch", "0.01")
    press = once("its limit", CTRL_C)
    with running_sandbox(limited) as sandbox:
        environment = around(sandbox, tmp_path)
        seen = watch(*words, folder=tmp_path, environment=environment, look=press)
    assert seen.status in (0, 3), seen.text
    wait, *_ = [line for line in seen.text.split("\n") if line.startswith("waiting")]
    assert "Zendesk: its limit, 20 in 60 s (GET /api/v2/incremental/" in wait
    assert " s left" in wait
    assert is_restored(seen)


def test_another_run_is_waited_for(small: Sandbox, tmp_path: Path) -> None:
    environment = around(small, tmp_path)
    with open_store(environment["SPECBRIDGE_STORE"]) as store:
        company = number_company(store.connection, "")
        lease = Lease(company=company, seconds=60.0, drain=0.0)
        store.commit()
        with held(store, lease):
            words = ("sync", PACKAGE, "--wait", "1")
            seen = watch(*words, folder=tmp_path, environment=environment)
    assert seen.status == 5, seen.text
    assert "another run: it works on the same systems" in seen.text
    assert is_restored(seen)


def test_nothing_is_drawn_for_who_wants_it_quiet(small: Sandbox, tmp_path: Path) -> None:
    words = ("plan", PACKAGE, "--no-pager", "--quiet")
    dumb = around(small, tmp_path, TERM="dumb")
    seen = watch(*words, folder=tmp_path, environment=dumb)
    assert seen.status == 3, seen.text
    assert "\x1b" not in seen.sent
    assert "reading " not in seen.text
    assert "next: " not in seen.text


@pytest.mark.parametrize(
    ("environment", "watched"),
    [({}, True), ({"CI": "true"}, False), ({"CI": "false"}, True), ({"TERM": "dumb"}, False)],
    ids=str,
)
def test_who_looks_on(
    environment: Mapping[str, str], watched: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    for name, text in environment.items():
        monkeypatch.setenv(name, text)
    near, far = pty.openpty()
    with os.fdopen(far, "w", encoding="utf-8") as terminal:
        monkeypatch.setattr(sys, "stderr", terminal)
        assert is_watched() is watched
        monkeypatch.undo()
    os.close(near)


class Moments:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def gauges(moments: Moments, *, planned: bool = False) -> Gauges:
    return Gauges({"zendesk": "Zendesk"}, planned=planned, clock=moments)


def test_rate_and_time_left_are_those_of_late() -> None:
    moments = Moments()
    shown = gauges(moments)
    shown.expect("read zendesk Users", lambda: 1000)
    for _ in range(5):
        moments.now += 1.0
        shown.advance("read zendesk Users", 50)
    expected = Line(
        phase="reading", subject="Zendesk Users", done=250, total=1000, rate=50.0, left=15.0
    )
    assert shown.lines() == [expected]


def test_a_phase_shows_what_moved_last_and_no_rate_once_it_rests() -> None:
    moments = Moments()
    shown = gauges(moments, planned=True)
    shown.advance("write zendesk Users", 3)
    moments.now += 2.0
    shown.advance("write zendesk Organizations", 4)
    (line,) = shown.lines()
    assert (line.phase, line.subject, line.done, line.total) == (
        "planning",
        "Zendesk Organizations",
        4,
        None,
    )
    moments.now += 60.0
    assert shown.lines()[0].rate == 0.0


def test_more_than_was_expected_has_no_total() -> None:
    shown = gauges(Moments())
    shown.expect("read zendesk Users", lambda: 2)
    shown.advance("read zendesk Users", 5)
    assert (shown.lines()[0].total, shown.lines()[0].left) == (None, None)


def test_waits_are_shown_until_they_end_the_longest_first() -> None:
    moments = Moments()
    shown = gauges(moments)
    shown.advance("read zendesk Users", 1)
    shown.wait("zendesk", "a bulk job", 3.0)
    shown.wait("zendesk", "its limit", 50.0)
    moments.now += 1.0
    told = [(line.subject, line.left) for line in shown.lines() if line.waits]
    assert told == [("Zendesk: its limit", 49.0), ("Zendesk: a bulk job", 2.0)]
    shown.wait("zendesk", "its limit", 0.0)
    moments.now += 2.5
    assert [line.phase for line in shown.lines()] == ["reading"]


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(0.2, "1 s"), (59.6, "60 s"), (99.0, "99 s"), (150.0, "2 min"), (7500.0, "2 h 5 min")],
)
def test_spans_of_time_are_told_as_people_say_them(seconds: float, told: str) -> None:
    assert tell_seconds(seconds) == told
