"""The rows of link and property tables as the model's values, and every fault found in them."""

from collections.abc import Iterator

from specbridge.errors import Location
from specbridge.model.rules import LinkRule, PropertyMapping, PropertyPath
from specbridge.reader.cells import UnreadableCellError, find_unusual_names, read_property
from specbridge.reader.expressions import read_type
from specbridge.reader.faults import Findings
from specbridge.reader.tables import Cell, Row, Table

LINK_COLUMNS = 2
PROPERTY_COLUMNS = 3


def read_link_rules(table: Table, findings: Findings) -> tuple[LinkRule, ...]:
    """Return the rows of a link table that link something."""
    if not table.rows:
        findings.add("W207", table.line)
    rules = (_read_link_rule(row, findings) for row in _whole_rows(table, LINK_COLUMNS, findings))
    return tuple(rule for rule in rules if rule is not None)


def read_mappings(table: Table, findings: Findings) -> tuple[PropertyMapping, ...]:
    """Return the rows of a property table; a type that cannot be read leaves its row without one."""
    rows = _whole_rows(table, PROPERTY_COLUMNS, findings)
    return tuple(_read_mapping(row, findings) for row in rows)


def mend_row(row: Row, columns: int) -> tuple[Row, tuple[Cell, ...]]:
    """Return the row with the cells out of place put where they belong, and those cells.

    That is certain only where they are as many as the row lacks and begin with a dash, but for the
    last; else the row is as it was.
    """
    dashed = all(cell.dashed for cell in row.stray[:-1])
    if row.stray and dashed and len(row.cells) + len(row.stray) == columns:
        return Row((*row.cells, *row.stray), row.line), row.stray
    return row, ()


def report_repairs(cells: tuple[Cell, ...], findings: Findings) -> None:
    """Report each cell that was out of place and is read where it belongs."""
    for cell in cells:
        findings.add("W204", cell.line, text=cell.text)


def _whole_rows(table: Table, columns: int, findings: Findings) -> Iterator[Row]:
    """Yield the rows with a cell for each column; report the others, and text outside cells."""
    for cell in (*table.stray, *table.header.stray):
        findings.add("E210", cell.line, text=cell.text)
    for row in table.rows:
        mended, repaired = mend_row(row, columns)
        report_repairs(repaired, findings)
        for cell in mended.stray:
            findings.add("E210", cell.line, text=cell.text)
        if len(mended.cells) == columns:
            yield mended
        # A row with text out of place was reported for that: its count follows from it.
        elif not mended.stray:
            count = len(mended.cells)
            findings.add("E205", row.line, count=count, columns=columns, text=row.text)


def _read_link_rule(row: Row, findings: Findings) -> LinkRule | None:
    first, second = row.cells
    if not first.raw or not second.raw:
        findings.add("W201", row.line, text=row.text)
        return None
    source, target = _read_path(first, findings), _read_path(second, findings)
    if not source.path or not target.path:
        return None
    return LinkRule(source=source, target=target, where=Location(findings.path, row.line))


def _read_mapping(row: Row, findings: Findings) -> PropertyMapping:
    first, second, third = row.cells
    for cell, column in ((first, "source"), (second, "target")):
        if not cell.raw:
            findings.add("E206", cell.line, column=column)
    source, target = _read_path(first, findings), _read_path(second, findings)
    reading = read_type(third.raw, findings.budget, source.path)
    if reading.fault is not None:
        words = dict(reading.words)
        # A blank type has nothing to show but its row.
        text = third.text or row.text.rstrip(" |")
        findings.add(reading.fault, third.line, text=text, **words)
    return PropertyMapping(
        source=source,
        target=target,
        type_text=third.text,
        conversion=reading.conversion,
        where=Location(findings.path, row.line),
    )


def _read_path(cell: Cell, findings: Findings) -> PropertyPath:
    """Return the cell's path; one without names, and a problem, where it cannot be read."""
    try:
        path = read_property(cell.raw)
    except UnreadableCellError as error:
        findings.add("E207", cell.line, text=cell.text, reason=str(error))
        return PropertyPath(text=cell.text, path=())
    for name in find_unusual_names(path):
        findings.add("W208", cell.line, text=path.text, name=name)
    return path
