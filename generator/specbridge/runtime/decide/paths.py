"""Values inside a record: read and set by path, through objects and lists; pure.

A path through a list means one element: the first that fulfils the conditions which share the
list, else the first. Setting a value keeps everything else of the record, elements included.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import cast

from specbridge.model.values import Json, Path
from specbridge.runtime import conversions
from specbridge.runtime.decide.equality import MISSING, Missing, Value, equal_values
from specbridge.runtime.flow import Condition

LIST = "[]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a property is: its path, and the conditions that select elements or records.

    `name` is the property's name where it is one of the record's own, and neither in a list nor
    conditional; else it is empty. `guards` are the conditions on the record as a whole.
    """

    path: Path
    conditions: tuple[Condition, ...] = ()
    name: str = ""
    guards: tuple[Condition, ...] = ()

    def __str__(self) -> str:
        """Return the dotted path, with the conditions that select list elements."""
        if self.name:
            return self.name
        return dotted(self.path) + "".join(
            f"({'not ' if c.negate else ''}{dotted(c.path)}={c.value})" for c in self.conditions
        )


def make_place(path: Path, conditions: tuple[Condition, ...] = ()) -> Place:
    """Make the place of a path, sorting its conditions into elements' and the record's."""
    elements = tuple(c for c in conditions if _shares_list(path, c.path))
    guards = tuple(c for c in conditions if not _shares_list(path, c.path))
    simple = len(path) == 1 and not elements and not path[0].endswith(LIST)
    return Place(path=path, conditions=elements, name=path[0] if simple else "", guards=guards)


@lru_cache(maxsize=4096)
def dotted(path: Path) -> str:
    """Return a path as documents write it: names joined by dots, lists unmarked."""
    return ".".join(plain(step) for step in path)


@lru_cache(maxsize=4096)
def write_name(path: Path) -> str:
    """Return the dotted path from which read_name gives the path back: dots in names are escaped."""
    return ".".join(plain(step).replace("\\", "\\\\").replace(".", "\\.") for step in path)


def read_name(text: str) -> Path:
    """Return the path that write_name wrote."""
    found = re.findall(r"(?:[^.\\]|\\.)+", text)
    return tuple(re.sub(r"\\(.)", r"\1", step) for step in found)


def plain(step: str) -> str:
    """Return the name of a step as the record's JSON has it."""
    return step.removesuffix(LIST)


def holds(condition: Condition, properties: Mapping[str, Json]) -> bool:
    """Return whether a record fulfils a condition; a property that is absent equals nothing."""
    value = read_path(properties, condition.path)
    # What is absent is empty, and would else equal a condition's empty value.
    return (value is not MISSING and equal_values(value, condition.value)) is not condition.negate


def applies(place: Place, properties: Mapping[str, Json]) -> bool:
    """Return whether a record fulfils all conditions that a place puts on the record."""
    return not place.guards or all(holds(guard, properties) for guard in place.guards)


def read_place(properties: Mapping[str, Json], place: Place) -> Value:
    """Return the value at a place, MISSING where the record does not have it."""
    if place.name:
        return properties.get(place.name, MISSING)
    return read_path(properties, place.path, place.conditions)


def read_path(
    properties: Mapping[str, Json], path: Path, conditions: tuple[Condition, ...] = ()
) -> Value:
    """Return the value at a path, MISSING where a step of it is not there."""
    if len(path) == 1 and not path[0].endswith(LIST):
        return properties.get(path[0], MISSING)
    value: Json | Missing = cast("Json", properties)
    for depth, step in enumerate(path, start=1):
        if not isinstance(value, Mapping) or plain(step) not in value:
            return MISSING
        value = value[plain(step)]
        if step.endswith(LIST):
            value = _element(value, path[:depth], conditions)
    return value


@lru_cache(maxsize=4096)
def whole_path(path: Path) -> Path:
    """Return the part of a path that can be written: up to its first list, which is given whole."""
    for depth, step in enumerate(path, start=1):
        if step.endswith(LIST):
            return (*path[: depth - 1], plain(step))
    return path


def set_place(properties: Mapping[str, Json], place: Place, value: Json) -> dict[str, Json]:
    """Return a record with the value at the place; what lies beside it is kept as it is."""
    if place.name:
        return {**properties, place.name: value}
    changed = _set(cast("Json", properties), (), place.path, place, value)
    return cast("dict[str, Json]", changed)


def drop_place(properties: Mapping[str, Json], place: Place) -> Mapping[str, Json]:
    """Return a record without the value at the place; an element of a list keeps it as null."""
    if read_place(properties, place) is MISSING:
        return properties
    if any(step.endswith(LIST) for step in place.path):
        return set_place(properties, place, None)
    return _drop(properties, place.path)


def _drop(node: Mapping[str, Json], path: Path) -> dict[str, Json]:
    name, *rest = path
    if not rest:
        return {other: value for other, value in node.items() if other != name}
    return {**node, name: _drop(cast("Mapping[str, Json]", node[name]), tuple(rest))}


def _set(node: Json, done: Path, rest: Path, place: Place, value: Json) -> Json:
    if not rest:
        return value
    # A copy at each step: the record as it was read shares these objects, and is compared later.
    step, branch = rest[0], dict(node) if isinstance(node, Mapping) else {}
    here = (*done, step)
    child = branch.get(plain(step))
    if step.endswith(LIST):
        branch[plain(step)] = _set_element(child, here, rest[1:], place, value)
    else:
        branch[plain(step)] = _set(child, here, rest[1:], place, value)
    return branch


def _set_element(node: Json, here: Path, rest: Path, place: Place, value: Json) -> Json:
    elements = [*_elements(node)]
    index = _find_element(elements, here, place.conditions)
    if index is None:
        elements.append(_new_element(here, place.conditions))
        index = len(elements) - 1
    elements[index] = _set(elements[index], here, rest, place, value)
    return cast("Json", elements)


def _new_element(here: Path, conditions: tuple[Condition, ...]) -> Json:
    element: dict[str, Json] = {}
    for condition in conditions:
        rest = condition.path[len(here) :]
        # What must not be equal says nothing of what to write.
        if condition.path[: len(here)] == here and rest and not condition.negate:
            element = set_place(element, Place(path=rest), condition.value)
    return element


def _element(value: Json, here: Path, conditions: tuple[Condition, ...]) -> Value:
    elements = _elements(value)
    index = _find_element(elements, here, conditions)
    return MISSING if index is None else elements[index]


def _elements(value: Json) -> list[Json]:
    """Return a list's items as generated mappers see them: a single value is the one item."""
    return conversions.elements(cast("list[Json] | None", value))


def _find_element(
    elements: list[Json], here: Path, conditions: tuple[Condition, ...]
) -> int | None:
    chosen = [
        Condition(path=c.path[len(here) :], value=c.value, negate=c.negate)
        for c in conditions
        if c.path[: len(here)] == here
    ]
    for index, element in enumerate(elements):
        if all(_element_holds(condition, element) for condition in chosen):
            return index
    return None


def _element_holds(condition: Condition, element: Json) -> bool:
    if not condition.path:
        return equal_values(element, condition.value) is not condition.negate
    return holds(condition, element) if isinstance(element, Mapping) else condition.negate


def _shares_list(path: Path, other: Path) -> bool:
    """Return whether both paths go through the same first list."""
    for depth, step in enumerate(path, start=1):
        if step.endswith(LIST):
            return other[:depth] == path[:depth]
    return False
