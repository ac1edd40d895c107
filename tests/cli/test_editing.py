"""Records of a running sandbox are changed by hand, through the vendors' APIs, as people do."""

import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from specbridge.cli.main import main
from specbridge.cli.sandbox.serve import _announce
from specbridge.errors import SpecbridgeError
from specbridge.sandbox.options import SandboxOptions
from specbridge.sandbox.running import Sandbox, running_sandbox


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with running_sandbox(SandboxOptions()) as running:
        yield running


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(sandbox: Sandbox, *words: str, **variables: str) -> Result:
    environment = {**sandbox.environment, **variables}
    return CliRunner().invoke(main, ["sandbox", *words], env=environment)


def told(sandbox: Sandbox, *words: str, **variables: str) -> str:
    """Return what a command says that is refused."""
    done = run(sandbox, *words, **variables)
    assert done.exit_code != 0
    assert not isinstance(done.exception, SpecbridgeError)
    return done.output


def user(sandbox: Sandbox, name: str) -> Mapping[str, Any]:
    return next(row for row in sandbox.zendesk.records("users") if row["name"] == name)


def customer(sandbox: Sandbox, number: int) -> Mapping[str, Any]:
    return next(row for row in sandbox.poweroffice.records("Customers") if row["Id"] == number)


def test_an_edit_is_a_person_s(sandbox: Sandbox) -> None:
    before = user(sandbox, "Unn Ukjent")
    clock = sandbox.zendesk.system.clock.seconds()
    done = run(sandbox, "edit", "zendesk", "users", str(before["id"]), "name=Unn Kjent", "notes=")
    assert done.exit_code == 0, done.output
    assert 'name: "Unn Ukjent" -> "Unn Kjent"' in done.output
    after = user(sandbox, "Unn Kjent")
    assert after["updated_at"] > before["updated_at"]
    # Zendesk's exports withhold the newest minute.
    assert sandbox.zendesk.system.clock.seconds() >= clock + 120


def test_what_is_kept_apart_counts_as_an_edit_of_the_record(sandbox: Sandbox) -> None:
    before = user(sandbox, "Marte Lunde")
    done = run(sandbox, "edit", "zendesk", "User", str(before["id"]), "email=marte@new.example")
    assert done.exit_code == 0, done.output
    after = user(sandbox, "Marte Lunde")
    assert after["email"] == "marte@new.example"
    assert after["updated_at"] > before["updated_at"]


def test_parts_of_objects_numbers_and_time(sandbox: Sandbox) -> None:
    clock = sandbox.poweroffice.system.clock.seconds()
    words = ("MailAddress.City=Bergen", "paymenttermid=14")
    done = run(sandbox, "edit", "poweroffice", "Customers", "10001", *words, "--keep-time")
    assert done.exit_code == 0, done.output
    row = customer(sandbox, 10001)
    assert (row["MailAddress"]["City"], row["PaymentTermId"]) == ("Bergen", 14)
    assert sandbox.poweroffice.system.clock.seconds() < clock + 60


def test_records_are_added_shown_and_deleted(sandbox: Sandbox) -> None:
    done = run(sandbox, "add", "zendesk", "Organizations", "name=Nord \x1b[2J Fisk")
    assert done.exit_code == 0, done.output
    identifier = done.output.split()[2]
    listed = run(sandbox, "show", "zendesk", "Organizations").output
    # Nothing that a terminal would obey.
    assert f"zendesk Organizations {identifier} Nord \\x1b[2J Fisk" in listed
    assert (
        'name="Nord \\u001b[2J Fisk"'
        in run(sandbox, "show", "zen", "organization", identifier).output
    )
    assert "zendesk Organizations:" in run(sandbox, "show").output
    assert run(sandbox, "delete", "zendesk", "Organizations", identifier).exit_code == 0
    assert identifier not in run(sandbox, "show", "zendesk", "Organizations").output
    assert "no such record" in told(sandbox, "delete", "zendesk", "Organizations", identifier)


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (("edit", "zendesk", "Users", "1", "name=x"), "sandbox show zendesk Users` lists them"),
        (("edit", "zendesk", "Users", "1", "nmae=x"), "did you mean name?"),
        (("edit", "zendesk", "Users", "1", "id=7"), "nobody but the system itself writes it"),
        (("edit", "zendesk", "Users", "1", "name"), "write NAME=VALUE"),
        (("edit", "zendesk", "Uses", "1", "name=x"), "did you mean Users?"),
        (("edit", "acme", "Users", "1", "name=x"), "no such system runs"),
        (("edit", "poweroffice", "Customers", "10002", "Name="), "poweroffice-go refused it"),
        (("show", "zendesk", "Users", "1"), "there is no such record of Users"),
    ],
    ids=lambda value: value if isinstance(value, str) else " ".join(value[1:]),
)
def test_what_cannot_be_is_told(sandbox: Sandbox, words: tuple[str, ...], text: str) -> None:
    assert text in told(sandbox, *words)


def test_no_real_system_is_touched(sandbox: Sandbox) -> None:
    real = "https://acme.zendesk.com"
    words = ("edit", "zendesk", "Users", "1", "name=x")
    assert "is no sandbox, and this edits nothing else" in told(
        sandbox, *words, ZENDESK_BASE_URL=real
    )
    gone = "http://127.0.0.1:9"
    assert "no sandbox answers" in told(sandbox, *words, ZENDESK_BASE_URL=gone)
    nobody = CliRunner().invoke(main, ["sandbox", "show"], env=dict.fromkeys(sandbox.environment))
    assert "specbridge sandbox --background" in nobody.output


def test_the_environment_s_file_is_found_and_belongs_in_no_repository(
    sandbox: Sandbox, here: Path
) -> None:
    _announce(sandbox.environment, Path(".specbridge/sandbox.env"))
    assert (here / ".specbridge/.gitignore").read_text() == "*\n"
    assert (here / ".specbridge/sandbox.env").stat().st_mode & 0o077 == 0
    nobody = dict.fromkeys(sandbox.environment)
    assert "zendesk Users:" in CliRunner().invoke(main, ["sandbox", "show"], env=nobody).output
    named = ["sandbox", "show", "--env-file", ".specbridge/sandbox.env"]
    assert "zendesk Users:" in CliRunner().invoke(main, named, env=nobody).output


def test_a_sandbox_in_the_background_is_started_once_and_ended(here: Path) -> None:
    def specbridge(*words: str) -> tuple[int, str]:
        done = subprocess.run(
            [sys.executable, "-m", "specbridge", "sandbox", *words],
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout + done.stderr

    started = specbridge("--background")
    assert started[0] == 0
    there, page = started[1].splitlines()
    assert there == "sandbox: all APIs answer; the environment is in .specbridge/sandbox.env"
    assert page.startswith("sandbox: records can be edited at http://127.0.0.1:")
    try:
        code, told = specbridge("--background")
        assert (code, "runs already" in told) == (2, True)
        assert "zendesk Users: 10 records" in specbridge("show")[1]
        # The shell takes the file as it is.
        line = ". .specbridge/sandbox.env && echo $ZENDESK_BASE_URL"
        shell = subprocess.run(["sh", "-c", line], capture_output=True, text=True, check=True)
        assert shell.stdout.startswith("http://127.0.0.1:")
    finally:
        assert specbridge("stop") == (0, "sandbox: ended\n")
    code, told = specbridge("--background", "--fault", "nonsense")
    assert (code, "the sandbox did not start: " in told) == (6, True)
