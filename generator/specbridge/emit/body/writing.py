"""The objects and lists that a mapper builds around the properties that it writes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from specbridge.emit.body.access import Place, Step, Test, read_key
from specbridge.emit.body.expressions import assignable
from specbridge.emit.body.naming import name_part
from specbridge.emit.body.shapes import SideTypes, bare
from specbridge.emit.body.statements import Block, Line, Statement
from specbridge.emit.python.literals import literal, text_literal, type_of
from specbridge.emit.python.names import Names
from specbridge.model.values import Json, Path


@dataclass(slots=True)
class _Container:
    variable: str
    path: Path
    step: Step | None = None
    children: dict[Step, "_Container"] = field(default_factory=dict)


class Writer:
    """Hands out where each property is written, and states how the parts are put together."""

    def __init__(self, side: SideTypes, result: str, names: Names) -> None:
        """Start with the record itself; `result` is its variable, taken from `names` already."""
        self._side = side
        self._names = names
        self._root = _Container(result, ())
        self._inner: list[_Container] = []

    def target(self, place: Place) -> str:
        """Return the expression that is assigned to: the property in the object that it belongs to."""
        return f"{self._container(place).variable}[{place.steps[-1].key}]"

    def written(self, place: Place) -> str:
        """Return the expression for what has been written so far; None where nothing has."""
        container = self._container(place)
        return read_key(container.variable, place.steps[-1].key, self._side, container.path)

    def declare(self) -> Iterator[Statement]:
        """Yield the empty parts, in the order in which they are first written to."""
        for container in (self._root, *self._inner):
            class_ = self._side.class_at(container.path)
            yield Line(f"{container.variable}: {class_}", "{}")

    def attach(self) -> Iterator[Statement]:
        """Yield what puts the parts together: a part with nothing in it is left out."""
        return self._attach(self._root)

    def _container(self, place: Place) -> _Container:
        container = self._root
        for index in range(len(place.path) - 1):
            step = place.steps[index]
            inner = container.children.get(step)
            if inner is None:
                inner = _Container(
                    self._name(place.steps[: index + 1]), place.path[: index + 1], step
                )
                container.children[step] = inner
                self._inner.append(inner)
            container = inner
        return container

    def _name(self, steps: Sequence[Step]) -> str:
        names = (f"{self._root.variable} {name}" for name in name_part(steps))
        return self._names.take_variable(names)

    def _attach(self, container: _Container) -> Iterator[Statement]:
        if not container.children:
            return
        children = sorted(container.children.values(), key=_order(container))
        for name, group in groupby(children, key=_bare_name):
            members = list(group)
            for member in members:
                yield from self._attach(member)
            yield from self._attach_members(f"{container.variable}[{text_literal(name)}]", members)

    def _attach_members(self, target: str, members: list[_Container]) -> Iterator[Statement]:
        first = members[0]
        if len(members) == 1:
            part = f"[{first.variable}]" if _step(first).listed else first.variable
            yield Block((first.variable,), (*self._constants(first), Line(target, part)))
            return
        # Several conditions make several elements of one list, each only if it holds anything.
        words = ((), ("all",))
        gathered = self._names.take_variable(
            " ".join((self._root.variable, *more, _bare_name(first))) for more in words
        )
        yield Line(f"{gathered}: list[{self._side.class_at(first.path)}]", "[]")
        for member in members:
            added = Line("", f"{gathered}.append({member.variable})")
            yield Block((member.variable,), (*self._constants(member), added))
        yield Block((gathered,), (Line(target, gathered),))

    def _constants(self, container: _Container) -> Iterator[Statement]:
        # What selects the element when it is read has to be in it when it is written.
        for test in _step(container).tests:
            if test[0]:
                yield from self._constant(container, test)

    def _constant(self, container: _Container, test: Test) -> Iterator[Statement]:
        (name, *rest), value = test
        target = f"{container.variable}[{text_literal(bare(name))}]"
        inner = container.children.get(Step(name))
        if not rest:
            declared = self._side.type_at((*container.path, name))
            part = _as_declared(value, declared)
            yield Line(target, f"[{part}]" if name.endswith("[]") else part)
        elif inner is not None:
            yield from self._constant(inner, (tuple(rest), value))
            yield Line(target, f"[{inner.variable}]" if name.endswith("[]") else inner.variable)
        else:
            yield Line(target, self._nested((*container.path, name), tuple(rest), value))

    def _nested(self, prefix: Path, rest: Path, value: Json) -> str:
        name, *inner = rest
        path = (*prefix, name)
        if inner:
            part = self._nested(path, tuple(inner), value)
        else:
            part = _as_declared(value, self._side.type_at(path))
            part = f"[{part}]" if name.endswith("[]") else part
        built = f"{{{text_literal(bare(name))}: {part}}}"
        return f"[{built}]" if prefix[-1].endswith("[]") else built


def cast_to(text: str, declared: str) -> str:
    """Return the expression with the declared type, where the document states another."""
    annotation = declared if declared == "Json" else f"{declared} | None"
    return f"cast({text_literal(annotation)}, {text})"


def _as_declared(value: Json, declared: str) -> str:
    text = literal(value)
    fits = value is None or assignable(type_of(value), declared)
    return text if fits else cast_to(text, declared)


def _step(container: _Container) -> Step:
    assert container.step is not None, "only the record itself has no step"
    return container.step


def _bare_name(container: _Container) -> str:
    return bare(_step(container).name)


def _order(container: _Container) -> "_First":
    return _First([_bare_name(child) for child in container.children.values()])


class _First:
    """A sort key: members of one list stand together, where the first of them stands."""

    def __init__(self, names: list[str]) -> None:
        self._position = {name: index for index, name in reversed(list(enumerate(names)))}

    def __call__(self, container: _Container) -> int:
        return self._position[_bare_name(container)]
