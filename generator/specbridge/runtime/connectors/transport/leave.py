"""Leave to write: what a run asks each time before something is sent that changes a system.

It is asked where bytes leave, after all waiting for turns, tokens and connections: a process may stand
still in between, and somebody else may write by then.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

Leave = Callable[[], None]
"""Returns where a run may write, and raises StoreBusyError where another one has taken over."""

_leave: ContextVar[Leave | None] = ContextVar("leave", default=None)
_writing: ContextVar[bool] = ContextVar("writing", default=False)


@contextmanager
def writing_by(leave: Leave) -> Iterator[None]:
    """Have all writes that the block's thread and its workers send ask for leave."""
    token = _leave.set(leave)
    try:
        yield
    finally:
        _leave.reset(token)


@contextmanager
def asking(writes: bool) -> Iterator[None]:
    """Send a request in the block; one that writes asks for leave before it begins, and as it goes."""
    token = _writing.set(writes)
    try:
        ask_leave()
        yield
    finally:
        _writing.reset(token)


def ask_leave() -> None:
    """Ask for leave where a write is being sent. Raises what it raises."""
    leave = _leave.get()
    if leave is not None and _writing.get():
        leave()
