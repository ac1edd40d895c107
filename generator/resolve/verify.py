"""Whether the settings fit the profiles: what they name must be there."""

from collections.abc import Iterator, Mapping

from generator.errors import SettingsError
from generator.model.profile import Profile
from generator.resolve.index import find_property, index_properties
from generator.resolve.sides import find_resource
from generator.settings import Predicate, Settings


def verify_settings(settings: Settings, profiles: Mapping[str, Profile]) -> None:
    """Raise SettingsError, naming the key, for the first thing that no profile has."""
    for fault in (*_label_faults(settings, profiles), *_subset_faults(settings, profiles)):
        raise SettingsError(f"tool.specbridge.{fault}")


def _label_faults(settings: Settings, profiles: Mapping[str, Profile]) -> Iterator[str]:
    known = ", ".join(profiles)
    for label, name in settings.labels.items():
        if name not in profiles:
            yield f"labels.{label!r}: there is no profile {name!r}; known are {known}"
    for symbol, value in settings.symbols.items():
        for name in value if isinstance(value, dict) else ():
            if name not in profiles:
                yield f"symbols.{symbol!r}: there is no profile {name!r}; known are {known}"


def _subset_faults(settings: Settings, profiles: Mapping[str, Profile]) -> Iterator[str]:
    for system, resources in settings.subsets.items():
        profile = profiles.get(system)
        if profile is None:
            yield f"subsets.{system}: there is no such profile; known are {', '.join(profiles)}"
            continue
        for name, subsets in resources.items():
            yield from _resource_faults(profile, name, subsets)


def _resource_faults(
    profile: Profile, name: str, subsets: Mapping[str, Predicate]
) -> Iterator[str]:
    where = f"subsets.{profile.name}.{name}"
    resource = find_resource(profile, name)
    if resource is None:
        yield f"{where}: {profile.name} has no such resource"
        return
    index = index_properties(resource.properties)
    for subset, predicate in subsets.items():
        if predicate.path and find_property(index, predicate.path) is None:
            path = ".".join(predicate.path)
            yield f"{where}.{subset!r}.path: {resource.name} has no property {path!r}"
