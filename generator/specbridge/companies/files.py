"""The files of companies: made, replaced and deleted so that nobody else reads them and none is half written."""

import os
from pathlib import Path
from tempfile import NamedTemporaryFile

from specbridge.companies.stating import IGNORED
from specbridge.errors import SurroundingsError


def make_private(path: Path, text: str) -> None:
    """Make a file that only its owner reads, and keep it out of git; raises SurroundingsError, also where it is there."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _keep_out_of_git(path.parent)
        # Made with the mode: it is nobody else's for no instant.
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as made:
            made.write(text)
    except FileExistsError:
        raise SurroundingsError(f"{path} is there already") from None
    except OSError as error:
        raise _unwritable(path, error) from None


def replace_text(path: Path, text: str, *, private: bool = False) -> None:
    """Put a text in the place of a file's, whole or not at all; `private`: for its owner alone from then on.

    Raises SurroundingsError.
    """
    try:
        mode = 0o600 if private or not path.exists() else path.stat().st_mode & 0o777
        with NamedTemporaryFile(dir=path.parent, delete=False) as made:
            made.write(text.encode())
            made.flush()
            os.fsync(made.fileno())
        Path(made.name).chmod(mode)
        Path(made.name).replace(path)
    except OSError as error:
        raise _unwritable(path, error) from None


def delete_file(path: Path) -> bool:
    """Delete a file, and return whether it was there; raises SurroundingsError."""
    try:
        path.unlink()
    except FileNotFoundError:
        return False
    except OSError as error:
        raise _unwritable(path, error) from None
    return True


def _keep_out_of_git(folder: Path) -> None:
    ignore = folder / ".gitignore"
    text = ignore.read_text(encoding="utf-8") if ignore.exists() else ""
    if IGNORED.strip() not in text.split():
        blank = "" if not text or text.endswith("\n") else "\n"
        ignore.write_text(f"{text}{blank}{IGNORED}", encoding="utf-8", newline="\n")


def _unwritable(path: Path, error: OSError) -> SurroundingsError:
    return SurroundingsError(f"{path} cannot be written: {error.strerror or error}")
