"""Whether a profile fits together: what its parts name must be there, and be there once."""

from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import TypeVar

from specbridge.errors import ProfileError
from specbridge.model.profile import Profile, Resource
from specbridge.model.values import Path

_Value = TypeVar("_Value", str, Path)


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


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _repeated(values: list[_Value]) -> list[_Value]:
    return [value for value, count in Counter(values).items() if count > 1]
