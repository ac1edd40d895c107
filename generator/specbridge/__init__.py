"""specbridge: dataflow documents become typed Python, and two REST systems stay in sync with it.

For programs: `specbridge.generate(documents, settings)` and `specbridge.check(documents, settings)`.
Importing this package loads nothing; its functions load what they need when they are called.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from specbridge.api import check as check
    from specbridge.api import generate as generate

__all__ = ["check", "generate"]


def __getattr__(name: str) -> object:
    """Return a function of specbridge.api, which is imported now."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from specbridge import api

    return getattr(api, name)
