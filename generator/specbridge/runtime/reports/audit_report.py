"""What an audit found: as values, JSON (docs/json.md), a page, and JUnit XML."""

import re
from dataclasses import dataclass
from html import escape
from xml.etree import ElementTree

from specbridge.model.values import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A record or a pair for which a statement fails; a side that is missing is None."""

    source: str | None
    target: str | None
    source_value: Json = None
    target_value: Json = None

    def as_json(self) -> dict[str, Json]:
        """Return the JSON object."""
        return {
            "source": self.source,
            "target": self.target,
            "source_value": self.source_value,
            "target_value": self.target_value,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A statement of the document, and for how many records or pairs it holds.

    `kind` is `created`, `linked` or `property`. A held statement is not checked.
    """

    flow: str
    kind: str
    text: str
    checked: int
    holds: int
    fails: int
    held: bool
    examples: tuple[Example, ...] = ()

    def as_json(self) -> dict[str, Json]:
        """Return the JSON object."""
        return {
            "flow": self.flow,
            "kind": self.kind,
            "text": self.text,
            "checked": self.checked,
            "holds": self.holds,
            "fails": self.fails,
            "held": self.held,
            "examples": [example.as_json() for example in self.examples],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOver:
    """What of a flow no statement can be checked on, or waits for a person.

    `vanished` pairs have lost a record, of `open_conflicts` nobody has decided, `ambiguous` records
    match several, and `waiting` references are to records that are not linked.
    """

    flow: str
    vanished: int
    open_conflicts: int
    ambiguous: int
    waiting: int

    def as_json(self) -> dict[str, Json]:
        """Return the JSON object."""
        return {
            "flow": self.flow,
            "vanished": self.vanished,
            "open_conflicts": self.open_conflicts,
            "ambiguous": self.ambiguous,
            "waiting": self.waiting,
        }

    def told(self) -> tuple[str, ...]:
        """Return what there is of it, each counted in words; none where nothing is left over."""
        counts = (
            (self.vanished, "pairs with a record that is gone"),
            (self.open_conflicts, "open conflicts"),
            (self.ambiguous, "ambiguous records"),
            (self.waiting, "references that wait"),
        )
        return tuple(f"{words}: {count}" for count, words in counts if count)


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditReport:
    """All statements of a package's flows, in the document's order, and what is left over by flow."""

    package: str
    statements: tuple[Statement, ...]
    left_over: tuple[LeftOver, ...] = ()

    @property
    def holds(self) -> bool:
        """Return whether every statement holds, held ones aside."""
        return not any(statement.fails for statement in self.statements)

    def as_json(self) -> dict[str, Json]:
        """Return the JSON object that `audit --json` prints."""
        return {
            "package": self.package,
            "outcome": "holds" if self.holds else "fails",
            "statements": [statement.as_json() for statement in self.statements],
            "left_over": [left.as_json() for left in self.left_over],
        }


_PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Audit of {package}</title>
<style>body {{ font: 16px/1.5 sans-serif; margin: 2rem auto; max-width: 60rem }}
td, th {{ text-align: left; padding: .3rem .8rem; border-bottom: 1px solid #ccc }}
.fails {{ color: #a00 }} .holds {{ color: #060 }} .held {{ color: #850 }}</style>
<h1>Audit of {package}: {outcome}</h1>
<table><tr><th>Flow<th>Statement<th>Checked<th>Holds<th>Fails<th>Result</tr>
{rows}</table>
{left}</html>
"""


def write_html(report: AuditReport) -> str:
    """Return a page with a row per statement; values of records are not in it."""
    rows = "".join(_row(statement) for statement in report.statements)
    outcome = "holds" if report.holds else "fails"
    left = "".join(_left_over(left) for left in report.left_over)
    package = escape(report.package)
    return _PAGE.format(package=package, outcome=outcome, rows=rows, left=left)


def _left_over(left: LeftOver) -> str:
    if not left.told():
        return ""
    return f'<p class="held">{escape(left.flow)}, left out: {escape("; ".join(left.told()))}</p>\n'


def _row(statement: Statement) -> str:
    result = _result(statement)
    numbers = f"<td>{statement.checked}<td>{statement.holds}<td>{statement.fails}"
    text = f"<td>{escape(statement.flow)}<td>{escape(statement.text)}"
    return f'<tr>{text}{numbers}<td class="{result}">{result}{_pairs(statement)}</tr>\n'


def _pairs(statement: Statement) -> str:
    # Ids without values: the page is handed round, and the records are people's.
    pairs = (f"{example.source or '-'} / {example.target or '-'}" for example in statement.examples)
    return "".join(f"<br>{escape(pair)}" for pair in pairs)


def _result(statement: Statement) -> str:
    if statement.held:
        return "held"
    return "fails" if statement.fails else "holds"


def write_junit(report: AuditReport) -> str:
    """Return JUnit XML: a test case per statement, and per flow that leaves something over.

    Those, and statements that are held, are skipped.
    """
    failures = sum(bool(statement.fails) for statement in report.statements)
    over = [left for left in report.left_over if left.told()]
    suite = ElementTree.Element(
        "testsuite",
        name=report.package,
        tests=str(len(report.statements) + len(over)),
        failures=str(failures),
        skipped=str(sum(statement.held for statement in report.statements) + len(over)),
    )
    for statement in report.statements:
        name = f"{statement.kind}: {statement.text}"
        case = ElementTree.SubElement(suite, "testcase", classname=statement.flow, name=name)
        if statement.held:
            ElementTree.SubElement(case, "skipped")
        elif statement.fails:
            message = f"fails for {statement.fails} of {statement.checked}"
            pairs = ", ".join(f"{x.source or '-'} / {x.target or '-'}" for x in statement.examples)
            ElementTree.SubElement(case, "failure", message=message).text = pairs
    for left in over:
        case = ElementTree.SubElement(suite, "testcase", classname=left.flow, name="left out")
        ElementTree.SubElement(case, "skipped", message="; ".join(left.told()))
    # Built as a tree: statements quote documents, which may hold any markup.
    ElementTree.indent(suite)
    for element in suite.iter():
        element.attrib = {name: _as_xml(value) for name, value in element.attrib.items()}
        element.text = _as_xml(element.text) if element.text else element.text
    text: bytes = ElementTree.tostring(suite, encoding="utf-8", xml_declaration=True)
    return text.decode() + "\n"


# All that XML 1.0 cannot say, not even by number: control characters, half surrogate pairs.
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def _as_xml(text: str) -> str:
    """Return a text with what XML cannot say escaped as JSON escapes it."""
    return _NOT_XML.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
