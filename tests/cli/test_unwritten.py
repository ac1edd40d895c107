"""`generate` never says that modules are what documents say where a document could not be read."""

from pathlib import Path

from tests.cli.test_documents import BROKEN, run, write
from tests.drift.project import DOCUMENT

MIRROR = DOCUMENT.replace("Ledgerly", "…").replace("Acme", "Ledgerly").replace("…", "Acme")


def make_project(root: Path, text: str) -> Path:
    (root / "pyproject.toml").write_text("[tool.specbridge]\n", encoding="utf-8")
    (root / "specs").mkdir()
    write(root, text)
    return root


def test_no_nothing_to_write_follows_an_error(tmp_path: Path) -> None:
    project = make_project(tmp_path, BROKEN)
    done = run(project, "generate")
    assert done.returncode == 2
    assert "package `ledgerly_acme` is not written" in done.stderr
    assert done.stdout == ""


def test_a_sound_mirror_is_not_written_and_named(tmp_path: Path) -> None:
    project = make_project(tmp_path, BROKEN)
    (project / "specs/acme-ledgerly.rst").write_text(MIRROR, encoding="utf-8")
    done = run(project, "generate")
    assert (done.returncode, done.stdout) == (2, "")
    assert "though its mirror acme-ledgerly.rst is sound" in done.stderr
    checked = run(project, "check")
    assert checked.returncode == 2
    assert "though its mirror acme-ledgerly.rst is sound" in checked.stderr
