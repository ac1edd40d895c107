"""Check: silent about what means nothing, never about what does; each kind of drift by its name."""

import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from specbridge.api import WriteResult, check, generate, plan_task, regenerate
from specbridge.drift.digests import lay_out
from specbridge.drift.manifest import read_manifest
from specbridge.drift.warm import find_moved
from specbridge.errors import DocumentError, EditedByHandError, SettingsError

from tests.drift.project import DOCUMENT, Project, start_project

MAPPER = "generated/ledgerly_acme/mappers/buyer_to_contact.py"
SYNC = "generated/ledgerly_acme/sync/buyer_to_contact.py"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return start_project(tmp_path)


MEANINGLESS = {
    "generated": lambda t: t.replace("2024-05-02 00:00:01", "2025-01-31 13:14:15"),
    "no generated": lambda t: t.replace("Generated: 2024-05-02 00:00:01\n", ""),
    "crlf": lambda t: t.replace("\n", "\r\n"),
    "bom": lambda t: "\ufeff" + t,
    "trailing blanks": lambda t: t.replace("\n", " \t\n"),
    "blank lines": lambda t: t.replace("\n\n", "\n\n\n\n"),
    "blank end": lambda t: t + "\n\n",
    "underline": lambda t: t.replace("-" * 30 + "\n", "-" * 34 + "\n"),
}


@pytest.mark.parametrize("change", MEANINGLESS)
def test_what_means_nothing_is_no_drift(change: str, project: Project) -> None:
    project.write(MEANINGLESS[change](DOCUMENT))
    assert project.drifted() == {}
    assert project.drifted(fresh=True) == {}
    before = {path: path.read_bytes() for path in project.package.rglob("*.*")}
    project.generate()
    assert {path: path.read_bytes() for path in project.package.rglob("*.*")} == before


@pytest.mark.parametrize("change", sorted(set(MEANINGLESS) - {"underline"}))
def test_what_means_nothing_is_not_even_read(change: str) -> None:
    changed = MEANINGLESS[change](DOCUMENT)
    assert lay_out(changed.encode()).digest == lay_out(DOCUMENT.encode()).digest


MEANING = {
    "source path": ("   * - name\n     - title", "   * - nick\n     - title"),
    "target path": ("     - title", "     - headline"),
    "nesting": ("home.city", "home.town.city"),
    "type": ('title\n     - "string"', 'title\n     - "integer"'),
    "link rule": ("   * - mail", "   * - phone"),
    "creation": ("Every Ledgerly Shop will be", "When it is open, it  will be"),
    "preference": ("home.city", "work.city!"),
    "row added": (
        "   * - home.city",
        '   * - age\n     - years\n     - "integer"\n   * - home.city',
    ),
    "flow name": ("Ledgerly Shop", "Ledgerly Store"),
    "capitals": ("     - label", "     - Label"),
}


def change_meaning(name: str) -> str:
    old, new = MEANING[name]
    if name == "preference":
        turned = DOCUMENT.replace("home.city", "@").replace("work.city", "home.city")
        return turned.replace("@", "work.city")
    assert old in DOCUMENT
    return DOCUMENT.replace(old, new)


@pytest.mark.parametrize("name", MEANING)
def test_what_means_something_is_drift(name: str, project: Project) -> None:
    project.write(change_meaning(name))
    assert project.drifted() != {}
    project.generate()
    assert project.drifted(fresh=True) == {}


def test_one_changed_row_changes_one_mapper_and_its_sync_module(project: Project) -> None:
    before = {path: path.read_bytes() for path in project.package.rglob("*.py")}
    project.write(change_meaning("row added"))
    assert project.drifted() == {MAPPER: "changed", SYNC: "changed"}
    project.generate()
    after = {path: path.read_bytes() for path in project.package.rglob("*.py")}
    changed = {p.relative_to(project.root).as_posix() for p in after if after[p] != before[p]}
    assert changed == {MAPPER, SYNC}


def test_drift_points_at_the_row_in_the_document(project: Project) -> None:
    project.write(change_meaning("row added"))
    line = project.document.read_text(encoding="utf-8").splitlines().index("   * - age") + 1
    for drift in project.check().drift:
        assert [where.line for where in drift.where] == [line]
        assert "years" in drift.diff


def test_a_missing_file(project: Project) -> None:
    (project.root / MAPPER).unlink()
    assert project.drifted() == {MAPPER: "missing"}


def test_a_missing_package(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.write(DOCUMENT)
    found = project.drifted()
    assert set(found.values()) == {"missing"}
    assert "generated/ledgerly_acme/manifest.json" in found
    assert not project.package.exists()


def test_an_edited_file_is_reported_refused_and_overwritten_by_force(project: Project) -> None:
    path = project.root / MAPPER
    edited = path.read_text(encoding="utf-8") + "\nX = 1\n"
    path.write_text(edited, encoding="utf-8")
    assert project.drifted() == {MAPPER: "edited"}
    with pytest.raises(EditedByHandError, match="buyer_to_contact"):
        project.generate()
    assert path.read_text(encoding="utf-8") == edited
    project.generate(force=True)
    assert project.drifted(fresh=True) == {}


def test_a_file_of_someone_else_is_named_and_never_lost(project: Project) -> None:
    notes = project.package / "notes.py"
    notes.write_text("x = 1\n", encoding="utf-8")
    assert project.drifted() == {"generated/ledgerly_acme/notes.py": "foreign"}
    for force in (False, True):
        with pytest.raises(EditedByHandError, match=r"(?s)move them away.*notes"):
            project.generate(force=force)
    # The mend that check tells works.
    notes.rename(project.root / "notes.py")
    assert project.drifted() == {}
    assert project.generate() == WriteResult()


def test_what_desktops_and_tools_hide_is_no_drift_and_stays(project: Project) -> None:
    hidden = [project.package / name for name in (".DS_Store", "Thumbs.db", "sync/.cache")]
    for path in hidden:
        path.write_text("x", encoding="utf-8")
    assert project.drifted() == project.drifted(fresh=True) == {}
    assert moved_documents(project) == ()
    project.write(change_meaning("row added"))
    assert project.generate().written == (str(project.package),)
    assert [path.name for path in hidden if not path.is_file()] == []


def test_a_folder_in_a_package_s_place_is_left_alone(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.write(DOCUMENT)
    project.package.mkdir(parents=True)
    (project.package / "poem.txt").write_text("…", encoding="utf-8")
    assert project.drifted()["generated/ledgerly_acme/poem.txt"] == "foreign"
    with pytest.raises(EditedByHandError, match="poem"):
        project.generate(force=True)
    assert [path.name for path in project.package.iterdir()] == ["poem.txt"]


@pytest.mark.parametrize("text", ['{"name": "a web page", "icons": []}', "[1]", "not JSON"])
def test_a_manifest_of_another_tool_makes_no_package(text: str, project: Project) -> None:
    page = project.package.with_name("page")
    page.mkdir()
    (page / "manifest.json").write_text(text, encoding="utf-8")
    assert project.drifted() == project.drifted(fresh=True) == {}
    assert regenerate(project.task, force=True, prune=True).removed == ()
    assert (page / "manifest.json").read_text(encoding="utf-8") == text
    assert moved_documents(project) == ()


def test_a_clone_with_other_line_ends_is_clean(project: Project) -> None:
    for path in (project.document, *project.package.rglob("*.*")):
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert moved_documents(project) == ()
    assert project.drifted() == project.drifted(fresh=True) == {}
    assert project.generate(force=True) == replace(WriteResult(), problems=ANY_PROBLEMS)
    project.write(change_meaning("row added").replace("\n", "\r\n"))
    found = project.check().drift
    assert {drift.kind.value for drift in found} == {"changed"}
    assert len([line for line in found[0].diff.splitlines() if line[0] in "+-"]) < 12
    project.generate()
    assert project.drifted() == {}


class AnyProblems(tuple[()]):
    """Equals whatever problems there are."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, tuple)

    __hash__ = tuple.__hash__


ANY_PROBLEMS = AnyProblems()


def test_check_touches_nothing(project: Project) -> None:
    output = project.package.parent
    # As runs that were killed may leave them, and as people call copies of their own.
    for name in (".notes.old", ".page.1.new", ".ledgerly_acme.old"):
        (output / name).mkdir()
        (output / name / "a.txt").write_text("a", encoding="utf-8")
    project.package.rename(output / ".ledgerly_beta.old")
    before = snapshot(output)
    assert set(project.drifted().values()) == {"missing"}
    assert snapshot(output) == before


def snapshot(folder: Path) -> dict[str, bytes | None]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() if path.is_file() else None
        for path in folder.rglob("*")
    }


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text,
        lambda text: "\n\n" + text.replace("\n\n", "\n\n\n"),
        lambda text: text.replace("Generated: 2024-05-02 00:00:01\n", ""),
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.replace("-" * 30, "-" * 12),  # an underline that is too short is told
    ],
    ids=["same", "blank lines", "no stamp", "crlf", "short underline"],
)
def test_problems_are_told_warm_as_they_are_cold(
    change: Callable[[str], str], project: Project
) -> None:
    project.write(change(DOCUMENT))
    warm, cold = project.check(), project.check(fresh=True)
    assert warm == cold
    assert warm.problems


def test_problems_that_name_a_line_are_read_anew(project: Project) -> None:
    again = '   * - name\n     - title\n     - "string"\n'
    text = DOCUMENT.replace(again, again * 2, 1)
    project.write(text)
    project.generate()
    project.write(text.replace("\n\n", "\n\n\n"))
    warm, cold = project.check(), project.check(fresh=True)
    assert warm == cold
    assert "W331" in {problem.code for problem in warm.problems}
    # Writing asks for no problems, so that nothing is read for it.
    assert project.generate() == WriteResult()


def test_a_damaged_manifest_is_edited(project: Project) -> None:
    path = project.package / "manifest.json"
    path.write_text("{}", encoding="utf-8")
    assert read_manifest(project.package) is None
    assert project.drifted()["generated/ledgerly_acme/manifest.json"] == "edited"
    project.generate()
    assert project.drifted() == {}


def test_a_flow_that_goes_takes_its_modules_with_it(project: Project) -> None:
    project.write(DOCUMENT[: DOCUMENT.index("Ledgerly Shop to")])
    found = project.drifted()
    assert found["generated/ledgerly_acme/mappers/shop_to_branch.py"] == "extra"
    assert found["generated/ledgerly_acme/__init__.py"] == "changed"
    project.generate()
    assert not (project.package / "mappers" / "shop_to_branch.py").exists()


def test_a_package_without_a_document_is_extra_and_pruned(project: Project) -> None:
    other = DOCUMENT.replace("Acme", "Other")
    project.document.with_name("ledgerly-other.rst").write_text(other, encoding="utf-8")
    project.generate()
    project.document.unlink()
    project.generate()
    assert set(project.drifted().values()) == {"extra"}
    project.generate(prune=True)
    assert not project.package.exists()
    assert project.drifted() == {}


def test_a_package_that_its_document_renames_is_removed(project: Project) -> None:
    project.write(DOCUMENT.replace("Acme", "Other"))
    project.generate()
    assert not project.package.exists()
    assert (project.root / "generated" / "ledgerly_other").is_dir()


def test_a_document_with_an_error_leaves_its_package_alone(project: Project) -> None:
    before = (project.root / MAPPER).read_bytes()
    project.write(DOCUMENT.replace('     - "string"', '     - "if", "eq"]]"', 1))
    result = regenerate(project.task)
    assert [p.code for p in result.problems if p.code.startswith("E")] != []
    assert result.written == ()
    assert (project.root / MAPPER).read_bytes() == before
    assert project.check().drift == ()
    with pytest.raises(DocumentError):
        generate(settings=project.settings)


def test_generate_gives_what_regenerate_writes(project: Project) -> None:
    texts = generate([project.document], project.settings)
    written = {
        path.relative_to(project.root / "generated").as_posix(): path.read_text(encoding="utf-8")
        for path in project.package.rglob("*")
        if path.is_file()
    }
    assert texts == written


def test_no_document_at_all_is_an_error_of_the_settings(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="documents"):
        Project(tmp_path).check()


def test_the_last_document_s_package_is_pruned_on_request_only(project: Project) -> None:
    project.document.unlink()
    with pytest.raises(SettingsError, match="--prune"):
        project.check()
    assert project.package.is_dir()
    regenerate(plan_task(settings=project.settings, none_left=True), prune=True)
    assert not project.package.exists()


def test_a_document_given_twice_counts_once(project: Project) -> None:
    other_way = project.document.parent / ".." / "specs" / project.document.name
    result = check([project.document, other_way], project.settings)
    assert (result.drift, result.packages) == ((), 1)
    texts = generate([project.document, other_way], project.settings)
    assert texts == generate([project.document], project.settings)


def test_documents_in_another_order_give_the_same_bytes(project: Project) -> None:
    other = project.document.with_name("ledgerly-beta.rst")
    other.write_text(DOCUMENT.replace("Acme", "Beta"), encoding="utf-8")
    paths = [project.document, other]
    assert generate(paths, project.settings) == generate(paths[::-1], project.settings)


def moved_documents(project: Project) -> tuple[str, ...] | None:
    task = project.task
    moved = find_moved(task.documents, task.settings, task.output, whole=True)
    if moved is None:
        return None
    return tuple(Path(path).name for path in moved.documents)


def test_only_what_moved_is_looked_at(project: Project) -> None:
    other = project.document.with_name("ledgerly-beta.rst")
    other.write_text(DOCUMENT.replace("Acme", "Beta"), encoding="utf-8")
    project.generate()
    assert moved_documents(project) == ()
    project.write(change_meaning("row added"))
    assert moved_documents(project) == ("ledgerly-acme.rst",)
    project.generate()
    (project.root / "generated" / "ledgerly_beta" / "more.txt").write_text("", encoding="utf-8")
    assert moved_documents(project) == ("ledgerly-beta.rst",)


def test_a_check_after_a_change_says_what_a_fresh_one_says(project: Project) -> None:
    other = project.document.with_name("ledgerly-beta.rst")
    other.write_text(DOCUMENT.replace("Acme", "Beta"), encoding="utf-8")
    project.generate()
    project.write(change_meaning("row added"))
    result = project.check()
    assert project.drifted() == {MAPPER: "changed", SYNC: "changed"}
    # What is wrong with the other one is known all the same.
    assert {Path(problem.where.path).name for problem in result.problems} == {
        "ledgerly-acme.rst",
        "ledgerly-beta.rst",
    }
    assert result == project.check(fresh=True)


def test_generate_reads_only_what_moved(project: Project) -> None:
    other = project.document.with_name("ledgerly-beta.rst")
    other.write_text(DOCUMENT.replace("Acme", "Beta"), encoding="utf-8")
    assert read_by(project.generate()) == {"ledgerly-beta.rst", "ledgerly-acme.rst"}
    assert project.generate() == WriteResult()
    project.write(change_meaning("row added"))
    result = project.generate()
    assert read_by(result) == {"ledgerly-acme.rst"}
    assert result.written == (str(project.package),)
    assert project.drifted(fresh=True) == {}
    assert read_by(project.generate(force=True)) == {"ledgerly-beta.rst", "ledgerly-acme.rst"}


def read_by(result: WriteResult) -> set[str]:
    return {Path(problem.where.path).name for problem in result.problems}


def test_generate_finds_what_was_edited_in_a_package_that_has_not_moved(project: Project) -> None:
    other = project.document.with_name("ledgerly-beta.rst")
    other.write_text(DOCUMENT.replace("Acme", "Beta"), encoding="utf-8")
    project.generate()
    path = project.root / MAPPER
    path.write_text(path.read_text(encoding="utf-8") + "X = 1\n", encoding="utf-8")
    other.write_text(DOCUMENT.replace("Acme", "Beta").replace("home.city", "home.town"), "utf-8")
    before = (project.root / "generated/ledgerly_beta/manifest.json").read_bytes()
    with pytest.raises(EditedByHandError, match="buyer_to_contact"):
        project.generate()
    # All or nothing: the other package is as it was.
    assert (project.root / "generated/ledgerly_beta/manifest.json").read_bytes() == before


def test_generate_removes_what_a_moved_document_leaves_behind(project: Project) -> None:
    other = project.document.with_name("ledgerly-beta.rst")
    other.write_text(DOCUMENT.replace("Acme", "Beta"), encoding="utf-8")
    project.generate()
    other.write_text(DOCUMENT.replace("Acme", "Gamma"), encoding="utf-8")
    result = project.generate()
    assert result.removed == (str(project.root / "generated" / "ledgerly_beta"),)
    assert result.written == (str(project.root / "generated" / "ledgerly_gamma"),)
    assert project.generate(prune=True) == WriteResult()
    assert project.drifted(fresh=True) == {}


def test_a_moved_document_prunes_no_package_of_one_that_has_not(project: Project) -> None:
    other = project.document.with_name("ledgerly-beta.rst")
    other.write_text(DOCUMENT.replace("Acme", "Beta"), encoding="utf-8")
    project.generate()
    project.write(change_meaning("row added"))
    assert project.generate(prune=True).removed == ()
    assert (project.root / "generated" / "ledgerly_beta").is_dir()


def test_a_change_that_concerns_another_document_has_both_read(project: Project) -> None:
    other = project.document.with_name("beta-ledgerly.rst")
    turned = DOCUMENT.replace("Ledgerly", "@").replace("Acme", "Ledgerly").replace("@", "Beta")
    other.write_text(turned, encoding="utf-8")
    project.generate()
    # Now it is the mirror of the first, and both make one package.
    other.write_text(turned.replace("Beta", "Acme"), encoding="utf-8")
    assert moved_documents(project) == ("beta-ledgerly.rst",)
    assert project.drifted() == project.drifted(fresh=True)
    assert "extra" in project.drifted().values()
    project.generate()
    assert moved_documents(project) == ()


def test_settings_that_decide_the_code_are_part_of_the_answer(project: Project) -> None:
    settings = type(project.settings)(root=project.root, symbols={"wd:Q1": "x"})
    output = project.root / "generated"
    assert find_moved(project.task.documents, settings, output, whole=True) is None
    # They change no byte of this package, so there is no drift.
    assert check(settings=settings).drift == ()


def test_a_template_of_the_project_replaces_ours(project: Project) -> None:
    folder = project.root / "own"
    folder.mkdir()
    (folder / "room.py.jinja").write_text('"""{{ summary }}"""\n\nOURS = 1\n', encoding="utf-8")
    settings = type(project.settings)(root=project.root, templates="own")
    texts = generate(settings=settings)
    assert "OURS = 1" in texts["ledgerly_acme/mappers/__init__.py"]
    (folder / "room.py.jinja").write_text("{{ nothing }}", encoding="utf-8")
    with pytest.raises(SettingsError, match=r"room\.py\.jinja"):
        generate(settings=settings)


def test_the_repository_s_own_package_is_what_its_document_says() -> None:
    root = Path(__file__).parent.parent.parent
    here = Path.cwd()
    os.chdir(root)
    try:
        found = check(fresh=True)
    finally:
        os.chdir(here)
    assert [(drift.path, drift.kind) for drift in found.drift] == []


def test_a_manifest_is_sorted_and_names_no_place(project: Project) -> None:
    text = (project.package / "manifest.json").read_text(encoding="utf-8")
    assert str(project.root) not in text
    value = json.loads(text)
    assert json.dumps(value, indent=2, sort_keys=True) + "\n" == text
