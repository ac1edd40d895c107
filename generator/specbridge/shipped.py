"""What ships beside the code: templates, the problem codes' pages, the example's project.

A wheel holds them within the package; in a checkout they lie where people look for them, at the
repository's top level, and nowhere twice.
"""

from pathlib import Path
from typing import Literal

Shipped = Literal["templates", "problems", "example", "documents"]

_PACKAGE = Path(__file__).parent
_REPOSITORY = _PACKAGE.parent.parent
_PLACES: dict[Shipped, Path] = {
    "templates": _REPOSITORY / "templates",
    "problems": _REPOSITORY / "docs" / "problems",
    "example": _REPOSITORY / "docs" / "example",
    "documents": _REPOSITORY / "specs",
}


def shipped_folder(name: Shipped) -> Path:
    """Return the folder of what ships under a name: the installed package's, else the checkout's."""
    installed = _PACKAGE / name
    return installed if installed.is_dir() else _PLACES[name]
