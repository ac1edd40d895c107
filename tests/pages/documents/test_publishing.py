"""Pages in a folder: all or none of them, and what stands there besides stays."""

import errno
from pathlib import Path

import pytest
from specbridge.cli.documents import publishing
from specbridge.cli.documents.publishing import NAME, pages_there, write_site
from specbridge.errors import EditedByHandError

ONE = {"index.html": "first", "a.html": "a"}


def contents(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in folder.iterdir() if path.name != NAME}


def test_pages_are_written_replaced_and_removed(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "site"
    assert write_site(folder, ONE, whole=True) == ()
    assert contents(folder) == ONE
    assert pages_there(folder) == set(ONE)
    assert write_site(folder, {"index.html": "second"}, whole=False) == ()
    assert contents(folder) == {"index.html": "second", "a.html": "a"}
    assert write_site(folder, {"index.html": "third"}, whole=True) == (str(folder / "a.html"),)
    assert contents(folder) == {"index.html": "third"}


def test_what_is_not_ours_stays_and_is_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    (tmp_path / ".git").mkdir()
    write_site(tmp_path, ONE, whole=True)
    (tmp_path / "a.html").write_text("edited by hand")
    with pytest.raises(EditedByHandError, match=r"a\.html"):
        write_site(tmp_path, {**ONE, "index.html": "second"}, whole=True)
    assert contents_of(tmp_path, "index.html", "a.html") == ["first", "edited by hand"]
    # It is nobody's page any more: it stays where the site has it no longer.
    assert write_site(tmp_path, {"index.html": "second"}, whole=True) == ()
    assert contents_of(tmp_path, "index.html", "a.html", "notes.txt") == [
        "second",
        "edited by hand",
        "mine",
    ]
    with pytest.raises(EditedByHandError):
        write_site(tmp_path, {"notes.txt": "ours", "index.html": "x"}, whole=True)
    assert (tmp_path / ".git").is_dir()


def contents_of(folder: Path, *names: str) -> list[str]:
    return [(folder / name).read_text() for name in names]


def test_a_folder_or_a_link_in_a_page_s_place_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.html").mkdir()
    with pytest.raises(EditedByHandError):
        write_site(tmp_path, ONE, whole=True)
    (tmp_path / "a.html").rmdir()
    (tmp_path / "elsewhere").write_text("kept")
    (tmp_path / "a.html").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(EditedByHandError):
        write_site(tmp_path, ONE, whole=True)
    assert contents_of(tmp_path, "elsewhere") == ["kept"]
    assert not (tmp_path / "index.html").exists()


def test_a_page_that_cannot_be_written_leaves_all_as_it_was(tmp_path: Path) -> None:
    folder = tmp_path / "site"
    too_long = {**ONE, "x" * 300: "no file system takes such a name"}
    with pytest.raises(OSError, match="too long") as raised:
        write_site(folder, too_long, whole=True)
    assert raised.value.errno == errno.ENAMETOOLONG
    assert not folder.exists()
    write_site(folder, ONE, whole=True)
    with pytest.raises(OSError, match="too long"):
        write_site(folder, {**too_long, "index.html": "second"}, whole=True)
    assert contents(folder) == ONE
    assert {path.name for path in folder.iterdir()} == {*ONE, NAME}


def test_an_exchange_that_ends_early_is_undone(tmp_path: Path) -> None:
    stage = tmp_path / "stage"
    (stage / "new").mkdir(parents=True)
    for name in ("a.html", "b.html"):
        (stage / "new" / name).write_text("new")
    (tmp_path / "a.html").write_text("old")
    # The third page was never staged, as though the process had been ended between two of them.
    with pytest.raises(OSError, match=r"c\.html"):
        publishing._exchange(tmp_path, stage, ["a.html", "b.html", "c.html"], [])
    assert (tmp_path / "a.html").read_text() == "old"
    assert not (tmp_path / "b.html").exists()
