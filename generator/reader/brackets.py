"""Lost brackets: all ways to put back each `[` that a `]` still tells of.

Documents exist whose expressions lost every `[` (format.md 5.1). Each `]` that closes nothing ends a
call that began at a text before it; a text that begins a call is a function's name. There may be
several ways: the caller decides which of them make sense, and takes none where more than one does.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from generator.model.conversion import FUNCTIONS

MOST_TOKENS = 80
MOST_STEPS = 20_000

_TOKENS = re.compile(r'\s*("(?:[^"\\]|\\.)*"|[\[\],]|-?\d+(?:\.\d+)?|true|false|null)')
_NAMES = frozenset(f'"{name}"' for name in FUNCTIONS)


def nesting_of(text: str) -> int:
    """Return how deep brackets nest at most, those inside texts counted too."""
    depth = deepest = 0
    for bracket in re.findall(r"[\[\]{}]", text):
        depth += 1 if bracket in "[{" else -1
        deepest = max(deepest, depth)
    return deepest


def restore_brackets(text: str) -> Iterator[str]:
    """Yield the texts with every lost `[` in a place where it can have been, as JSON.

    Yields none where tokens are broken, where no place fits, and where there are too many to try.
    """
    tokens = _read_tokens(text)
    if tokens is None or not _commas_fit(tokens):
        return
    found: list[str] = []
    steps = [MOST_STEPS]
    _reduce([token for token in tokens if token != ","], 0, [], found, steps)
    if steps[0] > 0:
        yield from found


def _read_tokens(text: str) -> list[str] | None:
    tokens: list[str] = []
    at = 0
    text = text.rstrip()
    while at < len(text):
        match = _TOKENS.match(text, at)
        if match is None or len(tokens) >= MOST_TOKENS:
            return None
        tokens.append(match[1])
        at = match.end()
    return tokens


def _commas_fit(tokens: Sequence[str]) -> bool:
    """Return whether commas stand between items and nowhere else; openers may be lost."""
    for left, right in pairwise(tokens):
        ends, begins = left not in "[,", right not in "],"
        if ends and begins:
            return False
        if not ends and not begins and (left, right) != ("[", "]"):
            return False
    return tokens[0] not in "]," and tokens[-1] != ","


def _reduce(
    tokens: Sequence[str], at: int, stack: list[str], found: list[str], steps: list[int]
) -> None:
    """Read tokens onto the stack; at a `]` try each beginning that its call may have had.

    The stack holds finished items and the `[` that are still open. Every whole reading is added to
    `found`; `steps` counts down, so that a hostile cell cannot keep us.
    """
    steps[0] -= 1
    while at < len(tokens) and tokens[at] != "]":
        stack = [*stack, tokens[at]]
        at += 1
    if at == len(tokens):
        if len(stack) == 1 and stack[0] != "[":
            found.append(stack[0])
        return
    for start in _call_starts(stack):
        if steps[0] <= 0:
            return
        opened = stack[start] == "["
        call = "[" + ",".join(stack[start + opened :]) + "]"
        _reduce(tokens, at + 1, [*stack[:start], call], found, steps)


def _call_starts(stack: Sequence[str]) -> Iterator[int]:
    """Yield the indexes where the call that ends here can have begun, nearest first."""
    for index in range(len(stack) - 1, -1, -1):
        if stack[index] == "[":
            yield index
            return
        if stack[index] in _NAMES:
            yield index
