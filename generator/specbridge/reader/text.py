"""How the reader treats text: lines as an editor counts them, folded blanks, comparable names."""

import unicodedata

_SHOWN = 60


def split_lines(text: str) -> list[str]:
    """Return the lines of a text without their ends, as an editor counts them.

    `\\n`, `\\r\\n` and a lone `\\r` end a line, nothing else does (`str.splitlines` would also break a
    cell at a line separator). A byte order mark is dropped, trailing blanks are, and leading tabs
    become blanks up to the next multiple of eight, as docutils counts columns.
    """
    lines = text.removeprefix("\ufeff").split("\n")
    return [
        _expand_indent(part.rstrip()) for line in lines for part in line.rstrip("\r").split("\r")
    ]


def fold_blanks(text: str) -> str:
    """Return the text with every run of white space as one blank, and none at its ends."""
    return " ".join(text.split())


def compare_key(text: str) -> str:
    """Return the letters and digits of a name, case and Unicode form aside; marks are dropped."""
    if text.isascii():
        return "".join(filter(str.isalnum, text)).lower()
    # Twice: folding case can undo the normal form.
    normal = unicodedata.normalize("NFKC", text).casefold()
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKC", normal)))


def show_text(text: str) -> str:
    """Return document text for a message: one line, cut short, what does not print as `\\u....`.

    A terminal must not obey a document: control characters and bidirectional marks are escaped.
    """
    # Cut before folding: the text may be a cell of a megabyte.
    cut = fold_blanks(text[: 4 * _SHOWN])
    if len(cut) > _SHOWN:
        cut = cut[: _SHOWN - 1] + "…"
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in cut)


def _expand_indent(line: str) -> str:
    # Tabs within a line stay: a cell is literal text.
    if not line.startswith(("\t", " ")) or "\t" not in line:
        return line
    body = line.lstrip(" \t")
    return line[: len(line) - len(body)].expandtabs(8) + body
