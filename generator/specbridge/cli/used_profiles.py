"""The profiles of the systems that a package works with, without what it does not use."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from specbridge.errors import PackageError
from specbridge.model.profile import Profile

if TYPE_CHECKING:
    from specbridge.runtime.flow import AnyFlow


def used_profiles(
    package: str, flows: "Iterable[AnyFlow]", known: Mapping[str, Profile]
) -> dict[str, Profile]:
    """Return the profiles of the systems that flows name, in the flows' order, with the resources that these use.

    `package` is what errors name. Raises PackageError for a system without a profile.
    """
    sides = [side for flow in flows for side in (flow.source, flow.target)]
    used = {(side.system, side.resource) for side in sides}
    names = dict.fromkeys(side.system for side in sides)
    for name in names:
        if name not in known:
            raise PackageError(f"{package}: no profile is named {name}; known: {', '.join(known)}")
    return {name: _of_use(known[name], used) for name in names}


def _of_use(profile: Profile, used: set[tuple[str, str]]) -> Profile:
    kept = (one for one in profile.resources if (profile.name, one.name) in used)
    return replace(profile, resources=tuple(kept))
