"""`specbridge doctor` on a package whose systems are small servers on loopback."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from specbridge.cli.main import main
from specbridge.cli.next_steps import command_line

from tests.runtime.connectors.ledgerly import TOKEN, Ledgerly
from tests.runtime.connectors.servers import LoopbackServer, serving

PAGE = Path(__file__).parents[2] / "docs" / "new-system.md"
PACKAGE = '''
"""A package of one flow between Ledgerly and itself."""

from specbridge.runtime.flow import Flow, Side

SIDE = Side(system="ledgerly", resource="Buyers", label="Ledgerly Buyers")
FLOWS = (
    Flow(
        name="buyers_to_buyers",
        document="ledgerly.rst",
        source=SIDE,
        target=SIDE,
        to_target=lambda record, references: record,
        to_source=lambda record, references: record,
        source_keys=lambda record: (),
        target_keys=lambda record: (),
    ),
)
'''


@pytest.fixture
def server() -> Iterator[LoopbackServer]:
    with serving(Ledgerly().answer) as running:
        # The findings compare the server's clock with this machine's.
        running.date = ""
        yield running


@pytest.fixture
def project(tmp_path: Path, server: LoopbackServer, monkeypatch: pytest.MonkeyPatch) -> Path:
    found = re.search(
        r'```toml\n(name = "ledgerly".*?)```', PAGE.read_text(encoding="utf-8"), re.DOTALL
    )
    assert found is not None
    (tmp_path / "ledgerly.toml").write_text(found[1], encoding="utf-8")
    settings = '[tool.specbridge]\nprofiles = ["ledgerly.toml"]\n'
    (tmp_path / "pyproject.toml").write_text(settings, encoding="utf-8")
    (tmp_path / "ledgerly_ledgerly").mkdir()
    (tmp_path / "ledgerly_ledgerly" / "__init__.py").write_text(PACKAGE, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LEDGERLY_BASE_URL", f"{server.base_url}/api")
    monkeypatch.setenv("LEDGERLY_TOKEN", TOKEN)
    return tmp_path


def test_all_is_well(project: Path) -> None:
    result = CliRunner().invoke(main, ["doctor", str(project / "ledgerly_ledgerly"), "--json"])
    assert result.exit_code == 0, result.output
    answer = json.loads(result.output)
    assert answer["well"] is True
    subjects = [one["subject"] for one in answer["systems"]["ledgerly"]]
    assert subjects == ["environment", "reachability", "privileges", "clock"]


def test_the_end_says_what_is_next(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    words = ["doctor", "ledgerly_ledgerly"]
    well = CliRunner().invoke(main, words)
    assert well.output.splitlines()[0] == "Ledgerly"
    assert well.output.splitlines()[-2:] == [
        "next: see what a sync would do",
        f"  {command_line(('plan', 'ledgerly_ledgerly'))}",
    ]
    assert "next: " not in CliRunner().invoke(main, [*words, "--quiet"]).output
    monkeypatch.setenv("LEDGERLY_TOKEN", "wr0ng")
    unwell = CliRunner().invoke(main, words)
    assert unwell.output.splitlines()[-1] == f"  {command_line(words)}"


def test_a_wrong_token_is_told(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEDGERLY_TOKEN", "wr0ng")
    result = CliRunner().invoke(main, ["doctor", "ledgerly_ledgerly"])
    assert result.exit_code == 5
    assert "NO  credentials: ledgerly: GET /me: 401: who are you?" in result.output
    assert "wr0ng" not in result.output


def test_missing_variables_are_named(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LEDGERLY_TOKEN")
    result = CliRunner().invoke(main, ["doctor", "ledgerly_ledgerly"])
    assert result.exit_code == 5
    assert "LEDGERLY_TOKEN" in result.output


def test_a_clock_that_is_off_is_told(project: Path, server: LoopbackServer) -> None:
    server.date = "Mon, 01 Jan 2024 12:00:00 GMT"
    result = CliRunner().invoke(main, ["doctor", "ledgerly_ledgerly", "--json"])
    assert result.exit_code == 5
    clock = json.loads(result.output)["systems"]["ledgerly"][-1]
    assert clock["subject"] == "clock"
    assert not clock["well"]


def test_nobody_is_there(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEDGERLY_BASE_URL", "http://127.0.0.1:9")
    result = CliRunner().invoke(main, ["doctor", "ledgerly_ledgerly"])
    assert result.exit_code == 5
    assert "NO  reachability: ledgerly: GET /me" in result.output


def test_a_package_that_is_none(project: Path) -> None:
    result = CliRunner().invoke(main, ["doctor", str(project)])
    assert result.exit_code == 2


@pytest.mark.parametrize(
    ("granted", "scopes", "status", "message"),
    [
        ("", ("see", "own"), 0, "ok  scopes of Buyers: at least see to read, own to write"),
        ("scopes", ("see", "write"), 0, "ok  scopes of Buyers: they are granted"),
        (
            "scopes",
            ("WRITE", "own"),
            0,
            "!   scopes of Buyers: granted to read alone; at least WRITE",
        ),
        (
            "scopes",
            ("see", "own"),
            5,
            "NO  scopes of Buyers: not granted: ask for see to read, own to",
        ),
        ("nothing", ("see", "own"), 5, "NO  scopes of Buyers: not granted"),
    ],
)
def test_the_least_scopes_are_told_and_compared_with_those_that_are_granted(
    project: Path, granted: str, scopes: tuple[str, str], status: int, message: str
) -> None:
    profile = project / "ledgerly.toml"
    text = profile.read_text(encoding="utf-8")
    read, write = scopes
    stated = f'name = "Buyers"\nread_scopes = ["{read}"]\nwrite_scopes = ["{write}"]\n'
    head = f'granted = "{granted}"\n' if granted else ""
    profile.write_text(head + text.replace('name = "Buyers"\n', stated), encoding="utf-8")
    result = CliRunner().invoke(main, ["doctor", "ledgerly_ledgerly"])
    assert (result.exit_code, message in result.output) == (status, True), result.output
