"""Which of the problems found are told, and how: none twice, none that people have chosen to live with.

Errors are always told. What is left out here is left out of every command's output and exit code.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from specbridge.errors import Location, Problem, Severity
from specbridge.settings import Settings

if TYPE_CHECKING:
    # A check of what has not moved reads no document, and must answer at once.
    from specbridge.model.document import Document

ONCE_A_RUN = frozenset({"W303"})
"""What is about a system, not about a document: told for the first document alone."""

ONCE_A_FLOW = frozenset({"W424", "W425", *(f"W2{number:02}" for number in range(1, 11))})
"""Differences of mirrors and damage of tables: a table that has it often has it in row after row."""

_MOST_LINES = 5


def tell(problems: Iterable[Problem], settings: Settings) -> tuple[Problem, ...]:
    """Return the problems that are told, by where they lie, those of one line in their order.

    Left out are those that the settings ignore. What concerns many rows of a flow alike is one
    problem, at the first, that names the lines of the others.
    """
    kept = (problem for problem in problems if not is_ignored(problem, settings))
    return tuple(_gathered(_once(sorted(kept, key=lambda one: one.where))))


def is_ignored(problem: Problem, settings: Settings) -> bool:
    """Return whether the settings say that a problem need not be told; an error always is."""
    if problem.severity is Severity.ERROR:
        return False
    own = settings.per_document_ignores.get(file_name(problem.where.path), ())
    return problem.code in settings.ignore or problem.code in own


def without_ignored(
    problems: Iterable[Problem], documents: Sequence["Document"]
) -> tuple[Problem, ...]:
    """Return the problems but for those that the documents' own comments ignore."""
    if not any(document.ignores for document in documents):
        return tuple(problems)
    by_path = {document.path: document for document in documents}
    return tuple(one for one in problems if not _is_commented(one, by_path.get(one.where.path)))


def unmatched_ignores(
    problems: Iterable[Problem],
    documents: Sequence["Document"],
    settings: Settings,
    place: Callable[[str], Location],
) -> Iterator[Problem]:
    """Yield a W501 for each ignore that none of the problems matches; `problems` are all there are.

    `place` gives the line of the settings that a text stands in.
    """
    told = [(one.code, file_name(one.where.path), one.where) for one in problems]
    for document in documents:
        here = [(code, where) for code, _, where in told if where.path == document.path]
        for ignore in document.ignores:
            found = {code for code, at in here if ignore.first <= at.line <= ignore.last}
            yield from (_unmatched(one, ignore.where) for one in ignore.codes if one not in found)
    codes = {code for code, _, _ in told}
    yield from (_unmatched(one, place(one)) for one in settings.ignore if one not in codes)
    for name, ignored in settings.per_document_ignores.items():
        found = {code for code, own, _ in told if own == name}
        yield from (_unmatched(one, place(name), name) for one in ignored if one not in found)


def file_name(path: str) -> str:
    """Return the bare file name of a path as users give it, on any platform."""
    return path.replace("\\", "/").rpartition("/")[2]


def _unmatched(code: str, where: Location, document: str | None = None) -> Problem:
    of = f" of {document}" if document else ""
    return Problem(
        code="W501",
        where=where,
        message=f"{code}{of} is ignored here, and nothing tells it any longer",
        mend=f"remove {code} from what is ignored",
    )


def _is_commented(problem: Problem, document: "Document | None") -> bool:
    if document is None or problem.severity is Severity.ERROR:
        return False
    return any(
        problem.code in ignore.codes and ignore.first <= problem.where.line <= ignore.last
        for ignore in document.ignores
    )


def _once(problems: Iterable[Problem]) -> Iterator[Problem]:
    told: set[tuple[str, str]] = set()
    for problem in problems:
        key = problem.code, problem.message
        if problem.code not in ONCE_A_RUN or key not in told:
            yield problem
        told.add(key)


def _gathered(problems: Iterable[Problem]) -> Iterator[Problem]:
    """Yield the problems, those of one code, flow and document as the first of them."""
    alike: dict[object, list[Problem]] = {}
    for problem in problems:
        joins = problem.code in ONCE_A_FLOW and problem.flow is not None
        # By itself where it is not of these codes: the key is then its own.
        key = (problem.code, problem.where.path, problem.flow) if joins else len(alike)
        alike.setdefault(key, []).append(problem)
    for first, *others in alike.values():
        yield first if not others else replace(first, message=f"{first.message}; {_more(others)}")


def _more(others: Sequence[Problem]) -> str:
    lines = [str(one.where.line) for one in others]
    shown = ", ".join(lines[:_MOST_LINES]) + (", …" if len(lines) > _MOST_LINES else "")
    return f"{len(others)} more like it in this flow, line{'s' if len(lines) > 1 else ''} {shown}"
