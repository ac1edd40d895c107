"""How a command ends that cannot go on: one line for people, and the exit code that says why.

The codes are on a page of their own, docs/exit-codes.md. Nothing ends with 1 here: that means drift.
"""

import errno
import os
import signal
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NoReturn

import click

from specbridge.errors import SpecbridgeError
from specbridge.printable import printable

USAGE = 2
ENVIRONMENT = 6
FAULT = 70
"""A fault of specbridge itself; what BSD's sysexits.h calls EX_SOFTWARE."""

_MENDS = {
    errno.ENOSPC: "make room, or write elsewhere",
    errno.EDQUOT: "make room, or write elsewhere",
    errno.EFBIG: "raise the limit of the size of files (`ulimit -f`)",
    errno.EROFS: "write elsewhere, or have it mounted for writing",
    errno.EACCES: "look at who may read and write it",
    errno.EPERM: "look at who may read and write it",
    errno.ENOTDIR: "a file is where a folder should be: move it, or name another folder",
    errno.EEXIST: "a file is where a folder should be: move it, or name another folder",
    errno.EISDIR: "a folder is where a file should be: name a file",
    errno.ENOENT: "name one that exists",
    errno.ELOOP: "look at where its links lead",
    errno.ENAMETOOLONG: "name a shorter one",
    errno.EPIPE: "who was to read it has gone",
    errno.EADDRINUSE: "name another port",
    errno.EMFILE: "raise the number of open files (`ulimit -n`)",
    errno.ENFILE: "close some files of other programs",
    errno.ENOMEM: "give it more memory",
}


@contextmanager
def told_faults() -> Iterator[None]:
    """Turn whatever ends the block into one line on stderr and an exit code; Click's exits pass."""
    try:
        with _ended_by_sigterm():
            yield
    except click.exceptions.Exit:
        raise
    except click.ClickException as error:
        _leave(_usage_text(error), USAGE)
    except SpecbridgeError as error:
        fail(error)
    except (KeyboardInterrupt, click.Abort):
        _leave("stopped", 128 + signal.SIGINT)
    except OSError as error:
        _leave(describe(error), ENVIRONMENT)
    except MemoryError:
        _leave("memory is used up: give it more", ENVIRONMENT)
    except ModuleNotFoundError as error:
        _leave(f"{error.name} is not installed: install specbridge anew", ENVIRONMENT)
    except Exception:
        # Ours: whoever reports it needs the traceback, and nobody may take it for drift.
        _leave(f"{traceback.format_exc()}\nthis is a fault of specbridge: please report it", FAULT)


def fail(error: SpecbridgeError) -> NoReturn:
    """Print the error's message to stderr and leave with its exit code."""
    _leave(str(error), exit_code_of(error))


def exit_code_of(error: SpecbridgeError) -> int:
    """Return an error's exit code; what the system refuses is the environment's, whoever tells it."""
    cause = error.__cause__
    refused = isinstance(cause, OSError) and not isinstance(cause, FileNotFoundError)
    # A name that leads nowhere is a wrong name; API and store have codes of their own.
    return ENVIRONMENT if refused and error.exit_code == USAGE else error.exit_code


def _leave(text: str, code: int) -> NoReturn:
    # Where nobody hears it, the code still tells.
    with suppress(SpecbridgeError, OSError, ValueError):
        click.echo(printable(f"specbridge: {text}"), err=True)
    _abandon_streams()
    raise SystemExit(code)


def _abandon_streams() -> None:
    """Have what a full or closed stream has not taken go nowhere: Python would try again at its end."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (SpecbridgeError, OSError, ValueError):
            with suppress(OSError, ValueError), Path(os.devnull).open("wb") as nowhere:
                os.dup2(nowhere.fileno(), stream.fileno())
        # A process may have been started without one.
        except AttributeError:
            continue


def _usage_text(error: click.ClickException) -> str:
    context = getattr(error, "ctx", None)
    text = error.format_message()
    return f"{text} (see `{context.command_path} --help`)" if context is not None else text


def describe(error: OSError, place: str = "") -> str:
    """Return what the system refused, about which `place` or file, and what may mend it."""
    reason = error.strerror or str(error) or type(error).__name__
    if not place and error.filename is not None:
        place = os.fsdecode(error.filename)
    elif not place and error.errno == errno.ENOENT:
        # Nothing else is asked for without a name.
        place = "the current folder"
    told = f"{place}: {reason}" if place else reason
    mend = _MENDS.get(error.errno or 0)
    return f"{told}; {mend}" if mend else told


@contextmanager
def _ended_by_sigterm() -> Iterator[None]:
    """Have SIGTERM unwind the block, so that nothing half written stays; a command may handle it itself."""

    def end(number: int, _frame: object) -> NoReturn:
        raise SystemExit(128 + number)

    try:
        before = signal.signal(signal.SIGTERM, end)
    # Only the main thread may; a program that runs a command in another one keeps its handlers.
    except ValueError:
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
