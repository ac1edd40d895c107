"""What the pages of documents show: texts, decided beforehand, in the order in which they stand."""

from dataclasses import dataclass
from typing import NamedTuple

from specbridge.pages.documents.diagram import Diagram


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A text that leads somewhere within the pages; `href` is a file's name, an anchor, or both."""

    text: str
    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PropertyView:
    """A property of a row: its name in the API, its cell where the document has other words, its facts.

    `href` is its lineage's, "" where it feeds nothing and nothing feeds it.
    """

    name: str
    written: str
    conditions: tuple[str, ...]
    facts: tuple[str, ...]
    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldView:
    """Why a row is not kept equal in a direction."""

    where: str
    code: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RowView:
    """A row of a property table; `mark` is its direction's colour.

    `anchor` is its line's, "" where the row stands in the document's mirror.
    """

    line: str
    anchor: str
    source: PropertyView
    target: PropertyView
    mark: str
    direction: str
    ways: tuple[str, ...]
    held: tuple[HeldView, ...]
    shared: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleView:
    """A link rule: two records match where both properties are as `words` say."""

    line: str
    source: PropertyView
    target: PropertyView
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SideView:
    """A side of a flow: the document's name of it, and what it means in the system."""

    name: str
    system: str
    resource: str
    subset: str
    facts: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowView:
    """A section of the document; `creation` are the rules to the target and to the source."""

    number: int
    name: str
    anchor: str
    title: str
    line: str
    source: SideView
    target: SideView
    runnable: bool
    creation: tuple[str, str]
    rules: tuple[RuleView, ...]
    rows: tuple[RowView, ...]
    statements: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemView:
    """A problem with its mend; `aside` says who has chosen to live with it ("" for nobody)."""

    code: str
    topic: str
    line: int
    message: str
    mend: str
    flow: str
    aside: str
    state: str
    mark: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemView:
    """What is known of a system: where it is known from, its limits, what its profile leaves undone."""

    name: str
    labels: str
    source: str
    limits: tuple[str, ...]
    notes: tuple[str, ...]


# Tuples, which templates unpack: in the sandbox each attribute that is looked up costs a check.
class ReachView(NamedTuple):
    """A property that another one reaches or comes from: `by` which line of which document, `through` which other one.

    `through` is "" where the row leads there at once; addresses are "" where there is no such page.
    """

    property: str
    href: str
    by: str
    by_href: str
    through: str
    create_only: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class WayView:
    """The properties that one reaches, or comes from, the nearest first; `more` is how many are not named."""

    title: str
    found: tuple[ReachView, ...]
    more: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PropertyLineage:
    """A property with what it reaches and what it comes from; `page` tells more of it."""

    name: str
    place: str
    anchor: str
    page: str
    ways: tuple[WayView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentView:
    """The page of one document."""

    title: str
    heading: str
    path: str
    written: str
    mirrors: tuple[Link, ...]
    unread: tuple[str, ...]
    figures: tuple[tuple[str, str], ...]
    systems: tuple[SystemView, ...]
    diagram: Diagram | None
    flows: tuple[FlowView, ...]
    problems: tuple[ProblemView, ...]
    lineage: tuple[PropertyLineage, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentLine:
    """A document in the index."""

    page: Link
    path: str
    package: str
    source: str
    target: str
    flows: int
    flow_word: str
    rows: int
    row_word: str
    held: int
    errors: str
    warnings: str
    clean: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexView:
    """The page of all packages."""

    title: str
    documents: tuple[DocumentLine, ...]
    systems: tuple[SystemView, ...]
    diagram: Diagram | None
    figures: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LineageView:
    """The page of a system's properties that feed others or are fed."""

    title: str
    system: str
    properties: tuple[PropertyLineage, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LineageIndexView:
    """The page that leads to each system's lineage; `systems` are links, and how many properties are there."""

    title: str
    systems: tuple[tuple[Link, str], ...]
