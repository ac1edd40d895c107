"""Writing is all or nothing: a run killed at any instant leaves the old package or the new one."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from specbridge.api import check
from specbridge.drift.write import recover, remove_package, write_package

from tests.drift.project import DOCUMENT, Project, start_project

CHANGED = DOCUMENT.replace("   * - name\n     - title", "   * - nick\n     - title")
GENERATE = """
import sys
from pathlib import Path
from specbridge.api import plan_task, regenerate
from specbridge.settings import Settings
root = Path(sys.argv[1])
regenerate(plan_task(settings=Settings(root=root)))
print("ready", flush=True)
while True:
    for text in (root / "one.txt", root / "two.txt"):
        (root / "specs" / "ledgerly-acme.rst").write_bytes(text.read_bytes())
        regenerate(plan_task(settings=Settings(root=root)))
"""
OURS = {"manifest.json": '{"version": 0, "documents": {}, "inputs": {}, "files": {}}'}
# `SPECBRIDGE_KILLS=50 pytest tests/drift/test_write.py` kills more often.
INSTANTS = int(os.environ.get("SPECBRIDGE_KILLS", "8"))


def is_clean(project: Project, text: str) -> bool:
    project.write(text)
    return check(settings=project.settings).drift == ()


def test_a_killed_run_leaves_the_old_tree_or_the_new_one(tmp_path: Path) -> None:
    project = start_project(tmp_path)
    (tmp_path / "one.txt").write_text(DOCUMENT, encoding="utf-8")
    (tmp_path / "two.txt").write_text(CHANGED, encoding="utf-8")
    seen = set()
    chance = random.Random(7)
    for _ in range(INSTANTS):
        process = subprocess.Popen(
            (sys.executable, "-c", GENERATE, str(tmp_path)), stdout=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        # The instant of the kill is the point of this test, so it has to wait for one.
        time.sleep(chance.uniform(0.0, 0.3))
        process.send_signal(signal.SIGKILL)
        process.communicate()
        state = is_clean(project, DOCUMENT), is_clean(project, CHANGED)
        assert state in {(True, False), (False, True)}
        seen.add(state)
    assert seen


def test_what_was_there_before_is_gone_and_nothing_is_left_beside(tmp_path: Path) -> None:
    folder = tmp_path / "out" / "p"
    write_package({"a.py": "1", "sub/b.py": "2"}, folder)
    write_package({"a.py": "3"}, folder)
    assert sorted(p.name for p in folder.parent.iterdir()) == ["p"]
    assert [p.name for p in folder.rglob("*")] == ["a.py"]
    assert (folder / "a.py").read_text(encoding="utf-8") == "3"
    remove_package(folder)
    assert list(folder.parent.iterdir()) == []


def test_what_a_killed_run_left_half_written_goes_with_the_next_but_one(tmp_path: Path) -> None:
    project = start_project(tmp_path)
    left, fresh, begun = (project.package.parent / f".p.{number}.new" for number in (1, 2, 3))
    other = project.package.parent / ".recipes.new"
    for folder in (left, fresh):
        write_package(OURS, folder)
    other.mkdir()
    (other / "soup.txt").write_text("…", encoding="utf-8")
    begun.mkdir()
    (begun / "manifest.json").write_text('{"docum', encoding="utf-8")
    for folder in (left, other, begun):
        os.utime(folder, (0, 0))
    project.generate()
    assert not left.exists()
    assert not begun.exists()
    assert fresh.exists()  # it may be another run's, which is still at work
    assert (other / "soup.txt").exists()


@pytest.mark.parametrize("new_stands", [True, False])
def test_a_swap_that_was_cut_between_two_renames_is_completed(
    tmp_path: Path, new_stands: bool
) -> None:
    write_package({**OURS, "a.py": "old"}, tmp_path / ".p.old")
    if new_stands:
        write_package({**OURS, "a.py": "new"}, tmp_path / "p")
    recover(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["p"]
    text = (tmp_path / "p" / "a.py").read_text(encoding="utf-8")
    assert text == ("new" if new_stands else "old")


def test_a_write_that_fails_leaves_nothing_beside_the_package(tmp_path: Path) -> None:
    write_package({**OURS, "a.py": "old"}, tmp_path / "p")
    # A file where a folder should be, as a full disk would stop it: half way.
    with pytest.raises(OSError, match=r"a\.py"):
        write_package({**OURS, "a.py": "new", "a.py/b.py": "new"}, tmp_path / "p")
    assert [path.name for path in tmp_path.iterdir()] == ["p"]
    assert (tmp_path / "p" / "a.py").read_text(encoding="utf-8") == "old"


def test_what_is_not_ours_is_neither_put_back_nor_removed(tmp_path: Path) -> None:
    for name in (".notes.old", ".plan.old", "plan"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.txt").write_text(name, encoding="utf-8")
    (tmp_path / ".link.old").symlink_to(tmp_path / "plan")
    recover(tmp_path)
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == [".link.old", ".notes.old", ".plan.old", "plan"]


@pytest.mark.parametrize("there", [True, False], ids=["present", "dangling"])
def test_a_link_to_a_package_stays_one(there: bool, tmp_path: Path) -> None:
    real, link = tmp_path / "elsewhere" / "p", tmp_path / "out" / "p"
    link.parent.mkdir()
    if there:
        write_package({"a.py": "1"}, real)
    link.symlink_to(real)
    write_package({"b.py": "2"}, link)
    assert link.is_symlink()
    assert [path.name for path in real.iterdir()] == ["b.py"]
    assert [path.name for path in real.parent.iterdir()] == ["p"]
    remove_package(link)
    assert list(real.parent.iterdir()) == list(link.parent.iterdir()) == []


def test_an_output_folder_that_is_a_link_is_written_through(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "generated").symlink_to(tmp_path / "real")
    project = start_project(tmp_path)
    assert (tmp_path / "generated").is_symlink()
    assert (tmp_path / "real" / "ledgerly_acme" / "manifest.json").is_file()
    assert project.drifted() == {}
