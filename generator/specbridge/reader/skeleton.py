"""The skeleton of a document: headings, paragraphs, tables and inert markup, in order.

docutils' state machine walks the lines with one state of ours in place of its reStructuredText states.
No directive, role or inline markup exists here: `include`, `raw` and their like are inert text by
construction, nothing nests, and a table keeps its lines for `tables`, cells untouched.
"""

import re
import string
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import ClassVar

from docutils.statemachine import StateMachineWS, StateWS, StringList
from docutils.utils import column_width

from specbridge.reader.sentences import starts_sentence


class BlockKind(Enum):
    """What a run of lines is."""

    HEADING = "heading"  # one line: the heading without its adornment, blanks kept
    TEXT = "text"  # a paragraph or an indented block
    TABLE = "table"  # the lines below `.. list-table::`, its options included
    MARKUP = "markup"  # any other directive, a comment, a target
    RULE = "rule"  # a line of adornment that belongs to no heading


@dataclass(frozen=True, slots=True)
class Block:
    """Consecutive lines of a document, right ends stripped; `line` is the first one's number.

    For a heading, `faulty` says that its adornment is shorter than the heading.
    """

    kind: BlockKind
    lines: tuple[str, ...]
    line: int
    faulty: bool = False


def parse_skeleton(lines: Sequence[str], most: int) -> list[Block]:
    """Return the blocks of a document's lines; every line but blanks and adornment is in one.

    Stops behind `most` blocks: a longer result is not whole.
    """
    machine: _Machine | None = getattr(_MACHINES, "machine", None)
    if machine is None:
        machine = _MACHINES.machine = _Machine([_Skeleton], _Skeleton.__name__)
    machine.most = most
    blocks: list[Block] = []
    machine.run(StringList(list(lines), source=""), context=blocks)
    return blocks


class _Machine(StateMachineWS):  # type: ignore[type-arg]  # generic in its stub, not when it runs
    """docutils' machine; `most` is the number of blocks that are read at most."""

    most = 0


_Transition = tuple[list[Block], str | None, list[str]]


# One machine per thread: building it costs as much as reading a small document, and it holds state.
_MACHINES = threading.local()
_ADORNMENT = re.compile(r"([!-/:-@\[-`{-~])\1*$")
_TABLE = re.compile(r"\.\. +list-table *::(?: |$)")
_ROW = re.compile(r" +\*(?:[ \t]+-(?:[ \t]|$)|$)")
_NO_ADORNMENT = frozenset(("", " ", *string.ascii_letters, *string.digits))
_SHORTEST_ADORNMENT = 4  # docutils takes a shorter one for text


class _Skeleton(StateWS):  # type: ignore[type-arg]  # generic in its stub, not when it runs
    """The only state: each transition consumes a whole block and appends it to the context."""

    state_machine: _Machine

    patterns: ClassVar[dict[str, re.Pattern[str] | str]] = {
        "markup": re.compile(r"\.\.(?: |$)"),
        "adornment": _ADORNMENT,
        "text": "",
    }
    # Tried in this order: `..` is an adornment too, and the empty pattern takes what is left.
    initial_transitions: ClassVar[list[str]] = ["markup", "adornment", "text"]

    # docutils' own would start a nested machine for the block.
    def indent(self, match: re.Match[str], context: list[Block], _state: str) -> _Transition:
        """An indented block; or the heading of a flow whose first label is blank."""
        return self.text(match, context, _state)

    def text(self, _match: re.Match[str], context: list[Block], _state: str) -> _Transition:
        """A heading where the next line underlines this one, else a paragraph."""
        lines, start = self._lines(), self._start()
        adornment = _underline_of(lines, start)
        if adornment is not None:
            return self._take(context, BlockKind.HEADING, 2, adornment)
        end = start + 1
        while end < len(lines) and lines[end] and _underline_of(lines, end) is None:
            if _TABLE.match(lines[end]):
                break  # docutils wants a blank line before it; nothing else starts like this
            end += 1
        return self._take(context, BlockKind.TEXT, end - start)

    def markup(self, match: re.Match[str], context: list[Block], _state: str) -> _Transition:
        """A list table with all that is glued to it, or markup that means nothing here."""
        lines, start = self._lines(), self._start()
        if _TABLE.match(match.string):
            return self._take(context, BlockKind.TABLE, _table_end(lines, start) - start)
        end = start + 1
        while end < len(lines) and lines[end].startswith(" "):
            end += 1
        return self._take(context, BlockKind.MARKUP, end - start)

    def adornment(self, match: re.Match[str], context: list[Block], _state: str) -> _Transition:
        """The overline of a heading, or a rule between paragraphs."""
        lines, start = self._lines(), self._start()
        if start + 2 < len(lines) and lines[start + 1] and lines[start + 2][:1] == match.string[0]:
            under = _ADORNMENT.match(lines[start + 2])
            # Two lines of adornment below each other are rules: neither is the text of a heading.
            if under and not _ADORNMENT.match(lines[start + 1]):
                return self._take(context, BlockKind.HEADING, 3, match.string)
        return self._take(context, BlockKind.RULE, 1)

    def _lines(self) -> list[str]:
        lines = self.state_machine.input_lines
        assert lines is not None, "a transition outside a run"
        return lines.data

    def _start(self) -> int:
        start: int = self.state_machine.line_offset
        return start

    def _take(
        self, context: list[Block], kind: BlockKind, count: int, adornment: str = ""
    ) -> _Transition:
        lines, start = self._lines(), self._start()
        if count > 1:
            self.state_machine.next_line(count - 1)
        short = False
        if kind is BlockKind.HEADING:
            start, count = start + count - 2, 1  # past the overline, without the underline
            # Columns, as docutils counts: a wide character takes two of them.
            short = column_width(lines[start].strip()) > min(len(adornment), len(lines[start + 1]))
        if len(context) > self.state_machine.most:
            raise EOFError  # ends the run
        context.append(Block(kind, tuple(lines[start : start + count]), start + 1, short))
        return context, None, []


def _underline_of(lines: Sequence[str], index: int) -> str | None:
    """Return the adornment below a line of text, None where the next line is none of its own.

    Up to three characters may be text: they count where they are as long as the heading, or where
    the line reads like a flow's heading.
    """
    under = lines[index + 1] if index + 1 < len(lines) else ""
    # Asked for every line of a table: the first character answers nearly always.
    if under[:1] in _NO_ADORNMENT:
        return None
    heading = lines[index]
    if not _ADORNMENT.match(under) or _ADORNMENT.match(heading):
        return None
    long_enough = len(under) >= min(_SHORTEST_ADORNMENT, len(heading.strip()))
    return under if long_enough or (len(under) > 1 and " to " in heading) else None


def _table_end(lines: Sequence[str], start: int) -> int:
    """Return the index behind a table that starts at `start`.

    Its lines are indented; a line at the margin without a blank line before it is a cell out of
    place (format.md 5.2), unless it starts something else.
    """
    end = last = start + 1
    while end < len(lines):
        line = lines[end]
        if line and not line.startswith(" ") and not _belongs_to_table(lines, end):
            break
        # The heading of a flow whose first label is blank is indented too.
        if line.startswith(" ") and _underline_of(lines, end) is not None:
            break
        end += 1
        if line:
            last = end
    return last


def _belongs_to_table(lines: Sequence[str], index: int) -> bool:
    line = lines[index]
    if line.startswith("..") or starts_sentence(line) or _underline_of(lines, index) is not None:
        return False
    # Behind a blank line it is a cell only where the table goes on right after it.
    if lines[index - 1]:
        return True
    return any(_ROW.match(following) for following in lines[index + 1 : index + 2])
