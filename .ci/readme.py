"""Makes the package index's text of README.md: a hook that hatchling calls when it builds.

An index shows the text alone, so a link to a file of this repository would lead nowhere there. While
`project.urls` names no repository, such a link becomes the path that it leads to; then, its address.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface

_LINK = re.compile(r"\[([^\]]*)\]\((?![a-z]+:|#)([^)\s]+)\)")
# A picture is no page: an index would show its words as if they were text.
_PICTURE = re.compile(r"^!\[[^\]]*\]\((?![a-z]+:)([^)\s]+)\)\n\n?", re.MULTILINE)
_WHERE = "\nPages that are named here by their paths lie in the source distribution.\n"


class ReadmeHook(MetadataHookInterface):
    """Gives the project's metadata its long description."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Add the description; its links are those of the released version's tag."""
        text = Path(self.root, "README.md").read_text(encoding="utf-8")
        shown = for_index(text, metadata.get("urls", {}), metadata["version"])
        metadata["readme"] = {"content-type": "text/markdown", "text": shown}


def for_index(text: str, urls: Mapping[str, str], version: str) -> str:
    """Return a README's text without relative links; pictures are left out where nothing says where they are."""
    if "Repository" not in urls:
        return _LINK.sub(_path_alone, _PICTURE.sub("", text)) + _WHERE
    base = f"{urls['Repository'].rstrip('/')}/blob/v{version}"
    raw = base.replace("/blob/", "/raw/")
    text = _PICTURE.sub(lambda found: found[0].replace(found[1], f"{raw}/{found[1]}"), text)
    return _LINK.sub(lambda link: f"[{link[1]}]({base}/{link[2]})", text)


def _path_alone(link: re.Match[str]) -> str:
    text, path = link.groups()
    return f"`{path}`" if text == path else f"{text} (`{path}`)"
