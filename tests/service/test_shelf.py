"""What a worker keeps of each company between its runs."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from threading import Event
from urllib.parse import urlsplit

import pytest
from specbridge.cli.service.company_runs import CompanyRuns
from specbridge.errors import SettingsError
from specbridge.runtime.reports.report import RunOutcome

from tests.acceptance.crowd import Town, opened_town
from tests.acceptance.workers import ROOT

COMPANIES = 18
"""More than connections would be kept open for."""


@pytest.fixture(name="town")
def _town(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Town]:
    with opened_town(COMPANIES, limited=False) as town:
        town.settle_in(tmp_path, ROOT / "generated", 60.0)
        monkeypatch.chdir(tmp_path)
        yield town


def play_round(town: Town, runs: CompanyRuns) -> Counter[str]:
    """Run each company once; return how often each path was asked for."""
    for log in (town.poweroffice.request_log, town.zendesk.request_log):
        log.clear()
    for firm in town.firms:
        report = runs.run(firm.name, frozenset(), Event())
        assert report.outcome in (RunOutcome.CLEAN, RunOutcome.LEFT_OVER), report.error
    entries = [*town.poweroffice.request_log.entries, *town.zendesk.request_log.entries]
    return Counter(path.rsplit("/", 1)[-1] for _, path, _ in entries)


def test_a_company_signs_in_once_however_many_run_between(town: Town, tmp_path: Path) -> None:
    with closing(CompanyRuns(f"sqlite:///{tmp_path}/store.db", 60.0)) as runs:
        first = play_round(town, runs)
        assert first["Token"] == COMPANIES
        play_round(town, runs)
        third = play_round(town, runs)
    # Neither for a token nor for whose account it is: what is left are the readings.
    assert third["Token"] == 0
    assert third["me.json"] == third["me"] == 0
    assert sum(third.values()) > 0
    assert sum(third.values()) % COMPANIES == 0


def test_between_runs_a_company_holds_no_thread_and_no_connection(
    town: Town, tmp_path: Path
) -> None:
    with closing(CompanyRuns(f"sqlite:///{tmp_path}/store.db", 60.0)) as runs:
        play_round(town, runs)
        names = [thread.name for thread in threading.enumerate()]
        assert not [name for name in names if name.startswith(("poweroffice-go_", "zendesk_"))]
        ports = {urlsplit(one.url).port for one in (town.poweroffice, town.zendesk)}
        assert not [port for port in connected_ports() if port in ports]


def connected_ports() -> Iterator[int]:
    """Yield the ports to which connections of this machine are open, by the system's own table."""
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        _, _, remote, state, *_ = line.split()
        if state == "01":
            yield int(remote.rsplit(":", 1)[1], 16)


def test_settings_are_read_again_when_they_have_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    below = tmp_path / "deep"
    below.mkdir()
    monkeypatch.chdir(below)
    with closing(CompanyRuns(f"sqlite:///{tmp_path}/store.db", 60.0)) as runs:
        for seconds in (30.0, 45.0, 45.0, 90.0):
            text = f"[tool.specbridge.companies.acme]\nschedule = {seconds}\n"
            (tmp_path / "pyproject.toml").write_text(text)
            assert runs.plan("acme").seconds == seconds
            assert runs.plan("acme").seconds == seconds
        (tmp_path / "pyproject.toml").write_text("[tool.specbridge.companies.nord]\n")
        with pytest.raises(SettingsError, match="no company acme any more"):
            runs.plan("acme")
