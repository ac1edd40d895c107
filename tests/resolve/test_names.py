"""Names compared and made safe."""

import keyword

import pytest
from hypothesis import given
from hypothesis import strategies as st
from specbridge.resolve.systems.names import module_name, slug, unique_names


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Exact Online", "exactonline"),
        ("ExactOnline", "exactonline"),
        ("PowerOffice GO", "powerofficego"),
        ("  ", ""),
        ("STRASSE", "strasse"),
        ("Straße", "strasse"),
        ("\uff21\uff22\uff11", "ab1"),
    ],
)
def test_slug_keeps_letters_and_digits(text: str, expected: str) -> None:
    assert slug(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("powerofficego", "powerofficego"),
        ("class", "class_"),
        ("match", "match_"),
        ("24seven", "n24seven"),
        ("../../etc/passwd", "etc_passwd"),
        ('a"; import os', "a_import_os"),
        ("{{ x }}", "x"),
        ("__init__", "init"),
        ("Økonomi", "okonomi"),
        ("Überweisung", "uberweisung"),
        ("中", "x4e2d"),
        ("\u202e\u2066", "unnamed"),
        ("", "unnamed"),
    ],
)
def test_module_name_is_safe(text: str, expected: str) -> None:
    assert module_name(text) == expected


@given(st.text())
def test_any_text_gives_an_identifier_that_imports(text: str) -> None:
    name = module_name(text)
    assert name.isidentifier()
    assert name.isascii()
    assert not keyword.iskeyword(name)
    assert len(name) <= 81


def test_long_names_are_cut_and_stay_apart() -> None:
    first, second = module_name("a" * 200), module_name("a" * 199 + "b")
    assert first != second
    assert len(first) == 80


def test_names_that_coincide_are_numbered() -> None:
    assert unique_names(["a", "b", "a", "a_2", "a"]) == ("a", "b", "a_2", "a_2_2", "a_3")
