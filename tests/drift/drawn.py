"""Documents drawn part by part, and changes of them, for the law of diff and check."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from hypothesis import strategies as st

HEADINGS = (
    ("Buyer", "Contact"),
    ("Agent", "Person"),
    ("Buyer person", "Contact"),
    ("Shop", "Branch"),
)
SOURCE_CELLS = (
    "name",
    "number",
    "vat",
    "orgNo",
    "OrgNo",
    "kind",
    "tags",
    "address.city",
    "agent",
    "secret",
    "series",
    "unheard",
    "custom.x",
    "name (Dependant on having P in kind)",
    "name (Dependant on having X in kind)",
    "number (Dependant on having wd:Q1 in kind)",
    "number (Dependant on having wd:Q2 in kind)",
    "vat (Dependant on having  in kind)",
    "vat (Dependant on having  in )",
    "phones[].number (Dependant on having mobile in phones[].kind)",
    "phones[].number (Dependant on having home in phones[].kind)",
)
TARGET_CELLS = (
    "title",
    "code",
    "rank",
    "amount",
    "open",
    "mail",
    "labels",
    "place.city",
    "manager",
    "made",
    "x",
    "name",
)
TYPES = (
    '"string"',
    '"integer"',
    "N/A",
    '"list"',
    '["concat", "_.", "x"]',
    '["if", ["eq", "_.", "a"], "b", "c"]',
    '"N/A"',
)
RULES = ("name", "vat", "number", "address.city"), ("title", "mail", "rank")
LABELS = ("Ledgerly", "ledgerly", "Ledgerly Books")
NAME, MIRROR = "ledgerly-acme.rst", "acme-ledgerly.rst"
MIRRORS = ((None, None), (None, None), (0, 1), (0, 0), (None, 1), (0, None))
"""Whether the old and the new project have a mirror, and whether it is that of the old document or the new."""
CREATIONS = (
    "",
    "Every {source} will be synchronized with a {target}.",
    "If a match can not be made, a {source} will be synchronized with a {target}.",
    "When a {source} is open, it  will be synchronized with a {target}.",
    "When a {source} is won, it  will be synchronized with a {target}.",
    "A new {target} will be created from a {source} if it is connected to a {label} Deal that is "
    "synchronized into {into}.",
    "A new {target} will be created from a {source} if it is connected to a {label} Agent that is "
    "synchronized into {into}.",
)


@dataclass(frozen=True)
class Section:
    """A section's parts; `rules` are pairs of properties, `rows` properties and a type."""

    heading: tuple[str, str]
    creation: str = ""
    rules: tuple[tuple[str, str], ...] = ()
    rows: tuple[tuple[str, str, str], ...] = ()
    label: str = ""


@dataclass(frozen=True)
class Text:
    """A document's parts; a section without a label has the document's."""

    labels: tuple[str, str] = ("Ledgerly", "Acme")
    sections: tuple[Section, ...] = field(default=())
    title: str = "="

    def __str__(self) -> str:
        """Return the document's text."""
        source, target = self.labels
        title = f"{source} to {target} Dataflow"
        head = [
            self.title * len(title),
            title,
            self.title * len(title),
            "",
            "Introduction",
            "-" * 12,
        ]
        head += ["", "This document states the data flow.", ""]
        return "\n".join([*head, *(_section(one, self.labels) for one in self.sections)])


def _section(section: Section, labels: tuple[str, str]) -> str:
    source = f"{section.label or labels[0]} {section.heading[0]}"
    target = f"{labels[1]} {section.heading[1]}"
    heading = f"{source} to {target}"
    words = {"source": source, "target": target, "label": labels[0], "into": labels[1]}
    linked = f"a link between a {source} and a {target}"
    parts = [heading, "-" * len(heading)]
    parts += [f"Before any synchronization can take place, {linked} must be established.", ""]
    parts += [section.creation.format(**words), ""] if section.creation else []
    if section.rules:
        parts += [
            f"A {source} will merge with a {target} if one of the following property combinations match:"
        ]
        parts += _table((f"{source} Property", f"{target} Property"), section.rules)
    parts += [
        f"Once {linked} is established, it will keep in sync between the two systems, regardless of "
        "where it is edited.",
        "",
        f"The following properties are synchronized between a {source} and a {target}:",
    ]
    header = (f"{source} Property", f"{target} Property", f"{labels[1]} Data Type")
    return "\n".join([*parts, *_table(header, section.rows)])


def _table(header: tuple[str, ...], rows: tuple[tuple[str, ...], ...]) -> list[str]:
    lines = ["", ".. list-table::", "   :header-rows: 1", ""]
    for row in (header, *rows):
        lines += [f"   {'* -' if place == 0 else '  -'} {cell}" for place, cell in enumerate(row)]
    return [*lines, ""]


ROWS = st.tuples(
    st.sampled_from(SOURCE_CELLS), st.sampled_from(TARGET_CELLS), st.sampled_from(TYPES)
)
RULE = st.tuples(*map(st.sampled_from, RULES))
SECTIONS = st.builds(
    Section,
    heading=st.sampled_from(HEADINGS),
    creation=st.sampled_from(CREATIONS),
    rules=st.lists(RULE, max_size=2, unique=True).map(tuple),
    rows=st.lists(ROWS, min_size=1, max_size=5, unique=True).map(tuple),
)
TEXTS = st.builds(Text, sections=st.lists(SECTIONS, min_size=1, max_size=4).map(tuple))


def _of_section(change: Callable[[st.DrawFn, Section], Section]) -> "Change":
    def changed(draw: st.DrawFn, text: Text) -> Text:
        place = draw(st.integers(0, len(text.sections) - 1))
        sections = list(text.sections)
        sections[place] = change(draw, sections[place])
        return replace(text, sections=tuple(sections))

    return changed


def _heading(draw: st.DrawFn, section: Section) -> Section:
    return replace(section, heading=draw(st.sampled_from(HEADINGS)))


def _creation(draw: st.DrawFn, section: Section) -> Section:
    return replace(section, creation=draw(st.sampled_from(CREATIONS)))


def _label(draw: st.DrawFn, section: Section) -> Section:
    return replace(section, label=draw(st.sampled_from(("", *LABELS))))


def _rules(draw: st.DrawFn, section: Section) -> Section:
    found = st.lists(RULE, max_size=3, unique=True) | st.permutations(section.rules)
    return replace(section, rules=tuple(draw(found)))


def _cell(draw: st.DrawFn, section: Section) -> Section:
    """Change one cell of one row."""
    rows = list(section.rows)
    place, column = draw(st.integers(0, len(rows) - 1)), draw(st.integers(0, 2))
    cells = list(rows[place])
    cells[column] = draw(st.sampled_from((SOURCE_CELLS, TARGET_CELLS, TYPES)[column]))
    rows[place] = (cells[0], cells[1], cells[2])
    return replace(section, rows=tuple(rows))


def _condition(draw: st.DrawFn, section: Section) -> Section:
    """Change the condition of one row alone, where its property has several."""
    rows = list(section.rows)
    place = draw(st.integers(0, len(rows) - 1))
    source, *rest = rows[place]
    head = source.partition(" (")[0]
    others = [cell for cell in SOURCE_CELLS if cell.partition(" (")[0] == head]
    rows[place] = (draw(st.sampled_from(others or [source])), rest[0], rest[1])
    return replace(section, rows=tuple(rows))


def _order(draw: st.DrawFn, section: Section) -> Section:
    return replace(section, rows=tuple(draw(st.permutations(section.rows))))


def _more(draw: st.DrawFn, section: Section) -> Section:
    place = draw(st.integers(0, len(section.rows)))
    return replace(section, rows=(*section.rows[:place], draw(ROWS), *section.rows[place:]))


def _fewer(draw: st.DrawFn, section: Section) -> Section:
    place = draw(st.integers(0, len(section.rows) - 1))
    rest = (*section.rows[:place], *section.rows[place + 1 :])
    return replace(section, rows=rest or section.rows)


def _labels(draw: st.DrawFn, text: Text) -> Text:
    labels = draw(st.sampled_from(LABELS)), draw(st.sampled_from(("Acme", "acme", "Other")))
    return replace(text, labels=labels)


def _sections(draw: st.DrawFn, text: Text) -> Text:
    return replace(text, sections=tuple(draw(st.permutations(text.sections))))


def _another(draw: st.DrawFn, text: Text) -> Text:
    place = draw(st.integers(0, len(text.sections)))
    new = draw(SECTIONS | st.sampled_from(text.sections))
    return replace(text, sections=(*text.sections[:place], new, *text.sections[place:]))


def _without(draw: st.DrawFn, text: Text) -> Text:
    place = draw(st.integers(0, len(text.sections) - 1))
    rest = (*text.sections[:place], *text.sections[place + 1 :])
    return replace(text, sections=rest or text.sections)


def _nothing(draw: st.DrawFn, text: Text) -> Text:
    return replace(text, title=draw(st.sampled_from("=#")))


Change = Callable[[st.DrawFn, Text], Text]
CHANGES: tuple[Change, ...] = (
    *map(
        _of_section, (_heading, _creation, _label, _rules, _cell, _condition, _order, _more, _fewer)
    ),
    _labels,
    _sections,
    _another,
    _without,
    _nothing,
)


def turned(text: Text) -> Text:
    """Return the document's mirror: what it states of properties, from the other side."""
    sections = tuple(
        Section(
            heading=one.heading[::-1],
            rules=tuple((target, source) for source, target in one.rules),
            rows=tuple((target, source, kind) for source, target, kind in one.rows),
        )
        for one in text.sections
    )
    return Text(labels=text.labels[::-1], sections=sections)


@st.composite
def changed_projects(draw: st.DrawFn) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """Draw a project's documents by file name, and what up to three changes make of them.

    Some have a mirror, which comes, goes, follows the changes, or lags behind.
    """
    old = draw(TEXTS)
    new = old
    for change in draw(st.lists(st.sampled_from(CHANGES), min_size=1, max_size=3)):
        new = change(draw, new)
    mirrors = draw(st.sampled_from(MIRRORS))
    before, after = {NAME: str(old)}, {NAME: str(new)}
    for documents, mirrored in ((before, mirrors[0]), (after, mirrors[1])):
        if mirrored is not None:
            documents[MIRROR] = str(turned((old, new)[mirrored]))
    return before, after
