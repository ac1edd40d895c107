"""Texts of documents, files and systems as they can be printed: no terminal and no log obeys them."""


def printable(text: str) -> str:
    """Return a text with what does not print escaped, but for line ends and tabs."""
    # Nearly all text is: only what is not is taken apart.
    if text.replace("\n", "").replace("\t", "").isprintable():
        return text
    return "".join(c if c.isprintable() or c in "\n\t" else _escaped(c) for c in text)


def in_one_line(text: str) -> str:
    """Return a text in one line, white space folded, with what does not print escaped."""
    return printable(" ".join(text.split()))


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode()
