"""Comments by which a document says which warnings need not be told."""

import pytest
from specbridge.reader.read import read_document

from tests.drift.project import DOCUMENT

SECTION = "Ledgerly Shop to Acme Branch\n----------------------------\n"


def with_comment(comment: str, before: str) -> str:
    assert before in DOCUMENT
    return DOCUMENT.replace(before, f"{comment}\n\n{before}", 1)


@pytest.mark.parametrize(
    "comment",
    [
        ".. specbridge: ignore W303",
        ".. specbridge: ignore W303, W429",
        ".. specbridge: ignore W303,W429: the profile is under way",
        ".. specbridge: ignore W303: the profile\n   is under way",
    ],
)
def test_a_comment_before_the_sections_is_about_the_document(comment: str) -> None:
    document = read_document(with_comment(comment, "Introduction\n"), "a.rst")
    (ignore,) = document.ignores
    assert ignore.codes[0] == "W303"
    assert len(ignore.codes) == (2 if "W429" in comment else 1)
    assert ignore.first == 1
    assert ignore.last > DOCUMENT.count("\n")
    # Nothing else is read otherwise: a comment is no part of what the document states.
    plain = read_document(DOCUMENT, "a.rst")
    assert document.problems == plain.problems
    assert [flow.properties for flow in document.flows] != []
    assert [len(flow.properties) for flow in document.flows] == [
        len(flow.properties) for flow in plain.flows
    ]


def test_a_comment_in_a_section_is_about_the_section() -> None:
    text = with_comment(".. specbridge: ignore W429", "Every Ledgerly Shop will be")
    (ignore,) = read_document(text, "a.rst").ignores
    start = text.splitlines().index("Ledgerly Shop to Acme Branch") + 1
    assert ignore.first == start
    assert ignore.where.line == start + 2
    first = text.replace(SECTION, f".. specbridge: ignore W202\n\n{SECTION}", 1)
    before, _ = read_document(first, "a.rst").ignores
    assert (before.first, before.last) == (
        first.splitlines().index("Ledgerly Buyer to Acme Contact") + 1,
        first.splitlines().index("Ledgerly Shop to Acme Branch"),
    )


@pytest.mark.parametrize(
    "comment",
    [
        ".. specbridge: ignore E203",
        ".. specbridge: ignore",
        ".. specbridge: ingore W303",
        ".. specbridge: ignore W303 W429",
        ".. specbridge:ignore W303",
    ],
)
def test_what_is_not_understood_is_told_and_ignores_nothing(comment: str) -> None:
    document = read_document(with_comment(comment, "Introduction\n"), "a.rst")
    assert document.ignores == ()
    assert [problem.code for problem in document.problems] == ["W112"]


def test_other_comments_are_markup_as_before() -> None:
    document = read_document(with_comment(".. a comment", "Introduction\n"), "a.rst")
    assert [problem.code for problem in document.problems] == ["W107"]
