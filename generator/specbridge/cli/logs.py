"""Where logs go; apart, so that a command that only asks the store loads no connectors for it."""

import sys
from io import TextIOBase
from typing import TextIO, cast

import structlog
from structlog.typing import EventDict


class _Stderr(TextIOBase):
    """Whatever stderr is at the time: while progress is drawn, lines go above it."""

    def write(self, text: str, /) -> int:
        return sys.stderr.write(text)

    def flush(self) -> None:
        sys.stderr.flush()


_STDERR = cast(TextIO, _Stderr())


def _without_letters(_logger: object, _method: str, event: EventDict) -> EventDict:
    if event.get("event") == "dead letter":
        raise structlog.DropEvent
    return event


def configure_logs(verbose: int, style: str = "text") -> None:
    """Send logs to stderr: warnings, with -v what a run does, with -vv every request too.

    `style` is `text`, or `json` for a line of JSON each.
    """
    # logging's numbers for warning, info and debug.
    level = {0: 30, 1: 20}.get(verbose, 10)
    as_json = style == "json"
    # On a terminal the report tells of dead letters: lines of a log would only push it away.
    first = [_without_letters] if verbose == 0 and not as_json and sys.stderr.isatty() else []
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(level),
        # stdout is the answer's alone: with --json a program reads it.
        logger_factory=structlog.PrintLoggerFactory(_STDERR),
        processors=[
            *first,
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            (
                structlog.processors.JSONRenderer()
                if as_json
                else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
            ),
        ],
    )
