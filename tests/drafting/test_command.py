"""`specbridge profile draft`: what it writes, where, and how it ends."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from specbridge.cli.main import main
from specbridge.profiles.load import read_profile

from tests.drafting.test_marks import without_marks
from tests.drafting.test_versions import PLAIN


@pytest.fixture
def described(tmp_path: Path) -> Path:
    path = tmp_path / "register.yaml"
    path.write_text(PLAIN, encoding="utf-8")
    return path


def run(*words: object) -> Result:
    return CliRunner().invoke(main, ["profile", "draft", *map(str, words)])


def test_a_draft_goes_to_stdout(described: Path) -> None:
    done = run(described)
    assert done.exit_code == 0
    assert read_profile(without_marks(done.stdout), "draft.toml").name == "register"


def test_a_draft_goes_to_a_file_and_is_counted(described: Path, tmp_path: Path) -> None:
    out = tmp_path / "register.toml"
    done = run(described, "--out", out)
    assert (done.exit_code, done.stdout) == (0, "")
    assert "resources: 1, properties: 5, to decide: 7" in done.stderr
    checked = CliRunner().invoke(main, ["profile", "check", str(out)])
    assert checked.exit_code == 2
    assert checked.stderr.count("is still to be decided") == 7
    out.write_text(without_marks(out.read_text(encoding="utf-8")), encoding="utf-8")
    assert CliRunner().invoke(main, ["profile", "check", str(out)]).exit_code == 0


def test_a_file_that_is_there_stays(described: Path, tmp_path: Path) -> None:
    out = tmp_path / "register.toml"
    out.write_text("# mine\n", encoding="utf-8")
    done = run(described, "--out", out)
    assert done.exit_code == 2
    assert "--force" in done.stderr
    assert out.read_text(encoding="utf-8") == "# mine\n"
    assert run(described, "--out", out, "--force").exit_code == 0
    assert "Firms" in out.read_text(encoding="utf-8")


def test_name_and_kinds_can_be_chosen(described: Path) -> None:
    profile = read_profile(
        without_marks(run(described, "--name", "book", "--only", "firm").stdout), "d"
    )
    assert (profile.name, [one.name for one in profile.resources]) == ("book", ["Firms"])


def test_an_older_description_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "old.json"
    path.write_text('{"swagger": "2.0", "paths": {}}', encoding="utf-8")
    done = run(path)
    assert done.exit_code == 2
    assert "Swagger 2.0" in done.stderr


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    done = run(tmp_path / "none.json")
    assert done.exit_code == 2
    assert "none.json" in done.stderr
