"""Packages to folders, each all at once: whoever looks sees the old package or the new one.

A package is written beside its place under a hidden name and then exchanged with the old one by a
single system call; where the system has none, by two renames that `recover` completes.
"""

import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

_NEW = ".new"
_OLD = ".old"
_AT_FDCWD = -100
_EXCHANGE = 2  # RENAME_EXCHANGE of Linux's renameat2


def write_package(texts: Mapping[str, str], folder: Path) -> None:
    """Replace a package's folder by these files and no others."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    new = _beside(folder, _NEW)
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
    old = _beside(folder, _NEW)
    shutil.rmtree(old, ignore_errors=True)
    folder.rename(old)
    shutil.rmtree(old)


def recover(output: Path) -> None:
    """Put back packages that a killed run left renamed, and remove what it left half written."""
    for old in output.glob(f".*{_OLD}"):
        folder = output / old.name[1 : -len(_OLD)]
        if folder.exists():
            shutil.rmtree(old)
        else:
            old.rename(folder)


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
