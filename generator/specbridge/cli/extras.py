"""What is said where a command needs an extra that is not installed."""

from collections.abc import Iterator
from contextlib import contextmanager

from specbridge.errors import MissingExtraError


@contextmanager
def needing_extra(who: str, extra: str) -> Iterator[None]:
    """Raise MissingExtraError where an import of the block fails; `who` stands at its beginning: `the demo`."""
    try:
        yield
    except ImportError as error:
        raise MissingExtraError(f"{who} needs {error.name}, which", extra) from error
