"""How problems are shown, explained and ignored on the command line."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from specbridge.cli.documents.spans import show_span
from specbridge.cli.main import main
from specbridge.errors import Location, Problem

from tests.drift.project import DOCUMENT

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "specs").mkdir()
    write(tmp_path, DOCUMENT)
    settle(tmp_path, "")
    return tmp_path


def write(root: Path, text: str) -> None:
    (root / "specs" / "ledgerly-acme.rst").write_text(text, encoding="utf-8")


def settle(root: Path, text: str) -> None:
    (root / "pyproject.toml").write_text(f"[tool.specbridge]\n{text}", encoding="utf-8")


def run(*words: str) -> Result:
    return CliRunner().invoke(main, words)


def span(line: str, message: str) -> list[str]:
    problem = Problem(code="W202", where=Location("a.rst", 1), message=message, mend="mend it")
    return show_span(problem, (line,)).splitlines()


def test_the_part_that_is_quoted_is_underlined() -> None:
    assert span("   * - home.city", "what is `city`?") == [
        "  1 |    * - home.city",
        "    |             ^^^^",
    ]
    assert span("  Acme  ", "the label is wrong") == ["  1 |   Acme", "    |   ^^^^"]
    assert span("", "nothing there") == []


def test_long_wide_and_hostile_lines_stay_in_their_place() -> None:
    first, second = span("x" * 500 + "HERE" + "y" * 500, "what is `HERE`?")
    assert max(len(first), len(second)) < 120
    assert first[second.index("^") :].startswith("HERE")
    assert span("   - 日本 x", "what is `x`?")[1].endswith(" " * 10 + "^")
    shown, _ = span("a\x1b[2J\u202e b", "what is `b`?")
    assert shown.isprintable()
    assert (
        show_span(Problem(code="W1", where=Location("a.rst", 9), message="", mend=""), ("one",))
        == ""
    )


def test_problems_show_their_line_in_text(project: Path) -> None:
    write(project, DOCUMENT.replace('     - "string"', '     - "if", "eq"]]"', 1))
    done = run("lint")
    assert done.exit_code == 2
    number = DOCUMENT.splitlines().index('     - "string"') + 1
    assert f'  {number} |      - "if", "eq"]]"\n' in done.stderr
    assert "|        ^^^^^^^^^^^^^\n  mend: " in done.stderr


def test_explain_prints_the_page_of_a_code() -> None:
    page = (ROOT / "docs" / "problems" / "W303.md").read_text(encoding="utf-8")
    assert run("explain", "W303").output == run("explain", "w303").output == page
    done = run("explain", "W30")
    assert (done.exit_code, done.stdout) == (2, "")
    assert "did you mean W30" in done.stderr
    for code in ("../README", "x/../W303", "toto"):
        assert run("explain", code).exit_code == 2


def test_explain_lists_every_code_that_has_a_page() -> None:
    pages = sorted(path.stem for path in (ROOT / "docs" / "problems").glob("*.md"))
    assert [line.split(" ")[0] for line in run("explain").output.splitlines()] == pages


def test_our_own_document_has_nothing_left_to_say(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    done = run("lint", "--strict")
    assert (done.exit_code, done.stderr) == (0, "")


def test_what_settings_and_comments_ignore_is_told_nowhere(project: Path) -> None:
    assert run("lint", "--strict").exit_code == 1
    settle(project, 'ignore = ["W303"]\n')
    assert run("lint", "--strict").exit_code == 0
    assert run("generate").stderr == ""
    assert run("check").stderr == ""
    settle(project, '[tool.specbridge.per-document-ignores]\n"ledgerly-acme.rst" = ["W303"]\n')
    assert run("check", "--fresh").stderr == ""
    settle(project, "")
    # Kept with the digests are all of them: what is ignored is asked when they are told.
    assert "W303" in run("check").stderr
    write(
        project, DOCUMENT.replace("Introduction\n", ".. specbridge: ignore W303\n\nIntroduction\n")
    )
    assert run("lint", "--strict").exit_code == 0
    assert run("check").stderr == ""
    run("generate")
    assert (run("check").stderr, run("check").exit_code) == ("", 0)


def test_inspect_keeps_to_what_is_ignored(project: Path) -> None:
    write(project, DOCUMENT.replace("Introduction\n", ".. a comment\n\nIntroduction\n"))
    assert "W107" in run("inspect", "specs/ledgerly-acme.rst").stderr
    settle(project, 'ignore = ["W107"]\n')
    assert run("inspect", "specs/ledgerly-acme.rst").stderr == ""
    assert '"problems": []' in run("inspect", "specs/ledgerly-acme.rst", "--json").stdout


PROFILES = [str(ROOT / "tests" / "resolve" / f"{name}.toml") for name in ("ledgerly", "acme")]
MENDS = {
    "W302": (
        DOCUMENT.replace("Ledgerly Shop", "Unlike Shop"),
        '[tool.specbridge.labels]\n"Unlike" = "ledgerly"\n',
    ),
    "W312": (
        DOCUMENT.replace("Ledgerly Shop", "Ledgerly Buyer (giant)"),
        '[tool.specbridge.subsets.ledgerly.Buyers]\ngiant = { path = "kind", equals = "G" }\n',
    ),
    "W322": (
        DOCUMENT.replace("* - home.city", "* - name (Dependant on having wd:Q9 in kind)"),
        '[tool.specbridge.symbols]\n"wd:Q9" = "P"\n',
    ),
    "W351": (
        DOCUMENT.replace(
            "Every Ledgerly Shop will be", "When a Ledgerly Shop is open, it  will be"
        ).replace("Ledgerly Shop", "Ledgerly Deal"),
        "[tool.specbridge.packages.ledgerly_acme.flows.deal_to_branch]\n"
        'when = { path = "stage", equals = "open" }\n',
    ),
}


@pytest.mark.parametrize("code", MENDS)
def test_each_setting_that_a_mend_names_ends_the_warning(code: str, project: Path) -> None:
    text, mend = MENDS[code]
    write(project, text)
    profiles = f"profiles = {PROFILES}\n"
    settle(project, profiles)
    assert f" {code} " in run("lint").stderr
    settle(project, f"{profiles}{mend}")
    done = run("lint")
    assert (f" {code} " in done.stderr, done.exit_code) == (False, 0), done.stderr


@pytest.mark.parametrize("format_", ["text", "github", "sarif", "json"])
def test_a_check_prints_nothing_that_a_terminal_obeys(format_: str, project: Path) -> None:
    run("generate")
    path = project / "generated" / "ledgerly_acme" / "__init__.py"
    path.write_text("# \x1b[2J\x9b1A\u202e\r\n", encoding="utf-8")
    done = run("check", "--format", format_)
    assert done.exit_code == 1
    assert all(c.isprintable() or c in "\n\t" for c in done.output)
    assert "__init__.py" in done.output


def test_an_ignore_for_nothing_is_a_warning_of_lint(project: Path) -> None:
    settle(project, 'ignore = [\n    "W303",\n    "W429",\n]\n')
    done = run("lint", "--strict")
    assert done.exit_code == 1
    assert done.stderr.startswith("pyproject.toml:4: W501 W429 is ignored here")
    # One document alone says nothing of what the others need.
    assert run("lint", "--strict", "specs/ledgerly-acme.rst").exit_code == 0


def test_a_mend_that_is_carried_out_ends_its_warning(project: Path) -> None:
    write(project, DOCUMENT.replace("Ledgerly to Acme Dataflow", "Ledgerly to  Dataflow"))
    settle(project, 'ignore = ["W303"]\n')
    done = run("lint", "--strict")
    assert done.exit_code == 1
    assert 'say `target = "Acme"` under [tool.specbridge.blank_labels."ledgerly-acme.rst"]' in (
        done.stderr
    )
    settle(
        project,
        'ignore = ["W303"]\n'
        '[tool.specbridge.blank_labels."ledgerly-acme.rst"]\ntarget = "Acme"\n',
    )
    assert run("lint", "--strict").exit_code == 0
