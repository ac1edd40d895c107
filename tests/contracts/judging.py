"""What is recorded, held against the descriptions; and whether what is spoilt would be noticed."""

from collections.abc import Callable, Iterator, Sequence

from tests.contracts.gaps import uncovered
from tests.contracts.mutations import Mutant
from tests.contracts.recording import CLIENT, Exchange
from tests.contracts.validating import Finding, operation_of

Check = Callable[[Exchange], list[Finding]]


def asked(exchanges: Sequence[Exchange]) -> list[Exchange]:
    """Return those of which our client sent the request."""
    return [one for one in exchanges if one.speaker == CLIENT]


def names_of(exchanges: Sequence[Exchange]) -> set[tuple[str, str]]:
    """Return the systems and names of the operations that they came by."""
    found = ((one.system, operation_of(one)) for one in exchanges)
    return {(system, operation.name) for system, operation in found if operation}


def all_findings(check: Check, exchanges: Sequence[Exchange]) -> list[Finding]:
    """Return what a check finds in all exchanges."""
    return [finding for one in exchanges for finding in check(one)]


def unnoticed(
    spoil: Callable[[Exchange], Iterator[Mutant]], check: Check, exchanges: Sequence[Exchange]
) -> tuple[int, list[str]]:
    """Return how many mutants there are, and those that the contract lets pass."""
    mutants = [(one, *mutant) for one in _first_of_each(exchanges) for mutant in spoil(one)]
    passed = [
        f"{one.method} {one.path} {one.status}: {kind}"
        for one, kind, mutant in mutants
        if not uncovered(check(mutant))
    ]
    return len(mutants), passed


def _first_of_each(exchanges: Sequence[Exchange]) -> Iterator[Exchange]:
    """Yield one exchange for each operation and status."""
    seen = set()
    for one in exchanges:
        operation = operation_of(one)
        key = (one.system, operation.name if operation else "", one.status)
        if key not in seen:
            seen.add(key)
            yield one
