"""A dataflow document as its text says it, each part with its line."""

from dataclasses import dataclass

from specbridge.errors import Location, Problem
from specbridge.model.rules import Creation, LinkRule, PropertyMapping


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One side of a flow, e.g. `Powerofficego Customers person`.

    `text` is the full name as read, white space folded; `label` the system's part of it, blank
    where the document leaves it blank; `datatype` the rest without the subset; `subset` the
    trailing word (`person`) or the text in trailing parentheses (`human data`), else None.
    """

    text: str
    label: str
    datatype: str
    subset: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """A section of the document.

    `name` is unique in the document: `<source>_to_<target>` of the datatypes' (and subsets') lower
    case letters and digits, `_2`, `_3`, … for further sections of the same name in their order.
    `readable` is False where the section could not be read whole: an E problem says why, and the
    flow must not be generated.
    """

    name: str
    where: Location
    source: Side
    target: Side
    creation: Creation
    link_rules: tuple[LinkRule, ...]
    properties: tuple[PropertyMapping, ...]
    statements: tuple[str, ...] = ()  # the section's sentences, in order, white space folded
    readable: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Ignore:
    """A comment that says which warnings about the lines from `first` to `last` need not be told."""

    codes: tuple[str, ...]
    where: Location
    first: int
    last: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A document as read, with every problem found in it.

    `path` is as given by the user; `source` and `target` are the title's labels, blank where the
    title leaves them blank; `generated` is the text of the `Generated:` line, which means nothing.
    `problems` holds those too that `ignores` is about: whoever tells them leaves them out.
    """

    path: str
    title: str
    source: str
    target: str
    generated: str | None
    flows: tuple[Flow, ...]
    problems: tuple[Problem, ...]
    ignores: tuple[Ignore, ...] = ()
