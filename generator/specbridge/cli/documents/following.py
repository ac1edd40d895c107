"""What to do after the commands about documents."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from specbridge.cli.next_steps import Step
from specbridge.errors import Problem, Severity
from specbridge.tasks import Task, from_here

_MOST = 3
"""Packages that are named."""

_OPTIONS = ("output", "source", "target", "templates")


def after_generate(
    problems: Iterable[Problem], written: Sequence[str], task: Task
) -> Iterator[Step]:
    """Yield what follows: to mend what is wrong, else to look whether the systems can be worked with."""
    if broken := explain_first(problems):
        yield broken
        return
    folders = written or _packages_of(task)
    for folder in folders[:_MOST]:
        yield Step("see whether both systems can be worked with", ("doctor", folder))


def after_check(
    problems: Iterable[Problem], drifted: bool, where: Mapping[str, object]
) -> Iterator[Step]:
    """Yield what follows: to mend what is wrong, or to bring the modules up to date; else nothing."""
    if broken := explain_first(problems):
        yield broken
    elif drifted:
        yield Step("bring the modules up to date", given_again("generate", where))


def after_lint(problems: Sequence[Problem], where: Mapping[str, object]) -> Iterator[Step]:
    """Yield what follows: to read about the gravest problem, and to generate where none is an error."""
    broken = explain_first(problems)
    if broken or problems:
        yield broken or Step(f"what {problems[0].code} means", ("explain", problems[0].code))
    if not broken:
        yield Step("turn the documents into modules", given_again("generate", where))


def explain_first(problems: Iterable[Problem]) -> Step | None:
    """Return how to read about the first error, None where there is none."""
    codes = (one.code for one in problems if one.severity is Severity.ERROR)
    first = next(codes, None)
    return None if first is None else Step(f"what {first} means, and its mend", ("explain", first))


def given_again(command: str, where: Mapping[str, object]) -> Sequence[str]:
    """Return the words of a command about the same documents, with the options that were given."""
    documents = where.get("documents")
    named = [str(one) for one in documents] if isinstance(documents, tuple) else []
    options = [
        word
        for name in _OPTIONS
        if (value := where.get(name)) is not None
        for word in (f"--{name}", str(value))
    ]
    return (command, *named, *options)


def _packages_of(task: Task) -> Sequence[str]:
    from specbridge.drift.manifest import list_packages

    return [str(from_here(folder)) for folder in list_packages(task.output)]
