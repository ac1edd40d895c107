"""A company's variables: where its systems are, and who may use them."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from specbridge.companies.finding import Company
from specbridge.companies.variables import read_variables
from specbridge.errors import SettingsError
from specbridge.model.profile import Profile
from specbridge.runtime.connectors.transport.credentials.keeping import FOLDER, find_folder
from specbridge.runtime.connectors.transport.environment import secret_names, variable_name

SHARED = "_shared.env"
"""The file beside a company's own with the variables of all: a subscription key, say. No company can be called so."""

_IN_FILE = "_FILE"


def environment_of(
    company: Company, profiles: Mapping[str, Profile], base: Mapping[str, str]
) -> Mapping[str, str]:
    """Return a company's variables, on top of the process's; those of the one without a name are the process's.

    What the process says about a system stays out: what a company's own files leave unsaid must be missing, not
    somebody else's. Raises SettingsError for a file that cannot be read, and for a secret in the settings.
    """
    if company.env_file is None:
        return base
    if company.fault:
        raise SettingsError(f"company {company.name}: {company.fault}")
    _check_stated(company, profiles.values())
    shared = company.env_file.parent / SHARED
    own = {
        **(_read(company, shared) if shared.is_file() else {}),
        **_placed(company.environment, company.env_file.parent),
        **_read(company, company.env_file),
    }
    prefixes = tuple(variable_name(profile, "") for profile in profiles.values())
    kept = {name: value for name, value in base.items() if not name.startswith(prefixes)}
    # Two companies may sign in with one client, each to an account of its own.
    tokens = {FOLDER: str(find_folder(base) / company.name)}
    return {**kept, **tokens, **own}


def _check_stated(company: Company, profiles: Iterable[Profile]) -> None:
    secrets = {name for profile in profiles for name in secret_names(profile)}
    for name in sorted(secrets & company.environment.keys()):
        raise SettingsError(
            f"tool.specbridge.companies.{company.name}.environment.{name}: a secret must not stand here: put it "
            f"into {company.env_file}, or name its file by {name}{_IN_FILE}"
        )


def _read(company: Company, path: Path) -> Mapping[str, str]:
    try:
        return _placed(read_variables(path), path.parent)
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is no text"
        raise SettingsError(f"company {company.name}: {path} cannot be read: {reason}") from error


def _placed(variables: Mapping[str, str], folder: Path) -> Mapping[str, str]:
    """Return variables with the files that they name below a folder, wherever the command is called."""
    return {
        name: str(folder / value) if name.endswith(_IN_FILE) and value else value
        for name, value in variables.items()
    }
