"""What holds for the document that any text is read as."""

from dataclasses import replace

from specbridge.errors import Location, Severity
from specbridge.model.document import Document, Flow
from specbridge.reader.faults import FAULTS


def check_document(document: Document, text: str) -> None:
    """Assert what holds for every document, however broken its text is."""
    last = text.count("\n") + text.count("\r") + 1
    assert all(problem.code in FAULTS for problem in document.problems)
    assert all(1 <= problem.where.line <= last for problem in document.problems)
    assert all("\n" not in problem.message for problem in document.problems)
    names = [flow.name for flow in document.flows]
    assert len(set(names)) == len(names)
    assert all(name.isidentifier() or name[0].isdigit() for name in names)
    errors = {each.flow for each in document.problems if each.severity is Severity.ERROR}
    assert {flow.name for flow in document.flows if not flow.readable} == errors - {None}
    for flow in document.flows:
        if flow.readable:
            assert all(row.source.path and row.target.path for row in flow.properties)
            assert all(rule.source.path and rule.target.path for rule in flow.link_rules)


def meaning_of(document: Document) -> tuple[object, ...]:
    """Return all that a document means: no lines, no path, no `Generated:`, no problems."""
    title = (document.title, document.source, document.target)
    return (*title, *map(_without_lines, document.flows))


def _without_lines(flow: Flow) -> Flow:
    nowhere = Location("", 0)
    return replace(
        flow,
        where=nowhere,
        link_rules=tuple(replace(rule, where=nowhere) for rule in flow.link_rules),
        properties=tuple(replace(row, where=nowhere) for row in flow.properties),
    )
