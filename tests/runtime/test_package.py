"""Loading a generated package: by directory and by import path, whatever else lies beside it."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from specbridge.errors import PackageError
from specbridge.former import FORMER_RUNTIME, RUNTIME
from specbridge.runtime.package import load_package

from tests.drift.project import Project, make_former, start_project

NAMES = ["buyer_to_contact", "shop_to_branch"]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Project]:
    project = start_project(tmp_path)
    monkeypatch.chdir(tmp_path)
    # A command's import path does not have the current folder, that of `python -m pytest` has.
    monkeypatch.setattr(sys, "path", [path for path in sys.path if path])
    yield project
    for name in [name for name in sys.modules if name.split(".")[0] == "ledgerly_acme"]:
        del sys.modules[name]


def names(place: str, root: Path | None = None) -> list[str]:
    """Return the names of a package's flows; loading it leaves the import system as it was."""
    before = list(sys.path), set(sys.modules)
    name, flows = load_package(place, root)
    assert name == "ledgerly_acme"
    assert list(sys.path) == before[0]
    added = set(sys.modules) - before[1]
    assert not {one for one in added if one.split(".")[0] in ("generated", "ledgerly_acme")}
    return [flow.name for flow in flows]


@pytest.mark.parametrize("place", ["generated/ledgerly_acme", "generated.ledgerly_acme"])
def test_a_package_is_found_below_the_current_folder(place: str, project: Project) -> None:
    assert names(place) == NAMES
    (project.root / "generated" / "__init__.py").unlink()
    assert names(place) == NAMES


def test_an_import_path_is_found_from_any_folder_of_the_project(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = project.root / "specs"
    monkeypatch.chdir(folder)
    assert names("generated.ledgerly_acme", project.root) == NAMES
    with pytest.raises(PackageError, match="no such directory"):
        load_package("generated.ledgerly_acme")
    # What lies below the current folder goes first.
    nearer = folder / "generated" / "ledgerly_acme"
    nearer.mkdir(parents=True)
    (nearer / "__init__.py").write_text("FLOWS = ()\n", encoding="utf-8")
    with pytest.raises(PackageError, match="states no FLOWS"):
        load_package("generated.ledgerly_acme", project.root)


def test_modules_of_the_user_s_disturb_nothing(project: Project) -> None:
    own = [f"{name}.py" for name in ("generated", FORMER_RUNTIME.split(".", maxsplit=1)[0])]
    for name in (*own, "specbridge.py", "typing.py", "ledgerly_acme.py"):
        (project.root / name).write_text("raise SystemExit('mine')\n", encoding="utf-8")
    (project.root / "generated" / "__init__.py").write_text("raise SystemExit('mine')\n")
    assert names("generated.ledgerly_acme") == NAMES
    assert names("generated/ledgerly_acme") == NAMES


def test_an_installed_package_is_found_where_python_looks(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project.root / "specs")
    monkeypatch.syspath_prepend(project.package.parent)
    name, flows = load_package("ledgerly_acme")
    assert (name, [flow.name for flow in flows]) == ("ledgerly_acme", NAMES)


@pytest.mark.parametrize("place", ["generated/ledgerly_acme", "generated.ledgerly_acme"])
def test_a_package_of_0_1_says_what_to_do(place: str, project: Project) -> None:
    make_former(project.package)
    # It must not even be imported: a module of its former runtime's name is a stranger.
    (project.root / "generator.py").write_text("raise SystemExit('mine')\n", encoding="utf-8")
    with pytest.raises(PackageError) as caught:
        load_package(place)
    assert str(caught.value) == (
        "generated/ledgerly_acme was generated with an older import name "
        f"(`{FORMER_RUNTIME}`); run `specbridge generate`"
    )


def test_an_installed_package_of_0_1_says_what_to_do(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_former(project.package)
    monkeypatch.chdir(project.root / "specs")
    monkeypatch.syspath_prepend(project.package.parent)
    with pytest.raises(PackageError, match="ledgerly_acme was generated with an older import name"):
        load_package("ledgerly_acme")


def test_a_module_that_is_really_missing_is_named(project: Project) -> None:
    path = project.package / "sync" / "buyer_to_contact.py"
    text = path.read_text(encoding="utf-8").replace(RUNTIME, "nowhere.runtime")
    path.write_text(text, encoding="utf-8")
    for place in ("generated/ledgerly_acme", "generated.ledgerly_acme"):
        with pytest.raises(PackageError, match="No module named 'nowhere'"):
            load_package(place)


@pytest.mark.parametrize("place", ["", "../x", "a-b", "generated..ledgerly_acme", "nowhere.x"])
def test_what_is_no_package_is_refused(place: str, project: Project) -> None:
    with pytest.raises(PackageError):
        load_package(place, project.root)
