"""The golden folders: `document.rst` with `inspect.json` and `errors.txt` expected of it."""

import contextlib
import json
from dataclasses import dataclass
from pathlib import Path

from specbridge.cli.documents.inspect import describe_document, make_resolver
from specbridge.model.document import Document
from specbridge.reader.read import read_file
from specbridge.settings import Settings

CASES = Path(__file__).parent.parent / "cases"
HUGE = 40_000
FOLDERS = sorted(path for path in CASES.iterdir() if path.is_dir())
RESOLVE = make_resolver(Settings())


@dataclass(frozen=True, slots=True)
class Golden:
    """What `inspect` prints for a document: the JSON, and the problems as a terminal shows them."""

    inspect: str
    errors: str


def read_case(folder: Path) -> tuple[Document, Golden]:
    """Read a folder's document, and what it yields with the folder's path taken out."""
    document = read_file(str(folder / "document.rst"))
    described = json.dumps(describe_document(document, RESOLVE), indent=1, ensure_ascii=False)
    problems = "".join(f"{problem}\n" for problem in document.problems)
    prefix = f"{folder}/"
    return document, Golden(
        described.replace(prefix, "") + "\n",
        problems.replace(prefix, ""),
    )


def read_texts() -> dict[str, str]:
    """Return the texts of the folders' documents by folder name, those that are text and not huge."""
    texts = {}
    for folder in FOLDERS:
        path = folder / "document.rst"
        content = path.read_bytes() if path.exists() else b"\xff"
        if len(content) < HUGE:
            with contextlib.suppress(UnicodeDecodeError):
                texts[folder.name] = content.decode("utf-8")
    return texts
