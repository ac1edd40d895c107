"""The commands that work on documents and modules alone: output, streams, exit codes."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.drift.project import DOCUMENT

ROOT = Path(__file__).parent.parent.parent
ROW = '   * - age\n     - years\n     - "integer"\n   * - home.city'
CHANGED = DOCUMENT.replace("   * - home.city", ROW)
BROKEN = DOCUMENT.replace('     - "string"', '     - "if", "eq"]]"', 1)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "pyproject.toml").write_text("[tool.specbridge]\n", encoding="utf-8")
    (tmp_path / "specs").mkdir()
    write(tmp_path, DOCUMENT)
    return tmp_path


def write(root: Path, text: str) -> None:
    (root / "specs" / "ledgerly-acme.rst").write_text(text, encoding="utf-8")


def run(
    root: Path, *words: str, environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        (sys.executable, "-m", "specbridge", *words),
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(ROOT), **(environment or {})},
        capture_output=True,
        text=True,
        check=False,
    )


def run_json(root: Path, *words: str) -> Any:
    return json.loads(run(root, *words).stdout)


def test_generate_writes_and_warns(project: Path) -> None:
    done = run(project, "generate")
    assert done.returncode == 0
    assert done.stdout == "wrote generated/ledgerly_acme\n"
    assert "W3" in done.stderr  # neither system has a profile
    assert "  mend: " in done.stderr
    again = run(project, "generate")
    assert "nothing to write" in again.stdout
    assert again.stderr == done.stderr


def test_generate_takes_documents_and_a_folder(project: Path, tmp_path: Path) -> None:
    done = run(project, "generate", "specs/ledgerly-acme.rst", "-o", "out", "--json")
    assert json.loads(done.stdout)["written"] == ["out/ledgerly_acme"]
    assert (project / "out/ledgerly_acme/mappers/buyer_to_contact.py").is_file()


def test_generate_ends_with_2_for_a_document_with_an_error(project: Path) -> None:
    write(project, BROKEN)
    done = run(project, "generate")
    assert done.returncode == 2
    assert "E" in done.stderr
    assert not (project / "generated/ledgerly_acme").exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_generate_watches_until_it_is_told_to_stop(number: int, project: Path) -> None:
    process = subprocess.Popen(
        (sys.executable, "-u", "-m", "specbridge", "generate", "--watch"),
        cwd=project,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    assert process.stdout.readline() == "wrote generated/ledgerly_acme\n"
    write(project, CHANGED)
    assert process.stdout.readline() == "wrote generated/ledgerly_acme\n"
    # Neither settings that cannot be read nor a document that is away for a while end the watch.
    settings = project / "pyproject.toml"
    settings.write_text("[tool.specbridge\n", encoding="utf-8")
    while "pyproject.toml" not in process.stderr.readline():
        pass
    (project / "specs" / "ledgerly-acme.rst").unlink()
    settings.write_text("[tool.specbridge]\n", encoding="utf-8")
    while "no document matches" not in process.stderr.readline():
        pass
    write(project, DOCUMENT)
    assert process.stdout.readline() == "wrote generated/ledgerly_acme\n"
    process.send_signal(number)
    process.communicate(timeout=30)
    assert process.returncode == 0
    assert (
        "years" not in (project / "generated/ledgerly_acme/mappers/buyer_to_contact.py").read_text()
    )


def test_generate_refuses_edited_files(project: Path) -> None:
    run(project, "generate")
    path = project / "generated/ledgerly_acme/__init__.py"
    path.write_text("X = 1\n", encoding="utf-8")
    done = run(project, "generate")
    assert done.returncode == 2
    assert "generated/ledgerly_acme/__init__.py" in done.stderr
    assert run(project, "generate", "--force").returncode == 0
    assert run(project, "check").returncode == 0


def test_prune_removes_the_package_of_the_last_document(project: Path) -> None:
    run(project, "generate")
    (project / "specs" / "ledgerly-acme.rst").unlink()
    done = run(project, "check")
    assert done.returncode == 2
    assert "generate --prune" in done.stderr
    done = run(project, "generate", "--prune")
    assert (done.returncode, done.stdout) == (0, "removed generated/ledgerly_acme\n")


def test_blank_labels_are_what_the_options_say(project: Path) -> None:
    write(project, DOCUMENT.replace("Acme ", " "))
    (project / "specs/ledgerly-acme.rst").rename(project / "specs/blank.rst")
    assert run(project, "generate").returncode == 2
    assert run(project, "generate", "--target", "Acme").returncode == 0
    assert (project / "generated/ledgerly_acme").is_dir()


def test_check_ends_with_0_1_or_2(project: Path) -> None:
    assert run(project, "check").returncode == 1
    run(project, "generate")
    done = run(project, "check")
    assert (done.returncode, done.stdout) == (0, "")
    write(project, CHANGED)
    done = run(project, "check")
    assert done.returncode == 1
    assert '+    age | years | "integer"' in done.stdout
    write(project, BROKEN)
    assert run(project, "check").returncode == 2


@pytest.mark.parametrize("format_", ["github", "sarif", "json"])
def test_check_has_formats_for_machines(format_: str, project: Path) -> None:
    run(project, "generate")
    write(project, CHANGED)
    done = run(project, "check", "--format", format_)
    assert done.returncode == 1
    assert "specs/ledgerly-acme.rst" in done.stdout or format_ == "json"
    if format_ != "github":
        assert json.loads(done.stdout)


@pytest.mark.parametrize("format_", ["github", "sarif"])
def test_annotations_name_files_from_the_repository_s_root(format_: str, project: Path) -> None:
    run(project, "generate")
    write(project, CHANGED)
    git(project, "init", "-q")
    for folder, document in (
        (project, "specs/ledgerly-acme.rst"),
        (project / "specs", "ledgerly-acme.rst"),
        (project / "generated", str(project / "specs" / "ledgerly-acme.rst")),
    ):
        output = str(project / "generated")
        done = run(folder, "check", document, "-o", output, "--format", format_)
        line = CHANGED.splitlines().index("   * - age") + 1
        if format_ == "github":
            assert f"::error file=specs/ledgerly-acme.rst,line={line}," in done.stdout
        else:
            result, *_ = json.loads(done.stdout)["runs"][0]["results"]
            assert result["locations"][0]["physicalLocation"] == {
                "artifactLocation": {"uri": "specs/ledgerly-acme.rst"},
                "region": {"startLine": line},
            }


def test_check_json_has_the_stated_shape(project: Path) -> None:
    run(project, "generate")
    assert run_json(project, "check", "--json") == {"drift": [], "problems": []}
    write(project, CHANGED)
    value = run_json(project, "check", "--json")
    assert {d["path"]: d["kind"] for d in value["drift"]} == {
        "generated/ledgerly_acme/mappers/buyer_to_contact.py": "changed",
        "generated/ledgerly_acme/sync/buyer_to_contact.py": "changed",
    }


def test_a_warm_check_loads_nothing_heavy(project: Path) -> None:
    run(project, "generate")
    code = (
        "import sys; from specbridge.cli.main import main\n"
        "try: main(['check'], standalone_mode=False)\n"
        "finally: print(sorted({'docutils', 'jinja2', 'black', 'specbridge.reader.read',"
        " 'specbridge.resolve.packages'} & set(sys.modules)))"
    )
    done = subprocess.run(
        (sys.executable, "-c", code),
        cwd=project,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "[]\n"


def test_diff_tells_changes_and_what_breaks(project: Path) -> None:
    old = project / "old.rst"
    old.write_text(DOCUMENT, encoding="utf-8")
    write(project, CHANGED)
    new = "specs/ledgerly-acme.rst"
    done = run(project, "diff", "old.rst", new)
    assert done.returncode == 1
    assert "row-added" in done.stdout
    assert run(project, "diff", "old.rst", new, "--fail-on", "breaking").returncode == 0
    assert run(project, "diff", new, "old.rst", "--fail-on", "breaking").returncode == 1
    assert run(project, "diff", "old.rst", "old.rst").returncode == 0
    (change,) = run_json(project, "diff", "old.rst", new, "--json")["changes"]
    assert change["kind"] == "row-added"
    assert change["flow"] == "buyer_to_contact"
    assert change["breaking"] is False
    assert "| row-added |" in run(project, "diff", "old.rst", new, "--format", "markdown").stdout
    assert run(project, "diff", "none.rst", new).returncode == 2


def git(root: Path, *words: str) -> None:
    identity = ("-c", "user.name=t", "-c", "user.email=t@example.com")
    subprocess.run(("git", *identity, *words), cwd=root, capture_output=True, check=True)


def test_diff_reads_revisions_and_folders(project: Path) -> None:
    git(project, "init", "-q")
    git(project, "add", ".")
    git(project, "commit", "-qm", "one")
    write(project, CHANGED)
    for old, new in (
        ("git:HEAD:specs/ledgerly-acme.rst", "specs/ledgerly-acme.rst"),
        ("git:HEAD:specs", "specs"),
    ):
        value = run_json(project, "diff", old, new, "--json")
        assert [change["kind"] for change in value["changes"]] == ["row-added"]
    assert run_json(project / "specs", "diff", "git:HEAD:.", ".", "--json") == value
    assert run(project, "diff", "git:nowhere:specs", "specs").returncode == 2
    assert run(project, "diff", "git:HEAD", "specs").returncode == 2


def test_lint_is_strict_on_request(project: Path) -> None:
    done = run(project, "lint")
    assert done.returncode == 0
    assert "problems" in done.stdout
    assert run(project, "lint", "--strict").returncode == 1
    write(project, BROKEN)
    assert run(project, "lint").returncode == 2
    assert set(run_json(project, "lint", "--json")) == {"problems", "held"}


def test_lint_of_our_own_document_names_the_held_rows() -> None:
    value = run_json(ROOT, "lint", "specs/powerofficego-zendesk.rst", "--json")
    held = {(row["source"], row["target"], row["direction"]) for row in value["held"]}
    assert held == {("WebsiteUrl", "url", "both"), ("partyId", "organization_id", "to_source")}


ENVIRONMENTS = {
    "hash seed 0": {"PYTHONHASHSEED": "0"},
    "hash seed 9": {"PYTHONHASHSEED": "9"},
    "locale and zone": {"LC_ALL": "tr_TR.UTF-8", "TZ": "Pacific/Chatham", "PYTHONHASHSEED": "3"},
    "ascii": {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
}


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_the_same_bytes_everywhere(name: str, tmp_path: Path) -> None:
    document = ROOT / "specs" / "powerofficego-zendesk.rst"
    done = run(tmp_path, "generate", str(document), "-o", "out", environment=ENVIRONMENTS[name])
    assert done.returncode == 0, done.stderr
    committed = ROOT / "generated" / "powerofficego_zendesk"
    for path in (tmp_path / "out" / "powerofficego_zendesk").rglob("*.py"):
        name_there = path.relative_to(tmp_path / "out" / "powerofficego_zendesk")
        assert path.read_bytes() == (committed / name_there).read_bytes()


@pytest.mark.parametrize("command", ["generate", "check", "diff", "lint"])
def test_help_shows_examples(command: str) -> None:
    done = run(ROOT, command, "--help")
    assert done.returncode == 0
    assert f"specbridge {command}" in done.stdout
