"""The output folder is made importable, but where that would do harm (docs/generated-code.md)."""

from pathlib import Path

import pytest
from specbridge.api import check, plan_task, regenerate
from specbridge.drift.importable import MARKERS
from specbridge.settings import Settings

from tests.drift.project import DOCUMENT, Project, start_project


def written(root: Path, output: str) -> tuple[str, ...]:
    """Return the markers that generating into a folder of a project writes, and check's opinion of it."""
    specs = root / "specs"
    specs.mkdir(exist_ok=True)
    (specs / "ledgerly-acme.rst").write_text(DOCUMENT, encoding="utf-8")
    settings = Settings(root=root, output=output)
    regenerate(plan_task(settings=settings))
    names = tuple(name for name in MARKERS if (root / output / name).exists())
    assert check(settings=settings).drift == check(settings=settings, fresh=True).drift == ()
    return names


def test_both_markers_are_written_empty_and_told(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.write(DOCUMENT)
    result = project.generate()
    paths = [tmp_path / "generated" / name for name in MARKERS]
    assert result.markers == tuple(map(str, paths))
    assert [path.read_bytes() for path in paths] == [b"", b""]
    assert project.generate().markers == ()


@pytest.mark.parametrize("name", MARKERS)
def test_a_marker_that_goes_is_missing_and_comes_back(name: str, tmp_path: Path) -> None:
    project = start_project(tmp_path)
    path = tmp_path / "generated" / name
    path.unlink()
    assert project.drifted() == project.drifted(fresh=True) == {f"generated/{name}": "missing"}
    # No document has moved, and it is written all the same.
    assert project.generate().markers == (str(path),)
    assert project.drifted() == {}


def test_a_marker_of_the_user_s_own_is_never_overwritten(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.write(DOCUMENT)
    own = tmp_path / "generated" / "__init__.py"
    own.parent.mkdir()
    own.write_text("OWN = 1\n", encoding="utf-8")
    project.generate(force=True)
    assert own.read_text(encoding="utf-8") == "OWN = 1\n"
    assert (tmp_path / "generated" / "py.typed").read_bytes() == b""


def test_a_link_that_leads_nowhere_is_left_alone(tmp_path: Path) -> None:
    project = start_project(tmp_path)
    marker = tmp_path / "generated" / "__init__.py"
    marker.unlink()
    marker.symlink_to(tmp_path / "elsewhere.py")
    assert project.generate().markers == ()
    assert not (tmp_path / "elsewhere.py").exists()


@pytest.mark.parametrize("output", ["generated", "acme/dataflows", "out_2"])
def test_a_folder_of_packages_gets_both(output: str, tmp_path: Path) -> None:
    assert written(tmp_path, output) == MARKERS


@pytest.mark.parametrize("output", ["generated-code", "2024", "import", "src", "libs/src", "."])
def test_a_folder_that_is_no_package_by_its_name_gets_none(output: str, tmp_path: Path) -> None:
    assert written(tmp_path, output) == ()


@pytest.mark.parametrize("mark", ["pyproject.toml", "setup.py", ".git"])
def test_the_root_of_a_project_gets_none(mark: str, tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / mark).touch()
    assert written(tmp_path, "sub") == ()


OTHERS = {
    "module": ("app.py", False),
    "stub": ("app.pyi", False),
    "package": ("app/__init__.py", False),
    "package without __init__": ("app/core/things.py", False),
    "text": ("README.md", True),
    "texts": ("notes/README.md", True),
    "cache": ("__pycache__/app.cpython-311.pyc", True),
    "hidden": (".tool/app.py", True),
}


@pytest.mark.parametrize("name", OTHERS)
def test_a_folder_with_other_python_is_a_source_root_and_gets_none(
    name: str, tmp_path: Path
) -> None:
    path, marked = OTHERS[name]
    own = tmp_path / "code" / path
    own.parent.mkdir(parents=True)
    own.touch()
    assert written(tmp_path, "code") == (MARKERS if marked else ())


def test_a_package_of_the_user_s_is_not_called_typed(tmp_path: Path) -> None:
    own = tmp_path / "code"
    own.mkdir()
    (own / "__init__.py").touch()
    (own / "app.py").touch()
    assert written(tmp_path, "code") == ("__init__.py",)


def test_a_linked_folder_goes_by_its_own_name(tmp_path: Path) -> None:
    (tmp_path / "real-place").mkdir()
    (tmp_path / "generated").symlink_to(tmp_path / "real-place")
    assert written(tmp_path, "generated") == MARKERS


def test_nothing_is_marked_where_no_package_is_written(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.write(DOCUMENT.replace('     - "string"', '     - "if", "eq"]]"', 1))
    assert project.generate().markers == ()
    assert not (tmp_path / "generated").exists()
    assert project.check().drift == ()


def test_the_folder_of_the_last_package_keeps_its_markers(tmp_path: Path) -> None:
    project = start_project(tmp_path)
    project.document.unlink()
    regenerate(plan_task(settings=project.settings, none_left=True), prune=True)
    assert {path.name for path in (tmp_path / "generated").iterdir()} == set(MARKERS)
