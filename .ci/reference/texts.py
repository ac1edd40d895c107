"""Markdown of what code says: plain texts, tables, links to pages that a text names."""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

_DOCS = Path(__file__).parent.parent.parent / "docs"
_MARKS = re.compile(r"([\\*_<>\[\]|$#{}])")
_CODE = re.compile(r"(`[^`]+`)")
_PAGE = re.compile(r"docs/((?:[a-z]+/)?[a-z0-9-]+\.md)")


def plain(text: str, depth: int) -> str:
    """Return a text with marks escaped and code left as it is; names of pages become links.

    `depth` is how many folders below docs/ the page lies that will hold it.
    """
    parts = _CODE.split(" ".join(text.split()))
    return "".join(
        part if part.startswith("`") else _linked(_MARKS.sub(r"\\\1", part), depth)
        for part in parts
    )


def _linked(text: str, depth: int) -> str:
    def link(found: re.Match[str]) -> str:
        shown = (_DOCS / found[1]).exists()
        return f"[{found[1][:-3]}]({'../' * depth}{found[1]})" if shown else found[0]

    return _PAGE.sub(link, text)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table of cells that are Markdown already."""
    lines = (head, ["---"] * len(head), *rows)
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def toctree(names: Iterable[str]) -> str:
    """Return what has Sphinx list pages in its navigation, and not in the text."""
    return "```{toctree}\n:hidden:\n\n" + "".join(f"{name}\n" for name in names) + "```\n"
