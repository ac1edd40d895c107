"""Long lists: the first rows are there at once, and no more than a page of them is held."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.console.seeded import Amounts
from tests.console.stage import ROOT, Running, form_of, running_console

MANY = Amounts(links=200_000, conflicts=20_000, letters=50_000, ambiguous=5_000)
SECONDS = 1.0
MEGABYTES = 150
PAGES = (
    *("/", "/conflicts", "/conflicts?after=19000", "/letters", "/letters?after=1+0+s49"),
    *("/ambiguous", "/vanished", "/vanished?at=1&source=s9&target=t9", "/things"),
    *("/things?resource=2&after=t9", "/runs", "/run?number=1", "/flows", "/deeds"),
    *("/pair?flow=1&source=s1&target=t1", "/thing?resource=1&id=s1"),
)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    if not Path("/proc/self/status").is_file():
        pytest.skip("NO /proc: what a console takes was not measured")
    folder = tmp_path_factory.mktemp("many")
    url = f"sqlite:///{folder / 'store.db'}"
    # Elsewhere: what filling it takes is not the console's.
    code = f"from tests.console.test_scale import MANY; from tests.console.seeded import seed; seed({url!r}, MANY)"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)
    with running_console(folder, {"SPECBRIDGE_STORE": url}) as found:
        yield found


def cpu_seconds(running: Running) -> float:
    """Return what it has worked so far: a machine that is busy with other things makes it no slower."""
    fields = Path(f"/proc/{running.number}/stat").read_text("utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def most_megabytes(running: Running) -> float:
    """Return what memory it has held at most so far."""
    status = Path(f"/proc/{running.number}/status").read_text("utf-8")
    (found,) = re.findall(r"^VmHWM:\s+(\d+) kB", status, re.MULTILINE)
    return int(found) / 1024


@pytest.mark.parametrize("page", PAGES)
def test_the_first_rows_of_a_long_list_are_there_within_a_second(
    running: Running, page: str
) -> None:
    before = cpu_seconds(running)
    answer = running.client.get(page)
    assert cpu_seconds(running) - before < SECONDS
    assert answer.status_code == 200, answer.text
    assert len(answer.text) < 200_000  # characters


def test_all_pages_one_after_the_other_take_little_memory(running: Running) -> None:
    for page in PAGES * 2:
        running.client.get(page)
    form = form_of(running.client.get("/letters").text, "/do/letters")
    done = running.client.post("/do/letters", data={**form, "choice": "acknowledge"})
    assert done.status_code == httpx.codes.SEE_OTHER
    assert most_megabytes(running) < MEGABYTES


def test_later_rows_are_led_to_one_page_after_the_other(running: Running) -> None:
    client = running.client
    page, seen = "/letters", set[str]()
    for _ in range(4):
        text = client.get(page).text
        found = set(_ids(text))
        assert found
        assert not found & seen
        seen |= found
        page = text.split('<p class="more"><a href="')[1].split('"')[0].replace("&amp;", "&")
    assert len(seen) == 4 * 50


def _ids(text: str) -> Iterator[str]:
    for part in text.split('name="id" value="')[1:]:
        yield part.split('"')[0]
