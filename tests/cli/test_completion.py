"""Completion as shells ask for it: commands, options and values, without what the commands need."""

import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from specbridge.cli.completing.answer import SHELLS, TABLE
from specbridge.cli.main import COMMANDS, main
from specbridge.runtime.store.accounts import number_company
from specbridge.runtime.store.engine import open_store
from specbridge.runtime.store.history.journal import start_run

from tests.cli.describing import render
from tests.cli.watching import CHECKOUT, ROOT

HEAVY = {"sqlalchemy", "httpx", "docutils", "jinja2", "black", "rich", "structlog", "generated"}
# As the script that is installed calls it; what it has loaded at its end goes to stderr.
CALL = f"""
import atexit, sys
atexit.register(lambda: print(*({HEAVY!r} & set(sys.modules)), file=sys.stderr, end=""))
sys.argv = ["specbridge"]
from specbridge.cli.main import main
main()
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a project with one package, three runs in its store, and a folder in it."""
    folder = tmp_path_factory.mktemp("project")
    (folder / "pyproject.toml").write_text("[tool.specbridge]\n", encoding="utf-8")
    shutil.copytree(
        ROOT / "generated/powerofficego_zendesk", folder / "generated/powerofficego_zendesk"
    )
    (folder / "deeper").mkdir()
    with open_store(f"sqlite:///{folder / 'specbridge.db'}") as store:
        company = number_company(store.connection, "Fjord AS")
        for began in range(3):
            start_run(store.connection, company, ["powerofficego_zendesk"], "sync", 1.7e9 + began)
        store.commit()
    return folder


def ask(
    folder: Path, line: str, shell: str = "bash", environment: Mapping[str, str] | None = None
) -> Sequence[str]:
    """Return what may stand for the last word of a line, as a shell is answered; nothing heavy is loaded."""
    words = line.split(" ")
    asked = {
        "_SPECBRIDGE_COMPLETE": f"{shell}_complete",
        "COMP_WORDS": line,
        "COMP_CWORD": words[-1] if shell == "fish" else str(len(words) - 1),
    }
    done = subprocess.run(
        [sys.executable, "-c", CALL],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": CHECKOUT, **(environment or {}), **asked},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return [line for line in done.stdout.splitlines() if line]


PACKAGE = "generated/powerofficego_zendesk"


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("specbridge sy", ["sync"]),
        ("specbridge sync g", [PACKAGE]),
        ("specbridge doctor ", [PACKAGE]),
        ("specbridge sync --fl", ["--flow"]),
        (f"specbridge sync {PACKAGE} --flow cont", ["contactperson_to_users"]),
        ("specbridge plan --flow contact", ["contactperson_to_users"]),
        ("specbridge explain W30", ["W301", "W302", "W303"]),
        ("specbridge undo ", ["3", "2", "1"]),
        ("specbridge links --package ", ["powerofficego_zendesk"]),
        ("specbridge links spl", ["split"]),
        ("specbridge links split dep", ["departments_to_organizations"]),
        ("specbridge login zen", ["zendesk"]),
        ("specbridge completion z", ["zsh"]),
        ("specbridge links --flow cont", ["contactperson_to_users"]),
        ("specbridge links --side zen", ["zendesk"]),
        ("specbridge profile show zen", ["zendesk"]),
        ("specbridge status export zendesk Us", ["Users"]),
        ("specbridge check --format s", ["sarif"]),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_what_may_come_next(project: Path, line: str, found: Sequence[str]) -> None:
    assert ask(project, line) == [f"plain,{one}" for one in found]


def test_all_commands_are_offered(project: Path) -> None:
    assert ask(project, "specbridge ") == [f"plain,{name}" for name in COMMANDS]


def test_a_package_elsewhere_is_a_folder(project: Path) -> None:
    assert ask(project, "specbridge sync else") == ["dir,else"]


def test_packages_are_paths_from_where_one_stands(project: Path) -> None:
    assert ask(project / "deeper", "specbridge plan ") == [f"plain,../{PACKAGE}"]


def test_a_profile_of_the_project_is_offered_wherever_it_lies(tmp_path: Path) -> None:
    own = tmp_path / "mine.toml"
    own.write_text('name = "ledgerly"\n', encoding="utf-8")
    stated = f'[tool.specbridge]\nprofiles = ["{own.as_posix()}", "nowhere.toml"]\n'
    (tmp_path / "pyproject.toml").write_text(stated, encoding="utf-8")
    assert ask(tmp_path, "specbridge profile show led") == ["plain,ledgerly"]


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_other_shells_show_what_a_value_is(project: Path, shell: str) -> None:
    said = "\n".join(ask(project, "specbridge undo ", shell))
    assert "3" in said
    assert "sync 2023-11-14" in said


@pytest.mark.parametrize(
    "store",
    ["sqlite:///nowhere.db", "sqlite:///pyproject.toml", "postgresql://u@127.0.0.1:9/d", "rubbish"],
)
def test_a_store_that_cannot_be_asked_has_no_values(project: Path, store: str) -> None:
    assert ask(project, "specbridge undo ", environment={"SPECBRIDGE_STORE": store}) == []
    assert not (project / "nowhere.db").exists()


@pytest.mark.parametrize("text", ["[tool.specbridge", '[tool.specbridge]\nunknown = "1"\n'])
def test_settings_that_cannot_be_read_are_the_defaults(tmp_path: Path, text: str) -> None:
    (tmp_path / "pyproject.toml").write_text(text, encoding="utf-8")
    (tmp_path / "generated/one").mkdir(parents=True)
    (tmp_path / "generated/one/manifest.json").write_text("{", encoding="utf-8")
    assert ask(tmp_path, "specbridge sync ") == ["plain,generated/one"]
    assert ask(tmp_path, "specbridge sync --flow ") == []


def test_the_table_says_what_the_commands_say() -> None:
    assert TABLE.read_text(encoding="utf-8") == render(
        main
    ), "write it anew: python -m tests.cli.describing"


def used(words: Sequence[str], environment: Mapping[str, str], folder: Path) -> float:
    """Return the processor's seconds that a command takes, the least of some: others are at work."""
    taken = []
    for _ in range(4):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(
            words, cwd=folder, env={**os.environ, **environment}, check=True, capture_output=True
        )
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        taken.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return min(taken)


def test_an_answer_takes_little_more_than_click(project: Path) -> None:
    asked = {
        "_SPECBRIDGE_COMPLETE": "bash_complete",
        "COMP_WORDS": "specbridge undo ",
        "COMP_CWORD": "2",
        "PYTHONPATH": CHECKOUT,
    }
    bare = used([sys.executable, "-c", "import click"], {}, project)
    whole = used([sys.executable, "-c", CALL], asked, project)
    assert whole - bare < 0.15


ASKING = {
    "bash": "source {script}; COMP_WORDS=(specbridge explain W30); COMP_CWORD=2; "
    "_specbridge_completion specbridge; printf '%s\\n' \"${{COMPREPLY[@]}}\"",
    "fish": "source {script}; complete --do-complete 'specbridge explain W30'",
    # zsh completes on a terminal only: it is seen to take the script.
    "zsh": "autoload -Uz compinit; compinit -D; source {script}; "
    "print -r -- ${{_comps[specbridge]}}; print W303",
}


@pytest.mark.parametrize("shell", SHELLS)
def test_shells_take_the_script(project: Path, tmp_path: Path, shell: str) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"there is no {shell} here")
    called = tmp_path / "specbridge"
    called.write_text(f'#!/bin/sh\nexec {sys.executable} -m specbridge "$@"\n', encoding="utf-8")
    called.chmod(0o755)
    environment = {
        **os.environ,
        "PYTHONPATH": CHECKOUT,
        "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(tmp_path),
    }

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            words, cwd=project, env=environment, capture_output=True, text=True, check=True
        )

    script = tmp_path / "script"
    script.write_text(run(str(called), "completion", shell).stdout, encoding="utf-8")
    done = run(shell, "-c", ASKING[shell].format(script=script))
    assert "W303" in done.stdout
    assert done.stderr == ""
