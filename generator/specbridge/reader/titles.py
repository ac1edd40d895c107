"""The title and the headings: where «A to B» is split, and what the labels of the title are."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from specbridge.reader.text import compare_key, fold_blanks

_INTRODUCTION = "introduction"
_ENDING = "Dataflow"
_BETWEEN = " to "
_BLANK = re.compile(r"\s")
# A hostile heading is «to» over and over, and each split is compared with every sentence.
_MOST_SPLITS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Title:
    """The document's title, white space folded, and its two labels, blank where it leaves them so."""

    text: str
    source: str
    target: str
    line: int


def is_title(heading: str) -> bool:
    """Return whether a heading is «SOURCE to TARGET Dataflow», either of them possibly blank."""
    words = heading.split()
    return len(words) > 1 and words[-1] == _ENDING and "to" in words[:-1]


def is_introduction(heading: str) -> bool:
    """Return whether a heading is «Introduction» or, as older documents write it, «Introduction.»."""
    return compare_key(heading) == _INTRODUCTION


def read_title(heading: str, line: int, headings: Sequence[str]) -> Title:
    """Return the title; `headings` of the sections decide where a label itself holds « to »."""
    body = heading.rstrip().removesuffix(_ENDING)
    pairs = list(split_heading(body))
    source, target = max(pairs, key=lambda pair: _count_starts(pair, headings))
    return Title(text=fold_blanks(heading), source=source, target=target, line=line)


def split_heading(heading: str) -> Iterator[tuple[str, str]]:
    """Yield each way to split «A to B», white space folded, from the first « to » on."""
    # A blank at either end, so that «to» is found where a label before or behind it is blank.
    text = _BLANK.sub(" ", f" {heading} ")
    at = text.find(_BETWEEN)
    for _ in range(_MOST_SPLITS):
        if at < 0:
            return
        yield fold_blanks(text[:at]), fold_blanks(text[at + len(_BETWEEN) :])
        at = text.find(_BETWEEN, at + 1)


def heading_gaps(heading: str) -> tuple[bool, bool]:
    """Return whether a blank label shows: a blank before the heading, two blanks behind « to »."""
    # One for one, not folded: two blanks are what shows a blank label.
    text = _BLANK.sub(" ", heading)
    return text.startswith(" "), f"{_BETWEEN} " in f" {text}"


def _count_starts(pair: tuple[str, str], headings: Sequence[str]) -> int:
    """Return how many headings begin with the source's label and name the target's behind it."""
    source, target = pair
    return sum(
        heading.startswith(f"{source} ") + (f"{_BETWEEN}{target} " in heading)
        for heading in headings
    )
