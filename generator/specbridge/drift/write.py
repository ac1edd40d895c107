"""Packages to folders, each all at once: whoever looks sees the old package or the new one.

A package is written beside its place under a hidden name and then exchanged with the old one by a
single system call; where the system has none, by two renames that `recover` completes.
"""

import os
import shutil
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from specbridge.drift.manifest import NAME, is_ours
from specbridge.drift.warm import is_hidden

_NEW = ".new"
_OLD = ".old"
_LEFT = 60  # seconds after which what stands beside a package is no run's any more
_AT_FDCWD = -100
_EXCHANGE = 2  # RENAME_EXCHANGE of Linux's renameat2


def write_package(texts: Mapping[str, str], folder: Path) -> None:
    """Replace a package's folder by these files and no others; a link to one stays a link."""
    folder = _real(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    new = _beside(folder, _own())
    _remove(new)
    try:
        _write_files(texts, new)
        _keep_hidden(folder, new)
        _take_place(new, folder)
    # A full disk, an interrupt: what stands half written beside the package is of no use to anyone.
    finally:
        _remove(new)


def _write_files(texts: Mapping[str, str], folder: Path) -> None:
    # The manifest first: it says whose the folder is, should this run be killed.
    for name in sorted(texts, key=lambda name: name != NAME):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(texts[name].encode("utf-8"))


def _keep_hidden(old: Path, new: Path) -> None:
    """Copy what programs hide in a package: it is not ours to take away."""
    for path in old.rglob("*") if old.is_dir() else ():
        there = new / path.relative_to(old)
        if is_hidden(path.name) and path.is_file() and not path.is_symlink():
            there.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, there)


def _take_place(new: Path, folder: Path) -> None:
    if not folder.exists():
        new.rename(folder)
    elif not _exchange(new, folder):
        old = _beside(folder, _OLD)
        _remove(old)
        folder.rename(old)
        new.rename(folder)
        _remove(old)


def remove_package(folder: Path) -> None:
    """Remove a package's folder at once, and a link to it."""
    real = _real(folder)
    old = _beside(real, _own())
    _remove(old)
    real.rename(old)
    _remove(old)
    if folder.is_symlink():
        folder.unlink()


def recover(output: Path) -> None:
    """Put back packages that a killed run left renamed; what is not ours stays as it is."""
    for old in output.glob(f".*{_OLD}"):
        folder = output / old.name[1 : -len(_OLD)]
        if old.is_symlink() or not is_ours(old):
            continue
        if folder.exists():
            _remove(old)
        else:
            old.rename(folder)


def clear_leftovers(output: Path) -> None:
    """Remove what runs that were killed some time ago left half written or half removed."""
    for left in output.glob(f".*{_NEW}"):
        try:
            age = time.time() - left.stat().st_mtime
        except OSError:  # another run has just taken it away
            continue
        if age > _LEFT and not left.is_symlink() and (is_ours(left) or _has_begun(left)):
            _remove(left)


def _has_begun(folder: Path) -> bool:
    """Return whether a folder holds nothing, or what may be the beginning of a manifest and no more."""
    return folder.is_dir() and {path.name for path in folder.iterdir()} <= {NAME}


def _real(folder: Path) -> Path:
    """Return the folder that a link is for; a team may keep its packages elsewhere."""
    return folder.resolve() if folder.is_symlink() else folder


def _remove(folder: Path) -> None:
    """Remove a package's folder, where there is one; the manifest, which says that it is ours, last."""
    with suppress(OSError):
        for path in folder.iterdir():
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path, ignore_errors=True)
            elif path.name != NAME:
                path.unlink(missing_ok=True)
    shutil.rmtree(folder, ignore_errors=True)


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
