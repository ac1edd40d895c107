"""Expressions that read one property of a record, through objects, lists and conditions."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from specbridge.emit.body.shapes import SideTypes, bare
from specbridge.emit.python.layout import call, lay_out, tuple_of
from specbridge.emit.python.literals import literal, text_literal, type_of
from specbridge.model.resolved import ResolvedCondition, ResolvedProperty
from specbridge.model.values import Json, Path

Test = tuple[Path, Json]
"""A condition within an element: the path from the element on, and the value that it must have."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a property stands: for each step of its path the tests that select the list's element.

    `guards` are the conditions about the record as a whole. Two properties at places of one `key` are
    the same property; `steps` are the steps with what selects their elements.
    """

    path: Path
    tests: tuple[tuple[Test, ...], ...]
    guards: tuple[ResolvedCondition, ...] = ()
    steps: tuple["Step", ...] = field(init=False, compare=False)
    key: Hashable = field(init=False, compare=False)

    def __post_init__(self) -> None:
        """Find out once what every row asks; places without conditions are made once each."""
        pairs = zip(self.path, self.tests, strict=True)
        steps = [Step(name, tests) if tests else _plain_step(name) for name, tests in pairs]
        object.__setattr__(self, "steps", tuple(steps))
        # As text where there are conditions: their values may be lists, which nothing can look up.
        plain = not self.guards and not any(self.tests)
        key = self.path if plain else (self.path, repr(self.tests), repr(self.guards))
        object.__setattr__(self, "key", key)

    def upto(self, index: int) -> "Place":
        """Return the place of one of its steps."""
        if self.key is self.path:
            return plain_place(self.path[: index + 1])
        return Place(self.path[: index + 1], self.tests[: index + 1])


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a place; `tests` select the element where the step is a list (`listed`).

    `key` is the literal of the name without the mark of a list.
    """

    name: str
    tests: tuple[Test, ...] = ()
    key: str = field(init=False, compare=False)
    listed: bool = field(init=False, compare=False)

    def __post_init__(self) -> None:
        """Find out once what every row asks; steps without tests are made once each."""
        object.__setattr__(self, "key", text_literal(bare(self.name)))
        object.__setattr__(self, "listed", self.name.endswith("[]"))

    def __hash__(self) -> int:
        """Return the name's hash: tests may hold values that have none."""
        return hash(self.name)


@lru_cache(maxsize=16_384)
def _plain_step(name: str) -> Step:
    return Step(name)


@lru_cache(maxsize=16_384)
def plain_place(path: Path) -> Place:
    """Return the place of a path without conditions."""
    return Place(path, ((),) * len(path))


def place_of(property_: ResolvedProperty, side: SideTypes) -> Place:
    """Return the place of a property: conditions go to the last list step that they share with it."""
    path = side.normal(property_.path)
    # Nearly all properties are such; their steps select nothing.
    if not property_.conditions:
        return plain_place(path)
    tests: list[list[Test]] = [[] for _ in path]
    guards = []
    for condition in property_.conditions:
        shared = _shared_list_step(path, side.normal(condition.path))
        if shared is None:
            guards.append(condition)
        else:
            tests[shared].append((side.normal(condition.path)[shared + 1 :], condition.value))
    return Place(path, tuple(map(tuple, tests)), tuple(guards))


def read_place(place: Place, side: SideTypes, base: str = "record", start: int = 0) -> str:
    """Return the expression for a property's value; None where any step of it is absent or empty.

    `base` is the object in which step `start` stands.
    """
    for index in range(start, len(place.path) - 1):
        base = f"({read_step(place, index, side, base)} or {{}})"
    return read_step(place, len(place.path) - 1, side, base)


def read_step(place: Place, index: int, side: SideTypes, base: str) -> str:
    """Return the expression for one step's value: of a list the element that its tests select."""
    step = place.steps[index]
    got = read_key(base, step.key, side, place.path[:index])
    if not step.listed:
        return got
    # Not the value itself: where a text stands for a list, its letters are no elements.
    elements = f"conversions.elements({got})"
    # Without a condition the first element stands for the list, as the dialect reads such a path.
    if not step.tests:
        return f"next(iter({elements}), None)"
    prefix = place.path[: index + 1]
    tests = " and ".join(_test_element(prefix, test, side) for test in step.tests)
    return f"next((element for element in {elements} if {tests}), None)"


def read_key(base: str, key: str, side: SideTypes, path: Path) -> str:
    """Return the expression for the value at a key, None where it is absent, of the object at a path."""
    if side.has_get(path):
        # A TypedDict with a key `get` has, for pyright, no method of that name.
        return f"next((element[{key}] for element in ({base},) if {key} in element), None)"
    return f"{base}.get({key})"


def read_guard(condition: ResolvedCondition, side: SideTypes) -> str:
    """Return the test of a condition about the whole record."""
    place = plain_place(side.normal(condition.path))
    return test_value(read_place(place, side), side.type_at(place.path), condition.value)


def test_value(text: str, type_: str, value: Json) -> str:
    """Return the test that an expression of a type has a value; a boolean never equals a number."""
    # `== True` would take a 1 for true, and Python has them equal.
    if value is None or isinstance(value, bool):
        return f"{text} is {value}"
    if type_ in {"Json", type_of(value)} or (type_, type_of(value)) == ("float", "int"):
        return f"{text} == {literal(value)}"
    return f"conversions.equal({text}, {literal(value)})"


def read_keys(places: Sequence[Place], side: SideTypes, indent: int) -> str:
    """Return the tuple of the places' link keys, laid out after a `return` at column `indent`."""
    keys = [call("conversions.link_key", read_place(place, side)) for place in places]
    return lay_out("return ", tuple_of(keys), indent)


def _test_element(prefix: Path, test: Test, side: SideTypes) -> str:
    rest, value = test
    path = prefix + rest
    place = plain_place(path)
    text = read_place(place, side, "element", len(prefix)) if rest else "element"
    return test_value(text, side.type_at(path), value)


def _shared_list_step(path: Path, other: Path) -> int | None:
    shared = None
    for index, (step, twin) in enumerate(zip(path, other, strict=False)):
        if step != twin:
            break
        if step.endswith("[]"):
            shared = index
    return shared
