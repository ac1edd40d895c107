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
    left, fresh = (project.package.parent / f".p.{number}.new" for number in (1, 2))
    for folder in (left, fresh):
        folder.mkdir()
        (folder / "a.py").write_text("x", encoding="utf-8")
    os.utime(left, (0, 0))
    project.generate()
    assert not left.exists()
    assert fresh.exists()  # it may be another run's, which is still at work


@pytest.mark.parametrize("new_stands", [True, False])
def test_a_swap_that_was_cut_between_two_renames_is_completed(
    tmp_path: Path, new_stands: bool
) -> None:
    write_package({"a.py": "old"}, tmp_path / ".p.old")
    if new_stands:
        write_package({"a.py": "new"}, tmp_path / "p")
    recover(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["p"]
    text = (tmp_path / "p" / "a.py").read_text(encoding="utf-8")
    assert text == ("new" if new_stands else "old")
