"""Stating companies in a project: a table of its settings or a file of its folder, added and taken out again.

Texts alone: nothing is read or written here.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from specbridge.errors import SettingsError
from specbridge.settings import CompanySettings, name_faults, parse_settings

IGNORED = "*.env\n"
"""What keeps files of variables out of git: the text of a `.gitignore` beside them."""

_HEADER = re.compile(r"\s*\[")


def check_name(name: str, known: Sequence[str]) -> None:
    """Raise SettingsError for a name that a company cannot have, or that one has already."""
    if name in known:
        raise SettingsError(f"there is a company {name} already")
    for one, fault in name_faults([*known, name]):
        if one == name:
            raise SettingsError(f"{name!r}: {fault}")


def with_company(text: str, name: str, path: Path) -> str:
    """Return the text of a pyproject.toml that names one company more; `path` is where it lies.

    Raises SettingsError where it cannot be added to what stands there.
    """
    blank = "" if not text or text.endswith("\n\n") else "\n" if text.endswith("\n") else "\n\n"
    changed = f"{text}{blank}[tool.specbridge.companies.{_key(name)}]\n"
    before, after = parse_settings(text, path), parse_settings(changed, path)
    if after != replace(before, companies={**before.companies, name: CompanySettings()}):
        raise SettingsError(f"{path}: add a table [tool.specbridge.companies.{_key(name)}] by hand")
    return changed


def without_company(text: str, name: str, path: Path) -> str:
    """Return the text of a pyproject.toml without a company's tables, as it is where it has none.

    Raises SettingsError where they cannot be taken out without doubt.
    """
    before = parse_settings(text, path)
    if name not in before.companies:
        return text
    kept, own = [], False
    opening = re.compile(
        rf'\s*\[tool\.specbridge\.companies\.(?:{re.escape(name)}|"{re.escape(name)}")[.\]]'
    )
    for line in text.splitlines(keepends=True):
        own = bool(opening.match(line)) if _HEADER.match(line) else own
        kept += [] if own else [line]
    changed = "".join(kept)
    left = {one: said for one, said in before.companies.items() if one != name}
    try:
        done = parse_settings(changed, path) == replace(before, companies=left)
    except SettingsError:
        done = False
    if not done:
        raise SettingsError(f"{path}: take tool.specbridge.companies.{name} out by hand first")
    return changed


def start_variables(name: str, variables: Sequence[str]) -> str:
    """Return the text of a company's file with variables to be filled in."""
    lines = [
        f"# The variables of the company {name}: a value or, by NAME_FILE, a file for each.",
        "# What all companies share can stand in _shared.env beside this file.",
        *(f"#{variable}=" for variable in variables),
    ]
    return "".join(f"{line}\n" for line in lines)


def merge_variables(text: str, new: dict[str, str]) -> str:
    """Return the text of a company's file with new values; what they take the place of goes, comments stay.

    A variable takes the place of the one that names its file, and the reverse.
    """
    gone = {*new, *(f"{name}_FILE" for name in new), *(name.removesuffix("_FILE") for name in new)}
    kept = [line for line in text.splitlines() if _name_of(line) not in gone]
    return "".join(f"{line}\n" for line in [*kept, *(f"{n}={v}" for n, v in new.items())])


def _name_of(line: str) -> str:
    return "" if line.startswith("#") else line.partition("=")[0].strip()


def _key(name: str) -> str:
    return f'"{name}"' if "." in name else name
