"""The header row of a table: which table it is, and the full names of the two sides."""

from dataclasses import dataclass, replace

from specbridge.reader.rows import LINK_COLUMNS, PROPERTY_COLUMNS, mend_row
from specbridge.reader.tables import Cell, Row, Table

_PROPERTY = " Property"
_DATA_TYPE = " Data Type"


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What a header row says.

    `names` are the sides' full names, None where they cannot be told; `gaps` say where two blanks
    precede them; `label` is the third cell's system, None without such a cell. `readable` False:
    columns cannot be told. `unusual` are cells without their usual ending (and that ending),
    `repaired` those that were out of place.
    """

    is_link: bool
    readable: bool
    names: tuple[str, str] | None = None
    gaps: tuple[bool, bool] = (False, False)
    label: str | None = None
    unusual: tuple[tuple[Cell, str], ...] = ()
    repaired: tuple[Cell, ...] = ()


def read_header(table: Table, announced_link: bool) -> tuple[Table, Header]:
    """Return the table with its header row mended where that is certain, and what the row says.

    `announced_link` says that the sentence before announces a link table; it decides only where the
    columns do not.
    """
    row = table.header
    repaired: tuple[Cell, ...] = ()
    lacks = PROPERTY_COLUMNS - len(row.cells)
    if len(row.stray) == lacks and any(
        cell.text.endswith(_DATA_TYPE.strip()) for cell in row.stray
    ):
        row, repaired = mend_row(row, PROPERTY_COLUMNS)
    count = len(row.cells)
    fits = [_fits(cell, index) for index, cell in enumerate(row.cells)]
    if count not in (LINK_COLUMNS, PROPERTY_COLUMNS) or not any(fits):
        return table, Header(is_link=_is_link(count, announced_link), readable=False)
    return replace(table, header=row), Header(
        is_link=count == LINK_COLUMNS,
        readable=True,
        names=_read_names(row, fits),
        gaps=(row.cells[0].gap, row.cells[1].gap),
        label=_read_label(row, fits),
        unusual=_find_unusual(row, fits),
        repaired=repaired,
    )


def _is_link(count: int, announced: bool) -> bool:
    return announced if count not in (LINK_COLUMNS, PROPERTY_COLUMNS) else count == LINK_COLUMNS


def _fits(cell: Cell, index: int) -> bool:
    # The blank in front: with a blank label the cell is «Data Type» alone.
    return f" {cell.text}".endswith(_ending(index))


def _ending(index: int) -> str:
    return _PROPERTY if index < LINK_COLUMNS else _DATA_TYPE


def _read_names(row: Row, fits: list[bool]) -> tuple[str, str] | None:
    source, target = (f" {cell.text}".removesuffix(_PROPERTY).strip() for cell in row.cells[:2])
    return (source, target) if all(fits[:2]) and source and target else None


def _read_label(row: Row, fits: list[bool]) -> str | None:
    if len(fits) < PROPERTY_COLUMNS or not fits[2]:
        return None
    return f" {row.cells[2].text}".removesuffix(_DATA_TYPE).strip()


def _find_unusual(row: Row, fits: list[bool]) -> tuple[tuple[Cell, str], ...]:
    return tuple(
        (cell, _ending(index).strip())
        for index, (cell, fit) in enumerate(zip(row.cells, fits, strict=True))
        if not fit
    )
