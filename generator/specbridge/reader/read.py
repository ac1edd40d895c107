"""Dataflow documents: text to `Document`, and files to many of them.

`read_document` and `read_content` are pure and never raise for anything that a text or a file can
hold. `read_documents` is the edge: it opens the files, and spreads many of them over processes.
"""

import re
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

from specbridge.errors import Location
from specbridge.model.document import Document, Flow, Ignore
from specbridge.reader.faults import Findings
from specbridge.reader.naming import name_sections, report_labels
from specbridge.reader.sections import Contents, read_contents, read_flow
from specbridge.reader.skeleton import Block, BlockKind, parse_skeleton
from specbridge.reader.text import split_lines
from specbridge.reader.titles import Title, is_introduction, is_title, read_title

MANY = 50
"""From this many documents on, processes read them."""


def read_document(text: str, path: str) -> Document:
    """Return the document that a text is, with every problem found in it; `path` names it there."""
    findings = Findings(path)
    return _read_blocks(_read_parts(text, findings), findings)


def read_documents(paths: Sequence[str]) -> tuple[Document, ...]:
    """Return the documents of the files, in their order; a file that cannot be read is a problem."""
    if len(paths) < MANY:
        return tuple(map(read_file, paths))
    with ProcessPoolExecutor() as pool:
        return tuple(pool.map(read_file, paths, chunksize=16))


def read_file(path: str) -> Document:
    """Return the document of one file; what cannot be opened or decoded is an E problem."""
    try:
        content = Path(path).read_bytes()
    # ValueError: a path that holds a NUL.
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        return _unread(path, "E103", reason=reason)
    return read_content(content, path)


def read_content(content: bytes, path: str) -> Document:
    """Return the document that a file's bytes are; an E problem alone where they are not UTF-8."""
    try:
        return read_document(content.decode("utf-8"), path)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        return _unread(path, "E102", line, offset=error.start)


# A document of 100 KB has some 3,000 lines in 1,700 parts. More than these are not read: none of the
# dialect is so dense, and a megabyte of one-letter lines would take seconds.
_FREE_LINES = 50_000
_FREE_PARTS = 20_000
_CHARACTERS_PER_LINE = 16
_CHARACTERS_PER_PART = 50


def _read_parts(text: str, findings: Findings) -> Sequence[Block]:
    """Return the parts of a text; none, and a problem, where it has too many for its size."""
    lines = split_lines(text)
    most = _FREE_LINES + len(text) // _CHARACTERS_PER_LINE
    if len(lines) > most:
        findings.add("E104", most, count=most, things="lines")
        return ()
    most = _FREE_PARTS + len(text) // _CHARACTERS_PER_PART
    blocks = parse_skeleton(lines, most)
    if len(blocks) > most:
        findings.add("E104", blocks[-1].line, count=most, things="headings and paragraphs")
        return ()
    return blocks


def _unread(path: str, code: str, line: int = 1, **words: str | int) -> Document:
    findings = Findings(path)
    findings.add(code, line, **words)
    return _build_document(None, None, (), findings)


def _read_blocks(blocks: Sequence[Block], findings: Findings) -> Document:
    title = _find_title(list(_split_sections(blocks)))
    parts, ignores = _take_ignores(blocks, title, findings)
    sections = list(_split_sections(parts))
    # A text that was refused whole (E104) has no parts: that it lacks a title is no second fault.
    if title is None and not findings.problems:
        findings.add("E101", 1)
    contents = [
        read_contents(heading, below)
        for heading, below in sections
        if heading is not None and not _is_preamble(heading, title)
    ]
    _report_preamble(sections, title, findings)
    flows = _read_flows(contents, title, findings)
    document = _build_document(title, _find_generated(sections, title), flows, findings)
    return replace(document, ignores=ignores) if ignores else document


Sections = Sequence[tuple[Block | None, Sequence[Block]]]
"""The headings, None for what comes before the first, with the blocks below each."""


def _split_sections(blocks: Sequence[Block]) -> Iterator[tuple[Block | None, Sequence[Block]]]:
    starts = [index for index, block in enumerate(blocks) if block.kind is BlockKind.HEADING]
    bounds = [*starts, len(blocks)]
    yield None, blocks[: bounds[0]]
    for start, end in pairwise(bounds):
        yield blocks[start], blocks[start + 1 : end]


def _find_title(sections: Sections) -> Title | None:
    headings = [heading for heading, _ in sections if heading is not None]
    others = [heading.lines[0] for heading in headings]
    for heading, blocks in sections:
        # A section with a table is a flow, even where its datatype is called «Dataflow».
        if heading is None or any(block.kind is BlockKind.TABLE for block in blocks):
            continue
        if is_title(heading.lines[0]):
            return read_title(heading.lines[0], heading.line, others)
    return None


def _is_preamble(heading: Block, title: Title | None) -> bool:
    is_the_title = title is not None and heading.line == title.line
    return is_the_title or is_introduction(heading.lines[0])


# comment  = ".. specbridge: ignore " code { "," code } [ ":" reason ]     the reason may go on below, indented
# code     = "W" and three digits
_OURS = re.compile(r"\.\. specbridge:")
_COMMENT = re.compile(r"\.\. specbridge: ignore (W\d{3}(?:, *W\d{3})*)(?: *:.*)?\Z")
_END = 1_000_000_000  # behind the last line of any document


def _take_ignores(
    blocks: Sequence[Block], title: Title | None, findings: Findings
) -> tuple[list[Block], tuple[Ignore, ...]]:
    """Return the blocks without the comments that are meant for us, and what those ignore.

    In a section a comment is about that section, before the first one about the whole document.
    """
    ours = [block for block in blocks if _is_ours(block)]
    headings = [block for block in blocks if block.kind is BlockKind.HEADING]
    starts = [block.line for block in headings if not _is_preamble(block, title)]
    ignores = tuple(_read_ignores(ours, starts, findings))
    return [block for block in blocks if not _is_ours(block)], ignores


def _is_ours(block: Block) -> bool:
    return block.kind is BlockKind.MARKUP and _OURS.match(block.lines[0]) is not None


def _read_ignores(
    blocks: Sequence[Block], starts: Sequence[int], findings: Findings
) -> Iterator[Ignore]:
    for block in blocks:
        found = _COMMENT.match(block.lines[0])
        if found is None:
            findings.add("W112", block.line, text=block.lines[0])
            continue
        first, last = _section(block.line, starts)
        where = Location(findings.path, block.line)
        codes = tuple(re.split(", *", found[1]))
        yield Ignore(codes=codes, where=where, first=first, last=last)


def _section(line: int, starts: Sequence[int]) -> tuple[int, int]:
    """Return the first and the last line of the section that a line is in, else of the document."""
    for start, end in pairwise((*starts, _END)):
        if start <= line < end:
            return start, end - 1
    return 1, _END


def _find_generated(sections: Sections, title: Title | None) -> str | None:
    """Return the text of the `Generated:` line, which stands before the first flow."""
    for heading, blocks in sections:
        if heading is not None and not _is_preamble(heading, title):
            return None
        lines = (line for block in blocks for line in block.lines)
        for line in lines:
            if line.startswith("Generated:"):
                return line.removeprefix("Generated:").strip()
    return None


def _report_preamble(sections: Sections, title: Title | None, findings: Findings) -> None:
    if title is not None:
        for place, label in (("source", title.source), ("target", title.target)):
            if not label:
                findings.add("W101", title.line, place=f"the title, as its {place}")
    for heading, blocks in sections:
        if heading is None or _is_preamble(heading, title):
            # Older documents underline «Introduction.» one character short: that is their way.
            if heading is not None and heading.faulty and not is_introduction(heading.lines[0]):
                findings.add("W102", heading.line, heading=heading.lines[0])
            for block in blocks:
                _report_preamble_block(block, findings)


def _report_preamble_block(block: Block, findings: Findings) -> None:
    if block.kind is BlockKind.MARKUP:
        findings.add("W107", block.line, text=block.lines[0])
    elif block.kind is BlockKind.TABLE:
        findings.add("E106", block.line)


def _read_flows(
    contents: Sequence[Contents], title: Title | None, findings: Findings
) -> tuple[Flow, ...]:
    flows = []
    for section in name_sections(contents, title, findings):
        own = findings.for_flow(section.names.name)
        report_labels(section, own)
        flows.append(read_flow(section.contents, section.names, own))
        findings.problems.extend(own.problems)
    return tuple(flows)


def _build_document(
    title: Title | None, generated: str | None, flows: tuple[Flow, ...], findings: Findings
) -> Document:
    # Sections that are no flow were reported before any flow was read.
    problems = sorted(findings.problems, key=lambda problem: problem.where.line)
    return Document(
        path=findings.path,
        title=title.text if title else "",
        source=title.source if title else "",
        target=title.target if title else "",
        generated=generated,
        flows=flows,
        problems=tuple(problems),
    )
