"""The templates' texts: ours, and those with which a project replaces single ones.

Reading them loads neither Jinja2 nor black: a check digests them before it needs either.
"""

from collections.abc import Mapping
from pathlib import Path

from specbridge.errors import SettingsError
from specbridge.shipped import shipped_folder

TEMPLATES = ("mapper.py.jinja", "sync.py.jinja", "package.py.jinja", "room.py.jinja")


def read_templates(override: Path | None = None) -> Mapping[str, str]:
    """Return the templates' texts by file name; those in the folder replace ours.

    Whatever else ends in `.jinja` there may be included by them. Raises SettingsError where the folder
    is missing, holds none of ours, or a file that is no text.
    """
    ours = shipped_folder("templates")
    texts = {name: (ours / name).read_text(encoding="utf-8") for name in TEMPLATES}
    if override is not None:
        found = sorted(override.glob("*.jinja"))
        if not {path.name for path in found} & set(TEMPLATES):
            expected = ", ".join(TEMPLATES)
            raise SettingsError(f"templates: {override} holds none of {expected}")
        texts |= {path.name: _read(path) for path in found}
    return texts


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"templates: {path} cannot be read: {error}") from error
