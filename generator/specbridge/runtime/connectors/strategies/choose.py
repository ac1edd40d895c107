"""Properties that the update call would get wrong, each written in its named way."""

from collections.abc import Callable, Generator, Mapping
from importlib import import_module
from typing import Any

from specbridge.errors import ProfileError
from specbridge.model.calls import WriteCall
from specbridge.model.profile import Resource
from specbridge.model.values import Json, Path
from specbridge.profiles.strategies import known_strategies
from specbridge.runtime.connectors.strategies.steps import Calls, Steps
from specbridge.runtime.connectors.transport.access import Access
from specbridge.runtime.records import Outcome, Refused, Update

Special = tuple[Update, dict[str, Json]]
"""A write, and those of its values that strategies write, by the strategies' names."""

Writer = Callable[[Steps, Json], Refused | None]
"""Writes a value by a record's steps; returns the refusal, None where it is written."""

Jobs = Callable[
    [Access, Resource, list[Special], frozenset[str]], Generator[Outcome, None, list[Special]]
]
"""Writes the values of many records; yields the outcomes, and returns what is to be written singly."""


def split_changes(resource: Resource, write: Update) -> tuple[dict[Path, Json], dict[str, Json]]:
    """Return the changes that the update call makes, and the values that strategies write."""
    named = {prop.path: prop.strategy for prop in resource.properties if prop.strategy is not None}
    plain = {path: value for path, value in write.changes.items() if path not in named}
    special = {named[path]: value for path, value in write.changes.items() if path in named}
    return plain, special


def write_strategies(
    access: Access, resource: Resource, write: Update, values: Mapping[str, Json]
) -> Refused | None:
    """Write each value in its own way; returns the first refusal, None where all were written."""
    for name, value in values.items():
        write_one: Writer = _load(known_strategies()[name].writer)
        refused = write_one(steps_of(access, resource, write, name), value)
        if refused is not None:
            return refused
    return None


def write_by_jobs(
    access: Access, resource: Resource, writes: list[Special], names: frozenset[str]
) -> Generator[Outcome, None, list[Special]]:
    """Yield what is known of the writes in the end, and return what is left to be written singly."""
    left = writes
    for name in resource.strategy_jobs:
        write_many: Jobs = _load(known_strategies()[name].jobs)
        left = yield from write_many(access, resource, left, names)
    return left


def steps_of(access: Access, resource: Resource, write: Update, strategy: str) -> Steps:
    """Return the calls by which a strategy writes its property of one record."""
    path = next(prop.path for prop in resource.properties if prop.strategy == strategy)
    calls = _calls(access, resource, strategy)
    return Steps(access=access, resource=resource, write=write, path=path, calls=calls)


def _load(place: str) -> Any:
    """Return what stands at `package.module:name`; raises ProfileError where nothing does."""
    module, _, name = place.partition(":")
    try:
        return getattr(import_module(module), name)
    except (ImportError, AttributeError) as error:
        raise ProfileError(f"a strategy names {place}, which is not there: {error}") from error


def _calls(access: Access, resource: Resource, strategy: str) -> Calls:
    calls: Mapping[str, WriteCall] | None = resource.strategy_calls.get(strategy)
    if calls is None:
        key = f"strategy_calls.{strategy}"
        raise ProfileError(f"{access.profile.path}: {resource.name}: {key}: is missing")
    return calls
