"""Properties that the update call would get wrong, each written in its named way."""

from collections.abc import Callable, Mapping
from typing import assert_never

from specbridge.errors import ProfileError
from specbridge.model.calls import WriteCall
from specbridge.model.profile import Resource, WriteStrategy
from specbridge.model.values import Json, Path
from specbridge.runtime.connectors.strategies.identities import write_primary_identity
from specbridge.runtime.connectors.strategies.memberships import write_default_membership
from specbridge.runtime.connectors.strategies.steps import Calls, Steps
from specbridge.runtime.connectors.transport.access import Access
from specbridge.runtime.records import Refused, Update

Strategy = Callable[[Steps, Json], Refused | None]

Special = tuple[Update, dict[WriteStrategy, Json]]
"""A write, and those of its values that strategies write."""


def split_changes(
    resource: Resource, write: Update
) -> tuple[dict[Path, Json], dict[WriteStrategy, Json]]:
    """Return the changes that the update call makes, and the values that strategies write."""
    named = {prop.path: prop.strategy for prop in resource.properties if prop.strategy is not None}
    plain = {path: value for path, value in write.changes.items() if path not in named}
    special = {named[path]: value for path, value in write.changes.items() if path in named}
    return plain, special


def write_strategies(
    access: Access, resource: Resource, write: Update, values: Mapping[WriteStrategy, Json]
) -> Refused | None:
    """Write each value in its own way; returns the first refusal, None where all were written."""
    for strategy, value in values.items():
        steps = steps_of(access, resource, write, strategy)
        refused = _strategy(strategy)(steps, value)
        if refused is not None:
            return refused
    return None


def steps_of(access: Access, resource: Resource, write: Update, strategy: WriteStrategy) -> Steps:
    """Return the calls by which a strategy writes its property of one record."""
    path = next(prop.path for prop in resource.properties if prop.strategy is strategy)
    calls = _calls(access, resource, strategy)
    return Steps(access=access, resource=resource, write=write, path=path, calls=calls)


def _strategy(strategy: WriteStrategy) -> Strategy:
    match strategy:
        case WriteStrategy.PRIMARY_IDENTITY:
            return write_primary_identity
        case WriteStrategy.DEFAULT_MEMBERSHIP:
            return write_default_membership
    assert_never(strategy)


def _calls(access: Access, resource: Resource, strategy: WriteStrategy) -> Calls:
    calls: Mapping[str, WriteCall] | None = resource.strategy_calls.get(strategy.value)
    if calls is None:
        key = f"strategy_calls.{strategy.value}"
        raise ProfileError(f"{access.profile.path}: {resource.name}: {key}: is missing")
    return calls
