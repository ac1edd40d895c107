"""The fields that an answer is asked for: `*,postalAddress(city,country(id))`."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from specbridge.sandbox.tripletex.refusals import refuse

_WORDS = 40


@dataclass(slots=True)
class Wanted:
    """What is wanted of an object: everything that it shows unasked, and names with what is wanted in them."""

    whole: bool = False
    parts: dict[str, "Wanted"] = field(default_factory=dict)


def read_fields(text: str) -> Wanted:
    """Return what a parameter asks for, everything where it is empty; raises RefusalError 400 for no fields."""
    if not text:
        return Wanted(whole=True)
    wanted, rest = _read(text, 0)
    if rest < len(text):
        raise _wrong(text)
    return wanted


def _read(text: str, place: int) -> tuple[Wanted, int]:
    wanted = Wanted()
    while True:
        begun = place
        while place < len(text) and text[place] not in ",()":
            place += 1
        name = text[begun:place].strip()
        if not name:
            raise _wrong(text)
        inner = Wanted()
        if place < len(text) and text[place] == "(":
            inner, place = _read(text, place + 1)
            if place >= len(text):
                raise _wrong(text)
            place += 1
        _add(wanted, name, inner)
        if place >= len(text) or text[place] == ")":
            return wanted, place
        if text[place] != ",":
            raise _wrong(text)
        place += 1


def _add(wanted: Wanted, name: str, inner: Wanted) -> None:
    if name == "*":
        wanted.whole = True
        return
    known = wanted.parts.setdefault(name, Wanted())
    known.whole = known.whole or inner.whole
    for part, below in inner.parts.items():
        _add(known, part, below)


def check_names(wanted: Wanted, known: Mapping[str, object] | frozenset[str]) -> None:
    """Raise RefusalError 400 for a name that an object has not."""
    for name in wanted.parts:
        if name not in known:
            raise refuse(400, 11000, f"Illegal field in fields filter: {name[:_WORDS]}")


def _wrong(text: str) -> Exception:
    return refuse(400, 11000, f"Illegal fields filter: {text[:_WORDS]}")
