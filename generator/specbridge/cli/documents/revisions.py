"""Documents of a place: a file, a folder, or either as a Git revision has it (`git:REV:PATH`)."""

import os
import subprocess
from pathlib import Path, PurePosixPath

from specbridge.errors import SettingsError
from specbridge.model.document import Document


def read_revision(place: str) -> tuple[Document, ...]:
    """Return the documents of a place, by name; a folder's are its `.rst` files, not those below.

    Raises SettingsError where there is no such place.
    """
    from specbridge.reader.read import read_documents

    if place.startswith("git:"):
        return _read_git(place)
    path = Path(place)
    # A folder may have none, as before its first one was written.
    if path.is_dir():
        return read_documents([str(found) for found in sorted(path.glob("*.rst"))])
    if not path.exists():
        raise SettingsError(f"{place}: there is no such document or folder")
    return read_documents([place])


def _read_git(place: str) -> tuple[Document, ...]:
    _, _, rest = place.partition(":")
    revision, colon, path = rest.partition(":")
    # git would take a revision that begins with a dash for an option.
    if not colon or not revision or revision.startswith("-"):
        raise SettingsError(f"{place}: a revision is written git:REV:PATH")
    # A path is relative to the folder that the command runs in, as everywhere else.
    path = f"./{path}" if not path.startswith(("./", "/")) else path
    kind = _git(place, "cat-file", "-t", f"{revision}:{path}").decode().strip()
    if kind != "tree":
        return (_document(_git(place, "show", f"{revision}:{path}"), path),)
    # Without --full-tree, git lists what is below the folder that the command runs in alone.
    words = ("ls-tree", "-z", "--full-tree", "--name-only", f"{revision}:{path}")
    # As Python names files on disk: a name need not be UTF-8 either.
    names = os.fsdecode(_git(place, *words)).split("\0")
    paths = [str(PurePosixPath(path, name)) for name in sorted(names) if name.endswith(".rst")]
    return tuple(_document(_git(place, "show", f"{revision}:./{p}"), p) for p in paths)


def _document(content: bytes, path: str) -> Document:
    from specbridge.reader.read import read_content

    return read_content(content, path.removeprefix("./"))


def _git(place: str, *words: str) -> bytes:
    try:
        done = subprocess.run(("git", *words), capture_output=True, check=False)
    except OSError as error:
        raise SettingsError(f"{place}: git cannot be run: {error}") from error
    if done.returncode != 0:
        raise SettingsError(f"{place}: {done.stderr.decode(errors='replace').strip()}")
    return done.stdout
