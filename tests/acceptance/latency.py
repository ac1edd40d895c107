"""How soon an edit in Zendesk is in PowerOffice while many companies are idle: `python -m tests.acceptance.latency`.

The real `serve` hears of it by webhook, and real workers run the company that it is of. All share one key, and
people edit one after the other, each in a company drawn by lot.
"""

import argparse
import json
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.acceptance.crowd import Firm, Town, opened_town
from tests.acceptance.webhooks import free_port
from tests.acceptance.workers import ROOT, Worker, await_that, served, working
from tests.runtime.servers import new_database, running_postgresql

MEDIAN, P99 = 3.0, 10.0
_LOOK = 0.05


def time_edits(town: Town, folder: Path, count: int, seed: int = 0) -> list[float]:
    """Return the seconds that each of so many edits took to arrive."""
    chance = random.Random(seed)
    waits = []
    for number in range(count):
        # Nobody edits at the beat of whatever looks every second.
        time.sleep(chance.uniform(0.0, 2.0))
        waits.append(_time_edit(chance.choice(town.firms), number, folder))
    return waits


def _time_edit(firm: Firm, number: int, folder: Path) -> float:
    (old,) = [name for name in firm.organizations() if name.startswith("Firma")]
    new = f"Firma {firm.number} nr {number} AS"
    began = time.monotonic()
    firm.rename_organization(old, new)
    await_that(new, lambda: new in firm.customers(), folder, look=_LOOK)
    return time.monotonic() - began


def summarise(waits: Sequence[float]) -> Mapping[str, float]:
    """Return median, 99th percentile and maximum, in seconds."""
    ordered = sorted(waits)
    return {
        "median": round(statistics.median(ordered), 2),
        "p99": round(ordered[min(len(ordered) - 1, int(0.99 * len(ordered)))], 2),
        "longest": round(ordered[-1], 2),
    }


def _main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--companies", type=int, default=200)
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--edits", type=int, default=200)
    given = parser.parse_args()
    port = free_port()
    with (
        running_postgresql() as server,
        new_database(server) as url,
        tempfile.TemporaryDirectory() as name,
        opened_town(given.companies, webhooks=f"http://127.0.0.1:{port}/hooks/zendesk") as town,
    ):
        folder = Path(name)
        town.settle_in(folder, ROOT / "generated", 3600.0)
        workers = [Worker(folder=folder, url=url) for _ in range(given.workers)]
        with served(folder, url, port), working(workers):
            await_that("the first syncs", town.is_in_sync, folder, 60 + 3 * len(town.firms))
            found = summarise(time_edits(town, folder, given.edits))
    assert found["median"] <= MEDIAN, found
    assert found["p99"] <= P99, found
    sys.stdout.write(
        f"{json.dumps({'companies': given.companies, 'edits': given.edits, **found})}\n"
    )


if __name__ == "__main__":
    _main()
