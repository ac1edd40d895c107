"""Names in generated code: safe, stable, and close to the document's own words."""

import keyword
import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

RESERVED = frozenset(
    {
        # what mappers import, and the parameters of their functions
        "Identifier",
        "Json",
        "LinkKeys",
        "References",
        "TypedDict",
        "WAITING",
        "cast",
        "conversions",
        "element",
        "record",
        "references",
        "translate",
        # builtins that mappers use
        "bool",
        "dict",
        "float",
        "int",
        "iter",
        "list",
        "next",
        "str",
    }
)


def words_of(text: str) -> tuple[str, ...]:
    """Return the runs of ASCII letters and digits, accents removed, capitals as they are."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return tuple(re.findall(r"[A-Za-z0-9]+", plain))


def class_name(text: str) -> str:
    """Return `CustomersPerson` for `Customers person`; `Unnamed` where no letter is left."""
    joined = "".join(word[0].upper() + word[1:] for word in words_of(text)) or "Unnamed"
    joined = joined if joined[0].isalpha() else f"Type{joined}"
    return _free_of_keywords(joined)


def function_name(text: str) -> str:
    """Return `customers_person` for `Customers person`: a name for functions and variables."""
    joined = "_".join(word.lower() for word in words_of(text)) or "unnamed"
    return _free_of_keywords(joined if joined[0].isalpha() else f"type_{joined}")


@lru_cache(maxsize=16_384)
def variable_name(text: str) -> str:
    """Return `organization_id` for `organization_id` and `email_address` for `EmailAddress`."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", "_".join(words_of(text)))
    joined = spaced.lower() or "unnamed"
    return _free_of_keywords(joined if joined[0].isalpha() else f"value_{joined}")


@lru_cache(maxsize=16_384)
def is_plain_key(key: str) -> bool:
    """Return whether a key can be an attribute of a class statement as it stands."""
    plain = key.isascii() and key.isidentifier() and not keyword.iskeyword(key)
    return plain and not key.startswith("__")


class Names:
    """Hands out names of one scope, each once; a taken name gets a number."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        """Start with the names that are taken already, besides RESERVED."""
        self._taken = set(RESERVED) | set(taken)
        self._numbers: dict[str, int] = {}  # the last one given to a name that was wanted often

    def take_variable(self, texts: Iterable[str]) -> str:
        """Return a variable for the first of the texts whose name is free, else the first, numbered."""
        first = ""
        for text in texts:
            name = variable_name(text)
            if name not in self._taken:
                self._taken.add(name)
                return name
            first = first or name
        return self.take(first)

    def take(self, wanted: str) -> str:
        """Return `wanted`, or `wanted_2`, `wanted_3`, … where it is taken."""
        name, number = wanted, self._numbers.get(wanted, 1)
        while name in self._taken:
            number += 1
            name = f"{wanted}_{number}" if wanted.islower() else f"{wanted}{number}"
        self._numbers[wanted] = number
        self._taken.add(name)
        return name


def _free_of_keywords(name: str) -> str:
    return f"{name}_" if keyword.iskeyword(name) or keyword.issoftkeyword(name) else name
