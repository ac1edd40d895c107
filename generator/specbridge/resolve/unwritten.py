"""What an error keeps from being written besides its own document: the package, a sound mirror."""

from dataclasses import replace

from specbridge.errors import Problem, Severity
from specbridge.model.resolved import ResolvedPackage
from specbridge.resolve.problems import file_name


def say_unwritten(package: ResolvedPackage) -> ResolvedPackage:
    """Return the package, the mends of its errors saying that it is not written, nor its mirror."""
    grave = {
        file_name(one.where.path) for one in package.problems if one.severity is Severity.ERROR
    }
    if not grave:
        return package
    sound = [name for name in package.documents if name not in grave]
    told = f"package `{package.name}` is not written"
    # Two documents at most make a package, so that one of them is the mirror of the other.
    told += f", though its mirror {sound[0]} is sound" if sound else ""
    return replace(package, problems=tuple(_with_end(one, told) for one in package.problems))


def _with_end(problem: Problem, end: str) -> Problem:
    if problem.severity is not Severity.ERROR:
        return problem
    return replace(problem, mend=f"{problem.mend}; {end}")
