"""`specbridge login`: a browser is sent to sign in, comes back, and runs have what they need."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.acceptance.conftest import Terminal
from tests.runtime.connectors.issuing import CLIENT, PROFILE, SIGNED_IN, Issuer
from tests.runtime.connectors.servers import serving


@pytest.fixture
def issuer() -> Issuer:
    return Issuer()


@pytest.fixture
def terminal(tmp_path: Path, issuer: Issuer) -> Iterator[Terminal]:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    redirect = f'redirect_url = "http://127.0.0.1:{port}/callback"\n'
    (tmp_path / "wharf.toml").write_text(PROFILE + SIGNED_IN + redirect, encoding="utf-8")
    (tmp_path / "pyproject.toml").write_text(
        '[tool.specbridge]\nprofiles = ["wharf.toml"]\n', encoding="utf-8"
    )
    with serving(issuer.answer) as server:
        environment = {
            **CLIENT,
            "WHARF_BASE_URL": server.base_url,
            "SPECBRIDGE_TOKENS": str(tmp_path / "tokens"),
        }
        yield Terminal(directory=tmp_path, environment=environment)


@pytest.fixture
def waiting(terminal: Terminal) -> Iterator["subprocess.Popen[str]"]:
    process = subprocess.Popen(
        [sys.executable, "-m", "specbridge", "login", "wharf", "--no-browser", "--wait", "60"],
        cwd=terminal.directory,
        env={**os.environ, **terminal.environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def address(process: "subprocess.Popen[str]") -> str:
    """Return the address that a person is asked to open."""
    assert process.stdout is not None
    return next(line.strip() for line in process.stdout if "/authorize?" in line)


def test_a_person_signs_in_once(
    terminal: Terminal, waiting: "subprocess.Popen[str]", issuer: Issuer
) -> None:
    before = terminal.run("profile", "probe", "wharf")
    assert (before.status, "specbridge login wharf" in before.errors) == (5, True)
    url = address(waiting)
    with httpx.Client(follow_redirects=True) as browser:
        back = httpx.URL(url).params["redirect_uri"]
        # Whoever else calls, and guesses, is turned away and ends nothing.
        assert browser.get(f"{back}?code=x&state=guessed").status_code == 404
        assert browser.get(back.replace("callback", "favicon.ico")).status_code == 404
        assert "You can close this page" in browser.get(url).text
    output, errors = waiting.communicate(timeout=60)
    assert (waiting.returncode, errors) == (0, "")
    assert "wharf: signed in; the refresh token is kept in" in output
    assert "code-0" not in output
    assert "refresh-1" not in output
    for _ in range(2):
        done = terminal.run("profile", "probe", "wharf")
        assert "Ships: list: 1 records" in done.output, (done.output, done.errors)
    assert issuer.issued == 3


def test_the_port_is_taken(terminal: Terminal, waiting: "subprocess.Popen[str]") -> None:
    address(waiting)
    done = terminal.run("login", "wharf", "--no-browser")
    assert done.status == 6
    assert "cannot listen at http://127.0.0.1" in done.errors
    assert "--paste" in done.errors


def test_the_address_is_pasted(terminal: Terminal) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "specbridge", "login", "wharf", "--paste"],
        cwd=terminal.directory,
        env={**os.environ, **terminal.environment},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    arrived = httpx.get(address(process)).headers["location"]
    output, _ = process.communicate(arrived + "\n", timeout=60)
    assert process.returncode == 0, output
    assert "signed in" in output


@pytest.mark.parametrize(
    ("words", "status", "fault"),
    [
        (["zendesk"], 2, "no [[auth]] has style authorization-code"),
        (["wharff"], 2, "there is no profile wharff"),
        (["wharf", "--no-browser", "--wait", "1"], 5, "nobody signed in within 1 seconds"),
    ],
)
def test_what_cannot_be_is_told_on_one_line(
    terminal: Terminal, words: list[str], status: int, fault: str
) -> None:
    done = terminal.run("login", *words)
    assert done.status == status, (done.output, done.errors)
    assert fault in done.errors
    assert len(done.errors.strip().splitlines()) == 1


def test_a_client_without_its_variables_is_told(terminal: Terminal) -> None:
    done = terminal.run("login", "wharf", WHARF_CLIENT_SECRET="")
    assert done.status == 5
    assert "set WHARF_CLIENT_SECRET" in done.errors
