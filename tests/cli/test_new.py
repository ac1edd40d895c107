"""`specbridge new`: what it makes generates and lints as it is, and nothing that is there is overwritten."""

import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from specbridge.cli.main import main
from specbridge.cli.profiles.starting import SHAPES, starter_profile
from specbridge.profiles.load import read_profile


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*words: str) -> Result:
    return CliRunner().invoke(main, words)


@pytest.mark.parametrize("label", ["Ledgerly", "Exact Online", "Møller & Søn", 'The "One"\\'])
@pytest.mark.parametrize("shape", SHAPES)
def test_each_shape_is_a_profile_whatever_the_system_is_called(shape: str, label: str) -> None:
    profile = read_profile(starter_profile(shape, label), "x.toml")
    assert profile.labels == (label,)
    assert profile.name == profile.name.lower()


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(
    "more",
    [
        (),
        ("--with", "poweroffice-go"),
        ("--with", "PowerOffice GO", "--to", "ContactPerson"),
        ("--with", "poweroffice-go", "--to", "Employees"),
    ],
    ids=" ".join,
)
def test_what_is_made_generates_and_lints(project: Path, shape: str, more: tuple[str, ...]) -> None:
    done = run("new", "Exact Online", "--shape", shape, *more)
    assert done.exit_code == 0, done.output
    assert run("profile", "check").exit_code == 0
    assert run("generate").exit_code == 0
    linted = run("lint", "--strict")
    assert (linted.exit_code, "0 problems, 0 rows held" in linted.output) == (
        0,
        True,
    ), linted.output
    assert run("check").exit_code == 0


def test_one_new_system_and_another(project: Path) -> None:
    assert run("new", "Harbor").exit_code == 0
    done = run("new", "Quarry", "--shape", "cursor", "--with", "harbor")
    assert done.exit_code == 0, done.output
    stated = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))
    assert stated["tool"]["specbridge"]["profiles"] == [
        "profiles/quarry.toml",
        "profiles/harbor.toml",
    ]
    assert run("generate").exit_code == 0
    assert run("lint", "--strict").exit_code == 0


@pytest.mark.parametrize(
    ("before", "kept"),
    [
        ('[project]\nname = "x"\n', 'name = "x"'),
        ('[tool.specbridge]\nprofiles = []\noutput = "made"\n', 'output = "made"'),
        ('[tool.specbridge]  # ours\noutput = "made"\n', 'output = "made"'),
    ],
)
def test_settings_that_are_there_get_one_more_profile(
    project: Path, before: str, kept: str
) -> None:
    path = project / "pyproject.toml"
    path.write_text(before, encoding="utf-8")
    assert run("new", "Harbor").exit_code == 0
    text = path.read_text(encoding="utf-8")
    assert kept in text
    stated = tomllib.loads(text)["tool"]["specbridge"]["profiles"]
    assert stated == ["profiles/harbor.toml"]


def test_settings_that_only_a_person_can_read_are_left_alone(project: Path) -> None:
    text = '[tool]\nspecbridge.output = "made"\n'
    (project / "pyproject.toml").write_text(text, encoding="utf-8")
    done = run("new", "Harbor")
    assert done.exit_code == 0
    assert 'add "profiles/harbor.toml" to profiles in [tool.specbridge]' in done.output
    assert (project / "pyproject.toml").read_text(encoding="utf-8") == text


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        (("Zendesk",), "there is a profile zendesk already: nothing was made"),
        (("Harbor",), "profiles/harbor.toml is there already: nothing was made"),
        (("…",), "'…' is no name of a system"),
        (("Pier", "--with", "Quay"), "there is no profile of Quay; there are"),
        (("Pier", "--to", "Boats"), "Boats is no resource with a name or a mail address"),
    ],
)
def test_what_cannot_be_made_is_told_and_nothing_is_written(
    project: Path, words: tuple[str, ...], fault: str
) -> None:
    (project / "profiles").mkdir()
    (project / "profiles" / "harbor.toml").write_text("mine", encoding="utf-8")
    done = run("new", *words)
    assert done.exit_code == 2, done.output
    assert fault in done.output
    assert [str(one.relative_to(project)) for one in project.rglob("*") if one.is_file()] == [
        "profiles/harbor.toml"
    ]
