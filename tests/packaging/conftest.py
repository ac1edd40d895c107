"""Builds what is released, and installs the wheel where nothing of this checkout is in the way."""

import os
import subprocess
import sys
import sysconfig
import venv
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Release:
    """The files of one build."""

    sdist: Path
    wheel: Path  # built from the sdist, as `python -m build` does


@dataclass(frozen=True)
class Done:
    """A finished command: its exit code, and all that it printed."""

    status: int
    output: str


@dataclass(frozen=True)
class Elsewhere:
    """A foreign repository, and an environment that knows specbridge as an installed wheel only."""

    root: Path
    python: Path

    def run(self, *arguments: str) -> Done:
        """Run the environment's Python in the repository, without a variable of this session's."""
        return run([str(self.python), *arguments], self.root)

    def specbridge(self, *arguments: str) -> Done:
        """Run the installed command."""
        return run([str(self.python.with_name("specbridge")), *arguments], self.root)

    def write(self, name: str, text: str) -> None:
        """Write a file of the repository."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def run(command: list[str], directory: Path) -> Done:
    """Run a command with nothing of the environment but what finds programs and a home."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    done = subprocess.run(
        command,
        cwd=directory,
        env=kept,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        check=False,
    )
    return Done(done.returncode, done.stdout)


def build(directory: Path, source: Path, *options: str) -> None:
    """Build a source tree into a directory, with the build tools that are installed here."""
    command = [
        sys.executable,
        "-m",
        "build",
        "--no-isolation",
        "--outdir",
        str(directory),
        *options,
    ]
    done = run([*command, str(source)], source)
    assert done.status == 0, done.output


@pytest.fixture(scope="session")
def release(tmp_path_factory: pytest.TempPathFactory) -> Release:
    """Build the sdist, and the wheel from it."""
    made = tmp_path_factory.mktemp("release")
    build(made, ROOT)
    (sdist,), (wheel,) = made.glob("*.tar.gz"), made.glob("*.whl")
    return Release(sdist, wheel)


@pytest.fixture(scope="session")
def installed(release: Release, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the wheel into an environment of its own and return its Python.

    The packages that it depends on are those of this environment: a path file brings its folder, and
    not the path files within it, of which one leads to this checkout.
    """
    root = tmp_path_factory.mktemp("environment")
    venv.create(root, with_pip=False, symlinks=True)
    python = root / "bin" / "python"
    (own,) = (root / "lib").glob("python*/site-packages")
    (own / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    options = ["--quiet", "--no-index", "--no-deps", "--disable-pip-version-check"]
    done = run([str(python), "-m", "pip", "install", *options, str(release.wheel)], root)
    assert done.status == 0, done.output
    return python


@pytest.fixture
def elsewhere(installed: Path, tmp_path: Path) -> Elsewhere:
    """Return an empty git repository beside the installed wheel."""
    assert run(["git", "init", "--quiet", str(tmp_path)], tmp_path).status == 0
    return Elsewhere(tmp_path, installed)
