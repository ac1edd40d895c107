"""Workers run companies: each in its turn, one at a time, whatever dies meanwhile."""

import re
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.acceptance.conftest import ROOT, Done, Terminal
from tests.acceptance.crowd import Town, opened_town
from tests.acceptance.webhooks import free_port
from tests.acceptance.workers import Trouble, Worker, await_that, play, served, working
from tests.commands import run_without
from tests.runtime.servers import new_database

BROKEN = "broken"


@dataclass(frozen=True, kw_only=True)
class House:
    """A town whose companies one worker runs, and a `serve` that hears of what changes in their Zendesks."""

    town: Town
    folder: Path
    url: str

    def run(self, *words: str) -> Done:
        return Terminal(directory=self.folder, environment={"SPECBRIDGE_STORE": self.url}).run(
            *words
        )

    def states(self) -> Sequence[str]:
        """Return the states of the jobs there are."""
        return [job["state"] for job in self.run("jobs", "--json").answer["jobs"]]

    def await_rest(self) -> None:
        """Wait until nothing is queued or running: what a run itself wrote comes back once."""
        await_that("rest", lambda: not {"todo", "doing"} & {*self.states()}, self.folder)

    def gauges(self) -> Mapping[str, float]:
        told = re.findall(r"metrics on (\S+)", (self.folder / "worker.log").read_text())
        with urllib.request.urlopen(told[-1], timeout=10) as answer:
            lines = answer.read().decode().splitlines()
        pairs = (line.rsplit(" ", 1) for line in lines if not line.startswith("#"))
        return {name: float(value) for name, value in pairs}


@pytest.fixture(scope="module")
def house(postgresql: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder, port = tmp_path_factory.mktemp("house"), free_port()
    with (
        new_database(postgresql) as url,
        opened_town(2, webhooks=f"http://127.0.0.1:{port}/hooks/zendesk") as town,
        open_house(town, folder, url, port) as found,
    ):
        yield found


@contextmanager
def open_house(town: Town, folder: Path, url: str, port: int) -> Iterator[House]:
    # So seldom that whatever arrives here was not found by looking.
    town.settle_in(folder, ROOT / "generated", every=3600.0)
    (folder / "companies" / f"{BROKEN}.env").write_text("ZENDESK_OAUTH_TOKEN=nobody's\n")
    worker = Worker(folder=folder, url=url, words=("--metrics", "0"))
    with served(folder, url, port), working([worker]):
        house = House(town=town, folder=folder, url=url)
        await_that("the first syncs", town.is_in_sync, folder)
        await_that("the broken one", lambda: "failed" in house.states(), folder)
        yield house


def test_an_edit_in_zendesk_arrives_though_nobody_looks_for_it(house: House) -> None:
    firm = house.town.firms[0]
    firm.rename_organization("Firma 0 AS", "Firma Null AS")
    await_that("the edit", lambda: "Firma Null AS" in firm.customers(), house.folder)


def test_a_company_runs_when_somebody_says_so(house: House) -> None:
    house.await_rest()
    firm = house.town.firms[1]
    firm.rename_customer("Firma 1 AS", "Firma En AS")
    done = house.run("jobs", "start", firm.name)
    assert (done.status, done.output) == (0, f"{firm.name} is queued\n")
    await_that("the edit", lambda: "Firma En AS" in firm.organizations(), house.folder)


def test_a_company_that_cannot_run_stops_no_other_and_is_listed(house: House) -> None:
    jobs = house.run("jobs", "--json").answer["jobs"]
    failed, *_ = [job for job in jobs if job["state"] == "failed"]
    assert failed["company"] == BROKEN
    done = house.run("jobs", "retry", failed["id"])
    assert (done.status, done.output) == (0, f"job {failed['id']} is queued\n")
    nothing = house.run("jobs", "cancel", "4711")
    assert (nothing.status, "there is no job 4711" in nothing.errors) == (2, True)


def test_prometheus_is_told_how_companies_fare(house: House) -> None:
    house.await_rest()
    house.run("jobs", "start", house.town.firms[0].name)
    house.await_rest()
    gauges = house.gauges()
    assert gauges["specbridge_store_up"] == 1.0
    assert gauges["specbridge_queue_length"] >= 0.0
    of = '{company="%s"}'
    name = house.town.firms[0].name
    assert gauges["specbridge_company_runs_total" + of % name] >= 2.0
    assert gauges["specbridge_company_last_event_timestamp_seconds" + of % name] > 0.0
    assert gauges["specbridge_company_failures_in_a_row" + of % name] == 0.0
    assert gauges["specbridge_company_failed_runs_total" + of % BROKEN] >= 1.0


def test_killed_and_cut_off_workers_leave_every_company_in_sync(
    postgresql: str, tmp_path: Path
) -> None:
    with new_database(postgresql) as url, opened_town(6) as town:
        town.settle_in(tmp_path, ROOT / "generated", every=5.0)
        workers = [Worker(folder=tmp_path, url=url) for _ in range(2)]
        asked = Trouble(seconds=5.0, edits_per_second=2.0, kills=2, cuts=1, refusals=0.1)
        found = play(tmp_path, url, town, workers, asked)
    assert found["edits"]


def test_a_store_on_sqlite_is_refused_in_words(terminal: Terminal) -> None:
    done = terminal.run("worker")
    assert (done.status, "use `sync --watch`" in done.errors) == (5, True)
    assert terminal.run("jobs").status == 5


@pytest.mark.parametrize("command", ["worker", "jobs"])
def test_without_the_extra_it_says_how_it_is_installed(command: str, tmp_path: Path) -> None:
    done = run_without("procrastinate", command, cwd=tmp_path)
    assert (done.returncode, 'pip install "specbridge[scale]"' in done.stderr) == (6, True)
