"""Whether the settings fit the profiles: what they name must be there."""

from collections.abc import Iterator, Mapping, Sequence

from specbridge.errors import SettingsError
from specbridge.model.profile import Profile
from specbridge.model.resolved import ResolvedFlow
from specbridge.resolve.systems.index import bare, find_property, index_properties
from specbridge.resolve.systems.sides import find_resource
from specbridge.settings import PackageSettings, Predicate, Settings, flow_settings


def verify_settings(settings: Settings, profiles: Mapping[str, Profile]) -> None:
    """Raise SettingsError, naming the key, for the first thing that no profile has."""
    for fault in (*_label_faults(settings, profiles), *_subset_faults(settings, profiles)):
        raise SettingsError(f"tool.specbridge.{fault}")


def verify_package_settings(settings: Settings, package: str, flows: Sequence[str]) -> None:
    """Raise SettingsError for a flow that the settings name and the package does not have."""
    own = settings.packages.get(package, PackageSettings())
    for name in own.flows:
        if name not in flows:
            where = f"tool.specbridge.packages.{package}.flows.{name}"
            raise SettingsError(f"{where}: there is no such flow; known are {', '.join(flows)}")


def verify_flow_settings(settings: Settings, package: str, flow: ResolvedFlow) -> None:
    """Raise SettingsError for a property that the settings name and no row of the flow has."""
    named = flow_settings(settings, package, flow.name).properties
    if not named:
        return
    ends = (end for row in flow.mappings for end in (row.source, row.target))
    known = dict.fromkeys(".".join(bare(end.path)) for end in ends)
    for name in named:
        if name not in known:
            where = f"tool.specbridge.packages.{package}.flows.{flow.name}.properties.{name!r}"
            raise SettingsError(f"{where}: no row has this property; known are {', '.join(known)}")


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
        # Without a path it means every record (`plain = {}`).
        if predicate.path and find_property(index, predicate.path) is None:
            path = ".".join(predicate.path)
            yield f"{where}.{subset!r}.path: {resource.name} has no property {path!r}"
