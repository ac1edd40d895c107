"""Refresh tokens that rotate: kept before they are needed, by one process at a time, for nobody else to read."""

import stat
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from specbridge.errors import AuthenticationError, SettingsError, SurroundingsError
from specbridge.profiles.load import read_profile
from specbridge.runtime.connectors.build import build_connector, signing_in
from specbridge.runtime.records import Connector

from tests.runtime.connectors.clocks import ManualTime
from tests.runtime.connectors.issuing import CLIENT, FIRST, PROFILE, REFRESHED, SIGNED_IN, Issuer
from tests.runtime.connectors.servers import LoopbackServer, serving

GIVEN = {**CLIENT, "WHARF_REFRESH_TOKEN": FIRST}


@pytest.fixture
def issuer() -> Issuer:
    return Issuer()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "tokens"


@contextmanager
def connected(
    server: LoopbackServer,
    scheme: str,
    environment: Mapping[str, str],
    time: ManualTime | None = None,
) -> Iterator[Connector]:
    profile = read_profile(PROFILE + scheme, "wharf.toml")
    known = {**environment, "WHARF_BASE_URL": server.base_url}
    built = build_connector(profile, known, make_clock=(time or ManualTime()).maker())
    try:
        yield built
    finally:
        built.close()


def read(connector: Connector) -> int:
    pages = connector.read_changes("Ships", None, frozenset({"id"}))
    return sum(len(page.changes) for page in pages)


def run(server: LoopbackServer, environment: Mapping[str, str], scheme: str = REFRESHED) -> int:
    """Read once, as a process of its own would."""
    with connected(server, scheme, environment) as connector:
        return read(connector)


@pytest.mark.parametrize(
    ("style", "secret"), [("form", True), ("form-body", True), ("json", True), ("form-body", False)]
)
def test_each_run_goes_on_with_the_token_that_the_last_one_got(
    style: str, secret: bool, folder: Path
) -> None:
    issuer = Issuer(proof=style, secret="wh@rf-secret" if secret else None)
    scheme = f'{REFRESHED}body_style = "{style}"\n'
    if not secret:
        scheme = scheme.replace('password = "{CLIENT_SECRET}"\n', "")
    environment = {**GIVEN, "SPECBRIDGE_TOKENS": str(folder)}
    with serving(issuer.answer) as server:
        assert [run(server, environment, scheme) for _ in range(3)] == [1, 1, 1]
    assert issuer.issued == 3


def test_a_token_is_renewed_within_a_run_too(issuer: Issuer, folder: Path) -> None:
    time = ManualTime()
    environment = {**GIVEN, "SPECBRIDGE_TOKENS": str(folder)}
    with (
        serving(issuer.answer) as server,
        connected(server, REFRESHED, environment, time) as connector,
    ):
        assert read(connector) + read(connector) == 2
        assert issuer.issued == 1
        time.sleep(600)
        assert read(connector) == 1
        # The system ends it early.
        issuer.access = "another"
        assert read(connector) == 1
    assert issuer.issued == 3


def test_a_token_that_does_not_rotate_needs_no_file(folder: Path) -> None:
    issuer = Issuer(rotates=False)
    environment = {**GIVEN, "SPECBRIDGE_TOKENS": str(folder)}
    with serving(issuer.answer) as server:
        assert [run(server, environment) for _ in range(2)] == [1, 1]
    assert list(folder.glob("*.json")) == []


def test_processes_that_renew_at_once_take_turns(issuer: Issuer, folder: Path) -> None:
    environment = {**GIVEN, "SPECBRIDGE_TOKENS": str(folder)}
    with serving(issuer.answer) as server, ThreadPoolExecutor(6) as pool:
        # A lock of the file, not of the process: each of them opens its own.
        done = list(pool.map(lambda _: _try(server, environment), range(6)))
    # None was refused its refresh token; an access token may be ended by the next one's.
    assert all("invalid_grant" not in text for text in done)
    assert issuer.refreshing == {f"refresh-{issuer.issued}-of-wharf"}


def _try(server: LoopbackServer, environment: Mapping[str, str]) -> str:
    try:
        return str(run(server, environment))
    except AuthenticationError as error:
        return str(error)


def test_a_new_token_of_the_environment_takes_the_place_of_what_was_kept(
    issuer: Issuer, folder: Path
) -> None:
    environment = {**GIVEN, "SPECBRIDGE_TOKENS": str(folder)}
    with serving(issuer.answer) as server:
        run(server, environment)
        issuer.refreshing = {"refresh-new-of-wharf"}
        with pytest.raises(AuthenticationError) as caught:
            run(server, environment)
        assert str(caught.value) == (
            "wharf: no token was given (invalid_grant): set WHARF_REFRESH_TOKEN to a new refresh token"
        )
        assert run(server, {**environment, "WHARF_REFRESH_TOKEN": "refresh-new-of-wharf"}) == 1


def test_what_is_kept_is_for_nobody_else_to_read(issuer: Issuer, folder: Path) -> None:
    environment = {**GIVEN, "SPECBRIDGE_TOKENS": str(folder)}
    with serving(issuer.answer) as server:
        run(server, environment)
        (kept,) = folder.glob("*.json")
        assert {stat.S_IMODE(one.stat().st_mode) for one in folder.iterdir()} == {0o600}
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        kept.chmod(0o644)
        with pytest.raises(SurroundingsError, match="can be read by others: chmod 600"):
            run(server, environment)


def test_with_a_key_it_is_encrypted_and_keys_can_be_changed(issuer: Issuer, folder: Path) -> None:
    old, new = (Fernet.generate_key().decode() for _ in range(2))
    environment = {**GIVEN, "SPECBRIDGE_TOKENS": str(folder)}
    with serving(issuer.answer) as server:
        # Kept in the clear before there is a key.
        run(server, environment)
        run(server, {**environment, "SPECBRIDGE_KEY": old})
        (kept,) = folder.glob("*.json")
        assert b"wharf" not in kept.read_bytes()
        for key, fault in ((None, "is encrypted: set"), (new, "by another SPECBRIDGE_KEY")):
            with pytest.raises(SettingsError, match=fault):
                run(server, {**environment, **({"SPECBRIDGE_KEY": key} if key else {})})
        assert run(server, {**environment, "SPECBRIDGE_KEY": f"{new}, {old}"}) == 1
        path = folder / "key"
        path.write_text(f"{new}\n", encoding="utf-8")
        assert run(server, {**environment, "SPECBRIDGE_KEY_FILE": str(path)}) == 1
        with pytest.raises(SettingsError, match="SPECBRIDGE_KEY is no key; make one"):
            run(server, {**environment, "SPECBRIDGE_KEY": "short"})


def test_a_folder_that_cannot_be_written_is_told_before_a_token_is_spent(
    issuer: Issuer, tmp_path: Path
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("", encoding="utf-8")
    environment = {**GIVEN, "SPECBRIDGE_TOKENS": str(blocked / "tokens")}
    with serving(issuer.answer) as server, pytest.raises(SurroundingsError, match="SPECBRIDGE_TOK"):
        run(server, environment)
    assert issuer.issued == 0


def test_nobody_is_signed_in(folder: Path) -> None:
    environment = {**CLIENT, "SPECBRIDGE_TOKENS": str(folder)}
    with (
        serving(Issuer().answer) as server,
        pytest.raises(AuthenticationError, match="nobody is signed in: sign in: `specbridge login"),
    ):
        run(server, environment, SIGNED_IN)


@pytest.mark.parametrize(
    ("arrived", "fault"),
    [
        ("/callback?error=access_denied&state={state}", "access_denied"),
        ("/callback?code=code-0&state=another", "mismatching_state"),
        ("/callback?code=code-of-somebody&state={state}", "invalid_grant"),
        ("/callback?state={state}", "missing_code"),
    ],
)
def test_an_answer_that_does_not_fit_is_refused(folder: Path, arrived: str, fault: str) -> None:
    issuer = Issuer()
    with serving(issuer.answer) as server:
        environment = {
            **CLIENT,
            "WHARF_BASE_URL": server.base_url,
            "SPECBRIDGE_TOKENS": str(folder),
        }
        profile = read_profile(PROFILE + SIGNED_IN, "wharf.toml")
        with signing_in(profile, environment) as signing:
            address = arrived.format(state=signing.invitation.state)
            with pytest.raises(AuthenticationError, match=f"{fault}.*specbridge login wharf"):
                signing.finish(f"http://127.0.0.1:8765{address}")
    assert not folder.exists()
