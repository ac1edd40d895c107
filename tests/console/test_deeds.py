"""What is done from the console: the same as by the commands, once, and by whom."""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from specbridge.runtime.store.history.deeds import this_user

from tests.commands import run_command
from tests.console.seeded import all_rows, hold_lease, seed
from tests.console.stage import Idle, Served, form_of, kept_deeds, serve_console

DONE, CONFLICT = 303, 409


@pytest.fixture
def url(request: pytest.FixtureRequest) -> str:
    """Return the URL of a store with open work: in a file, unless a test asks for both kinds."""
    found: str = request.getfixturevalue(getattr(request, "param", "sqlite_url"))
    seed(found)
    return found


BOTH = pytest.mark.parametrize("url", ["sqlite_url", "postgresql_url"], indirect=True)


@pytest.fixture
def served(url: str) -> Iterator[Served]:
    with serve_console(url, Idle(), this_user(), "ola") as found:
        yield found


def press(client: httpx.Client, page: str, action: str, choice: str, holding: str = "") -> int:
    form = form_of(client.get(page).text, action, holding)
    return client.post(action, data={**form, "choice": choice}).status_code


WAYS = {
    "settle": (("/conflicts", "/do/settle", "target"), "conflicts settle 1 --winner target"),
    "retry": (("/letters", "/do/letter", "retry"), "dead-letters retry s1"),
    "acknowledge": (("/letters", "/do/letter", "acknowledge"), "dead-letters acknowledge s1"),
    "retry all": (("/letters", "/do/letters", "retry"), "dead-letters retry"),
    "acknowledge all": (("/letters", "/do/letters", "acknowledge"), "dead-letters acknowledge"),
    "pin": (("/ambiguous", "/do/pair", "pin"), "links pin customers s1 t2"),
    "split": (
        ("/pair?flow=1&source=s3&target=t3", "/do/pair", "split"),
        "links split customers s3 t3",
    ),
    "cut": (
        ("/pair?flow=1&source=s3&target=t3", "/do/pair", "cut"),
        "links split customers s3 t3 --cut",
    ),
    "pause": (("/flows", "/do/pause", "pause", 'value="shop"'), "pause shop"),
    "pause all": (("/flows", "/do/pause", "pause"), "pause --company"),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_button_leaves_what_the_command_leaves(
    served: Served, url: str, tmp_path: Path, way: str
) -> None:
    pressed, command = WAYS[way]
    other = f"sqlite:///{tmp_path / 'other.db'}"
    seed(other)
    environment = {**os.environ, "SPECBRIDGE_STORE": other}
    done = run_command(command.split(), cwd=tmp_path, env=environment)
    assert done.returncode == 0, done.stderr
    assert press(served.client(this_user()), *pressed) == DONE
    assert _timeless(all_rows(url)) == _timeless(all_rows(other))
    assert kept_deeds(url)
    assert {who for who, _, _ in kept_deeds(url)} == {this_user()}


def _timeless(rows: dict[str, list[tuple[object, ...]]]) -> dict[str, list[tuple[object, ...]]]:
    """Return rows without instants of today."""
    today = 1e9
    return {
        name: [tuple(None if isinstance(x, float) and x > today else x for x in row) for row in own]
        for name, own in rows.items()
    }


@BOTH
@pytest.mark.parametrize(
    ("page", "action", "choices"),
    [
        ("/conflicts", "/do/settle", ("source", "target")),
        ("/letters", "/do/letter", ("acknowledge", "acknowledge")),
        ("/ambiguous", "/do/pair", ("pin", "pin")),
        ("/pair?flow=1&source=s3&target=t3", "/do/pair", ("split", "pin")),
        ("/flows", "/do/pause", ("pause", "pause")),
    ],
)
def test_of_two_who_act_on_what_they_saw_one_is_told(
    served: Served, url: str, page: str, action: str, choices: tuple[str, str]
) -> None:
    first, second = served.client(this_user()), served.client("ola")
    forms = [form_of(one.get(page).text, action) for one in (first, second)]
    assert first.post(action, data={**forms[0], "choice": choices[0]}).status_code == DONE
    left = all_rows(url)
    referer = {"Referer": f"{served.address}{page}"}
    answer = second.post(action, data={**forms[1], "choice": choices[1]}, headers=referer)
    assert answer.status_code == CONFLICT
    assert "Somebody was quicker" in answer.text
    assert "Back to the page as it is now" in answer.text
    assert all_rows(url) == left


@BOTH
def test_of_many_at_the_same_moment_one_wins(served: Served, url: str) -> None:
    clients = [served.client(name) for name in (this_user(), "ola") * 3]
    form = [form_of(one.get("/conflicts").text, "/do/settle") for one in clients]
    with ThreadPoolExecutor(len(clients)) as threads:
        answers = list(
            threads.map(
                lambda n: clients[n]
                .post("/do/settle", data={**form[n], "choice": ("source", "target")[n % 2]})
                .status_code,
                range(len(clients)),
            )
        )
    assert sorted(answers) == [DONE, *[CONFLICT] * 5]
    ((_, kind, detail),) = kept_deeds(url)
    conflict = min(all_rows(url)["conflicts"], key=str)
    assert (kind, detail) == ("settle", f"1: {conflict[-2]}")
    assert conflict[-1] == "chosen"


@BOTH
def test_while_a_run_is_under_way_nothing_is_changed(served: Served, url: str) -> None:
    client = served.client("ola")
    forms = {
        "/do/settle": {**form_of(client.get("/conflicts").text, "/do/settle"), "choice": "source"},
        "/do/letter": {**form_of(client.get("/letters").text, "/do/letter"), "choice": "retry"},
        "/do/letters": {**form_of(client.get("/letters").text, "/do/letters"), "choice": "retry"},
        "/do/pair": {**form_of(client.get("/ambiguous").text, "/do/pair"), "choice": "pin"},
    }
    hold_lease(url)
    before = all_rows(url)
    for action, form in forms.items():
        answer = client.post(action, data=form)
        assert answer.status_code == CONFLICT
        assert "the night run is working on this store" in answer.text
    assert all_rows(url) == before
    # For the next run: it asks nobody.
    assert press(client, "/flows", "/do/pause", "pause") == DONE


@BOTH
def test_who_did_what_is_shown_and_told(served: Served) -> None:
    client = served.client("ola")
    assert press(client, "/conflicts", "/do/settle", "source") == DONE
    assert press(client, "/flows", "/do/pause", "pause", 'value="shop"') == DONE
    assert press(client, "/flows", "/do/pause", "resume", 'value="shop"') == DONE
    page = client.get("/deeds").text
    for text in ("ola", "settle", "1: source", "pause", "resume"):
        assert text in page
    told = client.get("/conflicts?told=settled").text
    assert "the next run writes the winner" in told
    assert "source wins at the next run" in told
    assert "<b>" not in client.get("/conflicts?told=<b>").text
