"""Our skeleton finds what docutils' own reStructuredText parser finds in documents without damage."""

import docutils.core
import docutils.nodes
import pytest
from specbridge.reader.skeleton import BlockKind, parse_skeleton
from specbridge.reader.text import fold_blanks, split_lines

from tests.reader.cases import read_texts

QUIET = {"report_level": 5, "file_insertion_enabled": False, "raw_enabled": False}
# Cells of literal text are where docutils reads markup instead; blank labels indent headings.
LITERAL = ("table_literal_cells", "names_blank_source", "names_blank_both")
WHOLE = {
    name: text
    for name, text in read_texts().items()
    if not name.startswith(("damage_", "hostile_", "creation_when", "skeleton_lone_cr"))
    and name not in LITERAL
}


@pytest.mark.parametrize("name", sorted(WHOLE))
def test_skeleton_agrees_with_docutils(name: str) -> None:
    tree = docutils.core.publish_doctree(
        WHOLE[name].removeprefix("\ufeff"), settings_overrides={**QUIET, "doctitle_xform": False}
    )
    blocks = parse_skeleton(split_lines(WHOLE[name]), 10_000)
    headings = [fold_blanks(b.lines[0]) for b in blocks if b.kind is BlockKind.HEADING]
    texts = [fold_blanks(" ".join(b.lines)) for b in blocks if b.kind is BlockKind.TEXT]
    assert headings == [fold_blanks(each.astext()) for each in tree.findall(docutils.nodes.title)]
    paragraphs = [
        fold_blanks(each.astext())
        for each in tree.findall(docutils.nodes.paragraph)
        if isinstance(each.parent, docutils.nodes.section)
    ]
    assert texts == paragraphs
    tables = sum(b.kind is BlockKind.TABLE for b in blocks)
    errors = sum(m["level"] == 3 for m in tree.findall(docutils.nodes.system_message))
    # A table with a header row alone is an error to docutils' directive.
    assert tables == errors + len(list(tree.findall(docutils.nodes.table)))


def test_skeleton_stops_behind_the_most_blocks() -> None:
    assert len(parse_skeleton(["a", ""] * 500, 10)) == 11


def test_only_line_ends_end_a_line() -> None:
    assert split_lines("\ufeffa\u2028b\r\nc\rd\x85e \t\n\tf") == [
        "a\u2028b",
        "c",
        "d\x85e",
        "        f",
    ]
