"""Two hundred mutations of each profile, drawn from the schema by kind of key: refused by line and key.

What is written anew means the same before it is changed, so that nothing but the mutation can be refused.
"""

import json
import random
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, fields
from enum import Enum
from typing import Any

import pytest
from specbridge.model.profile import Profile
from specbridge.profiles.faults import Key, write_key
from specbridge.profiles.kinds import Kind, hints_of, inner_hint, kind_of
from specbridge.profiles.load import examine_profile

from tests.acceptance.hub import HUB_PROFILE
from tests.acceptance.ledger import LEDGER_PROFILE
from tests.acceptance.strangers import BOOKS_PROFILE, CRM_PROFILE
from tests.profiles.test_schema import PROFILES, VALIDATOR

ALL = {
    **PROFILES,
    "books": BOOKS_PROFILE,
    "crm": CRM_PROFILE,
    "hub": HUB_PROFILE,
    "ledger": LEDGER_PROFILE,
}
COUNT = 200
Table = dict[str, Any]


class Spoil(Enum):
    """What is done to a key."""

    MISSPELL = "another key"
    KIND = "a value of another kind"
    WORD = "a word that there is not"
    LEAVE = "left out, and needed"
    NUMBER = "a number that means nothing"
    METHOD = "a method that a call cannot have"
    PLACEHOLDER = "braces that nothing fills"
    NAME = "a name that nothing has"


def places(hint: Any, value: Any, key: Key = ()) -> Iterator[tuple[Key, Any, Any]]:
    """Yield every key of a profile's table with the type that the schema has for it, and its table's."""
    match kind_of(hint):
        case Kind.TABLE:
            for name, part in value.items():
                yield (*key, name), hints_of(hint)[name], hint
                yield from places(hints_of(hint)[name], part, (*key, name))
        case Kind.OPTIONAL:
            yield from places(inner_hint(hint), value, key)
        case Kind.ARRAY:
            for number, part in enumerate(value):
                yield from places(inner_hint(hint), part, (*key, number))
        case Kind.MAPPING:
            for name, part in value.items():
                yield from places(inner_hint(hint), part, (*key, name))
        case _:
            return


_BY_NAME = {
    Spoil.METHOD: ("method",),
    Spoil.PLACEHOLDER: ("path", "job_path", "jobs_path"),
    Spoil.NAME: ("reference", "strategy"),
}


def choices(key: Key, hint: Any, above: Any) -> list[Spoil]:
    """Return what can be done to a key of this kind so that it surely means nothing."""
    inner = inner_hint(hint) if kind_of(hint) is Kind.OPTIONAL else hint
    kind = kind_of(inner)
    found = [Spoil.MISSPELL]
    if kind is not Kind.JSON:
        found.append(Spoil.KIND)
    if kind is Kind.ENUM:
        found.append(Spoil.WORD)
    if kind is Kind.SCALAR and inner is int and key[-1] in ("size", "requests", "jobs", "longest"):
        found.append(Spoil.NUMBER)
    found += [spoil for spoil, keys in _BY_NAME.items() if key[-1] in keys and inner is str]
    one = next(one for one in fields(above) if one.name == key[-1])
    if one.default is MISSING and one.default_factory is MISSING:
        found.append(Spoil.LEAVE)
    return found


def spoil(
    table: Table, key: Key, hint: Any, what: Spoil, chance: random.Random
) -> tuple[Table, Key]:
    """Return a table with one key spoilt, and the key that is to be blamed."""
    spoilt = json.loads(json.dumps(table))
    holder = spoilt
    for step in key[:-1]:
        holder = holder[step]
    name = str(key[-1])
    match what:
        case Spoil.MISSPELL:
            wrong = f"{name}{chance.choice('qxz')}"
            # In its place, so that only the name differs.
            renamed = {wrong if one == name else one: value for one, value in holder.items()}
            holder.clear()
            holder.update(renamed)
            return spoilt, (*key[:-1], wrong)
        case Spoil.KIND:
            holder[name] = _other(hint, holder[name])
        case Spoil.METHOD:
            # A limit without a method is one of all methods.
            empty = [""] if key[0] != "limits" else []
            holder[name] = chance.choice(["FETCH", "get", "HEAD", *empty])
        case Spoil.PLACEHOLDER:
            holder[name] = f"{holder[name]}/{{id{chance.choice('qxz')}}}"
        case Spoil.WORD | Spoil.NAME:
            holder[name] = f"{holder[name]}-{chance.choice('qxz')}"
        case Spoil.NUMBER:
            holder[name] = -chance.randrange(9)
        case Spoil.LEAVE:
            del holder[name]
    return spoilt, key


def _other(hint: Any, value: Any) -> Any:
    """Return a value of a kind that the key cannot have."""
    inner = inner_hint(hint) if kind_of(hint) is Kind.OPTIONAL else hint
    if kind_of(inner) in (Kind.TABLE, Kind.MAPPING):
        return "x"
    return {"x": 1} if not isinstance(value, bool) else "yes"


def write(table: Mapping[str, Any]) -> str:
    """Return a table as TOML, a line for each key of the file and of its resources."""
    lines: list[str] = []
    for name, value in table.items():
        if not _is_tables(value):
            lines.append(f"{_name(name)} = {_value(value)}")
    for name, value in table.items():
        if _is_tables(value):
            for one in value:
                lines.append(f"[[{_name(name)}]]")
                lines += [f"{_name(inner)} = {_value(part)}" for inner, part in one.items()]
    return "\n".join(lines) + "\n"


def _is_tables(value: Any) -> bool:
    return bool(value) and isinstance(value, list) and all(isinstance(one, dict) for one in value)


def _name(name: str) -> str:
    return json.dumps(name, ensure_ascii=False)


def _value(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_name(k)} = {_value(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_value, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


@pytest.mark.parametrize("name", ALL)
def test_what_is_written_anew_means_the_same(name: str) -> None:
    table = tomllib.loads(ALL[name])
    assert tomllib.loads(write(table)) == table
    assert examine_profile(write(table), "") == examine_profile(ALL[name], "")


@pytest.mark.parametrize("name", ALL)
def test_every_profile_fulfils_the_schema(name: str) -> None:
    assert [error.message for error in VALIDATOR.iter_errors(tomllib.loads(ALL[name]))] == []


@pytest.mark.parametrize("name", ALL)
def test_two_hundred_mutations_are_refused_by_line_and_key(name: str) -> None:
    chance = random.Random(f"13 {name}")
    table = tomllib.loads(ALL[name])
    known = list(places(Profile, table))
    for _ in range(COUNT):
        key, hint, above = chance.choice(known)
        what = chance.choice(choices(key, hint, above))
        spoilt, blamed = spoil(table, key, hint, what, chance)
        _assert_refused(write(spoilt), spoilt, blamed, what)


@pytest.mark.parametrize("name", ["hub", "ledger", "zendesk.toml"])
def test_every_kind_of_key_is_drawn(name: str) -> None:
    known = list(places(Profile, tomllib.loads(ALL[name])))
    drawn = {what for key, hint, above in known for what in choices(key, hint, above)}
    assert drawn >= set(Spoil) - {Spoil.NAME}


def _assert_refused(text: str, spoilt: Table, blamed: Key, what: Spoil) -> None:
    _, faults = examine_profile(text, "p.toml")
    told = [str(fault) for fault in faults]
    wanted = write_key(spoilt, blamed)
    mine = [one for one in faults if one.key == wanted or one.key.startswith(f"{wanted}.")]
    assert mine, (what, wanted, told)
    line = text.split("\n")[mine[0].where.line - 1]
    if what is Spoil.LEAVE:
        # A key that is not there is told on the line of the table that should have it.
        named = [_name(step) for step in blamed[:-1] if isinstance(step, str)]
        at_root = len(blamed) == 1 and mine[0].where.line == 1
        assert at_root or any(one in line for one in named) or line.startswith("[["), wanted
    else:
        assert _name(str(blamed[-1])) in line, (what, wanted, line)


_SAME: list[tuple[str, Callable[[Table], Table]]] = [
    ("keys in another order", lambda table: dict(reversed(table.items()))),
    ("the version said", lambda table: {**table, "version": 1}),
]


@pytest.mark.parametrize(("what", "change"), _SAME, ids=[what for what, _ in _SAME])
@pytest.mark.parametrize("name", ALL)
def test_what_means_the_same_is_read_as_the_same(
    name: str, what: str, change: Callable[[Table], Table]
) -> None:
    table = tomllib.loads(ALL[name])
    assert what
    assert examine_profile(write(change(table)), "")[0] == examine_profile(ALL[name], "")[0]
