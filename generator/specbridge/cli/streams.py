"""What is printed: no character of it moves a terminal's cursor, whatever a document or record holds."""

import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import TextIOWrapper

from specbridge.cli.ending import describe
from specbridge.errors import SurroundingsError

_STDERR = 2

# Control characters but for line ends and tabs, and marks that turn the direction of what follows;
# an escape passes where it begins a colour, which is all that our own texts make of it.
_UNRULY = re.compile(
    r"\x1b(?!\[[0-9;]*m)|[\x00-\x08\x0b-\x1a\x1c-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]"
)


_COLOURS = re.compile(r"\x1b\[[0-9;]*m")


def wants_colours() -> bool:
    """Return whether colours are wanted at all: not with NO_COLOR (no-color.org), nor by a dumb terminal."""
    return not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def calm(text: str) -> str:
    """Return a text with what a terminal would obey escaped as JSON escapes it, colours aside."""
    return _UNRULY.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


class CalmStream(TextIOWrapper):
    """A stream of text that writes nothing which a terminal would obey, but for colours.

    Raises SurroundingsError where it cannot be written: an OSError would not say that it is this one.
    """

    def write(self, text: str, /) -> int:
        """Write a text as `calm` returns it, without colours where nobody wants them."""
        shown = text if "\x1b" not in text or wants_colours() else _COLOURS.sub("", text)
        with self._told():
            super().write(calm(shown))
        return len(text)

    def flush(self) -> None:
        """Hand on what is buffered."""
        with self._told():
            super().flush()

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            place = "standard error" if self.fileno() == _STDERR else "standard output"
            raise SurroundingsError(describe(error, place)) from error


def calm_streams() -> None:
    """Have stdout and stderr of this process calm; what no encoding can say is shown escaped.

    Streams that somebody has put in their place, a test or a program, are theirs.
    """
    if sys.stdout is sys.__stdout__ and isinstance(sys.stdout, TextIOWrapper):
        sys.stdout = _calmed(sys.stdout)
    if sys.stderr is sys.__stderr__ and isinstance(sys.stderr, TextIOWrapper):
        sys.stderr = _calmed(sys.stderr)
    for stream in (sys.stdout, sys.stderr):
        # A value of an API may hold half a surrogate pair, and a terminal may know ASCII only.
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _calmed(stream: TextIOWrapper) -> CalmStream:
    # The old one stays as `sys.__stdout__`: it may not close what both write to.
    return CalmStream(
        stream.buffer,
        encoding=stream.encoding,
        errors="backslashreplace",
        line_buffering=stream.line_buffering,
    )
