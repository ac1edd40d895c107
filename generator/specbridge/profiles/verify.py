"""Whether a profile fits together: what its parts name must be there, and be there once."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import fields
from datetime import date
from typing import TypeVar
from urllib.parse import unquote

from specbridge.errors import ProfileError
from specbridge.model.profile import (
    BulkCall,
    LookupCall,
    Profile,
    ReadCall,
    Resource,
    WriteCall,
)
from specbridge.model.values import Path
from specbridge.profiles.writes import write_faults

_Value = TypeVar("_Value", str, Path)

_CALLS = (ReadCall, WriteCall, BulkCall, LookupCall)
_PATHS = ("path", "job_path", "jobs_path", "recent_jobs_path")
_OPEN = ("jobs_path", "recent_jobs_path")
_NOT_IN_PATHS = re.compile(r"[\x00-\x20\x7f\\#]")


def verify_profile(profile: Profile) -> None:
    """Raise ProfileError, naming file and key, for the first thing that does not fit."""
    for fault in _faults(profile):
        raise ProfileError(f"{profile.path}: {fault}")


def _faults(profile: Profile) -> Iterator[str]:
    if not profile.labels:
        yield "labels: there must be one at least"
    names = [resource.name for resource in profile.resources]
    yield from (f"resources: {name} is there twice" for name in _repeated(names))
    for scheme in profile.auth:
        if scheme.ends and not _is_date(scheme.ends):
            yield f"auth: ends: {scheme.ends!r} is no date such as 2027-04-30"
    for resource in profile.resources:
        yield from _resource_faults(resource, frozenset(names))
    for key, path in _call_paths(profile):
        if fault := _path_fault(path):
            yield f"{key}: {path!r} {fault}"


def _resource_faults(resource: Resource, names: frozenset[str]) -> Iterator[str]:
    where = f"resources {resource.name}"
    known = [definition.path for definition in resource.properties]
    yield from (f"{where}: property {'.'.join(path)} is there twice" for path in _repeated(known))
    for definition in resource.properties:
        if definition.reference is not None and definition.reference not in names:
            yield f"{where}: {'.'.join(definition.path)} refers to {definition.reference}, which is no resource"
    for key, path in _paths_of(resource):
        # An empty path says that the API has no such property.
        if path and path not in known:
            yield f"{where}: {key}: {'.'.join(path)} is none of its properties"
    yield from (f"{where}: {key}: {fault}" for key, fault in write_faults(resource))


def _paths_of(resource: Resource) -> Iterator[tuple[str, Path]]:
    yield "id", resource.id
    yield "modified_at", resource.modified_at
    yield "external_reference", resource.external_reference or ()
    subsets = resource.subsets + ((resource.plain,) if resource.plain else ())
    for subset in subsets:
        yield f"subset {subset.name}", subset.path
        yield from ((f"subset {subset.name}", path) for path in subset.required)
    for lookup in resource.lookups:
        yield f"lookup {lookup.parameter}", lookup.property


def _call_paths(value: object, key: str = "") -> Iterator[tuple[str, str]]:
    """Yield the paths of all calls that a profile states, each with its key."""
    if isinstance(value, _CALLS):
        stated = ((name, getattr(value, name)) for name in _PATHS if hasattr(value, name))
        yield from ((f"{key}: {name}", path) for name, path in stated if path or name not in _OPEN)
        return
    for name, part in _parts(value):
        yield from _call_paths(part, f"{key}{name}".removeprefix(": "))


def _parts(value: object) -> Iterator[tuple[str, object]]:
    """Yield what a value of a profile is made of, each with what it adds to the key."""
    if isinstance(value, Mapping):
        yield from ((f".{name}", part) for name, part in value.items())
    elif isinstance(value, tuple):
        yield from ((f" {part.name}" if isinstance(part, Resource) else "", part) for part in value)
    elif isinstance(value, Profile | Resource):
        yield from ((f": {field.name}", getattr(value, field.name)) for field in fields(value))


def _path_fault(path: str) -> str:
    """Return why a path would not stay below the system's address, "" where it does."""
    if not path.startswith("/") or path.startswith("//"):
        return 'must begin with one "/": it is put behind base_url'
    if _NOT_IN_PATHS.search(path):
        return "holds a character that no path may: a blank, a backslash, # or a line break"
    if {".", ".."} & set(unquote(path.partition("?")[0]).split("/")):
        return 'must not hold "." or "..": write where it leads'
    return ""


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _repeated(values: list[_Value]) -> list[_Value]:
    return [value for value, count in Counter(values).items() if count > 1]
