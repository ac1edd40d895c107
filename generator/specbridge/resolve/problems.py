"""Every problem that resolve and lint report: its code, what it says, and how to mend it.

Each code has a page in docs/problems/. E3xx and W3xx are about the document as a whole, its flows
and conditions; W40x hold a row in a direction; W42x and W43x come from lint alone.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath, PureWindowsPath

from specbridge.errors import Location, Problem
from specbridge.model.values import Direction


@dataclass(frozen=True, slots=True)
class Text:
    """The words of a problem, with the names of its values in braces."""

    message: str
    mend: str


@dataclass(frozen=True, slots=True)
class Fault:
    """A problem before it is known where and in which flow it lies; `values` fill its words."""

    code: str
    values: Mapping[str, object]


TEXTS: Mapping[str, Text] = {
    "E301": Text(
        "the system on the {side} side has no name anywhere: not in the title, not in a section, "
        "not in the file's name",
        "name it in the title, call the file `source-target.rst`, or give --{side} LABEL; nothing of "
        "{document} is written",
    ),
    "E302": Text(
        "the document describes the same systems in the same direction as {other}",
        "join the two documents, or leave one out; nothing of {document} is written, {other} stands",
    ),
    "W301": Text(
        "the {side}'s system label is blank in {place}; it is read as {label}, because {reason}",
        'write the label there, or say `{side} = "{label}"` under '
        '[tool.specbridge.blank_labels."{document}"]',
    ),
    "W302": Text(
        "the {side}'s label `{label}` is unlike the title's `{title}`; it is read as {system}",
        "write the title's label, or name the system under [tool.specbridge.labels]",
    ),
    "W303": Text(
        "no profile is known for the system `{label}`; its flows are generated but cannot run",
        "add a profile (docs/profiles.md), or name one under [tool.specbridge.labels]",
    ),
    "W311": Text(
        "{system} has no datatype `{datatype}`; the flow is generated but cannot run",
        "correct the datatype, or add the resource to the profile",
    ),
    "W312": Text(
        "which {datatype} are `{subset}` is not known; the flow is generated but cannot run",
        "say it under [tool.specbridge.subsets.{system}.{resource}]",
    ),
    "W321": Text(
        "a condition of `{text}` {lacking}",
        "in the document write {mend}, say `{key} = {{ path = …, equals = … }}` under "
        "[tool.specbridge.conditions], or remove the condition if the row holds for every record",
    ),
    "W322": Text(
        "the condition's value `{value}` is a symbol that {lacking}",
        "add {entry} under [tool.specbridge.symbols]",
    ),
    "W323": Text(
        "the condition's value `{value}` is not of the type {type}, which its property has",
        "correct the value in the document, or explain it under [tool.specbridge.symbols]",
    ),
    "W331": Text(
        "the row `{source}` to `{target}` is there before, in {line}; it is left out",
        "remove one of the two rows",
    ),
    "W332": Text(
        "`{path}` of the row `{source}` to `{target}` is a value, yet `{other}` is a part of it; "
        "the row is left out",
        "map either the whole or its parts",
    ),
    "W333": Text(
        "the link rule `{source}` to `{target}` is left out: {reason}",
        "correct the rule; without it nothing links by these properties",
    ),
    "W341": Text(
        "the flows {flows} refer to each other in a circle; they run in the document's order",
        "none is needed: what waits for a reference is written by the next round",
    ),
    "W351": Text(
        "«{when}» is a condition in prose only; the flow never creates by it",
        "state it as `when` under [tool.specbridge.packages.{package}.flows.{section}]",
    ),
    "W352": Text(
        "nothing says how a {datatype} refers to a {resource}; the flow never creates for one",
        "add the reference to the profile of {system}, or correct the sentence",
    ),
    "W361": Text(
        "the flow joins {resource} with itself: there is nothing to keep equal, and it is not run",
        "name another datatype on one side, or remove the section",
    ),
    "W362": Text(
        "the row `{row}` stands in {place} with the data type {type}, which holds; this one is left "
        "aside",
        "give both rows one data type, or remove one of them",
    ),
    "W401": Text(
        "{system} has no property `{path}` in {resource}",
        "correct the name, or add the property to the profile",
    ),
    "W402": Text("`{path}` of {resource} is read-only", "map a property that can be written"),
    "W403": Text(
        "`{path}` of {resource} is {written}",
        "none is needed where later changes need not cross{mend}",
    ),
    "W404": Text(
        "the row gives {given}, but `{path}` of {resource} is {type}",
        "correct the row's data type",
    ),
    "W405": Text(
        "the data type {type} loses something, and nothing says how to read it back",
        "state the row in the mirror document, with a data type for the way back",
    ),
    "W406": Text(
        "`{path}` holds the id of a {resource}, and no flow of the package links it to what "
        "`{other}` holds",
        "add a flow that links the two datatypes",
    ),
    "W407": Text(
        "`{path}` of {resource} reads as a placeholder, not as its value", "leave the row out"
    ),
    "W408": Text(
        "`{path}` of {resource} is read-only, the record's own address in {system}: it would "
        "overwrite what the other side means",
        "map the property that holds the value you mean",
    ),
    "W409": Text(
        "the data type {type} is not understood", "write a data type that docs/dialect.md lists"
    ),
    "W421": Text(
        "creating a {resource} needs `{path}`, which no row supplies: {system} will refuse",
        "add a row for it, or do not create by this flow",
    ),
    "W422": Text(
        "`{path}` of {resource} takes {length} characters at most, `{source}` may hold more",
        "keep the source short: longer values are refused and reported",
    ),
    "W423": Text(
        "`{path}` of {resource} is unique, `{source}` need not be: of two records with one value "
        "the second is not created",
        "none is needed where the source's values are unique in fact",
    ),
    "W424": Text(
        "the mirror document {other} does not have the row `{source}` to `{target}`",
        "add the row there, or remove it here",
    ),
    "W425": Text(
        "the mirror document {other} does not link by `{source}` and `{target}`",
        "add the link rule there, or remove it here",
    ),
    "W426": Text(
        "the mirror document {other} does not have this flow",
        "add the flow there: its creation sentence holds for the other direction",
    ),
    "W427": Text(
        "nothing says how a {source} finds its {target}: no link rule and no creation",
        "add a link table or a creation sentence",
    ),
    "W429": Text(
        "the flow creates a {target} for a {source} and has no link rule: where both systems hold "
        "the same record already, it is there twice afterwards",
        "add a table of properties by which they match",
    ),
    "W428": Text(
        "{system} has no call that creates a {resource}; the flow links but cannot create",
        "do not create by this flow, or complete the profile",
    ),
    "W431": Text(
        "the row `{source}` to `{target}` converts its value and closes a circle ({walk}) with the "
        "rows at {places}: the value would come back as another one, so runs hold this row",
        "leave out one of these rows, or give all of them data types that leave values as they are",
    ),
    "W432": Text(
        "where both sides changed, `latest` decides, and {system} does not say when a {resource} was "
        "modified: the source's value wins",
        "name the instant in the profile (`modified_at`), or say by `conflicts` who is to win",
    ),
}

_LONGEST = 120
_TOWARDS: Mapping[Direction, str] = {
    Direction.BOTH: "both ways",
    Direction.TO_TARGET: "towards the target",
    Direction.TO_SOURCE: "towards the source",
    Direction.NONE: "nowhere",
}


def problem(code: str, where: Location, flow: str | None = None, **values: object) -> Problem:
    """Return the problem of a code; `values` fill the words of its text, made harmless."""
    text = TEXTS[code]
    shown = _shown(values)
    return Problem(
        code=code,
        where=where,
        message=text.message.format(**shown),
        mend=text.mend.format(**shown),
        flow=flow,
    )


def reason(fault: Fault) -> str:
    """Return the message of a fault alone, as a held row keeps it."""
    return TEXTS[fault.code].message.format(**_shown(fault.values))


def mend(fault: Fault) -> str:
    """Return how a fault is mended."""
    return TEXTS[fault.code].mend.format(**_shown(fault.values))


def in_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Return the problems by where they lie; those of one line stay in their order."""
    return tuple(sorted(problems, key=lambda one: one.where))


def file_name(path: str) -> str:
    """Return the bare file name of a path as users give it, on any platform."""
    return PureWindowsPath(PurePosixPath(path).name).name


def line_of(where: Location, seen: Location) -> str:
    """Return a place as a problem at another place names it: `line 5`, or `line 5 of a-b.rst`."""
    line = f"line {where.line}"
    return line if where.path == seen.path else f"{line} of {file_name(where.path)}"


def towards(direction: Direction) -> str:
    """Return a direction in words, as messages about held rows say it."""
    return _TOWARDS[direction]


def shown(text: str) -> str:
    """Return document text for a message: one line, cut short, what does not print as `\\u....`.

    A terminal must not obey a document: control characters and bidirectional marks are escaped.
    """
    folded = " ".join(text[: 4 * _LONGEST].split())
    cut = folded if len(folded) <= _LONGEST else f"{folded[: _LONGEST - 1]}…"
    # Nearly all text is: only what is not is taken apart.
    if cut.isprintable():
        return cut
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in cut)


def _shown(values: Mapping[str, object]) -> dict[str, object]:
    return {name: shown(one) if isinstance(one, str) else one for name, one in values.items()}
