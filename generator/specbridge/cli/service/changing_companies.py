"""What `companies` changes: settings, files of variables, and the store."""

import os
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from specbridge.cli.running import load_setup_of
from specbridge.cli.store_place import store_url
from specbridge.cli.used_profiles import used_profiles
from specbridge.companies.environment import environment_of
from specbridge.companies.files import delete_file, make_private, replace_text
from specbridge.companies.finding import FOLDER, SUFFIX, Company, find_companies
from specbridge.companies.stating import (
    check_name,
    merge_variables,
    start_variables,
    with_company,
    without_company,
)
from specbridge.companies.variables import read_variables
from specbridge.errors import AuthenticationError, GuardError, PackageError, SettingsError
from specbridge.model.profile import Profile
from specbridge.profiles.load import load_profiles
from specbridge.runtime.connectors.build import build_connector
from specbridge.runtime.connectors.transport.credentials.keeping import find_folder
from specbridge.runtime.connectors.transport.environment import profile_variables
from specbridge.runtime.package import load_package, package_folders
from specbridge.runtime.store.accounts import find_company, number_company
from specbridge.runtime.store.engine import Store, open_reading, open_store, store_errors
from specbridge.runtime.store.history.companies import known_fingerprints
from specbridge.runtime.store.history.deeds import this_user
from specbridge.runtime.store.history.removing import remove_company
from specbridge.runtime.store.history.renaming import name_nameless
from specbridge.runtime.store.leasing.pausing import WHOLE, Pause
from specbridge.runtime.store.leftover import deciding
from specbridge.runtime.store.persons.scrubbing import copies_beside, scrub_store
from specbridge.settings import Settings, load_settings

_SETTINGS = "pyproject.toml"


def check_new(name: str) -> None:
    """Raise SettingsError for a name that no company can have, or that one has."""
    check_name(name, list(find_companies(load_settings(Path.cwd()))))


def add_company(name: str) -> Path:
    """Name a company in the settings, and make its file of variables; return the file.

    Raises SettingsError where the settings cannot be added to, SurroundingsError where a file cannot be made.
    """
    settings = load_settings(Path.cwd())
    text = start_variables(name, _variables(settings))
    path = settings.root / (settings.company_folder or FOLDER) / f"{name}{SUFFIX}"
    if settings.company_folder is not None:
        make_private(path, text)
        return path
    file = settings.root / _SETTINGS
    stated = file.read_text(encoding="utf-8") if file.exists() else ""
    changed = with_company(stated, name, file)
    make_private(path, text)
    replace_text(file, changed)
    return path


def take_over(store: str | None, name: str) -> None:
    """Have what the store holds of the company without a name be that of a company of a name.

    Raises SettingsError where that cannot be, StoreBusyError where a run is under way.
    """
    with open_store(store_url(store)) as opened, store_errors():
        name_nameless(opened.connection, name)
        opened.commit()


def _variables(settings: Settings) -> list[str]:
    """Return the variables that a company has to set for the packages that there are."""
    systems: set[str] = set()
    for folder in package_folders(settings.root / settings.output):
        _, flows = load_package(str(folder))
        systems |= {side.system for flow in flows for side in (flow.source, flow.target)}
    profiles = load_profiles(settings.profile_paths)
    known = [one for name, one in sorted(profiles.items()) if name in systems]
    return list(dict.fromkeys(name for one in known for name in profile_variables(one)))


def set_paused(store: str | None, name: str, reason: str | None) -> None:
    """Pause a company, for a reason or "" for none; None: let it go on.

    Raises SettingsError for one that there is not, PackageError where it was not paused.
    """
    settings = load_settings(Path.cwd())
    with open_store(store_url(store, settings)) as opened, store_errors():
        _check_known(opened, settings, name)
        number = number_company(opened.connection, name)
        if reason is not None:
            new = Pause(WHOLE, time.time(), reason)
            deciding.pause(opened.connection, number, new, this_user())
        elif not deciding.resume(opened.connection, number, WHOLE, this_user()):
            raise PackageError(f"company {name} is not paused")
        opened.commit()


def _check_known(store: Store, settings: Settings, name: str) -> None:
    stated = find_companies(settings)
    if not name or (name not in stated and find_company(store.connection, name) is None):
        raise SettingsError(f"there is no company {name}; there are {', '.join(stated) or 'none'}")


def remove_with_all(store: str | None, name: str, environment: Mapping[str, str]) -> Iterator[str]:
    """Remove a company from the settings and the store, with its files; yield what was done.

    Raises SettingsError for one that there is not, StoreBusyError where a run works on it: nothing is removed then.
    """
    settings = load_settings(Path.cwd())
    company = find_companies(settings).get(name)
    with open_store(store_url(store, settings)) as opened, store_errors():
        _check_known(opened, settings, name)
        count = remove_company(opened.connection, name)
        # Before others may begin a run, which would make the company anew.
        yield from _unstate(settings, name, company)
        opened.commit()
        scrub_store(opened.connection)
        copies = copies_beside(opened.connection)
    yield f"{count or 0} rows of the company {name} were removed from the store"
    yield from (f"{copy} is a copy of before a migration and was left as it is" for copy in copies)
    tokens = find_folder(environment) / name
    if tokens.is_dir():
        shutil.rmtree(tokens)
        yield f"{tokens} was deleted"


def _unstate(settings: Settings, name: str, company: Company | None) -> Iterator[str]:
    file = settings.root / _SETTINGS
    if company is None or company.env_file is None:
        return
    if name in settings.companies:
        replace_text(file, without_company(file.read_text(encoding="utf-8"), name, file))
        yield f"the company {name} was taken out of {file}"
    if delete_file(company.env_file):
        yield f"{company.env_file} was deleted"


def rotate_keys(store: str | None, name: str, file: Path) -> Iterator[str]:
    """Take new variables of a company from a file, once they reach the accounts that it has; yield what was found.

    Raises GuardError for another account, ApiError and SettingsError where they do not work: nothing is changed.
    """
    settings = load_settings(Path.cwd())
    company = find_companies(settings).get(name)
    if company is None or company.env_file is None:
        raise SettingsError(f"the settings name no company {name}")
    text = company.env_file.read_text(encoding="utf-8")
    changed = merge_variables(text, read_variables(file))
    with open_reading(store_url(store, settings)) as opened, store_errors():
        known = known_fingerprints(opened.connection, name)
    with _tried(company, changed) as trial:
        setup = load_setup_of(trial, settings, None, store)
        before = environment_of(company, setup.profiles, os.environ)
        flows = [flow for own in setup.packages.values() for flow in own]
        for system, profile in sorted(used_profiles(setup.package, flows, setup.profiles).items()):
            account = known.get(system) or _account_now(profile, before)
            yield _check_account(profile, setup.environment, account)
    replace_text(company.env_file, changed, private=True)
    yield f"{company.env_file} has the new values, from the next run on"


@contextmanager
def _tried(company: Company, text: str) -> Iterator[Company]:
    """Give the company with another text of its file, which lies beside it until the block ends."""
    assert company.env_file is not None
    # No company of a folder: its name begins with a dot.
    path = company.env_file.with_name(f".{company.env_file.name}.new")
    delete_file(path)
    make_private(path, text)
    try:
        yield replace(company, env_file=path, fault="")
    finally:
        delete_file(path)


def _check_account(profile: Profile, environment: Mapping[str, str], known: str | None) -> str:
    """Return in words that a system is reached and that its account is the one that is known.

    Raises GuardError where it is another one, or where nobody can tell.
    """
    connector = build_connector(profile, environment)
    try:
        unwell = [one for one in connector.diagnose({}) if not one.well]
        if unwell:
            told = "; ".join(f"{one.subject}: {one.message}" for one in unwell)
            raise AuthenticationError(f"{profile.name}: {told}")
        found = connector.fingerprint()
    finally:
        connector.close()
    if found is None:
        return f"{profile.name}: reached; its accounts cannot be told apart"
    if not known:
        raise GuardError(
            f"{profile.name}: which account the company had is not known, and the old keys do not tell; nothing "
            "was changed. Put the new ones into its file, and run `specbridge doctor` and `specbridge plan`"
        )
    if found != known:
        raise GuardError(
            f"{profile.name}: the new keys reach another account than the company's; nothing was changed"
        )
    return f"{profile.name}: reached, and it is the same account"


def _account_now(profile: Profile, environment: Mapping[str, str]) -> str | None:
    """Return the account that the present variables reach, None where they do not."""
    try:
        connector = build_connector(profile, environment)
    except (AuthenticationError, SettingsError):
        return None
    try:
        return connector.fingerprint()
    except AuthenticationError:
        return None
    finally:
        connector.close()
