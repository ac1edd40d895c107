"""`manifest.json` of a generated package: what it was made of, and what was made."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from specbridge.drift.digests import digest

NAME = "manifest.json"
FORMAT = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentEntry:
    """A document: the digests of its text (see digest_document) and of its meaning."""

    text: str
    meaning: str


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
        "documents": {
            name: {"meaning": entry.meaning, "text": entry.text}
            for name, entry in manifest.documents.items()
        },
        "inputs": {name: getattr(manifest.inputs, name) for name in Inputs.__slots__},
        "files": {
            path: {"made_of": entry.made_of, "text": entry.text}
            for path, entry in manifest.files.items()
        },
    }
    return json.dumps({**value, "digest": _own_digest(value)}, indent=2, sort_keys=True) + "\n"


def read_manifest(package: Path) -> Manifest | None:
    """Return the manifest in a package's folder; None where there is none, or it is not ours.

    A manifest that was edited, or that another version's format wrote, counts as none.
    """
    try:
        value = json.loads((package / NAME).read_text(encoding="utf-8"))
        own = value.pop("digest")
        # The digest of its own: an edited manifest could declare edited modules to be generated.
        if value["version"] != FORMAT or own != _own_digest(value):
            return None
        return Manifest(
            documents={name: DocumentEntry(**entry) for name, entry in value["documents"].items()},
            inputs=Inputs(**value["inputs"]),
            files={path: FileEntry(**entry) for path, entry in value["files"].items()},
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def list_packages(output: Path) -> tuple[Path, ...]:
    """Return the folders below the output that hold a manifest, sorted."""
    # Hidden ones are packages on their way in or out (write.py).
    return tuple(sorted(path.parent for path in output.glob(f"[!.]*/{NAME}")))


def _own_digest(value: object) -> str:
    # Without white space, which would take json's slow way: a check asks it of every package.
    return digest(json.dumps(value, sort_keys=True))
