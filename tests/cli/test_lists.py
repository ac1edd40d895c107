"""Lists of the store: tables on a terminal, plain lines in a pipe, and nothing that a terminal obeys."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence

import pytest
from click.testing import CliRunner, Result
from specbridge.cli.main import main

from tests.cli.leavings import HOSTILE, PLAIN, fill
from tests.cli.terminal import Shown, run_in_terminal

LISTS = (
    ("links",),
    ("conflicts", "--all"),
    ("dead-letters",),
    ("status",),
    ("runs",),
    ("duplicates",),
    ("undo", "1", "--list"),
)
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
HEADS = {
    "links": "Flow Source Target State",
    "conflicts": "No Property Source Target Winner",
    "dead-letters": "Flow System Record Reason",
    "status": "Flow Links Ambiguous Waiting Dead letters Conflicts",
    "runs": "Run Started Kind Outcome Took Written Packages",
    "undo": "Write Kind Resource Record Written",
}


def called(words: Sequence[str]) -> str:
    return words[0]


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return a store of records with names as people write them."""
    url = f"sqlite:///{tmp_path_factory.mktemp('plain')}/store.db"
    fill(url, PLAIN)
    return url


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return a store in which names, ids, values and reasons are what a terminal would obey."""
    url = f"sqlite:///{tmp_path_factory.mktemp('hostile')}/store.db"
    fill(url, HOSTILE)
    return url


def ask(url: str, *words: str) -> Result:
    """Run a list whose output goes into a pipe."""
    return CliRunner().invoke(main, [*words, "--store", url], standalone_mode=False)


def show(
    url: str,
    *words: str,
    lines: int = 24,
    typed: str = "",
    environment: Mapping[str, str] | None = None,
) -> Shown:
    """Run a list on a terminal."""
    told = (*words, "--store", url)
    return run_in_terminal(told, lines=lines, typed=typed, environment=environment)


PLAIN_LETTERS = {"NO_COLOR": "1"}


def unruly(text: str) -> list[str]:
    """Return what a terminal would obey: all that does not print, but for line ends."""
    return [one for one in text if not one.isprintable() and one != "\n"]


@pytest.mark.parametrize("words", LISTS, ids=called)
def test_no_name_id_or_value_moves_a_cursor_on_a_terminal(
    hostile: str, words: tuple[str, ...]
) -> None:
    shown = show(hostile, *words, "--no-pager", environment=PLAIN_LETTERS)
    assert shown.status == 0
    assert unruly(COLOUR.sub("", shown.text)) == []
    assert "\x1b[31m" not in shown.text
    if words[0] in ("links", "dead-letters", "undo"):
        assert "[red]x[/red]" in shown.text
        assert "\\u202eevil" in shown.text


@pytest.mark.parametrize("more", [(), ("--json",)], ids=["lines", "json"])
@pytest.mark.parametrize("words", LISTS, ids=called)
def test_no_name_id_or_value_is_obeyed_by_what_a_pipe_goes_to(
    hostile: str, words: tuple[str, ...], more: tuple[str, ...]
) -> None:
    result = ask(hostile, *words, *more)
    assert result.exception is None, result.output
    assert unruly(result.output) == []
    if more:
        json.loads(result.stdout)
    elif words[0] in ("links", "conflicts", "dead-letters", "undo"):
        # A line each: three links of a pair, in all states, else one.
        count = len(HOSTILE) * (3 if words[0] == "links" else 1)
        assert len(result.stdout.splitlines()) == count


@pytest.mark.parametrize("words", [words for words in LISTS if words[0] in HEADS], ids=called)
def test_a_terminal_has_a_table_of_eighty_columns_with_heads(
    plain: str, words: tuple[str, ...]
) -> None:
    shown = show(plain, *words, "--no-pager", environment=PLAIN_LETTERS)
    lines = COLOUR.sub("", shown.text).splitlines()
    assert HEADS[words[0]] in [" ".join(line.split()) for line in lines]
    table = [line for line in lines if not line.startswith(("next: ", "  "))]
    assert max(map(len, table)) <= 80
    if words[0] in ("links", "conflicts", "undo"):
        assert "Ada Byron" in shown.text


def test_colours_are_for_terminals_that_want_them(plain: str) -> None:
    assert COLOUR.search(show(plain, "links").text)
    for environment in (PLAIN_LETTERS, {"TERM": "dumb"}):
        assert not COLOUR.search(
            show(plain, "runs", "--package", "package", environment=environment).text
        )


def test_a_long_list_goes_through_the_pager(plain: str) -> None:
    marked = {"PAGER": "sed s/^/paged:/"}
    assert show(plain, "links", lines=8, environment=marked).text.startswith("paged:")
    for words, lines in ((("links", "--no-pager"), 8), (("links",), 60), (("runs",), 8)):
        assert "paged:" not in show(plain, *words, lines=lines, environment=marked).text, words


def test_a_pager_may_be_left_early(plain: str) -> None:
    shown = show(plain, "links", lines=8, environment={"PAGER": "head -n 2"})
    assert (shown.status, "Traceback" in shown.text) == (0, False)
    assert shown.text.count("linked") == 1


@pytest.mark.skipif(shutil.which("less") is None, reason="NO LESS: the usual pager was not tried")
def test_the_usual_pager_is_less(plain: str) -> None:
    shown = show(plain, "links", lines=8, typed="q")
    assert shown.status == 0
    assert "next: " in shown.text


def test_a_pipe_gets_plain_lines_with_the_names_at_their_end(plain: str) -> None:
    words = (sys.executable, "-m", "specbridge", "links", "--store", plain)
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[:4] == [
        'persons 0sAcme og Venner AS 0tAcme og Venner AS linked "Acme og Venner AS" "Acme og Venner AS"',
        'persons 1sAda Byron 1tAda Byron vanished "Ada Byron" "Ada Byron"',
        "persons 2s 2t pinned",
        'persons 3sBo & Co 3tBo & Co linked "Bo & Co" "Bo & Co"',
    ]
    assert done.stderr.startswith("next: 4 ambiguous pairs")


@pytest.mark.parametrize(
    ("words", "count"),
    [
        (("links",), 12),
        (("links", "--flow", "persons"), 4),
        (("links", "--flow", "persons", "--flow", "firms"), 12),
        (("links", "--state", "vanished"), 1),
        (("links", "--state", "linked", "--state", "pinned"), 3),
        (("links", "--state", "split", "--state", "ambiguous"), 8),
        (("links", "--side", "target"), 1),
        (("links", "--side", "acme"), 1),
        (("links", "--side", "source"), 0),
        (("links", "--side", "acme", "--state", "linked"), 0),
        (("conflicts",), 3),
        (("conflicts", "--all"), 4),
        (("conflicts", "--side", "source"), 1),
        (("conflicts", "--side", "acme", "--all"), 1),
        (("conflicts", "--flow", "firms"), 0),
        (("dead-letters",), 4),
        (("dead-letters", "--side", "ledgerly"), 2),
        (("dead-letters", "--side", "target", "--flow", "persons"), 2),
        (("runs", "--last", "1"), 1),
        (("runs", "--package", "package"), 1),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else str(value),
)
def test_flow_side_and_state_choose_rows(plain: str, words: tuple[str, ...], count: int) -> None:
    assert len(json.loads(ask(plain, *words, "--json").stdout)) == count


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("links", "--flow", "person"), "the store knows no flow person; did you mean persons?"),
        (("dead-letters", "--side", "acne"), "no flow has a side acne; did you mean acme?"),
    ],
)
def test_what_nobody_knows_is_told(plain: str, words: tuple[str, ...], told: str) -> None:
    assert told in str(ask(plain, *words).exception)


@pytest.mark.parametrize("more", [(), ("--json",)], ids=["lines", "json"])
@pytest.mark.parametrize(
    "words", [words for words in LISTS if words[0] not in ("status", "duplicates")], ids=called
)
def test_names_can_be_left_out(
    tmp_path_factory: pytest.TempPathFactory, words: tuple[str, ...], more: tuple[str, ...]
) -> None:
    url = f"sqlite:///{tmp_path_factory.mktemp('named')}/store.db"
    fill(url, ("Acme og Venner AS", "Ada Byron"), ids="n")
    shown = ask(url, *words, *more)
    hidden = ask(url, *words, *more, "--no-names")
    assert "Acme og Venner AS" in shown.stdout
    for name in ("Acme", "Ada", "Byron"):
        assert name not in hidden.output
    if more and words[0] != "runs":
        rows = json.loads(hidden.stdout)
        keys = [key for key in rows[0] if key == "name" or key.endswith("_name")]
        assert keys
        assert {row[key] for row in rows for key in keys} == {None}
        assert [list(row) for row in json.loads(shown.stdout)] == [list(row) for row in rows]


def test_each_list_ends_with_what_to_do_next(plain: str) -> None:
    for words, following in (
        (("links",), ("links", "pin firms '0s")),
        (("conflicts",), ("conflicts", "settle 1 --winner source")),
        (("dead-letters",), ("dead-letters", "retry")),
        (("status",), ("resume", "package")),
        (("undo", "1", "--list"), ("undo 1", "")),
    ):
        command, rest = following
        ended = ask(plain, *words).stderr
        assert re.search(rf"specbridge {command} .*{rest}", ended), (words, ended)
        assert ask(plain, *words, "--json").stderr == ""
