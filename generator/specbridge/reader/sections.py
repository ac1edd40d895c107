"""A section of the document: its tables and sentences, then the flow that they state.

Reading goes in two steps, because a flow's problems carry its name, names are unique in the document, and a
label may be told by another section: `read_contents` for all sections, then `read_flow` for each.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from specbridge.errors import Location
from specbridge.model.document import Flow, Side
from specbridge.model.rules import Creation, LinkRule, PropertyMapping
from specbridge.reader.faults import Findings
from specbridge.reader.headers import Header, read_header
from specbridge.reader.rows import read_link_rules, read_mappings, report_repairs
from specbridge.reader.sentences import (
    Sentence,
    SentenceKind,
    begins_sentence,
    read_connected,
    read_sentences,
)
from specbridge.reader.skeleton import Block, BlockKind
from specbridge.reader.tables import Table, has_rows, read_table
from specbridge.reader.text import compare_key, fold_blanks


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """What stands below a heading, in order within each kind.

    `tables` come with their headers; `rows` are blocks of table rows without a table, `markup` is
    what means nothing here.
    """

    heading: Block
    sentences: tuple[Sentence, ...]
    tables: tuple[tuple[Table, Header], ...]
    rows: tuple[Block, ...]
    markup: tuple[Block, ...]

    @property
    def is_stated(self) -> bool:
        """Return whether any part of it is a flow's."""
        return bool(self.tables) or any(each.kind is not None for each in self.sentences)


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowNames:
    """A flow's name and sides, as the whole document tells them; `labels` of the source, likeliest first."""

    name: str
    source: Side
    target: Side
    labels: tuple[str, ...]


def read_contents(heading: Block, blocks: Sequence[Block]) -> Contents:
    """Return the sentences and tables of a section."""
    sentences: list[Sentence] = []
    tables: list[tuple[Table, Header]] = []
    rows: list[Block] = []
    markup: list[Block] = []
    for block in blocks:
        match block.kind:
            case BlockKind.TABLE:
                table = read_table(block.lines, block.line)
                announced = sentences[-1].kind if sentences else None
                tables.append(read_header(table, announced is SentenceKind.MATCH))
            case BlockKind.TEXT if has_rows(block.lines):
                rows.append(block)
            case BlockKind.TEXT:
                sentences.extend(read_sentences(block.lines, block.line))
            case BlockKind.MARKUP:
                markup.append(block)
            case BlockKind.RULE | BlockKind.HEADING:
                pass  # a rule says nothing, and headings part the sections
    return Contents(
        heading=heading,
        sentences=tuple(_join_free_text(sentences)),
        tables=tuple(tables),
        rows=tuple(rows),
        markup=tuple(markup),
    )


def read_flow(contents: Contents, names: FlowNames, findings: Findings) -> Flow:
    """Return the flow of a section; its problems go to `findings`, which carry its name."""
    if contents.heading.faulty:
        findings.add("W102", contents.heading.line, heading=contents.heading.lines[0])
    _report_sentences(contents, names, findings)
    for block in contents.rows:
        findings.add("E211", block.line, text=" ".join(block.lines[:3]))
    for block in contents.markup:
        findings.add("W107", block.line, text=block.lines[0])
    link_rules, properties = _read_tables(contents, findings)
    return Flow(
        name=names.name,
        where=Location(findings.path, contents.heading.line),
        source=names.source,
        target=names.target,
        creation=_read_creation(contents.sentences, names.labels),
        link_rules=link_rules,
        properties=properties,
        # Generated code quotes them: a remark that fits no sentence must not stand there as a rule.
        statements=tuple(each.text for each in contents.sentences if each.kind is not None),
        readable=not findings.stopping,
    )


_CREATION = frozenset(
    (
        SentenceKind.EVERY,
        SentenceKind.WHEN,
        SentenceKind.LINKED,
        SentenceKind.MATCH,
        SentenceKind.NEW,
        SentenceKind.CONNECTED,
    )
)


def _join_free_text(sentences: Sequence[Sentence]) -> Iterator[Sentence]:
    """Yield the sentences, paragraphs before *when* being the beginning of its free text.

    The free text stands first in its section, and an author may have written several paragraphs.
    """
    unknown = 0
    while unknown < len(sentences) and sentences[unknown].kind is None:
        unknown += 1
    if not 0 < unknown < len(sentences) or sentences[unknown].kind is not SentenceKind.WHEN:
        yield from sentences
        return
    free = " ".join(each.text for each in sentences[:unknown])
    when = sentences[unknown]
    yield replace(
        when,
        text=f"{free} {when.text}",
        line=sentences[0].line,
        words=(fold_blanks(f"{free} {when.words[0]}"),),
    )
    yield from sentences[unknown + 1 :]


def _report_sentences(contents: Contents, names: FlowNames, findings: Findings) -> None:
    known = _known_kinds(contents.sentences)
    seen: dict[SentenceKind, str] = {}
    for each in contents.sentences:
        if each.kind is None or each.kind not in known:
            # A broken sentence may have said when records are created; a remark says nothing to us.
            begun = each.kind is not None or begins_sentence(each.text)
            findings.add("E107" if begun else "W103", each.line, text=each.text)
        elif each.kind in seen:
            # Said twice it means what it says once; of two that differ, either may be meant.
            same = seen[each.kind] == each.text
            findings.add("W109" if same else "E108", each.line, text=each.text)
        else:
            seen[each.kind] = each.text
            if not _names_fit(each, names):
                findings.add("W108", each.line, text=each.text)
    if not _CREATION & set(seen):
        findings.add("W110", contents.heading.line)


def _known_kinds(sentences: Sequence[Sentence]) -> frozenset[SentenceKind]:
    """Return the kinds that count: half of match-or-create alone says nothing certain."""
    kinds = frozenset(each.kind for each in sentences if each.kind is not None)
    halves = frozenset((SentenceKind.EXISTING, SentenceKind.NEW))
    return kinds if halves <= kinds else kinds - halves


def _names_fit(sentence: Sentence, names: FlowNames) -> bool:
    pairs = ((sentence.source, names.source), (sentence.target, names.target))
    return all(text is None or compare_key(text) == compare_key(side.text) for text, side in pairs)


def _read_creation(sentences: Sequence[Sentence], labels: tuple[str, ...]) -> Creation:
    first: dict[SentenceKind, Sentence] = {}
    for each in sentences:
        if each.kind is not None:
            first.setdefault(each.kind, each)
    when = first.get(SentenceKind.WHEN)
    connected = first.get(SentenceKind.CONNECTED)
    return Creation(
        linked=SentenceKind.LINKED in first,
        every=SentenceKind.EVERY in first,
        when=when.words[0] if when else None,
        match_or_create=SentenceKind.EXISTING in first and SentenceKind.NEW in first,
        connected=read_connected(connected.words, labels) if connected else None,
    )


def _read_tables(
    contents: Contents, findings: Findings
) -> tuple[tuple[LinkRule, ...], tuple[PropertyMapping, ...]]:
    link_rules: tuple[LinkRule, ...] | None = None
    properties: tuple[PropertyMapping, ...] | None = None
    for table, header in contents.tables:
        _report_header(table, header, contents, findings)
        if header.is_link:
            if link_rules is not None:
                findings.add("E208", table.line, table="link")
            elif header.readable:
                link_rules = read_link_rules(table, findings)
        elif properties is not None:
            findings.add("E208", table.line, table="property")
        elif header.readable:
            properties = read_mappings(table, findings)
    _report_missing(contents, findings)
    return link_rules or (), properties or ()


def _report_header(table: Table, header: Header, contents: Contents, findings: Findings) -> None:
    if not header.readable:
        findings.add("E209", table.header.line, text=table.header.text or "(no cell)")
        return
    report_repairs(header.repaired, findings)
    for cell, ending in header.unusual:
        findings.add("W209", cell.line, text=cell.text, ending=ending)
    heading = fold_blanks(contents.heading.lines[0])
    # Keys hold no blanks, so «to» needs none.
    if header.names is not None and compare_key(heading) != compare_key("to".join(header.names)):
        shown = " to ".join(header.names)
        findings.add("W105", table.header.line, header=shown, heading=heading)


def _report_missing(contents: Contents, findings: Findings) -> None:
    # Without any table this holds too.
    if all(header.is_link for _, header in contents.tables):
        findings.add("E201", contents.heading.line)
    if any(header.is_link for _, header in contents.tables):
        return
    for each in contents.sentences:
        if each.kind is SentenceKind.MATCH:
            findings.add("E202", each.line)
            return
