"""The sentences of a flow: which of them a paragraph states, and the names in them.

Each sentence is its fixed words with names between them (the article is always «a»):

    every      Every A will be synchronized with a B.
    when       FREE TEXT, it  will be synchronized with a B.
    linked     Before any synchronization can take place, a link between a A and a B must be …
    match      A A will merge with a B if one of the following property combinations match:
    existing   If a matching B already exists, the A will be merged with the existing one.
    new        If no matching B is found, a new B will be created.
    connected  A new B will be created from a A if it is connected to a SYS D1, D2, or D3 that is …
    synced     Once a link between a A and a B is established, it will keep in sync between …
    properties The following properties are synchronized between a A and a B:
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import pairwise

from specbridge.model.rules import Connected
from specbridge.reader.sides import split_label
from specbridge.reader.text import fold_blanks


class SentenceKind(Enum):
    """The sentences of the dialect, named as in docs/dialect.md."""

    EVERY = "every"
    WHEN = "when"
    LINKED = "linked"
    MATCH = "match"
    EXISTING = "existing"  # first half of match-or-create
    NEW = "new"  # second half of match-or-create
    CONNECTED = "connected"
    SYNCED = "synced"
    PROPERTIES = "properties"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """A sentence as read, white space folded; `kind` None for text that fits none of them.

    `source` and `target` are the names it gives, None where it does not name that side. `words` are
    the other variable parts: the free text of *when*; of *connected* what it is connected to and what
    that is synchronized into.
    """

    kind: SentenceKind | None
    text: str
    line: int
    source: str | None = None
    target: str | None = None
    words: tuple[str, ...] = ()


def starts_sentence(line: str) -> bool:
    """Return whether a line begins with the first words of a sentence."""
    return _STARTING.match(line) is not None


def begins_sentence(text: str) -> bool:
    """Return whether a text is the beginning of a sentence, and goes on like one, if not to its end."""
    return text.startswith(_STARTS) and any(word in text for word in _MARKS)


def read_sentences(lines: Sequence[str], line: int) -> Iterator[Sentence]:
    """Yield the sentences of a paragraph that starts at `line`, in order.

    A paragraph is one sentence; else several, which begin where a line or a full stop ends; else
    text that fits none.
    """
    whole = _read_sentence(fold_blanks(" ".join(lines)), line)
    if whole.kind is not None:
        yield whole
        return
    for first, end in _spans(
        [i for i, text in enumerate(lines) if _STARTING.match(text)], len(lines)
    ):
        text = fold_blanks(" ".join(lines[first:end]))
        sentence = _read_sentence(text, line + first)
        parts = [text] if sentence.kind is not None else _BETWEEN.split(text)
        yield from (_read_sentence(part, line + first) for part in parts if part)


def read_connected(words: Sequence[str], labels: Sequence[str]) -> Connected:
    """Return the *connected* sentence's condition from its two variable parts.

    The list begins with the name of the source's system; `labels` are the names that it may have,
    the likeliest first. Where none of them is there, the label is blank.
    """
    text, into = words
    listed = text.replace(", or ", ", ").split(", ")
    label, listed[0] = split_label(listed[0], labels)
    datatypes = tuple(name for name in map(str.strip, listed) if name)
    return Connected(text=text, label=label, datatypes=datatypes, into=into)


@dataclass(frozen=True, slots=True)
class _Pattern:
    """Fixed words with names between them, in order: `s`ource, `t`arget, `w`ord, `-` again."""

    kind: SentenceKind
    words: tuple[str, ...]
    names: str


_WHEN = ", it will be synchronized with a"
_PATTERNS = (
    _Pattern(SentenceKind.EVERY, ("Every", "will be synchronized with a", "."), "st"),
    _Pattern(
        SentenceKind.LINKED,
        (
            "Before any synchronization can take place, a link between a",
            "and a",
            "must be established.",
        ),
        "st",
    ),
    _Pattern(
        SentenceKind.CONNECTED,
        (
            "A new",
            "will be created from a",
            "if it is connected to a",
            "that is synchronized into",
            ".",
        ),
        "tsww",
    ),
    _Pattern(
        SentenceKind.MATCH,
        (
            "A",
            "will merge with a",
            "if one of the following property combinations match:",
        ),
        "st",
    ),
    _Pattern(
        SentenceKind.EXISTING,
        ("If a matching", "already exists, the", "will be merged with the existing one."),
        "ts",
    ),
    _Pattern(
        SentenceKind.NEW,
        ("If no matching", "is found, a new", "will be created."),
        "t-",
    ),
    _Pattern(
        SentenceKind.SYNCED,
        (
            "Once a link between a",
            "and a",
            "is established, it will keep in sync between the two systems, regardless of where it is edited.",
        ),
        "st",
    ),
    _Pattern(
        SentenceKind.PROPERTIES,
        ("The following properties are synchronized between a", "and a", ":"),
        "st",
    ),
)
# No plain «A »: so begins many a remark. What *match* adds is in _START.
_STARTS = (
    "Before any synchronization ",
    "Every ",
    "Once a link between ",
    "The following properties ",
    "If a matching ",
    "If no matching ",
    "A new ",
)


# Words that only a sentence of the dialect is likely to go on with.
_MARKS = ("synchroni", " link between ", "already exists", "is found", "will be created")
_START = f"(?:{'|'.join(map(re.escape, _STARTS))}|A .{{1,200}} will merge with a )"
_STARTING = re.compile(rf"\s*{_START}")
_BETWEEN = re.compile(rf"(?<=[.:]) (?={_START})")


def _spans(starts: Sequence[int], end: int) -> Iterator[tuple[int, int]]:
    """Yield the spans of lines between sentence starts, what comes before the first included."""
    bounds = [0, *(start for start in starts if start), end]
    yield from pairwise(bounds)


def _read_sentence(text: str, line: int) -> Sentence:
    # First and from the end: its free text may begin like another sentence, or quote this one.
    at = text.rfind(_WHEN)
    if at >= 0 and text.endswith("."):
        target = text[at + len(_WHEN) : -1].strip()
        words = (text[:at],)
        return Sentence(kind=SentenceKind.WHEN, text=text, line=line, target=target, words=words)
    for pattern in _PATTERNS:
        values = _match(text, pattern.words)
        if values is not None:
            return _name_values(pattern, values, text, line)
    return Sentence(kind=None, text=text, line=line)


def _match(text: str, words: Sequence[str]) -> list[str] | None:
    """Return what stands between the fixed words, None where the text is not that sentence.

    A value may be blank. The last words must end the text, so that names may hold full stops.
    """
    if not text.startswith(words[0] + " ") or not text.endswith(words[-1]):
        return None
    end = len(text) - len(words[-1])
    at = len(words[0])
    values = []
    for word in words[1:-1]:
        found = text.find(f" {word} ", at, end + 1)
        if found < 0:
            return None
        values.append(text[at:found].strip())
        at = found + len(word) + 1
    values.append(text[at:end].strip())
    return values


def _name_values(pattern: _Pattern, values: Sequence[str], text: str, line: int) -> Sentence:
    named = dict(zip(pattern.names, values, strict=False))
    words = tuple(value for name, value in zip(pattern.names, values, strict=True) if name == "w")
    return Sentence(
        kind=pattern.kind,
        text=text,
        line=line,
        source=named.get("s"),
        target=named.get("t"),
        words=words,
    )
