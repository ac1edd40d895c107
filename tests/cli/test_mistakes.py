"""Sixty mistakes, really made by processes: each is told in one line, with its exit code and no traceback."""

import os
import re
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.commands import run_command
from tests.drift.project import DOCUMENT

ROOT = Path(__file__).parents[2]
PACKAGE = "generated/ledgerly_acme"
SHIPPED = str(ROOT / "generated/powerofficego_zendesk")
KEYS = {
    **{f"POWEROFFICE_GO_{name}_KEY": "x" for name in ("APPLICATION", "CLIENT", "SUBSCRIPTION")},
    "ZENDESK_SUBDOMAIN": "example",
    "ZENDESK_OAUTH_TOKEN": "x",
}


@dataclass(frozen=True)
class Mistake:
    """A command line in a project, what is wrong beforehand, and how it must end."""

    words: str
    code: int
    says: str
    before: Callable[[Path], object] = lambda _root: None
    environment: dict[str, str] = field(default_factory=dict)
    shell: str = ""  # redirections and limits, where the words stand for `$RUN`
    without: str = ""  # a module that is not installed


def write(name: str, text: str = "x") -> Callable[[Path], object]:
    def act(root: Path) -> None:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    return act


def settings(text: str) -> Callable[[Path], object]:
    return write("pyproject.toml", f"[tool.specbridge]\n{text}\n")


def folder(name: str) -> Callable[[Path], object]:
    return lambda root: (root / name).mkdir(parents=True)


def unreadable(name: str) -> Callable[[Path], object]:
    """Make a file that nobody can read, root neither: the first byte of a process's memory is none."""
    return lambda root: (root / name).symlink_to("/proc/self/mem")


def both(*acts: Callable[[Path], object]) -> Callable[[Path], object]:
    return lambda root: [act(root) for act in acts]


def is_gone(name: str) -> Callable[[Path], object]:
    return lambda root: (root / name).unlink()


FULL = "$RUN > /dev/full"
# Begun once nobody reads any more: a page fits into a pipe that is still open.
CLOSED = "mkfifo go; { read _ <go; $RUN; } | { exec <&-; echo >go; }; exit ${PIPESTATUS[0]}"
SMALL = "ulimit -f 1; $RUN"
GONE = 'mkdir gone; cd gone; rmdir "$PWD"; $RUN'
LONG = "x" * 300

TOLD = {"ZENDESK_WEBHOOK_SECRET": "a secret of this test"}

MISTAKES = {
    # The command line.
    "command": Mistake("chekc", 2, "Did you mean 'check'"),
    "command-unlike": Mistake("frobnicate", 2, "No such command"),
    "subcommand": Mistake("links pni", 2, "Did you mean 'pin'"),
    "option": Mistake("check --formt x", 2, "Did you mean '--format'"),
    "choice": Mistake("check --format xml", 2, "--format"),
    "missing-word": Mistake("diff specs", 2, "NEW"),
    "word-too-many": Mistake("explain W303 W304", 2, "unexpected"),
    "no-number": Mistake("sync --watch soon", 2, "--watch"),
    "port-too-high": Mistake("sandbox --zendesk-port 70000", 2, "65535"),
    "log-format": Mistake("plan --log-format xml", 2, "--log-format"),
    "code": Mistake("explain W33", 2, "did you mean"),
    "profile-name": Mistake("profile show zendsk", 2, "did you mean zendesk"),
    "fault-of-none": Mistake("sandbox --fault nonsense", 2, "nonsense"),
    # Names.
    "package": Mistake("plan generated/nobody", 2, "neither a directory"),
    "package-path": Mistake("plan generated.nobody", 2, "generated.nobody"),
    "package-odd": Mistake("plan ../?", 2, "neither"),
    "folder-of-packages": Mistake("sync generated", 2, "ledgerly_acme"),
    "flow": Mistake(
        f"plan {SHIPPED} --flow customer_to_users", 2, "did you mean", environment=KEYS
    ),
    "stored-package": Mistake("links --package nobody", 2, "nobody"),
    "profile-missing": Mistake("plan", 2, "specbridge lint"),
    "revision": Mistake("diff git:nowhere:specs specs", 2, "nowhere"),
    "revision-form": Mistake("diff git:specs specs", 2, "git:REV:PATH"),
    "diff-of-nothing": Mistake("diff specs nowhere", 2, "nowhere"),
    "folder-without-documents": Mistake("lint empty", 2, "no document", before=folder("empty")),
    "no-document": Mistake("check", 2, "no document", before=is_gone("specs/ledgerly-acme.rst")),
    "templates-of-none": Mistake("check --templates specs", 2, "holds none of"),
    "templates-missing": Mistake("check --templates nowhere", 2, "nowhere"),
    # Settings and profiles.
    "key": Mistake("check", 2, "did you mean documents", before=settings("document = []")),
    "key-type": Mistake("check", 2, "output", before=settings("output = 3")),
    "toml": Mistake("check", 2, "pyproject.toml", before=settings("output = [")),
    "not-utf-8": Mistake(
        "check",
        2,
        "pyproject.toml",
        before=lambda root: (root / "pyproject.toml").write_bytes(b"a = '\xff'"),
    ),
    "profile-file": Mistake("lint", 2, "no.toml", before=settings('profiles = ["no.toml"]')),
    "profile-toml": Mistake(
        "lint",
        2,
        "p.toml:1",
        before=both(settings('profiles = ["p.toml"]'), write("p.toml", "name = [")),
    ),
    "error-ignored": Mistake("lint", 2, "E101", before=settings('ignore = ["E101"]')),
    # Files, folders and streams.
    "stdout-full": Mistake("check --fresh", 6, "standard output", shell=FULL),
    "stdout-full-inspect": Mistake("inspect specs --json", 6, "standard output", shell=FULL),
    "stdout-full-help": Mistake("--help", 6, "standard output", shell=FULL),
    "pipe-closed": Mistake("explain", 6, "standard output", shell=CLOSED),
    "current-folder-gone": Mistake("check", 6, "current folder", shell=GONE),
    "settings-unreadable": Mistake(
        "check",
        6,
        "pyproject.toml",
        before=both(is_gone("pyproject.toml"), unreadable("pyproject.toml")),
    ),
    "output-is-a-file": Mistake(
        "generate", 6, "a file is where a folder", before=write("generated")
    ),
    "output-in-a-file": Mistake("generate -o pyproject.toml/x", 6, "folder"),
    "output-too-long": Mistake(f"generate -o {LONG}/x", 6, "shorter"),
    "output-too-large": Mistake("generate --force", 6, "ulimit -f", shell=SMALL),
    "output-in-no-file-system": Mistake("generate -o /proc/nowhere", 6, "/proc/nowhere"),
    "template-is-a-folder": Mistake(
        "check --fresh",
        6,
        "mapper.py.jinja",
        before=both(settings('templates = "t"'), folder("t/mapper.py.jinja")),
    ),
    "profile-is-a-folder": Mistake(
        "lint", 6, "p.toml", before=both(settings('profiles = ["p.toml"]'), folder("p.toml"))
    ),
    "env-file-in-no-folder": Mistake("sandbox --env-file nowhere/x", 6, "nowhere"),
    "env-file-in-a-file": Mistake("sandbox --env-file pyproject.toml/x", 6, "pyproject.toml"),
    # The store.
    "store-mysql": Mistake("status --store mysql://u@h/x", 6, "sqlite:///"),
    "store-driver": Mistake("status --store postgresql+psycopg2://u@h/x", 6, "postgresql"),
    "store-nonsense": Mistake("status --store nonsense", 6, "sqlite:///"),
    "store-memory": Mistake("status --store sqlite://", 6, "memory"),
    "store-environment": Mistake(
        "status", 6, "oracle", environment={"SPECBRIDGE_STORE": "oracle://h/x"}
    ),
    "store-port": Mistake("status --store postgresql://u@h:port/x", 6, "URL"),
    "store-without-driver": Mistake(
        "status --store postgres://u@127.0.0.1/x", 6, "specbridge[postgresql]", without="psycopg"
    ),
    "store-postgres-unreachable": Mistake("status --store postgres://u@127.0.0.1:9/x", 5, "127.0"),
    "store-in-no-folder": Mistake(
        f"sync {SHIPPED} --store sqlite:///nowhere/x.db", 6, "file", environment=KEYS
    ),
    "store-is-a-folder": Mistake("status --store sqlite:///specs", 6, "file"),
    "store-is-no-database": Mistake(
        "status --store sqlite:///x.db", 5, "store", before=write("x.db", "no database" * 99)
    ),
    # The surroundings of a run.
    "credentials": Mistake(f"plan {SHIPPED}", 5, "set POWEROFFICE_GO_APPLICATION_KEY"),
    "address": Mistake(
        f"plan {SHIPPED}",
        2,
        "ZENDESK_BASE_URL",
        environment={**KEYS, "ZENDESK_BASE_URL": "http://example.com"},
    ),
    "proxy": Mistake(
        f"plan {SHIPPED}", 6, "HTTPS_PROXY", environment={**KEYS, "HTTPS_PROXY": "no proxy"}
    ),
    "certificates": Mistake(
        f"plan {SHIPPED}", 6, "SSL_CERT_FILE", environment={**KEYS, "SSL_CERT_FILE": "/nowhere"}
    ),
    "certificates-folder": Mistake(
        f"plan {SHIPPED}", 6, "SSL_CERT_DIR", environment={**KEYS, "SSL_CERT_DIR": "/nowhere"}
    ),
    "key-log": Mistake(
        f"plan {SHIPPED}", 6, "SSLKEYLOGFILE", environment={**KEYS, "SSLKEYLOGFILE": "/nowhere/x"}
    ),
    "patience": Mistake(
        f"plan {SHIPPED}",
        2,
        "SPECBRIDGE_PATIENCE",
        environment={**KEYS, "SPECBRIDGE_PATIENCE": "long"},
    ),
    "sandbox-without-extra": Mistake("sandbox", 6, "specbridge[sandbox]", without="uvicorn"),
    "serve-without-extra": Mistake("serve", 6, "specbridge[scale]", without="starlette"),
    "serve-without-secret": Mistake("serve", 2, "ZENDESK_WEBHOOK_SECRET"),
    "serve-with-the-secret-of-tests": Mistake(
        "serve",
        2,
        "everybody knows",
        environment={"ZENDESK_WEBHOOK_SECRET": "dGhpc19zZWNyZXRfaXNfZm9yX3Rlc3Rpbmdfb25seQ=="},
    ),
    "serve-company": Mistake("serve --company acme", 2, "NAME=FILE"),
    "serve-company-without-file": Mistake("serve --company acme=nowhere.env", 6, "nowhere.env"),
    "serve-address": Mistake("serve --address sync", 2, "https://", environment=TOLD),
    "serve-port": Mistake("serve --host 192.0.2.1", 6, "", environment=TOLD),
    "metrics-without-extra": Mistake(
        f"sync {SHIPPED} --traces",
        6,
        "specbridge[observability]",
        environment=KEYS,
        without="opentelemetry",
    ),
    "package-without-parser": Mistake("inspect specs", 6, "docutils", without="docutils"),
}


def make_project(root: Path) -> None:
    (root / "specs").mkdir()
    settings("")(root)
    write("specs/ledgerly-acme.rst", DOCUMENT)(root)


def run(root: Path, mistake: Mistake) -> subprocess.CompletedProcess[str]:
    hide = f"sys.modules[{mistake.without!r}] = None; " if mistake.without else ""
    start = f"import sys; {hide}from specbridge.cli.main import main; main(prog_name='specbridge')"
    command = f'"{sys.executable}" -c "{start}" {mistake.words}'
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(
        ("bash", "-c", (mistake.shell or "$RUN").replace("$RUN", command)),
        cwd=root,
        env={**kept, **mistake.environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_one_line_and_a_code(name: str, tmp_path: Path) -> None:
    mistake = MISTAKES[name]
    make_project(tmp_path)
    if mistake.words.startswith("plan") or name == "folder-of-packages":
        assert run_command(("generate",), cwd=tmp_path).returncode == 0
    mistake.before(tmp_path)
    done = run(tmp_path, mistake)
    assert done.returncode == mistake.code, done.stderr
    told = [line for line in done.stderr.splitlines() if line.startswith("specbridge: ")]
    assert len(told) == 1, done.stderr
    assert mistake.says in told[0]
    assert "Traceback" not in done.stderr
    # The line is the last one: no lines of ours or of Python's follow it.
    assert done.stderr.rstrip().endswith(told[0])
    left = [path.name for path in tmp_path.rglob("*.new")] + [*tmp_path.rglob("*.part")]
    assert left == []


def test_there_are_sixty() -> None:
    assert len(MISTAKES) >= 60


@pytest.fixture
def taken() -> Iterator[int]:
    """Give a port that somebody else listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.mark.parametrize(
    "words", ["sandbox --zendesk-port {}", f"sync {SHIPPED} --metrics-port {{}}"]
)
def test_a_port_that_is_taken(words: str, taken: int, tmp_path: Path) -> None:
    make_project(tmp_path)
    done = run(tmp_path, Mistake(words.format(taken), 6, "", environment=KEYS))
    assert done.returncode == 6, done.stderr
    assert re.search(r"^specbridge: .*in use", done.stderr, re.MULTILINE)
    assert "Traceback" not in done.stderr


def test_a_fault_of_ours_is_never_taken_for_drift(tmp_path: Path) -> None:
    make_project(tmp_path)
    start = (
        "import sys, specbridge.api; specbridge.api.check = lambda *a, **k: 1 / 0; "
        "from specbridge.cli.main import main; main(['check'])"
    )
    done = subprocess.run(
        (sys.executable, "-c", start), cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 70
    assert "ZeroDivisionError" in done.stderr
    assert "please report it" in done.stderr
