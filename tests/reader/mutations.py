"""Ways to damage a document's text, each drawn from a random generator: what fuzzing is made of."""

import random
from collections.abc import Callable, Sequence

WEIRD = (
    "\ufeff", "\u202e", "\u2066", "\u2028", "\x85", "\x00", "\t", "\r", "\n\n", "  ", "_", "*", "`", "|",
    "\\", '"', "[", "]", "[[", "]]", ",", '"_."', "(", ")", " in ", "Dependant on having ", "* - ", "- ",
    ".. list-table::\n", ".. include:: x\n", "====", "----\n", "\n---\n", "\n   ", " to ", "Every ",
    ", it  will be synchronized with a ", "N/A", "é", "e\u0301", "\U0001f600", "Property", "Data Type",
)  # fmt: skip

Mutation = Callable[[random.Random, list[str]], None]


def mutate_text(text: str, random_: random.Random, corpus: Sequence[str]) -> str:
    """Return the text damaged in one to eight ways; `corpus` gives lines of other documents."""
    lines = text.split("\n")
    for _ in range(random_.randint(1, 8)):
        random_.choice(MUTATIONS)(random_, lines)
        if random_.random() < 0.1:
            lines.insert(_place(random_, lines), random_.choice(random_.choice(corpus).split("\n")))
    return "\n".join(lines)


def _delete_line(random_: random.Random, lines: list[str]) -> None:
    if lines:
        del lines[_place(random_, lines)]


def _double_line(random_: random.Random, lines: list[str]) -> None:
    at = _place(random_, lines)
    lines[at:at] = lines[at : at + random_.randint(1, 4)]


def _swap_lines(random_: random.Random, lines: list[str]) -> None:
    if lines:
        one, other = _place(random_, lines), _place(random_, lines)
        lines[one], lines[other] = lines[other], lines[one]


def _insert_weird(random_: random.Random, lines: list[str]) -> None:
    if lines:
        at = _place(random_, lines)
        column = random_.randint(0, len(lines[at]))
        lines[at] = lines[at][:column] + random_.choice(WEIRD) + lines[at][column:]


def _drop_characters(random_: random.Random, lines: list[str]) -> None:
    if lines:
        at = _place(random_, lines)
        column = random_.randint(0, len(lines[at]))
        lines[at] = lines[at][:column] + lines[at][column + random_.randint(1, 9) :]


def _drop_brackets(random_: random.Random, lines: list[str]) -> None:
    if lines:
        at, bracket = _place(random_, lines), random_.choice('[]"(')
        lines[at] = lines[at].replace(bracket, "", random_.choice((1, 99)))


def _shift_line(random_: random.Random, lines: list[str]) -> None:
    if lines:
        at = _place(random_, lines)
        lines[at] = " " * random_.randint(0, 6) + lines[at].lstrip()


def _place(random_: random.Random, lines: list[str]) -> int:
    return random_.randrange(max(1, len(lines)))


MUTATIONS: tuple[Mutation, ...] = (
    _delete_line,
    _double_line,
    _swap_lines,
    _insert_weird,
    _insert_weird,
    _drop_characters,
    _drop_brackets,
    _shift_line,
)
