"""The words in names: `organization_id`, `OrganizationId` and `organization-ids` have the same ones."""

import re
from collections.abc import Sequence

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_PLURALS = (
    ("ies", "y"),
    ("tuses", "tus"),
    ("sses", "ss"),
    ("xes", "x"),
    ("ches", "ch"),
    ("shes", "sh"),
)
_SINGULAR_ENDS = ("ss", "us", "is")


def words_of(name: str) -> tuple[str, ...]:
    """Return the words of a name in lower case."""
    return tuple(word.lower() for word in _WORD.findall(name))


def letters_of(name: str) -> str:
    """Return the letters and digits of a name, case aside, as APIs compare it at most."""
    return "".join(words_of(name))


def singular(word: str) -> str:
    """Return an English word's singular, as far as its end tells."""
    for end, instead in _PLURALS:
        if word.endswith(end) and len(word) > len(end) + 1:
            return word.removesuffix(end) + instead
    return word if word.endswith(_SINGULAR_ENDS) else word.removesuffix("s")


def plural(word: str) -> str:
    """Return an English word's plural, as far as its end tells."""
    one = singular(word)
    if one.endswith("y") and one[-2:-1] not in ("a", "e", "o", "u"):
        return f"{one[:-1]}ies"
    return f"{one}es" if one.endswith(("s", "x", "ch", "sh")) else f"{one}s"


def with_last(words: Sequence[str], last: str) -> tuple[str, ...]:
    """Return words with another last one."""
    return (*words[:-1], last)


def capitalized(words: Sequence[str]) -> str:
    """Return words as one name: `OrganizationMemberships`."""
    return "".join(word.capitalize() for word in words)


def slug(title: str) -> str:
    """Return a profile's name for a title: lower-case words with hyphens, empty where it has none."""
    words = [word.lower() for word in re.findall(r"[A-Za-z][A-Za-z0-9]*", title.partition("(")[0])]
    left_out = {"api", "rest", "openapi", "the", "description", "specification"}
    kept = [word for word in words if word not in left_out and not re.fullmatch(r"v\d+", word)]
    return "-".join(kept[:3])
