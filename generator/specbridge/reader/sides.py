"""The names of a flow's sides: system, datatype, subset; and the flow's own name.

A side's full name is `SYSTEM DATATYPE`, with nothing between the two that tells where one ends. The
system's label is what the title, the table's third header or another section calls it.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from specbridge.model.document import Side
from specbridge.reader.text import compare_key, fold_blanks

SUBSET_WORDS = ("person", "company")
# A word of one or two letters would be the beginning of too many labels.
_SHORTEST_FORM = 3
_MOST_WORDS_OF_A_LABEL = 5
# Of a datatype: one of a hundred thousand ligatures must not be normalized whole.
_LONGEST_NAMED = 500
_PARENTHESES = re.compile(r" ?\(([^()]*)\)$")
_WORDS = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class SideClues:
    """What the document says about the system of a side.

    `stated` is the third header's label (None: no such cell; blank: left blank), `title` the title's
    label of that side, `others` every other label that the document names, `stem` what the file's name
    may call it. `gap` says that the name is preceded by two blanks, where a blank label stands.
    """

    stated: str | None
    title: str
    others: tuple[str, ...]
    stem: tuple[str, ...]
    gap: bool


def read_side(text: str, clues: SideClues) -> tuple[Side, bool]:
    """Return the side that a full name stands for, and whether its label is certain.

    It is not where the name begins with no label that the document names: then the first word is
    taken for a system's former name.
    """
    text = fold_blanks(text)
    label, rest = _find_label(text, clues)
    certain = True
    if not label and not clues.gap and not clues.stated and " " in text:
        label, _, rest = text.partition(" ")
        certain = False
    datatype, subset = _split_subset(rest)
    return Side(text=text, label=label, datatype=datatype, subset=subset), certain


def split_label(text: str, labels: Iterable[str]) -> tuple[str, str]:
    """Return the words of `text` that are one of the labels, and the rest.

    Labels are compared by letters and digits, case aside, and tried in order; blank where none fits.
    """
    words = text.split()
    for label in labels:
        key = compare_key(label)
        for count in _word_counts(words, key):
            if compare_key("".join(words[:count])) == key:
                return " ".join(words[:count]), " ".join(words[count:])
    return "", text


def name_flows(sides: Sequence[tuple[Side, Side]]) -> list[str]:
    """Return each flow's name, unique in the document: `customers_person_to_users`, then `…_2`."""
    names: list[str] = []
    taken: set[str] = set()
    counts: dict[str, int] = {}
    for source, target in sides:
        base = name = f"{_name_side(source)}_to_{_name_side(target)}"
        counts[base] = counts.get(base, 0) + 1
        # A datatype may itself be called «Contact 2»: a number that is taken is passed over.
        while name in taken or (name == base and counts[base] > 1):
            counts[base] += name != base
            name = f"{base}_{counts[base]}"
            if name not in taken:
                break
        taken.add(name)
        names.append(name)
    return names


def _find_label(text: str, clues: SideClues) -> tuple[str, str]:
    # The longest first: `Acme Cloud` where the title says so, though a header says `Acme`.
    likely = sorted(filter(None, (clues.stated, clues.title)), key=len, reverse=True)
    label, rest = split_label(text, likely)
    # The document shows that the label is blank: no word of the name may be taken for one.
    if label or clues.gap or clues.stated == "":
        return label, rest
    for labels in (_shorter_forms(text, likely), clues.others, _shorter_forms(text, clues.stem)):
        label, rest = split_label(text, labels)
        if label:
            break
    return label, rest


def _shorter_forms(text: str, labels: Sequence[str]) -> list[str]:
    """Return the beginnings of a name that are also the beginning of a label, longest first."""
    words = text.split()[:-1]
    forms = []
    for count in range(min(len(words), _MOST_WORDS_OF_A_LABEL), 0, -1):
        form = compare_key("".join(words[:count]))
        if len(form) >= _SHORTEST_FORM and any(
            compare_key(label).startswith(form) for label in labels
        ):
            forms.append(" ".join(words[:count]))
    return forms


def _word_counts(words: Sequence[str], key: str) -> Sequence[int]:
    """Return how many first words can make up a label, leaving at least one for the datatype."""
    return range(1, min(len(words) - 1, len(key)) + 1) if key else ()


def _split_subset(rest: str) -> tuple[str, str | None]:
    # Its end only: a megabyte of `(` would be searched from each of them.
    match = _PARENTHESES.search(rest[-500:])
    if match and len(match[0]) < len(rest):
        return rest[: len(rest) - len(match[0])].rstrip(), fold_blanks(match[1])
    head, _, last = rest.rpartition(" ")
    return (head, last) if head and last in SUBSET_WORDS else (rest, None)


def _name_side(side: Side) -> str:
    # Normal form first: a combining mark would part a word in two.
    whole = f"{side.datatype} {side.subset or ''}"
    text = unicodedata.normalize("NFKC", whole[:_LONGEST_NAMED])
    words = _WORDS.findall(text)
    return "_".join(filter(None, map(compare_key, words))) or "unnamed"
