"""Packages to folders, each all at once: whoever looks sees the old package or the new one.

A package is written beside its place under a hidden name and then exchanged with the old one by a
single system call; where the system has none, by two renames that `recover` completes.
"""

import os
import shutil
import sys
import time
from collections.abc import Mapping
from pathlib import Path

_NEW = ".new"
_OLD = ".old"
_LEFT = 60  # seconds after which what stands beside a package is no run's any more
_AT_FDCWD = -100
_EXCHANGE = 2  # RENAME_EXCHANGE of Linux's renameat2


def write_package(texts: Mapping[str, str], folder: Path) -> None:
    """Replace a package's folder by these files and no others."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    new = _beside(folder, _own())
    shutil.rmtree(new, ignore_errors=True)
    for name, text in texts.items():
        path = new / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode("utf-8"))
    if not folder.exists():
        new.rename(folder)
    elif not _exchange(new, folder):
        old = _beside(folder, _OLD)
        shutil.rmtree(old, ignore_errors=True)
        folder.rename(old)
        new.rename(folder)
        shutil.rmtree(old)
    shutil.rmtree(new, ignore_errors=True)


def remove_package(folder: Path) -> None:
    """Remove a package's folder at once."""
    old = _beside(folder, _own())
    shutil.rmtree(old, ignore_errors=True)
    folder.rename(old)
    shutil.rmtree(old)


def recover(output: Path) -> None:
    """Put back packages that a killed run left renamed."""
    for old in output.glob(f".*{_OLD}"):
        folder = output / old.name[1 : -len(_OLD)]
        if folder.exists():
            shutil.rmtree(old)
        else:
            old.rename(folder)


def clear_leftovers(output: Path) -> None:
    """Remove what runs that were killed some time ago left half written or half removed."""
    for left in output.glob(f".*{_NEW}"):
        try:
            age = time.time() - left.stat().st_mtime
        except OSError:  # another run has just taken it away
            continue
        if age > _LEFT:
            shutil.rmtree(left, ignore_errors=True)


def _own() -> str:
    # Runs at the same time, `--watch` and one by hand, must not write into each other's folders.
    return f".{os.getpid()}{_NEW}"


def _beside(folder: Path, suffix: str) -> Path:
    return folder.parent / f".{folder.name}{suffix}"


def _exchange(one: Path, other: Path) -> bool:
    """Exchange two folders in one step; False where the system cannot."""
    if not sys.platform.startswith("linux"):
        return False
    import ctypes  # noqa: PLC0415 -- a check, which only recovers, must answer at once

    try:
        rename = ctypes.CDLL(None).renameat2
    except (OSError, AttributeError):
        return False
    paths = os.fsencode(one), os.fsencode(other)
    return bool(rename(_AT_FDCWD, paths[0], _AT_FDCWD, paths[1], _EXCHANGE) == 0)
