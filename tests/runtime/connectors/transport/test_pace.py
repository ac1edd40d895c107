"""How often jobs are looked at: computed, and against jobs that take their time."""

from collections.abc import Iterator, Mapping

import pytest
from specbridge.profiles.load import load_profiles
from specbridge.runtime.connectors.transport.pace import JobTimes, Watch
from specbridge.runtime.records import Connector, Create, Written
from specbridge.sandbox.options import LimitsPlan, SandboxOptions
from specbridge.sandbox.running import running_sandbox

from tests.runtime.connectors.test_sandbox_limits import connected

PATH = "/things/create_many"


def looks_of(watch: Watch, durations: Mapping[str, float], shows_progress: bool) -> Iterator[float]:
    """Yield the instant of each look at jobs of a hundred rows until all have ended."""
    now = 0.0
    for job in durations:
        watch.add(job, 100, now)
    while watch:
        now += watch.wait(now)
        yield now
        for job in watch:
            if now >= durations[job]:
                watch.end(job, now)
            else:
                done = int(100 * now / durations[job]) / 100
                watch.delay(job, now, done if shows_progress else 0.0)


@pytest.mark.parametrize("seconds", [0.05, 0.4, 2.0, 7.0, 20.0, 30.0])
def test_a_slow_job_is_looked_at_twice_at_most(seconds: float) -> None:
    looks = list(looks_of(Watch(JobTimes(), PATH, 900.0), {"a": seconds}, True))
    assert len(looks) <= 2
    assert looks[-1] <= max(0.5, seconds * 2.0)


@pytest.mark.parametrize(("seconds", "most"), [(0.4, 1), (2.0, 2), (8.0, 3), (30.0, 4)])
def test_a_job_that_shows_no_progress_is_looked_at_ever_more_rarely(
    seconds: float, most: int
) -> None:
    assert len(list(looks_of(Watch(JobTimes(), PATH, 900.0), {"a": seconds}, False))) <= most


@pytest.mark.parametrize("shows_progress", [True, False])
def test_jobs_one_after_another_are_looked_at_together(shows_progress: bool) -> None:
    durations = {str(number): 5.0 * number for number in range(1, 31)}
    looks = list(looks_of(Watch(JobTimes(), PATH, 900.0), durations, shows_progress))
    assert len(looks) <= 2 * len(durations)
    assert looks[-1] <= 150.0 + 30.0


def test_what_a_job_took_is_known_the_next_time() -> None:
    times = JobTimes()
    looks = [len(list(looks_of(Watch(times, PATH, 900.0), {"a": 6.0}, False))) for _ in range(12)]
    assert sum(looks[1:]) <= 2 * len(looks[1:])
    assert times.expect(PATH, 100) == pytest.approx(6.0, abs=2.5)
    assert times.expect("/other", 100) == pytest.approx(0.5)


def test_patience_ends() -> None:
    watch = Watch(JobTimes(), PATH, 10.0)
    *_, last = looks_of_endless(watch)
    assert last == pytest.approx(10.0)


def looks_of_endless(watch: Watch) -> Iterator[float]:
    now = 0.0
    watch.add("a", 100, now)
    while not watch.is_overdue("a", now):
        now += watch.wait(now)
        yield now
        watch.delay("a", now, 0.5)


def create_many(connector: Connector, count: int) -> None:
    writes = [
        Create(key=str(n), properties={"name": f"Neu {n}"}, external_reference=f"r:{n}")
        for n in range(count)
    ]
    outcomes = list(connector.write_records("Organizations", writes, frozenset({"name"})))
    assert all(isinstance(one, Written) for one in outcomes)


def test_a_real_job_that_takes_long_is_looked_at_twice() -> None:
    options = SandboxOptions(limits=LimitsPlan.OFF, job_seconds=3.0)
    with (
        running_sandbox(options) as sandbox,
        connected(sandbox.environment, load_profiles()["zendesk"]) as connector,
    ):
        create_many(connector, 100)
        assert sandbox.zendesk.request_log.count("GET", "/api/v2/job_statuses") <= 2
