"""Progress on a terminal: drawn on stderr while a run goes on, and gone when its report comes.

rich is imported where something is drawn, and nowhere else: most runs have nobody who looks on.
"""

import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from io import TextIOWrapper
from typing import TYPE_CHECKING

from specbridge.cli.runs.gauges import Gauges, Line, tell_seconds
from specbridge.cli.streams import CalmStream, calm
from specbridge.printable import in_one_line
from specbridge.runtime.reports.observing import Observer

if TYPE_CHECKING:
    from rich.console import Console, Group
    from rich.table import Table

_BAR = 12
_WIDE = 100
"""Columns from which on there is room for bars."""

_TIMES_A_SECOND = 6


class Progress:
    """What a command shows of its runs, one after the other; nothing where nobody looks on."""

    def __init__(
        self, names: Mapping[str, str], *, quiet: bool = False, planned: bool = False
    ) -> None:
        """Draw nothing yet; `names` are the systems' names for people."""
        self._visible = not quiet and is_watched()
        self._names = names
        self._planned = planned
        self._gauges = self._begin()

    def advance(self, subject: str, count: int) -> None:
        """Count what a run has dealt with."""
        if self._visible:
            self._gauges.advance(subject, count)

    def expect(self, subject: str, count: Callable[[], int]) -> None:
        """Take in what is to come; it is counted only where somebody looks on."""
        if self._visible:
            self._gauges.expect(subject, count)

    def observing(self, observer: Observer) -> Observer:
        """Return the observer, which tells of what connectors wait for, too."""
        return replace(observer, waits=self.wait) if self._visible else observer

    # Not bound to the gauges: a connector outlives the run.
    def wait(self, whom: str, reason: str, seconds: float) -> None:
        """Show for so many seconds that somebody is waited for, a system mostly; 0: not any more."""
        self._gauges.wait(whom, reason, seconds)

    @contextmanager
    def shown(self) -> Iterator[None]:
        """Show one run for as long as the block lasts; however it ends, the terminal is as before."""
        if not self._visible:
            yield
            return
        self._gauges = self._begin()
        with _drawn(self._gauges.lines):
            yield

    def _begin(self) -> Gauges:
        return Gauges(self._names, planned=self._planned)


def is_watched() -> bool:
    """Return whether somebody may look on: stderr is a terminal that can draw a line again, outside CI."""
    # A dumb terminal would show each step below the last one.
    blind = os.environ.get("TERM") == "dumb" or os.environ.get("CI", "") not in ("", "0", "false")
    return not blind and sys.stderr is not None and sys.stderr.isatty()


@contextmanager
def _drawn(lines: Callable[[], list[Line]]) -> Iterator[None]:
    from rich.console import Console
    from rich.live import Live

    # Not sys.stderr, which lets no cursor move: what is drawn here holds no stranger's text as it came.
    console = Console(file=sys.__stderr__, force_terminal=True, highlight=False, markup=False)
    live = Live(
        get_renderable=lambda: _drawing(lines(), console),
        console=console,
        refresh_per_second=_TIMES_A_SECOND,
        transient=True,
        redirect_stdout=False,
        redirect_stderr=False,
    )
    with _above(console), live:
        yield


def _drawing(lines: list[Line], console: "Console") -> "Group":
    from rich.console import Group

    # Apart: a reason is long, and would take the figures' room.
    phases = [line for line in lines if not line.waits]
    waits = [line for line in lines if line.waits]
    wide = console.width >= _WIDE
    counts = _grid([("cyan", line, _figures(line, console.encoding, wide)) for line in phases])
    return Group(counts, _grid([("yellow", line, (_left(line),)) for line in waits]))


def _grid(rows: Sequence[tuple[str, Line, Sequence[str]]]) -> "Table":
    from rich.table import Table
    from rich.text import Text

    table = Table.grid(padding=(0, 2, 0, 0))
    for colour, line, figures in rows:
        subject = Text(in_one_line(line.subject), no_wrap=True, overflow="ellipsis")
        table.add_row(
            Text(line.phase, style=colour, no_wrap=True),
            subject,
            *(Text(figure, no_wrap=True, justify="right") for figure in figures),
        )
    return table


def _figures(line: Line, encoding: str, wide: bool) -> Sequence[str]:
    total = line.total
    known = f"{line.done:,}" if line.done else ""
    counts = known if total is None else f"{line.done:,} of {total:,}"
    share = _bar(line.done / total, encoding) if total and wide else ""
    return (share, counts, _rate(line.rate), _left(line))


def _left(line: Line) -> str:
    return "" if line.left is None else f"{tell_seconds(line.left)} left"


def _rate(rate: float) -> str:
    return "" if rate <= 0.0 else f"{rate:,.0f}/s" if rate >= 1.0 else f"{rate * 60:,.0f}/min"


def _bar(share: float, encoding: str) -> str:
    full, empty = ("━", "╌") if encoding.lower().startswith("utf") else ("=", "-")
    filled = round(_BAR * min(1.0, share))
    return full * filled + empty * (_BAR - filled)


@contextmanager
def _above(console: "Console") -> Iterator[None]:
    """Have what is written to stderr meanwhile, log lines above all, stand above what is drawn."""
    before = sys.stderr
    if not isinstance(before, TextIOWrapper):
        yield
        return
    stream = _Above(before, console)
    sys.stderr = stream
    try:
        yield
    finally:
        sys.stderr = before
        stream.leave()


class _Above(CalmStream):
    """A stream whose lines are printed above what is drawn."""

    def __init__(self, stream: TextIOWrapper, console: "Console") -> None:
        super().__init__(stream.buffer, encoding=stream.encoding, errors="backslashreplace")
        self._console = console
        self._begun = ""

    def write(self, text: str, /) -> int:
        if not isinstance(text, str):
            # By this click tells a stream of text from one of bytes.
            raise TypeError("a stream of text takes no bytes")
        *lines, self._begun = f"{self._begun}{text}".split("\n")
        for line in lines:
            self._print(line)
        return len(text)

    def flush(self) -> None:
        """Hand on nothing: a line is printed once it has ended."""

    def leave(self) -> None:
        """Print what has not ended, and let go of what it has from the stream before."""
        if self._begun:
            self._print(self._begun)
        # Its end would close what others go on writing to.
        self.detach()

    def _print(self, line: str) -> None:
        from rich.text import Text

        # With `calm` first: of all that a terminal obeys, colours alone come so far.
        self._console.print(Text.from_ansi(calm(line)), soft_wrap=True)
