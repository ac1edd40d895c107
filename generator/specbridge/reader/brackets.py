"""Lost brackets: all ways to put back each `[` that a `]` still tells of.

Documents exist whose expressions lost every `[` (format.md 5.1). Each `]` that closes nothing ends a
call that began at a text before it; a text that begins a call is a function's name. There may be
several ways: the caller decides which of them make sense, and takes none where more than one does.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from specbridge.model.conversion import FUNCTIONS

# Each `]` among them is a step of recursion.
MOST_TOKENS = 80
MOST_STEPS = 2_000
"""Ways that are tried for one cell."""


@dataclass(slots=True)
class Budget:
    """Ways that may still be tried for a document: a hostile one must not keep us."""

    steps: int = 40_000


_TOKENS = re.compile(r'\s*("(?:[^"\\]|\\.)*"|[\[\],]|-?[0-9]+(?:\.[0-9]+)?|true|false|null)')
_NAMES = frozenset(f'"{name}"' for name in FUNCTIONS)


def nesting_of(text: str) -> int:
    """Return how deep brackets nest at most, those inside texts counted too."""
    # Asked for every type cell, and nearly all hold one bracket or none.
    opened = text.count("[") + text.count("{")
    if opened <= 1:
        return opened
    depth = deepest = 0
    for bracket in re.findall(r"[\[\]{}]", text):
        depth += 1 if bracket in "[{" else -1
        deepest = max(deepest, depth)
    return deepest


def restore_brackets(text: str, budget: Budget) -> tuple[str, ...]:
    """Return the texts, as JSON, that have every lost `[` where it can have been; at most two.

    Two mean that there is a doubt. None are returned where tokens are broken, where no place fits,
    and where the budget does not suffice to try them all.
    """
    tokens = _read_tokens(text)
    if tokens is None or not tokens or not _commas_fit(tokens):
        return ()
    search = _Search(tokens=[token for token in tokens if token != ","], budget=budget)
    search.reduce(0, [])
    # A search that was cut short may have missed the second way, which would have been the doubt.
    return tuple(search.found) if search.steps > 0 and budget.steps > 0 else ()


@dataclass(slots=True)
class _Search:
    """Reads tokens onto a stack of finished items and of each `[` that is still open."""

    tokens: Sequence[str]
    budget: Budget
    found: list[str] = field(default_factory=list)
    steps: int = MOST_STEPS

    def reduce(self, at: int, stack: list[str]) -> None:
        """Read on from `at`; at a `]` try each beginning that its call may have had."""
        self.steps -= 1
        self.budget.steps -= 1
        end = at
        while end < len(self.tokens) and self.tokens[end] != "]":
            end += 1
        stack = [*stack, *self.tokens[at:end]]
        if end == len(self.tokens):
            if len(stack) == 1 and stack[0] not in ("[", *self.found):
                self.found.append(stack[0])
            return
        for start in _call_starts(stack):
            if len(self.found) > 1 or self.steps <= 0 or self.budget.steps <= 0:
                return
            items = stack[start + (stack[start] == "[") :]
            if _is_call(items):
                self.reduce(end + 1, [*stack[:start], f"[{','.join(items)}]"])


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


def _is_call(items: Sequence[str]) -> bool:
    """Return whether the items are a known function and as many arguments as it may have."""
    signature = FUNCTIONS.get(items[0].strip('"')) if items else None
    if signature is None:
        return False
    count = len(items) - 1
    fits = count >= signature.least and (signature.most is None or count <= signature.most)
    return fits or (count == 0 and signature.least == 1)


def _call_starts(stack: Sequence[str]) -> Iterator[int]:
    """Yield the indexes where the call that ends here can have begun, nearest first."""
    for index in range(len(stack) - 1, -1, -1):
        # A call cannot have begun before a bracket that is still open.
        if stack[index] == "[":
            yield index
            return
        if stack[index] in _NAMES:
            yield index
