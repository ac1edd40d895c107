"""Which companies a project has, as its settings or its folder of files say."""

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from specbridge.companies.schedule import NEVER, Schedule, make_schedule
from specbridge.companies.variables import read_variables
from specbridge.errors import SettingsError
from specbridge.model.values import Json
from specbridge.settings import CompanySettings, Settings, is_schedule, name_faults
from specbridge.suggesting import suggest

VARIABLE = "SPECBRIDGE_COMPANY"
"""The variable that names the company where no option does."""

PACKAGES = "SPECBRIDGE_PACKAGES"
"""The variable of a company's file, in a folder of such, that names the packages which it runs."""

SCHEDULE = "SPECBRIDGE_SCHEDULE"
"""The variable of a company's file, in a folder of such, that says when it runs."""

FOLDER = "companies"
"""Where the files of companies are that settings have by name, unless they say."""

SUFFIX = ".env"
_SEVERAL = re.compile(r"[\s,]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """A company: its name ("" for the one without), where its variables are, what it runs, and when.

    `packages` are names, none: all. `env_file` is None for the company without a name, whose variables are the process's.
    `environment` are variables that the settings state, which are no secrets; `fault` is why it cannot run.
    """

    name: str = ""
    packages: tuple[str, ...] = ()
    schedule: Schedule = NEVER
    env_file: Path | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    fault: str = ""


NAMELESS = Company()
"""The company of a project that names none."""


def find_companies(settings: Settings) -> Mapping[str, Company]:
    """Return a project's companies by name, sorted; none where its settings name none.

    What is wrong with one of a folder's files is that company's fault: it must not keep the others from
    running. Raises SettingsError for a folder that cannot be read.
    """
    if settings.company_folder is not None:
        found = _in_folder(settings.root / settings.company_folder)
    else:
        found = [_stated(settings, *item) for item in settings.companies.items()]
    return {one.name: one for one in sorted(found, key=lambda company: company.name)}


def find_company(settings: Settings, name: str) -> Company | None:
    """Return one of a project's companies, None where it names none so; of a folder, only its file is read.

    Raises SettingsError for a folder that cannot be read.
    """
    if settings.company_folder is None:
        said = settings.companies.get(name)
        return None if said is None else _stated(settings, name, said)
    folder = settings.root / settings.company_folder
    names = _names_in(folder)
    if name not in names:
        return None
    return _of_file(folder / f"{name}{SUFFIX}", dict(name_faults(names)).get(name, ""))


def has_companies(settings: Settings) -> bool:
    """Return whether a project's settings name companies, though there may be none yet."""
    return settings.company_folder is not None or bool(settings.companies)


def choose_company(name: str | None, settings: Settings, environment: Mapping[str, str]) -> Company:
    """Return the company that is meant: by its name, by SPECBRIDGE_COMPANY, or the one of a project that names none.

    Raises SettingsError, which says which there are, where none or an unknown one is named.
    """
    meant = name if name is not None else environment.get(VARIABLE, "").strip() or None
    if not has_companies(settings):
        if meant is None:
            return NAMELESS
        raise SettingsError(
            f"the settings name no company, and so not {meant}: see docs/companies.md"
        )
    known = find_companies(settings)
    if meant is None:
        raise SettingsError(f"say which company (--company, {VARIABLE}); {_list(known)}")
    if meant not in known:
        raise SettingsError(f"there is no company {meant}; {_suggest(meant, known)}")
    return known[meant]


def packages_of(company: Company, named: Iterable[str]) -> Sequence[str]:
    """Return those of the packages that a company runs; raises SettingsError for one that there is not."""
    there = list(named)
    if unknown := [one for one in company.packages if one not in there]:
        meant = suggest(unknown[0], there)
        raise SettingsError(f"company {company.name}: there is no package {unknown[0]}; {meant}")
    return [one for one in there if not company.packages or one in company.packages]


def check_runs(company: Company, package: str) -> None:
    """Raise SettingsError where a company does not run a package."""
    if company.packages and package not in company.packages:
        names = ", ".join(company.packages)
        raise SettingsError(f"company {company.name} runs {names}, and not {package}")


def _list(known: Mapping[str, Company]) -> str:
    return (
        f"there are {', '.join(known)}"
        if known
        else "there is none yet: `specbridge companies add NAME`"
    )


def _suggest(meant: str, known: Mapping[str, Company]) -> str:
    return suggest(meant, known) if known else _list(known)


def _stated(settings: Settings, name: str, said: CompanySettings) -> Company:
    return Company(
        name=name,
        packages=said.packages,
        schedule=make_schedule(said.schedule),
        env_file=settings.root / (said.env_file or f"{FOLDER}/{name}{SUFFIX}"),
        environment=said.environment,
    )


def _in_folder(folder: Path) -> list[Company]:
    names = _names_in(folder)
    faults = dict(name_faults(names))
    return [_of_file(folder / f"{name}{SUFFIX}", faults.get(name, "")) for name in names]


def _names_in(folder: Path) -> list[str]:
    try:
        with os.scandir(folder) as entries:
            files = [entry.name for entry in entries]
    except FileNotFoundError:
        return []
    except OSError as error:
        raise SettingsError(f"{folder}: cannot be read: {error.strerror}") from error
    stems = (file.removesuffix(SUFFIX) for file in files if file.endswith(SUFFIX))
    return sorted(stem for stem in stems if stem and stem[0] not in "._")


def _of_file(path: Path, fault: str) -> Company:
    try:
        variables = read_variables(path)
    except (OSError, UnicodeDecodeError):
        # It is told when its variables are needed.
        variables = {}
    schedule = _schedule(variables.get(SCHEDULE, ""))
    if not is_schedule(schedule):
        fault = f'{path}: {SCHEDULE}: must be seconds (1 at least), or times such as "06:00,18:00"'
    names = [name for name in _SEVERAL.split(variables.get(PACKAGES, "")) if name]
    return Company(
        name=path.stem,
        packages=tuple(names),
        schedule=NEVER if fault else make_schedule(schedule),
        env_file=path,
        fault=fault,
    )


def _schedule(text: str) -> Json:
    parts: list[Json] = [part for part in _SEVERAL.split(text) if part]
    if not parts:
        return None
    try:
        return float(text)
    except ValueError:
        return parts
