"""What goes wrong is said clearly, leaves the store intact, and the next run finishes the work."""

import socket

import pytest

from tests.acceptance.conftest import Office

SECRETS = ("APPLICATION_KEY", "CLIENT_KEY", "SUBSCRIPTION_KEY", "OAUTH_TOKEN")


def finish(office: Office) -> None:
    """Run again without faults; the end state is that of a run that nothing disturbed."""
    office.sandbox.poweroffice.replace_faults()
    office.sandbox.zendesk.replace_faults()
    done = office.terminal.sync()
    assert done.status == 3, done.errors
    organizations = office.sandbox.zendesk.records("organizations")
    assert len(organizations) == len({row["name"].casefold() for row in organizations}) == 11
    ingrid = office.user("Ingrid Dahl")
    assert ingrid["organization_id"] == office.organization("Fjellheim Kaffe AS")["id"]
    again = office.terminal.sync()
    assert again.writes == 0


def assert_says(errors: str, *words: str) -> None:
    lines = [line for line in errors.splitlines() if line.startswith("specbridge:")]
    assert len(lines) == 1, errors
    assert "Traceback" not in errors
    for word in words:
        assert word in lines[0]


@pytest.mark.parametrize(
    ("variable", "words"),
    [
        ("POWEROFFICE_GO_CLIENT_KEY", ("poweroffice-go",)),
        ("POWEROFFICE_GO_SUBSCRIPTION_KEY", ("poweroffice-go",)),
        ("ZENDESK_OAUTH_TOKEN", ("zendesk",)),
    ],
)
def test_a_wrong_key(office: Office, variable: str, words: tuple[str, ...]) -> None:
    done = office.terminal.sync(**{variable: "wrong-and-secret"})
    assert done.status == 5
    assert_says(done.errors, *words)
    assert "wrong-and-secret" not in done.errors + done.output
    finish(office)


def test_a_missing_key_is_named(office: Office) -> None:
    done = office.terminal.sync(ZENDESK_OAUTH_TOKEN="")
    assert done.status == 5
    assert_says(done.errors, "ZENDESK_OAUTH_TOKEN")


def test_an_unreachable_host(office: Office) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        closed = listener.getsockname()[1]
    done = office.terminal.sync(ZENDESK_BASE_URL=f"http://127.0.0.1:{closed}")
    assert done.status == 5
    assert_says(done.errors, "zendesk")
    finish(office)


@pytest.mark.parametrize("system", ["poweroffice", "zendesk"])
@pytest.mark.parametrize("fault", ["500=1", "malformed=1", "reset=1"])
def test_a_system_that_fails_throughout(office: Office, system: str, fault: str) -> None:
    office.sandbox.poweroffice.replace_faults(f"{system}:{fault}")
    office.sandbox.zendesk.replace_faults(f"{system}:{fault}")
    done = office.terminal.sync()
    assert done.status == 5
    assert_says(done.errors, system)
    assert not any(
        secret in done.errors
        for secret in office.sandbox.environment.values()
        if "http" not in secret
    )
    finish(office)


@pytest.mark.parametrize("fault", ["500=0.2", "429=0.2", "reset=0.2", "reset-after-commit=0.2"])
def test_faults_now_and_then(office: Office, fault: str) -> None:
    office.sandbox.zendesk.replace_faults(fault)
    done = office.terminal.sync()
    assert done.status in (3, 5)
    finish(office)


def test_a_storm_of_429s(office: Office) -> None:
    office.sandbox.zendesk.replace_faults("429=1")
    done = office.terminal.sync()
    assert done.status == 5
    assert_says(done.errors, "zendesk", "429")
    finish(office)
