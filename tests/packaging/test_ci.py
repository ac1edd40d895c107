"""What docs/ci.md has people paste works as it stands: the action, the hooks, GitLab's commands, the exit codes."""

import json
import os
import re
import shutil
import stat
import sys
import venv
from pathlib import Path

import pytest
import yaml

from tests.packaging.conftest import ROOT, Release, run
from tests.packaging.runner import Runner, environment_of

OTHER = "0.1.99"
"""The version of the action that is used: not the newest."""

# What no runner has: here it only writes down what it was asked for, and knows no comment.
GH = """\
#!/bin/sh
printf '%s\\n' "$*" >>"$GH_LOG"
for word in "$@"; do case $word in body=@*) cat "${word#body=@}" >>"$GH_LOG";; esac; done
"""
OFFLINE = {
    "PIP_NO_INDEX": "1",
    "PIP_NO_DEPS": "1",
    "PIP_IGNORE_INSTALLED": "1",
    "PIP_NO_BUILD_ISOLATION": "0",
    "PIP_DISABLE_PIP_VERSION_CHECK": "1",
}
EVIL = '"; touch "$HOME/bought"; echo "'


def git(folder: Path, *words: str) -> str:
    who = ("-c", "user.name=x", "-c", "user.email=x@x.example")
    done = run(["git", *who, *words], folder)
    assert done.status == 0, done.output
    return done.output.strip()


@pytest.fixture(scope="session")
def action(release: Release, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Unpack the sdist as the action's checkout, and give it another version."""
    folder = tmp_path_factory.mktemp("action")
    # Not by Python's own: it learnt to refuse what leads outside within 3.11, and warns without from 3.12 on.
    done = run(["tar", "-xzf", str(release.sdist)], folder)
    assert done.status == 0, done.output
    (checkout,) = folder.iterdir()
    stated = checkout / "pyproject.toml"
    text = re.sub(r'(?m)^version = ".*"', f'version = "{OTHER}"', stated.read_text("utf-8"))
    stated.write_text(text, encoding="utf-8")
    return checkout


@pytest.fixture
def python(tmp_path: Path) -> Path:
    """Return the Python that `setup-python` would give: it has pip, and here what specbridge needs."""
    venv.create(tmp_path / "python", with_pip=True, symlinks=True)
    python = tmp_path / "python/bin/python"
    (own,) = (tmp_path / "python/lib").glob("python*/site-packages")
    needed = next(path for path in sys.path if path.endswith("site-packages"))
    (own / "dependencies.pth").write_text(needed + "\n", encoding="utf-8")
    return python


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Return a repository whose project, ours, lies in a folder of it."""
    project = tmp_path / "repository/sync it"
    project.mkdir(parents=True)
    write_project(project)
    git(tmp_path / "repository", "init", "--quiet")
    git(tmp_path / "repository", "add", "-A")
    git(tmp_path / "repository", "commit", "-qm", "first")
    return tmp_path / "repository"


def write_project(folder: Path) -> None:
    for name in ("specs", "generated"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    own = text[text.index("[tool.specbridge]") : text.index("[tool.black]")]
    (folder / "pyproject.toml").write_text(own, encoding="utf-8")


@pytest.fixture
def runner(action: Path, python: Path, repository: Path, tmp_path: Path) -> Runner:
    room = tmp_path / "room"
    room.mkdir()
    gh = room / "bin/gh"
    gh.parent.mkdir()
    gh.write_text(GH, encoding="utf-8")
    gh.chmod(gh.stat().st_mode | stat.S_IXUSR)
    more = {**OFFLINE, "GH_LOG": str(room / "gh.log")}
    return Runner(
        action=action,
        folder=repository,
        room=room,
        environment=environment_of(python, more, before=gh.parent),
        context={
            "github.event_name": "pull_request",
            "github.event.pull_request.base.sha": git(repository, "rev-parse", "HEAD"),
            "github.event.pull_request.number": "7",
            "github.repository": "somebody/something",
            "github.token": "none",
        },
    )


def test_the_action_of_another_version_in_another_repository(runner: Runner) -> None:
    assert runner.run(working_directory="sync it", strict="true") == 0, runner.log
    assert "packages, no drift" in runner.summary
    assert "No change in meaning." in runner.summary
    log = json.loads((runner.room / "specbridge.sarif").read_text(encoding="utf-8"))
    assert log["runs"][0]["tool"]["driver"]["version"] == OTHER
    assert not (runner.room / "gh.log").exists()
    assert len(runner.used) == 1


def test_the_action_tells_what_changes_in_meaning(runner: Runner) -> None:
    document = runner.folder / "sync it/specs/powerofficego-zendesk.rst"
    text = document.read_text(encoding="utf-8")
    document.write_text(text.replace("* - Name\n", "* - FirstName\n", 1), encoding="utf-8")
    asked = {"comment": "true", "upload_sarif": "true"}
    assert runner.run(working_directory="sync it", **asked) == 1
    assert "::error file=sync it/specs/powerofficego-zendesk.rst,line=" in runner.log
    assert "in meaning" in runner.summary
    told = (runner.room / "gh.log").read_text(encoding="utf-8")
    assert "--method POST repos/somebody/something/issues/7/comments" in told
    assert "<!-- specbridge diff -->" in told
    assert any("upload-sarif@" in one for one in runner.used)


def test_the_action_takes_inputs_as_texts(runner: Runner) -> None:
    asked = {"documents": f"sync it/specs\n{EVIL}\n$(touch bought)", "compare": EVIL}
    home = runner.room / "home"
    home.mkdir()
    runner.environment = {**runner.environment, "HOME": str(home)}
    assert runner.run(**asked) == 2, runner.log
    assert not (home / "bought").exists()
    assert not list(runner.folder.rglob("bought"))


@pytest.mark.parametrize(
    "path",
    [ROOT / "action.yml", *sorted((ROOT / ".github/workflows").glob("*.yml"))],
    ids=lambda path: path.name,
)
def test_other_actions_are_pinned(path: Path) -> None:
    used = re.findall(r"uses: (\S+)", path.read_text(encoding="utf-8"))
    assert used
    assert [one for one in used if one != "./" and not re.search(r"@[0-9a-f]{40}$", one)] == []


def test_the_workflow_runs_on_every_python_of_the_project() -> None:
    workflow = yaml.safe_load((ROOT / ".github/workflows/tests.yml").read_text(encoding="utf-8"))
    stated = workflow["jobs"]["tests"]["strategy"]["matrix"]["python"]
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert stated == re.findall(r'"Programming Language :: Python :: (3\.\d+)"', text)


def test_the_commands_for_gitlab_run(release: Release, python: Path, tmp_path: Path) -> None:
    write_project(tmp_path)
    page = (ROOT / "docs/ci.md").read_text(encoding="utf-8")
    job = yaml.safe_load(re.findall(r"```yaml\n(drift:.*?)```", page, re.DOTALL)[0])["drift"]
    version = release.wheel.name.split("-")[1]
    script = "\n".join(job["script"]).replace("VERSION", version)
    found = f"PIP_FIND_LINKS={release.wheel.parent}"
    options = [found, *(f"{name}={value}" for name, value in OFFLINE.items())]
    path = f"PATH={python.parent}{os.pathsep}{os.environ['PATH']}"
    done = run(["env", path, *options, "sh", "-ec", script], tmp_path)
    assert done.status == 0, done.output
    assert "packages, no drift" in done.output


def test_hooks_run_whatever_changes_and_are_given_no_names() -> None:
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    assert {hook["id"] for hook in hooks} == {"specbridge-check", "specbridge-lint"}
    for hook in hooks:
        assert (hook["always_run"], hook["pass_filenames"]) == (True, False)


def test_a_readme_is_no_business_of_the_hooks(python: Path, tmp_path: Path) -> None:
    write_project(tmp_path)
    (tmp_path / "README.rst").write_text("My project\n==========\n\nHello.\n", encoding="utf-8")
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    for hook in hooks:
        done = run([sys.executable, "-m", *hook["entry"].split()], tmp_path)
        assert done.status == 0, done.output
