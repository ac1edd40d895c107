"""`links`, `split`, `pin` and `duplicates` on the store of a company whose systems form a circle."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from specbridge.runtime.decide.options import RunOptions
from specbridge.runtime.store.tables.schema import journal, links
from sqlalchemy import delete, select

from tests.commands import run_command
from tests.runtime.firm import Firm
from tests.runtime.identities.drawing import Section
from tests.runtime.kept import KeptStore

TRIANGLE = (
    Section(source="A", target="B", rule="one"),
    Section(source="B", target="C", rule="two"),
    Section(source="A", target="C", rule="one"),
)
AB, BC, AC = "a_to_b_00", "b_to_c_01", "a_to_c_02"


class Desk:
    """A triangle of systems that were synced, and the commands that ask its store."""

    def __init__(self, folder: Path) -> None:
        self.url = f"sqlite:///{folder / 'store.db'}"
        self.folder = folder
        self.kept = KeptStore(self.url)
        self.firm = Firm(self.kept, {"triangle": TRIANGLE})

    def start(self, *words: str) -> "subprocess.CompletedProcess[str]":
        return run_command([*words, "--store", self.url], cwd=self.folder)

    def links(self, *words: str) -> "subprocess.CompletedProcess[str]":
        """Run a command of `links`; the store is the group's to be told."""
        return run_command(["links", "--store", self.url, *words], cwd=self.folder)

    def rows(self) -> list[dict[str, Any]]:
        shown: list[dict[str, Any]] = json.loads(self.links("--json").stdout)
        return shown


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    yield made
    made.kept.close()


@pytest.fixture
def thing(desk: Desk) -> tuple[str, str, str]:
    """Have three records be one thing, and one of C alone; return their ids."""
    three = (
        desk.firm.put("A", one="x"),
        desk.firm.put("B", one="x", two="p"),
        desk.firm.put("C", one="x", two="p"),
    )
    desk.firm.put("C", one="z")
    desk.firm.sync()
    return three


def test_links_show_what_else_a_pair_is_one_with(desk: Desk, thing: tuple[str, str, str]) -> None:
    a, b, c = thing
    rows = {(row["flow"], row["source"], row["target"]): row for row in desk.rows()}
    assert set(rows) == {(AB, a, b), (BC, b, c), (AC, a, c)}
    assert rows[AB, a, b]["thing"] == [{"system": "west", "resource": "C", "id": c, "name": None}]
    assert rows[BC, b, c]["thing"] == [{"system": "north", "resource": "A", "id": a, "name": None}]
    assert f"{AB} {a} {b} linked, one with west C {c}" in desk.links().stdout.splitlines()


def test_a_split_is_refused_while_other_links_join_the_two_and_cuts_them_on_request(
    desk: Desk, thing: tuple[str, str, str]
) -> None:
    a, b, c = thing
    refused = desk.links("split", AC, a, c)
    assert refused.returncode == 2
    # It names the links that are in the way.
    assert f"{AB} {a} {b}" in refused.stderr
    assert f"{BC} {b} {c}" in refused.stderr
    assert "--cut" in refused.stderr
    assert len(desk.rows()) == 3
    cut = desk.links("split", AC, a, c, "--cut")
    assert cut.returncode == 0, cut.stderr
    assert "and 2 links that joined them" in cut.stdout
    assert {(row["flow"], row["state"]) for row in desk.rows()} == {
        (AB, "split"),
        (BC, "split"),
        (AC, "split"),
    }
    desk.firm.sync(options=RunOptions(full=True))
    assert {row["state"] for row in desk.rows()} == {"split"}


def test_a_split_of_a_pair_that_nothing_else_joins_needs_no_cut(desk: Desk) -> None:
    a, b = desk.firm.put("A", one="x"), desk.firm.put("B", one="x")
    desk.firm.sync()
    done = desk.links("split", AB, a, b)
    assert done.returncode == 0, done.stderr
    assert "that joined them" not in done.stdout
    assert [(row["flow"], row["state"], row["thing"]) for row in desk.rows()] == [(AB, "split", [])]


def test_a_pin_journals_the_link_that_it_replaces(desk: Desk) -> None:
    a, b = desk.firm.put("A", one="x"), desk.firm.put("B", one="x")
    other = desk.firm.put("B", one="y")
    desk.firm.sync()
    assert desk.links("pin", AB, a, other).returncode == 0
    assert {(r["source"], r["target"], r["state"]) for r in desk.rows()} == {(a, other, "pinned")}
    with desk.kept.open() as store:
        entry = store.connection.execute(select(journal).where(journal.c.kind == "unlink")).one()
    assert (entry.origin, entry.record_id, entry.state) == (a, b, "done")
    assert json.loads(entry.before)["pinned"] is False
    # It stays, whatever the rule says; and `status` names what was done by hand.
    desk.firm.sync()
    assert (a, other, "pinned") in {(r["source"], r["target"], r["state"]) for r in desk.rows()}


def test_a_pin_that_would_put_two_of_a_resource_into_a_thing_is_refused(
    desk: Desk, thing: tuple[str, str, str]
) -> None:
    a, b, c = thing
    second = desk.firm.put("A", one="second")
    desk.firm.sync()
    before = desk.rows()
    # B keeps C, and C keeps A: the second one would be there beside the first.
    refused = desk.links("pin", AB, second, b)
    assert refused.returncode == 2
    assert "two of one resource" in refused.stderr
    assert desk.rows() == before
    with desk.kept.open() as store:
        assert not store.connection.execute(select(journal).where(journal.c.kind == "unlink")).all()
    assert desk.links("split", AC, a, c, "--cut").returncode == 0
    assert desk.links("pin", AB, second, b).returncode == 0


def test_duplicates_lists_what_was_created_twice_and_how_to_mend_it(desk: Desk) -> None:
    desk.firm.state(Section(source="A", target="B", forth="always"))
    a = desk.firm.put("A", one="x")
    desk.firm.sync()
    none = desk.start("duplicates")
    assert (none.returncode, none.stdout.strip()) == (
        0,
        "nothing was created twice, as far as the journal goes",
    )
    assert (desk.start("duplicates", "--json").stdout.strip()) == "[]"
    # The link is lost, and the system keeps nothing of ours.
    with desk.kept.open() as store:
        store.connection.execute(delete(links))
        store.commit()
    desk.firm.worlds["south"].references.clear()
    desk.firm.edit("A", a, name="new")
    desk.firm.sync()
    first, second = desk.firm.world("B").records("B")
    shown = desk.start("duplicates", "--json")
    assert shown.returncode == 3
    (row,) = json.loads(shown.stdout)
    assert row["origin"] == {"system": "north", "resource": "A", "id": a, "name": None}
    assert (row["system"], row["resource"]) == ("south", "B")
    assert [(made["id"], made["run"], made["linked"]) for made in row["made"]] == [
        (first, "1", False),
        (second, "2", True),
    ]
    assert row["mend"].startswith(f"keep {second}; carry over what people wrote in {first}")
    text = desk.start("duplicates")
    assert text.returncode == 3
    assert f"south B for north A {a}: {first} (run 1), {second} (run 2, linked)" in text.stdout
