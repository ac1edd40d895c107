"""Writes the pages of the reference into a folder: `python .ci/reference FOLDER`, as `make docs` does."""

import json
import shutil
import sys
from pathlib import Path

from codes import codes_page, exit_codes_page
from commands import briefs, command_pages
from keys import profile_page, settings_page

_PROBLEMS = Path(__file__).parent.parent.parent / "docs" / "problems"


def made_pages() -> dict[str, str]:
    """Return the text of every file by its path within the folder."""
    return {
        **{f"commands/{name}.md": text for name, text in command_pages().items()},
        "settings.md": settings_page(),
        "profile-keys.md": profile_page(),
        "codes.md": codes_page(_PROBLEMS),
        "exit-codes.md": exit_codes_page(),
        # For the manual, whose pages begin with it.
        "commands/briefs.json": json.dumps(briefs(), indent=1),
    }


def write_pages(folder: Path) -> None:
    """Write all pages into the folder, and nothing else stays in it."""
    if folder.exists():
        shutil.rmtree(folder)
    for name, text in made_pages().items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")


if __name__ == "__main__":
    write_pages(Path(sys.argv[1]))
