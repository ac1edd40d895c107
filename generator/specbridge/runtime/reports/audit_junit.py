"""An audit as JUnit XML, for whatever shows the results of tests."""

import re
from xml.etree import ElementTree

from specbridge.runtime.reports.audit_report import AuditReport, Example, LeftOver, Statement


def write_junit(report: AuditReport) -> str:
    """Return JUnit XML: a test case per statement, and per flow that leaves something over.

    Those, and statements that are held, are skipped.
    """
    over = [left for left in report.left_over if left.told()]
    suite = ElementTree.Element(
        "testsuite",
        name=report.package,
        tests=str(len(report.statements) + len(over)),
        failures=str(sum(bool(statement.fails) for statement in report.statements)),
        skipped=str(sum(statement.held for statement in report.statements) + len(over)),
    )
    for statement in report.statements:
        _add_statement(suite, statement)
    for left in over:
        _add_left_over(suite, left)
    # Built as a tree: statements quote documents, which may hold any markup.
    ElementTree.indent(suite)
    for element in suite.iter():
        element.attrib = {name: _as_xml(value) for name, value in element.attrib.items()}
        element.text = _as_xml(element.text) if element.text else element.text
    text: bytes = ElementTree.tostring(suite, encoding="utf-8", xml_declaration=True)
    return text.decode() + "\n"


def _add_statement(suite: ElementTree.Element, statement: Statement) -> None:
    name = f"{statement.kind}: {statement.text}"
    case = ElementTree.SubElement(suite, "testcase", classname=statement.flow, name=name)
    if statement.held:
        reasons = "; ".join(f"{one.code}: {one.reason}" for one in statement.withheld)
        ElementTree.SubElement(case, "skipped", {"message": reasons} if reasons else {})
    elif statement.fails:
        message = f"fails for {statement.fails} of {statement.checked}"
        lines = "\n".join(map(_line, statement.examples))
        ElementTree.SubElement(case, "failure", message=message).text = lines


def _line(example: Example) -> str:
    pair = f"{example.source or '-'} / {example.target or '-'}"
    return f"{pair}: {example.because.why}" if example.because else pair


def _add_left_over(suite: ElementTree.Element, left: LeftOver) -> None:
    case = ElementTree.SubElement(suite, "testcase", classname=left.flow, name="left out")
    ElementTree.SubElement(case, "skipped", message="; ".join(left.told()))


# All that XML 1.0 cannot say, not even by number: control characters, half surrogate pairs.
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def _as_xml(text: str) -> str:
    """Return a text with what XML cannot say escaped as JSON escapes it."""
    return _NOT_XML.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
