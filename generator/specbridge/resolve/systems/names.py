"""Names compared and names made safe: labels, datatypes, and the modules called after them."""

import hashlib
import keyword
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

_LONGEST = 80
# Letters that Unicode does not take apart into an ASCII letter and a mark.
_LETTERS = str.maketrans({"ø": "o", "æ": "ae", "œ": "oe", "ð": "d", "þ": "th", "ł": "l", "đ": "d"})


@lru_cache(maxsize=4096)
def slug(text: str) -> str:
    """Return the letters and digits of a name, capitals and Unicode form aside, "" where none."""
    # Nearly all names are, and normalizing costs far more than this.
    if text.isascii():
        return "".join(filter(str.isalnum, text)).lower()
    folded = unicodedata.normalize("NFKC", text).casefold()
    # Folding case can undo the normal form: once more.
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKC", folded)))


def module_name(text: str) -> str:
    """Return a name for a module: ASCII letters, digits and `_`, no keyword, 80 characters at most.

    Equal texts give equal names on every machine; a letter without a likeness in ASCII becomes its
    number (`x4e2d`), a name that had to be cut ends in a digest of the whole.
    """
    words = "".join(_ascii(letter) for letter in text.casefold().translate(_LETTERS))
    name = "_".join(filter(None, words.split("_"))) or "unnamed"
    # A module's name is imported: no digit may begin it, and no keyword be it.
    if name[0].isdigit():
        name = f"n{name}"
    if len(name) > _LONGEST:
        # Not `hash`: it differs from one process to the next.
        digest = hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()[:8]
        name = f"{name[:_LONGEST - 9]}_{digest}"
    return f"{name}_" if keyword.iskeyword(name) or keyword.issoftkeyword(name) else name


def unique_names(names: Iterable[str]) -> tuple[str, ...]:
    """Return the names in their order, those that came before numbered: `a`, `a_2`, `a_3`."""
    taken: set[str] = set()
    unique: list[str] = []
    for name in names:
        number, candidate = 1, name
        while candidate in taken:
            number += 1
            candidate = f"{name}_{number}"
        taken.add(candidate)
        unique.append(candidate)
    return tuple(unique)


def _ascii(letter: str) -> str:
    if letter.isascii():
        return letter if letter.isalnum() else "_"
    plain = "".join(filter(str.isascii, unicodedata.normalize("NFKD", letter)))
    if plain.isalnum():
        return plain.lower()
    return f"x{ord(letter):x}" if letter.isalnum() else "_"
