"""What settings say of companies: names, schedules, variables; and when a company is due."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from specbridge.cli.running import Setup, shares_limits
from specbridge.companies.environment import environment_of
from specbridge.companies.finding import (
    NAMELESS,
    Company,
    choose_company,
    find_companies,
    find_company,
)
from specbridge.companies.schedule import make_schedule
from specbridge.companies.variables import read_variables
from specbridge.errors import SettingsError
from specbridge.model.values import Json
from specbridge.profiles.load import load_profiles
from specbridge.settings import Settings, parse_settings

HERE = Path("/project/pyproject.toml")
ACME = "[tool.specbridge.companies.acme]\n"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ('[tool.specbridge.companies."a/b"]\n', "a company's name has"),
        ('[tool.specbridge.companies.".."]\n', "a company's name has"),
        (f'[tool.specbridge.companies."{"x" * 65}"]\n', "a company's name has"),
        (f"{ACME}[tool.specbridge.companies.ACME]\n", "differs from acme in capitals"),
        (f'{ACME}schedule = "25:00"\n', "companies.acme.schedule"),
        (f"{ACME}schedule = 0\n", "companies.acme.schedule"),
        (f"{ACME}schedule = inf\n", "companies.acme.schedule"),
        (f"{ACME}schedule = true\n", "companies.acme.schedule"),
        (f"{ACME}schedule = []\n", "companies.acme.schedule"),
        (f"{ACME}schedule = [5]\n", "companies.acme.schedule"),
        (f'{ACME}environment = {{ ZENDESK_API_TOKEN = "hush" }}\n', "a secret must not stand"),
        (f'{ACME}environment = {{ X_PASSWORD = "hush" }}\n', "a secret must not stand"),
        (f'{ACME}environment = {{ POWEROFFICE_GO_CLIENT_KEY = "hush" }}\n', "a secret must"),
        (f'{ACME}ZENDESK_OAUTH_TOKEN = "hush"\n', "there is no such key"),
        (f'{ACME}packages = "one"\n', "must be an array"),
        ('[tool.specbridge]\ncompany_folder = "x"\n', "there is no such key"),
        ("[tool.specbridge]\ncompanies = 3\n", "companies"),
    ],
)
def test_faults_name_their_key_and_tell_no_secret(text: str, fault: str) -> None:
    with pytest.raises(SettingsError, match=fault) as caught:
        parse_settings(text, HERE)
    assert "hush" not in str(caught.value)


def test_a_secret_of_a_profile_is_refused_whatever_it_is_called() -> None:
    settings = parse_settings(f'{ACME}environment = {{ ZENDESK_PIN = "x" }}\n', HERE)
    company = find_companies(settings)["acme"]
    zendesk = load_profiles()["zendesk"]
    odd = replace(zendesk, auth=(replace(zendesk.auth[0], token="{PIN}"),))
    with pytest.raises(SettingsError, match="ZENDESK_PIN: a secret must not stand here"):
        environment_of(company, {"zendesk": odd}, {})


def test_one_company_is_found_as_among_all_and_its_file_alone_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "firms"
    folder.mkdir()
    for name in ("acme", "nord", "Nord", "a b", ".hidden"):
        (folder / f"{name}.env").write_text(f"SPECBRIDGE_PACKAGES={name}\n")
    (folder / "acme.txt").touch()
    settings = parse_settings(
        '[tool.specbridge]\ncompanies = "firms"\n', tmp_path / "pyproject.toml"
    )
    known = find_companies(settings)
    assert sorted(known) == ["Nord", "a b", "acme", "nord"]
    read: list[str] = []

    def noted(path: Path) -> Mapping[str, str]:
        read.append(path.stem)
        return read_variables(path)

    monkeypatch.setattr("specbridge.companies.finding.read_variables", noted)
    for name, company in known.items():
        assert find_company(settings, name) == company
    assert read == list(known)
    assert find_company(settings, "acme.txt") is None
    assert find_company(settings, "../acme") is None


def test_one_company_is_found_among_those_that_settings_state() -> None:
    settings = parse_settings(f"{ACME}schedule = 60\n[tool.specbridge.companies.nord]\n", HERE)
    assert {name: find_company(settings, name) for name in find_companies(settings)} == dict(
        find_companies(settings)
    )
    assert find_company(settings, "x") is None


def test_companies_are_chosen_by_name_or_variable() -> None:
    settings = parse_settings(f"{ACME}[tool.specbridge.companies.nord]\n", HERE)
    assert choose_company("nord", settings, {}).name == "nord"
    assert choose_company(None, settings, {"SPECBRIDGE_COMPANY": "acme"}).name == "acme"
    assert choose_company(None, Settings(), {}) == NAMELESS
    assert find_companies(settings)["acme"].env_file == Path("/project/companies/acme.env")
    for name in ("", "ACME", "../acme"):
        with pytest.raises(SettingsError):
            choose_company(name, settings, {})


def test_companies_with_names_take_turns_at_limits_though_the_store_is_a_file() -> None:
    """They may have one key, whose requests a second are for all of them together."""
    setup = Setup(package="p", flows=(), profiles={}, settings=Settings(), url="sqlite:///x.db")
    assert not shares_limits(setup)
    assert shares_limits(replace(setup, company=Company(name="acme")))
    alone = Settings(share_limits=False)
    assert not shares_limits(replace(setup, company=Company(name="acme"), settings=alone))


NOON = datetime(2026, 3, 4, 12, 0).astimezone().timestamp()
HOUR = 3600.0


@pytest.mark.parametrize(
    ("said", "began", "due"),
    [
        (None, NOON, None),
        (600, None, NOON),
        (600, NOON - 60, NOON + 540),
        (600, NOON - 6000, NOON),
        ("06:00", NOON, NOON + 18 * HOUR),
        ("13:30", NOON - HOUR, NOON + 1.5 * HOUR),
        (["06:00", "18:00"], NOON, NOON + 6 * HOUR),
        ("06:00", NOON - 30 * HOUR, NOON),
    ],
)
def test_a_schedule_says_when_the_next_run_is_due(
    said: Json, began: float | None, due: float | None
) -> None:
    assert make_schedule(said).next_after(began, NOON) == due
