"""Which values of conditions are symbols, and what is said of those that nothing explains."""

from collections.abc import Mapping
from dataclasses import replace

import pytest
from specbridge.errors import Problem
from specbridge.model.profile import Profile
from specbridge.model.resolved import ResolvedCondition, ResolvedMapping
from specbridge.resolve.packages import resolve_packages
from specbridge.settings import Predicate, Settings

from tests.resolve.documents import cell, document, flow, row, side

Profiles = Mapping[str, Profile]


def resolved(
    value: str,
    path: str,
    profiles: Profiles,
    label: str = "Ledgerly",
    settings: Settings | None = None,
) -> tuple[ResolvedMapping, list[Problem]]:
    """Return a row with one condition, and the problems of its package."""
    given = row(cell("name", (value, path)), "title")
    written = document(flow(side(label, "Buyer"), side("Acme", "Contact"), given), source=label)
    (package,) = resolve_packages([written], settings or Settings(), profiles)
    (mapping,) = package.flows[0].mappings
    return mapping, list(package.problems)


def called(profiles: Profiles, label: str) -> Profiles:
    """Return the profiles, Ledgerly's being known by one label alone."""
    others = {name: one for name, one in profiles.items() if name != "ledgerly"}
    return {**others, "books": replace(profiles["ledgerly"], name="books", labels=(label,))}


@pytest.mark.parametrize(
    ("label", "value", "symbol"),
    [
        ("Ledgerly GO", "ledgerly-buyer", True),
        ("Ledgerly GO", "ledgerly-go-buyer", True),
        ("Ledgerly GO", "ledgerlygo-buyer", True),
        ("Ledgerly GO", "Ledgerly-anything", True),
        ("LedgerlyGo", "ledgerly-buyers", True),
        ("LedgerlyGo", "ledgerly-live", False),
        ("Ledgerlygo", "ledgerly-buyer", True),
        ("Ledgerlygo", "ledgerly-deal-kind", True),
        ("Ledgerlygo", "ledger-in", False),
        ("Ledgerlygo", "ledgerly", False),
        ("Ledgerly GO", "go-live", False),
        ("E-conomic", "e-mail", False),
        ("E-conomic", "economic-buyer", True),
        ("E-conomic", "e-conomic-buyer", True),
        ("Prestashop", "pre-paid", False),
        ("Go High Level", "go-live", False),
        ("Go High Level", "go-high-level-buyer", True),
    ],
)
def test_a_shorter_form_of_the_label_makes_a_symbol(
    label: str, value: str, symbol: bool, profiles: Profiles
) -> None:
    mapping, _ = resolved(value, "kind", called(profiles, label), label)
    assert [held.code for held in mapping.held] == (["W322"] if symbol else [])


def test_any_label_of_the_profile_makes_symbols(profiles: Profiles) -> None:
    mapping, _ = resolved("ledgerly-books-buyer", "kind", profiles, "LEDGERLY")
    assert [held.code for held in mapping.held] == ["W322"]


@pytest.mark.parametrize(
    ("value", "path", "key"),
    [("", "kind", "in kind"), ("wd:Q5", "", "wd:Q5 in"), ("", "", "in"), ("A  B", "", "A B in")],
    ids=["value", "path", "both", "blanks"],
)
def test_settings_say_what_a_blank_condition_stands_for(
    value: str, path: str, key: str, profiles: Profiles
) -> None:
    said = Settings(conditions={key: Predicate(path=("KIND",), equals="P")})
    mapping, problems = resolved(value, path, profiles, settings=said)
    assert mapping.source.conditions == (ResolvedCondition(path=("kind",), value="P"),)
    assert not problems
    every, _ = resolved(value, path, profiles, settings=Settings(conditions={key: Predicate()}))
    assert (every.source.conditions, every.held) == ((), ())
    unknown = Settings(conditions={key: Predicate(path=("colour",), equals="P")})
    held, _ = resolved(value, path, profiles, settings=unknown)
    assert [one.code for one in held.held] == ["W401"]


def test_settings_replace_no_condition_that_is_whole(profiles: Profiles) -> None:
    said = Settings(conditions={"P in kind": Predicate(path=("name",), equals="x")})
    mapping, _ = resolved("P", "kind", profiles, settings=said)
    assert mapping.source.conditions == (ResolvedCondition(path=("kind",), value="P"),)


def test_zero_has_no_sign(profiles: Profiles) -> None:
    mapping, _ = resolved("-0.0", "balance", profiles)
    assert [repr(one.value) for one in mapping.source.conditions] == ["0.0"]


@pytest.mark.parametrize(
    ("value", "path", "lacking", "mend"),
    [
        (
            "",
            "kind",
            "says no value that `kind` is to have",
            'value before « in kind», say `"in kind"',
        ),
        (
            "P",
            "",
            "says of no property that it is to be `P`",
            'property behind «P in», say `"P in"',
        ),
        ("", "", "says neither a property nor its value", 'write both, say `"in"'),
    ],
    ids=["value", "path", "both"],
)
def test_a_blank_condition_says_what_is_blank_and_what_can_be_done(
    value: str, path: str, lacking: str, mend: str, profiles: Profiles
) -> None:
    _, problems = resolved(value, path, profiles)
    (problem,) = (one for one in problems if one.code == "W321")
    assert lacking in problem.message
    assert mend in problem.mend
    assert "= { path = …, equals = … }` under [tool.specbridge.conditions]" in problem.mend
    assert "remove the condition if the row holds for every record" in problem.mend
