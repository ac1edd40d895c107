"""Which problems are told: none twice, none that people live with, and every error."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from specbridge.errors import Location, Problem, Severity
from specbridge.model.document import Document, Ignore
from specbridge.profiles.load import load_profiles
from specbridge.reader.read import read_document
from specbridge.resolve.lint import lint_packages
from specbridge.settings import Settings
from specbridge.tasks import resolve
from specbridge.telling import tell, unmatched_ignores, without_ignored

CASES = Path(__file__).parent / "cases"


def fault(
    code: str, line: int = 1, path: str = "a-b.rst", flow: str | None = None, message: str = "x"
) -> Problem:
    return Problem(
        code=code, where=Location(path, line), message=message, mend="mend it", flow=flow
    )


def document(*ignores: Ignore, path: str = "a-b.rst") -> Document:
    return replace(read_document("", path), ignores=ignores)


def ignore(*codes: str, first: int = 1, last: int = 99) -> Ignore:
    return Ignore(codes=codes, where=Location("a-b.rst", 7), first=first, last=last)


def test_settings_ignore_warnings_in_all_documents_or_in_one() -> None:
    found = [fault("W303"), fault("W429"), fault("W429", path="specs/c-d.rst")]
    known = Settings(ignore=("W303",), per_document_ignores={"c-d.rst": ("W429",)})
    assert tell(found, known) == (found[1],)


def test_errors_are_told_whatever_is_ignored() -> None:
    error = fault("E203")
    assert tell([error], Settings(ignore=("E203",))) == (error,)
    assert without_ignored([error], [document(ignore("E203"))]) == (error,)


def test_a_comment_is_about_its_lines_of_its_document() -> None:
    inside, before, other = fault("W202", 40), fault("W202", 5), fault("W202", 40, "c-d.rst")
    documents = [document(ignore("W202", first=30, last=50)), document(path="c-d.rst")]
    assert without_ignored([inside, before, other], documents) == (before, other)


def test_a_system_without_a_profile_is_told_once_a_run() -> None:
    found = [
        fault("W303", path="b.rst", message="Acme"),
        fault("W303", path="a.rst", message="Acme"),
        fault("W303", path="c.rst", message="Other"),
    ]
    assert tell(found, Settings()) == (found[1], found[2])
    # Where the first document does not tell it, the next one does.
    known = Settings(per_document_ignores={"a.rst": ("W303",)})
    assert tell(found, known) == (found[0], found[2])


def test_what_many_rows_of_a_flow_have_is_told_once() -> None:
    rows = [fault("W424", line, flow="x") for line in (9, 3, 5)]
    (told,) = tell(rows, Settings())
    assert told.where.line == 3
    assert told.message == "x; 2 more like it in this flow, lines 5, 9"
    many = tell([fault("W202", line, flow="x") for line in range(1, 10)], Settings())
    assert [one.message for one in many] == [
        "x; 8 more like it in this flow, lines 2, 3, 4, 5, 6, …"
    ]
    two = [fault("W424", 1, flow="x"), fault("W424", 2, flow="y"), fault("W404", 3, flow="y")]
    assert tell(two, Settings()) == tuple(two)


def test_an_ignore_for_nothing_is_told() -> None:
    known = Settings(ignore=("W303", "W101"), per_document_ignores={"gone.rst": ("W429",)})
    documents = [document(ignore("W202", "W203", first=30, last=50))]
    found = [fault("W303"), fault("W202", 40), fault("W203", 5)]
    told = list(unmatched_ignores(found, documents, known, lambda text: Location(text, 3)))
    assert [(one.code, one.where, one.message.split(" ")[0]) for one in told] == [
        ("W501", Location("a-b.rst", 7), "W203"),
        ("W501", Location("W101", 3), "W101"),
        ("W501", Location("gone.rst", 3), "W429"),
    ]


def sound_problems() -> Iterator[tuple[Problem, ...]]:
    """Yield the problems of each case's document that is neither damaged nor hostile."""
    for case in sorted(CASES.iterdir()):
        if case.name.startswith(("damage_", "hostile_", ".")):
            continue
        text = (case / "document.rst").read_text(encoding="utf-8")
        packages = resolve([read_document(text, f"{case.name}.rst")], Settings())
        problems = lint_packages(packages, load_profiles([]))
        if not any(one.severity is Severity.ERROR for one in problems):
            yield problems


def test_no_code_is_told_of_more_than_a_tenth_of_a_thousand_sound_documents() -> None:
    cases = list(sound_problems())
    assert len(cases) > 40
    run = [
        replace(one, where=Location(f"{number}/{one.where.path}", one.where.line))
        for number in range(1000)
        for one in cases[number % len(cases)]
    ]
    told = tell(run, Settings())
    documents = Counter(code for code, _ in {(one.code, one.where.path) for one in told})
    assert documents
    assert {code: count for code, count in documents.items() if count > 100} == {}


@pytest.mark.parametrize("path", ["specs/c-d.rst", "specs\\c-d.rst", "c-d.rst"])
def test_documents_are_known_by_their_bare_names(path: str) -> None:
    known = Settings(per_document_ignores={"c-d.rst": ("W429",)})
    assert tell([fault("W429", path=path)], known) == ()
