"""The words of the audit's page: plain ones, for people who keep accounts or answer customers."""

from collections.abc import Mapping
from datetime import datetime

KINDS: Mapping[str, str] = {
    "created": "Creation",
    "linked": "Match",
    "property": "Property",
    "left": "Not checked",
}
"""Kinds of statements, and of what none could be checked on."""

RESULTS: Mapping[str, str] = {
    "fails": "Does not hold",
    "undecided": "To be decided",
    "vanished": "Counterpart gone",
    "ambiguous": "Several match",
    "waiting": "Waits",
    "held": "Held back",
    "unchecked": "Nothing to check",
    "holds": "Holds",
}
"""How something stands, the most pressing first."""

TONES: Mapping[str, str] = {
    "fails": "fails",
    "undecided": "held",
    "vanished": "fails",
    "ambiguous": "held",
    "waiting": "waits",
    "held": "held",
    "unchecked": "",
    "holds": "holds",
}
"""The colour of each, as the look of the pages names it."""

LEFT_OVER: Mapping[str, tuple[str, str, str]] = {
    "vanished": (
        "vanished",
        "Pairs of which a record is gone",
        "Restore the record that is gone, or delete the other one. Nothing is deleted by itself.",
    ),
    "open_conflicts": (
        "undecided",
        "Values that were changed on both sides, and nobody has decided which counts",
        "Decide (`specbridge conflicts`), and synchronize.",
    ),
    "ambiguous": (
        "ambiguous",
        "Records that match more than one, or one that belongs to another",
        "Make the right two differ from the others, or pin them (`specbridge links pin`).",
    ),
    "waiting": (
        "waiting",
        "References to records that have no counterpart yet",
        "See to the records that are referred to; these follow by themselves.",
    ),
}
"""What is left over, by the names of LeftOver's counts: its result, its words and its mend."""


def share(holds: int, checked: int) -> str:
    """Return a share in per cent, never rounded up: what is not whole must not look whole."""
    if not checked:
        return "—"
    tenths = holds * 1000 // checked
    return f"{tenths // 10} %" if tenths % 10 == 0 else f"{tenths // 10}.{tenths % 10} %"


def count(number: int, word: str, words: str | None = None) -> str:
    """Return a number with its word, in the plural where there is not one of it."""
    return f"{number:,} {word if number == 1 else words or word + 's'}"


def instant(at: datetime) -> str:
    """Return an instant for people, with its zone and distance from UTC."""
    zone = at.strftime("%z")
    name = at.tzname() or ""
    offset = f"UTC{zone[:3]}:{zone[3:5]}" if zone.strip("+-0") else "UTC"
    # Zones without a name of their own are called by their distance, more or less as it is told here.
    zoned = f"{name}, {offset}" if name[:1].isalpha() and not name.startswith("UTC") else offset
    return f"{at.day} {at:%B %Y, %H:%M:%S} ({zoned})"


def within(called: str, system: str, label: str, resource: str) -> str:
    """Return what a document calls a side, without the system's name before it.

    The resource where the label is no more than the system.
    """
    words = label.split()
    for many in range(1, len(words)):
        if _slug("".join(words[:many])) in (_slug(called), _slug(system)):
            return " ".join(words[many:])
    return label if words[1:] else resource


def _slug(text: str) -> str:
    return "".join(letter for letter in text.casefold() if letter.isalnum())
