"""`undo` by hand on the sandbox: what a run wrote is listed, single writes and creations are taken back."""

from typing import Any

import pytest

from tests.cli.test_runs import PACKAGE, Stage, stage, writes

__all__ = ["stage"]


@pytest.fixture
def first(stage: Stage) -> list[dict[str, Any]]:
    """Have a first run write; return its writes as they are listed."""
    stage.run("sync", PACKAGE, expect=3)
    listed: list[dict[str, Any]] = stage.json("undo", "1", "--list")
    return listed


def ids(stage: Stage, resource: str) -> set[str]:
    return {str(row["id"]) for row in stage.sandbox.zendesk.records(resource)}


def test_what_a_run_wrote_is_listed(stage: Stage, first: list[dict[str, Any]]) -> None:
    assert {row["kind"] for row in first} >= {"create", "update"}
    text = stage.run("undo", "1", "--list")
    assert len(text.splitlines()) == len(first)
    made = next(row for row in first if row["kind"] == "create")
    assert f"{made['write']}: create {made['system']}/{made['resource']}/{made['id']}" in text
    assert "has no run 99" in stage.errors("undo", "99", "--list", expect=2)


def test_creations_are_taken_back_and_stay_so(stage: Stage, first: list[dict[str, Any]]) -> None:
    made = {x["id"] for x in first if (x["kind"], x["resource"]) == ("create", "Organizations")}
    assert made
    assert made <= ids(stage, "organizations")
    named = made.pop()
    one = stage.json("undo", "1", "--record", f"Organizations/{named}", "--package", PACKAGE)
    assert one["deleted"] == [named]
    report = stage.json("undo", "1", "--creations", "--package", PACKAGE)
    assert not made & ids(stage, "organizations")
    assert set(report["deleted"]) <= {x["id"] for x in first if x["kind"] == "create"}
    # Whose name was taken may have it now, and nobody else gets anything.
    stage.run("sync", PACKAGE)
    after = ids(stage, "organizations")
    assert writes(stage.json("sync", PACKAGE, "--full")) == 0
    assert ids(stage, "organizations") == after
    states = {row["target"]: row["state"] for row in stage.json("links")}
    assert {states[id_] for id_ in (named, *made)} == {"vanished"}


def test_a_single_write_is_undone(stage: Stage, first: list[dict[str, Any]]) -> None:
    changed = next(x for x in first if x["kind"] == "update" and x["system"] == "zendesk")
    words = "undo", "1", "--package", PACKAGE, "--write", str(changed["write"])
    report = stage.json(*words)
    assert (report["restored"], report["deleted"]) == ([changed["id"]], [])
    again = stage.json(*words, expect=3)
    assert again["kept"] == {changed["id"]: "it has been changed since"}
    assert "wrote no write 9999" in stage.errors(*words[:-1], "9999", expect=2)
