"""Lists show what records are called, on either database, and leave it out where nobody is to see it."""

import json

import pytest
from click.testing import CliRunner
from specbridge.cli.main import main

from tests.cli.leavings import PLAIN, fill


def ask(url: str, *words: str) -> str:
    result = CliRunner().invoke(main, [*words, "--store", url], standalone_mode=False)
    assert result.exception is None, result.exception
    return result.stdout


@pytest.fixture
def filled(url: str) -> str:
    """Return a store whose records have names, some of them."""
    fill(url, PLAIN)
    return url


def test_every_list_has_names_and_can_leave_them_out(filled: str) -> None:
    for words, key in (
        (("links",), "source_name"),
        (("conflicts", "--all"), "target_name"),
        (("dead-letters",), "name"),
        (("undo", "1", "--list"), "name"),
    ):
        found = {row[key] for row in json.loads(ask(filled, *words, "--json"))}
        assert found == {"Acme og Venner AS", "Ada Byron", "Bo & Co", None}, words
        assert '"Ada Byron"' in ask(filled, *words), words
        hidden = json.loads(ask(filled, *words, "--json", "--no-names"))
        assert {row[key] for row in hidden} == {None}, words
        # Ids hold names in this store; what is called so is not told all the same.
        assert ' "Ada Byron"' not in ask(filled, *words, "--no-names"), words


def test_filters_choose_on_either_database(filled: str) -> None:
    for words, count in (
        (("links", "--state", "vanished", "--side", "acme"), 1),
        (("links", "--side", "ledgerly"), 0),
        (("links", "--state", "linked", "--flow", "persons"), 2),
        (("conflicts", "--side", "source"), 1),
        (("dead-letters", "--side", "acme"), 2),
        (("runs", "--package", "package"), 1),
    ):
        assert len(json.loads(ask(filled, *words, "--json"))) == count, words
