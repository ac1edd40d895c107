"""What the rows of a list show of a resource, against what its profile says; never a value of them; pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from specbridge.model.conversion import ValueType
from specbridge.model.profile import Property, Resource, ValueForm
from specbridge.model.values import Json, Path
from specbridge.runtime.connectors.reading.rows import Row, value_at

_MILLISECONDS_FROM = 10**11
_NUMBERS = (ValueType.INTEGER, ValueType.FLOAT, ValueType.DECIMAL)
_INSTANTS = (ValueType.DATE, ValueType.DATETIME)


@dataclass(slots=True)
class Seen:
    """What was seen so far: answers, rows, the paths that had values in them, and what does not fit."""

    answers: int = 0
    rows: int = 0
    paths: set[Path] = field(default_factory=set)
    misfits: dict[Path, str] = field(default_factory=dict)

    def add(self, resource: Resource, rows: Iterable[Row]) -> None:
        """Take in the rows of one more answer."""
        self.answers += 1
        for row in rows:
            self.rows += 1
            self.paths.update(_paths(row))
            for prop in resource.properties:
                fault = _misfit(prop, value_at(row, prop.path))
                if fault and prop.path not in self.misfits:
                    self.misfits[prop.path] = fault

    def unseen(self, resource: Resource) -> tuple[str, ...]:
        """Return the profile's properties that no row has."""
        return tuple(
            ".".join(one.path) for one in resource.properties if one.path not in self.paths
        )

    def unlisted(self, resource: Resource) -> tuple[str, ...]:
        """Return the properties of rows that the profile lists neither by themselves nor as a whole."""
        listed = {prop.path for prop in resource.properties}
        parents = {path[:depth] for path in listed for depth in range(1, len(path))}
        return tuple(
            sorted(
                ".".join(path)
                for path in self.paths - parents
                if not any(path[:depth] in listed for depth in range(1, len(path) + 1))
                and (len(path) == 1 or path[:-1] in parents)
            )
        )


def _paths(row: Mapping[str, Json], before: Path = ()) -> Iterator[Path]:
    for name, value in row.items():
        path = (*before, name)
        yield path
        if isinstance(value, dict):
            yield from _paths(value, path)
        elif isinstance(value, list):
            for item in value:
                if isinstance(item, dict):
                    yield from _paths(item, (*before, f"{name}[]"))


def _misfit(prop: Property, value: Json) -> str:
    """Return how a value is of another type than its property's, "" where it is not."""
    if value is None or value == prop.clear or prop.codes or prop.type is ValueType.ANY:
        return ""
    held = _word(value)
    if prop.form is ValueForm.TEXT or prop.type is ValueType.STRING:
        return "" if held == "a text" else f"is {held}"
    if prop.type in _INSTANTS:
        return _misfit_instant(prop, held, value)
    wanted = {
        ValueType.BOOLEAN: "a truth value",
        ValueType.LIST: "a list",
        ValueType.OBJECT: "an object",
    }.get(prop.type, "a number")
    if held == wanted:
        return ""
    formed = held == "a text" and prop.type in (*_NUMBERS, ValueType.BOOLEAN)
    return f'is {held}: say form = "text"' if formed else f"is {held}"


def _misfit_instant(prop: Property, held: str, value: Json) -> str:
    counted = prop.form in (ValueForm.EPOCH_SECONDS, ValueForm.EPOCH_MILLISECONDS)
    if held == ("a number" if counted else "a text"):
        return ""
    if held == "a number" and isinstance(value, int | float):
        form = "epoch-milliseconds" if abs(value) >= _MILLISECONDS_FROM else "epoch-seconds"
        return f'is a number: say form = "{form}"'
    # Numbers that are written as texts are read all the same.
    return "" if counted and str(value).lstrip("-").isdecimal() else f"is {held}"


def _word(value: Json) -> str:
    if isinstance(value, bool):
        return "a truth value"
    if isinstance(value, int | float):
        return "a number"
    if isinstance(value, str):
        return "a text"
    return "a list" if isinstance(value, list) else "an object"
