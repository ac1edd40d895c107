"""Values of conditions: literals of the property's type, and symbols that settings explain."""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from specbridge.model.conversion import ValueType
from specbridge.model.values import Json
from specbridge.resolve.problems import Fault
from specbridge.resolve.systems.names import slug
from specbridge.resolve.systems.sides import BoundSide
from specbridge.settings import Predicate, Settings

_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_WHOLE = re.compile(r"-?[0-9]+")
_WIKIDATA = re.compile(r"wd:Q\d+", re.IGNORECASE)
# A system's name has few words; a hostile value may have thousands.
_MOST_WORDS = 8
# `e-mail` is no symbol of E-conomic's.
_FEWEST_LETTERS = 3
_TRUTHS: Mapping[str, bool] = {"true": True, "false": False}


@dataclass(frozen=True, slots=True)
class Symbols:
    """What settings say of symbols, and the names of the flow's systems that symbols begin with.

    `systems` are the names, and those of their first words that can be told from other words;
    `datatypes` are what stands behind any other shorter form of a name, which begins as one of the
    `tails` does: the name from any of its words on. `conditions` say what conditions stand for that are
    blank in part.
    """

    explained: Mapping[str, Json]
    systems: frozenset[str]
    datatypes: frozenset[str] = frozenset()
    tails: frozenset[str] = frozenset()
    conditions: Mapping[str, Predicate] = field(default_factory=dict)


def symbols_of(settings: Settings, *sides: BoundSide) -> Symbols:
    """Return the symbols of a flow between two sides."""
    names = [name for bound in sides for name in _names(bound)]
    full = {slug(name) for name in names} - {""}
    shorter = {form for name in names for form in _first_words(name)}
    datatypes = frozenset(_singular(name) for bound in sides for name in _datatypes(bound))
    return Symbols(
        explained=settings.symbols,
        systems=frozenset(full | shorter),
        datatypes=datatypes - {""},
        tails=frozenset(tail for name in names for tail in _tails(name)),
        conditions=settings.conditions,
    )


def _names(bound: BoundSide) -> Iterator[str]:
    yield from (bound.side.system, bound.side.label)
    yield from bound.profile.labels if bound.profile else ()


def _datatypes(bound: BoundSide) -> Iterator[str]:
    yield bound.side.datatype
    for resource in bound.profile.resources if bound.profile else ():
        yield from (resource.name, *resource.datatypes)


def _first_words(name: str) -> Iterator[str]:
    """Yield the shorter forms of a system's name that are words of it: `ledgerly` of `Ledgerly GO`."""
    words = re.findall(r"\w+", name)[: _MOST_WORDS + 1]
    forms = (slug("".join(words[:count])) for count in range(1, len(words)))
    yield from (form for form in forms if len(form) >= _FEWEST_LETTERS)


def _tails(name: str) -> Iterator[str]:
    """Yield a system's name from each of its words on: people say `Books` for `Ledgerly Books`, too."""
    words = re.findall(r"\w+", name)[:_MOST_WORDS]
    yield from (slug("".join(words[start:])) for start in range(len(words)))


def _singular(name: str) -> str:
    # Documents name a datatype in one form, the API in the other.
    return slug(name).removesuffix("s")


def literal_of(value: str, kind: ValueType, system: str, symbols: Symbols) -> Json | Fault:
    """Return what the value of a condition stands for, as the property's type has it.

    A symbol that settings explain is what they say for the system. One that they do not explain
    (`wd:Q…`, or `system-datatype` words) and a literal that the type does not have are faults.
    """
    explained = symbols.explained.get(value)
    if isinstance(explained, dict):
        explained = explained.get(system)
    if explained is not None:
        return explained
    # Explained for other systems only: it is a symbol, however much it looks like a literal.
    if value in symbols.explained or _is_symbol(value, symbols):
        return _unexplained(value, system, symbols)
    literal = _typed(value, kind)
    if literal is None:
        return Fault("W323", {"value": value, "type": kind.value})
    return literal


def _unexplained(value: str, system: str, symbols: Symbols) -> Fault:
    lacking, entry = "no setting explains", f'`"{value}" = …`'
    if value in symbols.explained:
        # Explained for other systems: the key must not stand there twice.
        lacking, entry = f"no setting explains for {system}", f'`{system} = …` to `"{value}"`'
    return Fault("W322", {"value": value, "lacking": lacking, "entry": entry})


def _is_symbol(value: str, symbols: Symbols) -> bool:
    if _WIKIDATA.fullmatch(value):
        return True
    words = value.split("-")
    # The last word is the datatype; the system's name may itself have dashes.
    counts = range(1, min(len(words), _MOST_WORDS))
    return any(_parts(words[:count], words[count:], symbols) for count in counts)


def _parts(start: Sequence[str], rest: Sequence[str], symbols: Symbols) -> bool:
    """Return whether a value is a symbol by its first words: a system's name, or a shorter form of one."""
    form = slug("".join(start))
    if form in symbols.systems:
        return True
    # `pre-paid` is no symbol of Prestashop's: a mere beginning needs a datatype behind it.
    begins = any(name.startswith(form) for name in symbols.tails)
    if len(form) < _FEWEST_LETTERS or not begins:
        return False
    ends = range(1, min(len(rest), _MOST_WORDS) + 1)
    return any(_singular("".join(rest[:end])) in symbols.datatypes for end in ends)


def _typed(value: str, kind: ValueType) -> Json:
    match kind:
        case ValueType.INTEGER:
            return int(value) if _is_number(value) and _WHOLE.fullmatch(value) else None
        case ValueType.FLOAT | ValueType.DECIMAL:
            return (float(value) or 0.0) if _is_number(value) else None
        case ValueType.BOOLEAN:
            # Not `bool`: any text but an empty one would be true.
            return _TRUTHS.get(value.casefold())
        case _:
            return value


def _is_number(value: str) -> bool:
    """Return whether a text is a number as JSON writes it, and one that a float can hold."""
    # `int` and `float` take `1_000`, digits of any script, `nan` and `infinity` besides.
    return _NUMBER.fullmatch(value) is not None and math.isfinite(float(value))
