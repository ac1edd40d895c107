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

    Raises SettingsError where the folder is missing or holds none of them.
    """
    ours = shipped_folder("templates")
    texts = {name: (ours / name).read_text(encoding="utf-8") for name in TEMPLATES}
    if override is not None:
        found = [name for name in TEMPLATES if (override / name).is_file()]
        if not found:
            expected = ", ".join(TEMPLATES)
            raise SettingsError(f"templates: {override} holds none of {expected}")
        texts |= {name: (override / name).read_text(encoding="utf-8") for name in found}
    return texts
