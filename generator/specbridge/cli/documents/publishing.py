"""Pages to a folder, all or none of them; what stands there besides is never touched.

A hidden file lists the pages that are ours with their digests. The pages are written beside their
places first and then put there one by one; if that ends early, what was there is put back.
"""

import json
import os
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

from specbridge.errors import EditedByHandError

NAME = ".specbridge-docs.json"
_STAGE = ".specbridge-docs."
_LEFT = 60  # seconds after which what stands beside the pages is no run's any more

Listed = Mapping[str, frozenset[str]]
"""The digests that each page of ours may have: during a run both the old one and the new one."""


def pages_there(folder: Path) -> frozenset[str]:
    """Return the names of the pages in a folder that are ours as they are."""
    listed = _read_list(folder)
    return frozenset(name for name in listed if _is_ours(folder, name, listed))


def write_site(folder: Path, pages: Mapping[str, str], *, whole: bool) -> tuple[str, ...]:
    """Write pages into a folder; where they are the `whole` site, remove those of ours that it has no more.

    Return the paths removed. Raises EditedByHandError, before anything is written, where a file that is
    not a page of ours stands in the place of one, or one of ours was edited.
    """
    listed = _read_list(folder)
    contents = {name: text.encode() for name, text in pages.items()}
    _refuse_foreign(folder, contents, listed)
    gone = [name for name in listed if whole and name not in pages]
    gone = [name for name in gone if _is_ours(folder, name, listed)]
    kept = {name: each for name, each in listed.items() if name not in gone and not whole}
    last = {**kept, **{name: frozenset({_digest(text)}) for name, text in contents.items()}}
    with _made(folder), _stage(folder) as stage:
        _write_files(stage / "new", contents)
        # What a run that is killed leaves is ours as well, whichever half of it.
        both = {
            name: listed.get(name, frozenset()) | last.get(name, frozenset())
            for name in {*listed, *last}
        }
        _put_list(folder, stage, both)
        _exchange(folder, stage, [*contents], gone)
        _put_list(folder, stage, last)
    return tuple(str(folder / name) for name in gone)


def _refuse_foreign(folder: Path, contents: Mapping[str, bytes], listed: Listed) -> None:
    found = [
        folder / name
        for name in contents
        if os.path.lexists(folder / name) and not _is_ours(folder, name, listed)
    ]
    if found:
        files = "\n".join(f"  {path}" for path in found)
        raise EditedByHandError(
            f"`specbridge docs` did not write these files as they are; move them away, or name another folder:\n{files}"
        )


def _is_ours(folder: Path, name: str, listed: Listed) -> bool:
    try:
        return _digest((folder / name).read_bytes()) in listed.get(name, ())
    except OSError:  # it is not there, or no file at all
        return False


def _read_list(folder: Path) -> Listed:
    try:
        entries = json.loads((folder / NAME).read_text(encoding="utf-8"))["pages"]
        # A name with a folder in it would be of a file elsewhere.
        return {name: frozenset(each) for name, each in entries.items() if Path(name).name == name}
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return {}


def _put_list(folder: Path, stage: Path, listed: Listed) -> None:
    entries = {name: sorted(listed[name]) for name in sorted(listed)}
    part = stage / NAME
    part.write_text(json.dumps({"pages": entries}, indent=1) + "\n", encoding="utf-8")
    part.replace(folder / NAME)


@contextmanager
def _made(folder: Path) -> Iterator[None]:
    """Make the folder; where nothing comes of it, it goes again."""
    missing = [one for one in (folder, *folder.parents) if not one.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        yield
    except BaseException:
        for one in missing:
            if one.is_dir() and not any(one.iterdir()):
                one.rmdir()
        raise


@contextmanager
def _stage(folder: Path) -> Iterator[Path]:
    _clear_stages(folder)
    stage = folder / f"{_STAGE}{os.getpid()}"
    stage.mkdir()
    try:
        yield stage
    finally:
        shutil.rmtree(stage, ignore_errors=True)


def _clear_stages(folder: Path) -> None:
    for left in folder.glob(f"{_STAGE}[0-9]*"):
        if left.is_dir() and not left.is_symlink() and time.time() - left.stat().st_mtime > _LEFT:
            shutil.rmtree(left, ignore_errors=True)


def _write_files(folder: Path, contents: Mapping[str, bytes]) -> None:
    folder.mkdir()
    for name, content in contents.items():
        (folder / name).write_bytes(content)


def _exchange(folder: Path, stage: Path, names: list[str], gone: list[str]) -> None:
    """Put the new pages in their places; whatever ends it early, the old ones are put back."""
    new, old = stage / "new", stage / "old"
    old.mkdir()
    try:
        for name in [*names, *gone]:
            if os.path.lexists(folder / name):
                (folder / name).rename(old / name)
            if name in names:
                (new / name).rename(folder / name)
    except BaseException:
        for name in [*names, *gone]:
            if os.path.lexists(old / name):
                (old / name).replace(folder / name)
            elif name in names and not (new / name).exists():
                (folder / name).unlink(missing_ok=True)
        raise


def _digest(content: bytes) -> str:
    return sha256(content).hexdigest()
