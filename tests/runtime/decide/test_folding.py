"""What makes no other text: capitals, outer blanks, Unicode form; alike for keys, unique values and look-ups."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from specbridge.runtime.conversions import link_key
from specbridge.runtime.conversions.texts import fold_text
from specbridge.runtime.decide.binding import unique_digest
from specbridge.runtime.decide.equality import alike, equal_values

SAME = [
    ("Salg", "SALG"),
    (" Salg\t", "salg"),
    ("Caf\u00e9", "CAFE\u0301"),
    ("\u00c5re", "A\u030aRE"),
    ("\u039f\u0394\u039f\u03a3", "\u03bf\u03b4\u03cc\u03c2".replace("\u03cc", "\u03bf")),
    ("\u0130zmir", "i\u0307zmir"),
    ("\u1e9e", "\u00df"),
]
OTHER = [
    ("Gro\u00df", "Gross"),
    ("stra\u00dfe.example", "strasse.example"),
    ("\ufb01", "fi"),
    ("Salg 1", "Salg1"),
    ("\u0131", "i"),
    ("\u0149", "\u02bcn"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_the_same_name_in_other_letters(one: str, other: str) -> None:
    assert link_key(one) == link_key(other)
    assert unique_digest(one) == unique_digest(other)


@pytest.mark.parametrize(("one", "other"), OTHER)
def test_another_name(one: str, other: str) -> None:
    assert link_key(one) != link_key(other)
    assert unique_digest(one) != unique_digest(other)
    assert not equal_values(one, other, fold=True)


@given(st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    once = fold_text(text)
    assert fold_text(once) == once
    assert fold_text(f"  {text}\n") == once
    assert fold_text(unicodedata.normalize("NFD", text)) == once


@pytest.mark.parametrize(
    ("held", "sent", "is_alike"),
    [
        ("Salt og Pepper AS", "Salt og Pepper AS ", True),
        ("Salt og Pepper AS ", "Salt og Pepper AS", True),
        ("Caf\u00e9", "Cafe\u0301", True),
        ("Salt", "Pepper", False),
        ("SALT", "salt", False),
        (["a "], ["a"], True),
        ("gross", "gro\u00df", False),
    ],
)
def test_what_a_system_made_of_a_value(held: str, sent: str, is_alike: bool) -> None:
    assert alike(held, sent) is is_alike
