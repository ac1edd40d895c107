"""`manifest.json` of a generated package: what it was made of, and what was made."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from specbridge.drift.digests import digest

NAME = "manifest.json"
FORMAT = 2
_READ = frozenset({1, FORMAT})  # 1: that of specbridge 0.1, which kept no problems
_KEYS = frozenset({"version", "documents", "inputs", "files"})


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptProblem:
    """A warning about a document; `anchor` is its line, as Layout.anchor gives it."""

    code: str
    anchor: tuple[int, int]
    message: str
    mend: str
    flow: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentEntry:
    """A document: the digests of its text (see lay_out) and of its meaning, and its problems.

    `problems` is None where they cannot be kept, so that the document has to be read to tell them.
    """

    text: str
    meaning: str
    problems: tuple[KeptProblem, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FileEntry:
    """A generated file: the digests of what it was made of, and of its bytes."""

    made_of: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """Digests of what decides a package's bytes besides its documents; `tool` is of the versions."""

    settings: str
    profiles: str
    templates: str
    tool: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """The whole of a manifest; `documents` is by bare file name, `files` by path in the package."""

    documents: Mapping[str, DocumentEntry]
    inputs: Inputs
    files: Mapping[str, FileEntry]


def render_manifest(manifest: Manifest) -> str:
    """Return the manifest's text: sorted, byte-stable, with a digest of its own at the end."""
    value: dict[str, object] = {
        "version": FORMAT,
        "documents": {name: asdict(entry) for name, entry in manifest.documents.items()},
        "inputs": {name: getattr(manifest.inputs, name) for name in Inputs.__slots__},
        "files": {
            path: {"made_of": entry.made_of, "text": entry.text}
            for path, entry in manifest.files.items()
        },
    }
    # In ASCII, whatever the documents say: an editor or a terminal shows it as it is.
    return json.dumps({**value, "digest": _own_digest(value)}, indent=2, sort_keys=True) + "\n"


def read_manifest(package: Path) -> Manifest | None:
    """Return the manifest in a package's folder; None where there is none, or it is not ours.

    A manifest that was edited, or that another version's format wrote, counts as none.
    """
    try:
        value = json.loads((package / NAME).read_text(encoding="utf-8"))
        own = value.pop("digest")
        # The digest of its own: an edited manifest could declare edited modules to be generated.
        if value["version"] not in _READ or own != _own_digest(value):
            return None
        return Manifest(
            documents={name: _document(**entry) for name, entry in value["documents"].items()},
            inputs=Inputs(**value["inputs"]),
            files={path: FileEntry(**entry) for path, entry in value["files"].items()},
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def list_packages(output: Path) -> tuple[Path, ...]:
    """Return the folders below the output that hold a file of a manifest's name, sorted."""
    # Hidden ones are packages on their way in or out (write.py).
    return tuple(sorted(path.parent for path in output.glob(f"[!.]*/{NAME}")))


def is_ours(folder: Path) -> bool:
    """Return whether a folder is a package of ours, its manifest edited or of another format included.

    Other tools call a file `manifest.json`, too: their folders are nobody's to remove.
    """
    try:
        value = json.loads((folder / NAME).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(value, dict) and set(value) >= _KEYS


def _document(
    text: str, meaning: str, problems: list[dict[str, Any]] | None = None
) -> DocumentEntry:
    kept = None if problems is None else tuple(_problem(**one) for one in problems)
    return DocumentEntry(text=text, meaning=meaning, problems=kept)


def _problem(anchor: list[int], **texts: Any) -> KeptProblem:
    place, behind = anchor
    return KeptProblem(anchor=(place, behind), **texts)


def _own_digest(value: object) -> str:
    # Without white space, which would take json's slow way: a check asks it of every package.
    return digest(json.dumps(value, sort_keys=True))
