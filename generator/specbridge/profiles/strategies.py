"""The strategies that profiles may name: our own two, and those of other packages.

All come through one door, the entry points `specbridge.strategies`; docs/connectors.md shows how a package
offers one.
"""

from collections.abc import Iterable, Mapping
from functools import cache
from importlib.metadata import EntryPoint, entry_points

from specbridge.errors import ProfileError
from specbridge.model.strategy import Strategy

GROUP = "specbridge.strategies"

PRIMARY_IDENTITY = Strategy(
    calls=("list", "create", "change", "verify", "promote", "delete"),
    filled=("id", "identity"),
    writer="specbridge.runtime.connectors.strategies.identities:write_primary_identity",
)
"""A user's primary e-mail address, which is one of several identities."""

DEFAULT_MEMBERSHIP = Strategy(
    calls=("list", "create", "promote", "delete"),
    more=("prefer",),
    filled=("id", "membership", "organization"),
    writer="specbridge.runtime.connectors.strategies.memberships:write_default_membership",
    jobs="specbridge.runtime.connectors.strategies.joining:join_in_bulk",
)
"""A user's organization, which is the default one of several memberships."""

# A copy that was never installed has no entry points, and must know its own profiles all the same.
_OWN = {
    "primary-identity": f"{__name__}:PRIMARY_IDENTITY",
    "default-membership": f"{__name__}:DEFAULT_MEMBERSHIP",
}


@cache
def known_strategies() -> Mapping[str, Strategy]:
    """Return every strategy that is installed, by the name that profiles have for it.

    Raises ProfileError for an entry point that is broken, and for a name that two packages offer.
    """
    own = [EntryPoint(name, value, GROUP) for name, value in _OWN.items()]
    return load_strategies([*own, *entry_points(group=GROUP)])


def load_strategies(points: Iterable[EntryPoint]) -> Mapping[str, Strategy]:
    """Return the strategies of entry points, by name; raises ProfileError as `known_strategies` does."""
    values: dict[str, str] = {}
    found: dict[str, Strategy] = {}
    for point in points:
        if values.setdefault(point.name, point.value) != point.value:
            both = f"{values[point.name]} and {point.value}"
            raise ProfileError(f"the strategy {point.name} is offered twice: {both}")
        found[point.name] = _load(point)
    return found


def _load(point: EntryPoint) -> Strategy:
    try:
        loaded: object = point.load()
    except Exception as error:  # whatever another package does when it is loaded
        raise ProfileError(
            f"the strategy {point.name} ({point.value}) cannot be loaded: {error}"
        ) from error
    if not isinstance(loaded, Strategy):
        raise ProfileError(f"the strategy {point.name} ({point.value}) is no Strategy")
    return loaded
