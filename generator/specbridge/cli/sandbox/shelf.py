"""`.specbridge/`: a folder for what is made by the way and belongs in no repository."""

from pathlib import Path

SHELF = ".specbridge"

ENV_FILE = Path(SHELF) / "sandbox.env"
"""Where a sandbox in the background writes its environment, and where `edit` and its kin look for it."""


def open_shelf(folder: Path) -> Path:
    """Make the folder where it is called `.specbridge`, with a `.gitignore` that leaves all of it out.

    Any other folder stays as it is: a mistyped one is told by whoever writes into it.
    """
    if folder.name == SHELF:
        folder.mkdir(exist_ok=True)
        ignore = folder / ".gitignore"
        if not ignore.exists():
            ignore.write_text("*\n", encoding="utf-8")
    return folder
