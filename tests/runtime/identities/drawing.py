"""Random companies: resources of a few systems, the sections of documents about them, and what people do.

Every resource has the same properties, named after it: two keys, a kind for subsets, and values.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

from hypothesis import strategies as st
from specbridge.model.values import Direction

RESOURCES = "ABCD"
SYSTEMS = ("north", "south", "west")
KEYS = ("one", "two")
VALUES = ("name", "note", "rank")
FIELDS = (*KEYS, "kind", *VALUES)
KEY_VALUES = {"one": ("x", "y", "z", "X ", ""), "two": ("p", "q", "")}
KINDS = ("client", "client", "supplier", "")


@dataclass(frozen=True, slots=True)
class Row:
    """A property that two resources keep equal; `turned`: one holds the other's value backwards.

    `direction` is that of the section.
    """

    field: str
    turned: bool = False
    direction: Direction = Direction.BOTH


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """What a document says once of two resources, `source` and `target`.

    `rule` is the key that links equal records, "" for none. `forth` and `back` say what is created
    on the target and on the source: "always", "never", or for which kind of record. `within` are
    the kinds that the source's and the target's subset select, "" for all records.
    """

    source: str
    target: str
    rows: tuple[Row, ...] = (Row("name"),)
    rule: str = ""
    forth: str = "never"
    back: str = "never"
    within: tuple[str, str] = ("", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """The system of each resource, and the sections of each package's document.

    `unique` are the resources in which no two records have the same `name`.
    """

    systems: tuple[str, ...] = ("north", "south", "south", "west")
    packages: tuple[tuple[Section, ...], ...]
    unique: tuple[str, ...] = ()

    @property
    def sections(self) -> tuple[Section, ...]:
        return tuple(section for package in self.packages for section in package)

    @property
    def resources(self) -> tuple[str, ...]:
        """Return the resources that any section is about, by name."""
        return tuple(sorted({end for s in self.sections for end in (s.source, s.target)}))

    def system(self, resource: str) -> str:
        return self.systems[RESOURCES.index(resource)]


@dataclass(frozen=True, slots=True)
class Deed:
    """One thing that happens: to which record of which resource, in which property.

    People `add`, `edit`, `empty` and `delete` in the systems, `split` and `pin` in the store; a `run`
    may be broken off, and a package's document may `arrive` late. `index` chooses among records and
    values, for a run what runs (RUNS), and of a broken one when it breaks; `field` is then the fault.
    """

    what: str
    resource: str = "A"
    index: int = 0
    field: str = "name"
    keys: tuple[str, str] = ("", "")
    kind: str = ""
    blank: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """A company and what happens in it; `hurried`: what people do between two runs has one instant."""

    company: Company
    deeds: tuple[Deed, ...]
    hurried: bool = False


RUNS = ("all", "first flow", "second flow", "first package", "last package")
"""What a run may be of."""

FAULTS = ("crash_before", "crash_after", "fail_before", "fail_after", "fail_read")

SHAPES: dict[str, Sequence[str]] = {
    "twice": ("AB", "AB"),
    "three times": ("AB", "AB", "AB"),
    "mirror": ("AB", "BA"),
    "mirror of one of two": ("AB", "AB", "BA"),
    "itself": ("AA", "AB"),
    "circle of three": ("AB", "BC", "CA"),
    "circle of four": ("AB", "BC", "CD", "DA"),
    "triangle and back": ("AB", "BC", "AC", "CA"),
    "two to one": ("AC", "BC"),
    "two to one, joined": ("AC", "BC", "AB"),
    "chain": ("AB", "BC", "CD"),
    "star": ("AB", "AC", "AD"),
}

_creations = st.sampled_from(["always", "always", "always", "never", "client"])
_subsets = st.sampled_from(["", "", "", "", "client", "supplier"])
_rules = st.sampled_from(["", "one", "one", "two"])
_pairs = st.tuples(st.sampled_from(RESOURCES), st.sampled_from(RESOURCES)).map("".join)


@st.composite
def companies(draw: st.DrawFn) -> Company:
    """Draw a company: one of the shapes, and sometimes a section more."""
    pairs = [*draw(st.sampled_from(list(SHAPES.values())))]
    pairs += draw(st.lists(_pairs, max_size=1))
    # Of one pair and property: which of two data types counts would be the documents' order.
    kept: dict[tuple[frozenset[str], str], Row] = {}
    sections = [draw(_sections(pair, kept)) for pair in pairs]
    places = [draw(st.integers(0, 2)) for _ in sections]
    packages = [
        tuple(s for s, place in zip(sections, places, strict=True) if place == number)
        for number in range(3)
    ]
    return Company(
        systems=tuple(draw(st.sampled_from(SYSTEMS)) for _ in RESOURCES),
        packages=tuple(package for package in packages if package),
        unique=draw(st.sampled_from([(), (), (), (), ("A",), ("B",), ("B", "C")])),
    )


@st.composite
def _sections(draw: st.DrawFn, pair: str, kept: dict[tuple[frozenset[str], str], Row]) -> Section:
    source, target = pair[0], pair[1]
    fields = draw(st.lists(st.sampled_from(FIELDS), unique=True, max_size=4))
    rows = tuple(_facing(draw(_rows(source, target, field, kept)), pair) for field in fields)
    return Section(
        source=source,
        target=target,
        rows=rows,
        rule=draw(_rules),
        forth=draw(_creations),
        back=draw(_creations),
        within=(draw(_subsets), draw(_subsets)),
    )


@st.composite
def _rows(
    draw: st.DrawFn,
    source: str,
    target: str,
    field: str,
    kept: dict[tuple[frozenset[str], str], Row],
) -> Row:
    """Draw a row as the first of two resources by name has it, once for each pair and property."""
    key = frozenset((source, target)), field
    if key not in kept:
        turned = field in VALUES and draw(st.integers(0, 5)) == 1
        ways = [Direction.BOTH] * 8 + [Direction.TO_TARGET, Direction.TO_SOURCE]
        kept[key] = Row(field, turned, draw(st.sampled_from(ways)))
    return kept[key]


def _facing(row: Row, pair: str) -> Row:
    return row if pair[0] <= pair[1] else turn_row(row)


def turn_row(row: Row) -> Row:
    """Return a row as it reads from the other side."""
    turned = {
        Direction.TO_TARGET: Direction.TO_SOURCE,
        Direction.TO_SOURCE: Direction.TO_TARGET,
    }
    return Row(row.field, row.turned, turned.get(row.direction, row.direction))


@cache
def _records(resources: tuple[str, ...]) -> st.SearchStrategy[Deed]:
    return st.builds(
        Deed,
        what=st.just("add"),
        resource=st.sampled_from(resources),
        keys=st.tuples(st.sampled_from(KEY_VALUES["one"]), st.sampled_from(KEY_VALUES["two"])),
        kind=st.sampled_from(KINDS),
        blank=st.sampled_from([False, False, False, True]),
    )


@cache
def _later(resources: tuple[str, ...], crashes: bool) -> st.SearchStrategy[Deed]:
    edits = st.builds(
        Deed,
        what=st.sampled_from(["edit"] * 8 + ["empty", "delete", "delete", "split", "pin"]),
        resource=st.sampled_from(resources),
        index=st.integers(0, 5),
        field=st.sampled_from((*FIELDS, *VALUES)),
    )
    runs = st.builds(Deed, what=st.just("run"), index=st.sampled_from([0, 0, 0, 0, 1, 2, 3, 4]))
    broken = st.builds(
        Deed, what=st.just("broken"), index=st.integers(0, 3), field=st.sampled_from(FAULTS)
    )
    ways = [edits, edits, edits, _records(resources), runs]
    return st.one_of(*ways, *([broken] if crashes else []))


@st.composite
def stories(draw: st.DrawFn, *, crashes: bool = True) -> Story:
    """Draw a company, its records, and what people do between runs."""
    company = draw(companies())
    resources = company.resources
    deeds = [*draw(st.lists(_records(resources), min_size=2, max_size=7)), Deed("run")]
    deeds += draw(st.lists(_later(resources, crashes), min_size=4, max_size=14))
    if len(company.packages) > 1 and draw(st.integers(0, 3)) == 1:
        deeds.insert(draw(st.integers(1, len(deeds))), Deed("arrive"))
    return Story(company=company, deeds=tuple(deeds))


def circle_pairs(company: Company, field: str) -> frozenset[frozenset[str]]:
    """Return the pairs of resources whose row of a property may be held, closing a circle.

    They lie on a circle of several pairings of which not all rows copy.
    """
    rows = {
        frozenset((s.source, s.target)): row
        for s in company.sections
        for row in s.rows
        if row.field == field and s.source != s.target
    }
    found = set()
    for circle in _circles(list(rows)):
        if any(rows[pair].turned for pair in circle):
            found |= set(circle)
    return frozenset(found)


def fed_pairs(company: Company, row: Row) -> frozenset[frozenset[str]]:
    """Return the pairs of resources whose row has no master, though it writes one way.

    Several write so into what two-way rows, and such as go round, keep equal among each other. There the
    latest edit stays, whichever of the feeding records it was made in.
    """
    ways = _ways(company, row.field)
    groups = {one: frozenset(_reached(ways, one)) for way in ways for one in way}
    joined = {one: frozenset(x for x in groups[one] if one in groups[x]) for one in groups}
    givers: defaultdict[frozenset[str], set[str]] = defaultdict(set)
    for giver, given in ways:
        if joined[giver] != joined[given]:
            givers[joined[given]].add(giver)
    several = {group for group, found in givers.items() if len(found) > 1}
    return frozenset(
        frozenset((giver, given))
        for giver, given in ways
        if joined[giver] != joined[given] and joined[given] in several
    )


def _ways(company: Company, field: str) -> set[tuple[str, str]]:
    """Return from which resource to which values of a property go."""
    ways = set()
    for section in company.sections:
        for row in section.rows:
            if row.field == field and section.source != section.target:
                ends = section.source, section.target
                ways |= {ends} if row.direction is not Direction.TO_SOURCE else set()
                ways |= {ends[::-1]} if row.direction is not Direction.TO_TARGET else set()
    return ways


def _reached(ways: set[tuple[str, str]], start: str) -> set[str]:
    found = {start}
    for _ in RESOURCES:
        found |= {given for giver, given in ways if giver in found}
    return found


def _circles(pairs: Sequence[frozenset[str]]) -> list[list[frozenset[str]]]:
    """Return the circles of three and four resources."""
    found = []
    for order in ("ABC", "ABD", "ACD", "BCD", "ABCD", "ABDC", "ACBD"):
        circle = [frozenset(ends) for ends in pairwise(order + order[0])]
        if all(pair in pairs for pair in circle):
            found.append(circle)
    return found
