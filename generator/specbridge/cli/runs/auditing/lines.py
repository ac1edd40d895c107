"""Where a document states what was audited: the lines, as long as the document is the one that was generated from."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from specbridge.cli.running import Setup
from specbridge.runtime.reports.audit_report import AuditReport, Statement

Stated = tuple[str, int]
"""A document's bare name, and a line of it, from 1."""

StatementKey = tuple[str, str, str]
"""A statement: its flow, its kind and its text."""


def find_lines(setup: Setup, place: str | None, report: AuditReport) -> dict[StatementKey, Stated]:
    """Return where the report's statements stand; those of documents that are not found are left out.

    A document is found where the settings name it and its text is, blanks aside, what a package's manifest
    was made of: in any other, a line would lead astray.
    """
    found: dict[tuple[str, str], list[tuple[str, Stated]]] = {}
    for path, content in _documents(setup, place):
        for flow, kind, text, line in _stated(path, content):
            found.setdefault((kind, text), []).append((flow, (path.name, line)))
    lines: dict[StatementKey, Stated] = {}
    for statement in report.statements:
        places = found.get((statement.kind, _folded(statement.text)), [])
        if chosen := _choose(statement, places):
            lines[statement.flow, statement.kind, statement.text] = chosen
    return lines


def _choose(statement: Statement, places: Sequence[tuple[str, Stated]]) -> Stated | None:
    """Return where a statement stands: in its flow, or else in the only place that has its words.

    A document that states the same pairs the other way round calls its flow otherwise.
    """
    own = [stated for flow, stated in places if flow == statement.flow]
    if own:
        return own[0]
    return places[0][1] if len(places) == 1 else None


def _documents(setup: Setup, place: str | None) -> Iterator[tuple[Path, bytes]]:
    """Yield the settings' documents whose text is what the packages were generated from, with their content."""
    from specbridge.drift.digests import lay_out
    from specbridge.drift.manifest import read_manifest
    from specbridge.tasks import plan_task

    digests: dict[str, set[str]] = {}
    for folder in _folders(setup, place):
        manifest = read_manifest(folder)
        for name, entry in manifest.documents.items() if manifest is not None else ():
            digests.setdefault(name, set()).add(entry.text)
    for path in map(Path, plan_task(settings=setup.settings, none_left=True).documents):
        if path.name in digests:
            content = _content(path)
            if content is not None and lay_out(content).digest in digests[path.name]:
                yield path, content


def _folders(setup: Setup, place: str | None) -> Iterator[Path]:
    root, output = setup.settings.root, setup.settings.root / setup.settings.output
    yield from (output / name for name in setup.packages)
    if place is not None:
        yield from (Path(place), root / place, root / place.replace(".", "/"))


def _content(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None


def _stated(path: Path, content: bytes) -> Iterator[tuple[str, str, str, int]]:
    """Yield what a document states: the flow, the kind, the words, and the line."""
    from specbridge.reader.read import read_content

    lines = [_folded(line) for line in content.decode("utf-8", "replace").splitlines()]
    for flow in read_content(content, str(path)).flows:
        for rule in flow.link_rules:
            yield flow.name, "linked", _row(rule.source.text, rule.target.text), rule.where.line
        for row in flow.properties:
            text = _row(row.source.text, row.target.text, row.type_text)
            yield flow.name, "property", text, row.where.line
        for text in flow.statements:
            if line := _line_of(text, lines, flow.where.line):
                yield flow.name, "created", _folded(text), line


def _line_of(text: str, lines: Sequence[str], after: int) -> int:
    """Return the first line from `after` on that a sentence begins in, 0 where it is not found."""
    wanted = _folded(text)
    for number in range(after, len(lines) + 1):
        line = lines[number - 1]
        # A sentence may be wrapped, and several may share a line.
        if line and (wanted.startswith(line) or wanted in line):
            return number
    return 0


def _row(*cells: str) -> str:
    return " | ".join(map(_folded, cells))


def _folded(text: str) -> str:
    return " ".join(text.split())
