"""Every code that resolve and lint report: a document that yields it, and its page."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from specbridge.errors import Location, Problem, Severity
from specbridge.model.document import Document
from specbridge.model.profile import Profile
from specbridge.model.rules import Connected, Creation
from specbridge.resolve.lint import held_rows, lint_packages
from specbridge.resolve.packages import resolve_packages
from specbridge.resolve.problems import TEXTS, problem, shown
from specbridge.settings import Settings

from tests.resolve.documents import EVERY, cell, document, flow, row, rule, side

PAGES = Path(__file__).parents[2] / "docs" / "problems"
BUYER = side("Ledgerly", "Buyer")
AGENT = side("Ledgerly", "Agents")
CONTACT = side("Acme", "Contact")
PERSON = side("Acme", "Person")
TITLE = row("name", "title")


def buyers(*rows: object, **kwargs: object) -> Document:
    return document(flow(BUYER, CONTACT, *rows, **kwargs))  # type: ignore[arg-type]


def held(source: str, target: str, conversion: str | None = "string") -> tuple[Document, ...]:
    return (buyers(row(source, target, conversion)),)


def connected(datatype: str) -> Creation:
    return Creation(
        linked=True,
        connected=Connected(text="", label="Ledgerly", datatypes=(datatype,), into="Acme"),
    )


MIRROR = document(
    flow(CONTACT, BUYER, row("mail", "vat"), rules=[rule("title", "name")]),
    source="Acme",
    target="Ledgerly",
    path="acme-ledgerly.rst",
)
BARE_MIRROR = replace(MIRROR, flows=())
CIRCLE = document(
    flow(BUYER, CONTACT, row("agent", "manager")), flow(AGENT, PERSON, row("favourite", "best"))
)
# Buyer name - Contact title - Agents name - Person name - Buyer name.
ROUND = document(
    flow(BUYER, CONTACT, TITLE),
    flow(AGENT, CONTACT, row("name", "title")),
    flow(AGENT, PERSON, row("name", "name")),
    flow(BUYER, PERSON, row("number", "rank"), row("name", "name", "list")),
)
UNREAD = replace(TITLE, type_text='["rot13", "_."]', conversion=None)

CASES: Mapping[str, tuple[Document, ...]] = {
    "E301": (document(target="", path="notes.rst"),),
    "E302": (document(), document(path="ledgerly-acme-2.rst")),
    "W301": (document(target=""),),
    "W302": (document(flow(side("Other", "Buyer"), CONTACT)),),
    "W303": (document(source="Unheard"),),
    "W311": (document(flow(side("Ledgerly", "Sellers"), CONTACT)),),
    "W312": (document(flow(side("Ledgerly", "Buyer", "giant"), CONTACT)),),
    "W321": (buyers(row(cell("name", ("", "kind")), "title")),),
    "W322": (buyers(row(cell("name", ("wd:Q5", "kind")), "title")),),
    "W323": (buyers(row(cell("name", ("ten", "number")), "title")),),
    "W331": (buyers(TITLE, TITLE),),
    "W332": (buyers(row("custom", "code"), row("custom.field", "title")),),
    "W333": (buyers(rules=[rule("nme", "title")]),),
    "W341": (CIRCLE,),
    "W351": (buyers(creation=Creation(when="When a Buyer pays")),),
    "W352": (buyers(creation=connected("Sellers")),),
    "W361": (document(flow(PERSON, PERSON), source="Acme", path="acme-acme.rst"),),
    "W362": (
        document(
            flow(side("Ledgerly", "Buyer"), CONTACT, TITLE),
            flow(side("Ledgerly", "Buyer"), CONTACT, row("name", "title", "list")),
        ),
    ),
    "W401": held("nme", "title"),
    "W402": held("name", "made"),
    "W403": held("series", "title"),
    "W404": held("name", "rank"),
    "W405": held("custom.field", "title"),
    "W406": held("agent", "manager"),
    "W407": held("secret", "title"),
    "W408": held("self", "title"),
    "W421": (buyers(creation=EVERY),),
    "W422": held("name", "code"),
    "W423": (buyers(TITLE, creation=EVERY),),
    "W424": (MIRROR, buyers(TITLE)),
    "W425": (MIRROR, buyers()),
    "W426": (BARE_MIRROR, buyers()),
    "W427": (buyers(),),
    "W429": (buyers(creation=EVERY),),
    "W428": (document(flow(side("Ledgerly", "Deal"), PERSON, creation=EVERY)),),
    "W431": (ROUND,),
    "W432": (buyers(TITLE),),
}


@pytest.mark.parametrize("code", sorted(CASES))
def test_a_document_yields_the_problem(code: str, profiles: Mapping[str, Profile]) -> None:
    packages = resolve_packages(CASES[code], Settings(), profiles)
    found = lint_packages(packages, profiles)
    assert code in {one.code for one in found}


@pytest.mark.parametrize("code", sorted(CASES))
def test_an_error_stops_and_a_warning_does_not(code: str) -> None:
    severity = Severity.ERROR if code.startswith("E") else Severity.WARNING
    assert problem_of(code).severity is severity


def problem_of(code: str) -> Problem:
    words = set(re.findall(r"{(\w+)}", TEXTS[code].message + TEXTS[code].mend))
    return problem(code, Location("a.rst", 1), **dict.fromkeys(words, "word"))


def test_an_unreadable_type_is_held_and_told_by_the_reader_alone(
    profiles: Mapping[str, Profile],
) -> None:
    (package,) = resolve_packages([buyers(UNREAD)], Settings(), profiles)
    assert [one.code for one in held_rows([package])] == ["W409"]
    assert "W409" not in {one.code for one in package.problems}


def test_the_table_of_cases_is_the_table_of_codes() -> None:
    assert {*CASES, "W409"} == set(TEXTS)


def test_every_code_has_a_page_and_every_page_a_code() -> None:
    pages = {page.stem for page in PAGES.glob("[EW][34]*.md")}
    assert pages == set(TEXTS)


@pytest.mark.parametrize("code", sorted(TEXTS))
def test_a_page_says_what_it_means_with_an_example_and_a_mend(code: str) -> None:
    page = (PAGES / f"{code}.md").read_text(encoding="utf-8")
    assert page.startswith(f"# {code} ")
    assert "## Example" in page
    assert "## Mend" in page


@dataclass(frozen=True)
class Hostile:
    text: str
    shown: str


@pytest.mark.parametrize(
    "case",
    [
        Hostile("a\u202eb", "a\\u202eb"),
        Hostile("a\x1b[31m", "a\\x1b[31m"),
        Hostile("two\nlines", "two lines"),
        Hostile("x" * 1000, "x" * 119 + "…"),
        Hostile("{0} {name}", "{0} {name}"),
    ],
    ids=["bidi", "escape", "newline", "long", "braces"],
)
def test_document_text_is_harmless_in_a_message(case: Hostile) -> None:
    assert shown(case.text) == case.shown
    told = problem("W303", Location("a.rst", 1), label=case.text)
    assert f"`{case.shown}`" in told.message
