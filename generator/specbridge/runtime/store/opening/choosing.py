"""Which store is meant, by its URL; apart, for those who ask its file without any driver's library."""

from collections.abc import Mapping
from pathlib import Path

from specbridge.errors import StorePlaceError

DEFAULT_URL = "sqlite:///specbridge.db"
SQLITE = ("sqlite", "sqlite+pysqlite")
"""What SQLite is called at the beginning of a URL."""


def choose_store(given: str | None, environment: Mapping[str, str], stated: str, root: Path) -> str:
    """Return the store's URL: the one given, else SPECBRIDGE_STORE, else that of the settings, else ours.

    A relative path is below `root`, the folder of the settings: a run that something starts elsewhere
    must not make a second store, which would know no link. A URL holds a password: it may stand in the file
    of SPECBRIDGE_STORE_FILE. Raises StorePlaceError where that cannot be read, or both are set.
    """
    # The environment before the settings: it names the store of this machine, settings one for all.
    url = given or _of_environment(environment) or stated or DEFAULT_URL
    driver, found, place = url.partition(":///")
    path, mark, options = place.partition("?")
    if not found or driver not in SQLITE or not path or path.startswith((":memory:", "file:")):
        return url
    return f"{driver}:///{root / path}{mark}{options}"


def _of_environment(environment: Mapping[str, str]) -> str:
    url = environment.get("SPECBRIDGE_STORE", "")
    path = environment.get("SPECBRIDGE_STORE_FILE", "").strip()
    if not path:
        return url
    if url:
        raise StorePlaceError("SPECBRIDGE_STORE and SPECBRIDGE_STORE_FILE are both set: keep one")
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is no text"
        raise StorePlaceError(f"SPECBRIDGE_STORE_FILE cannot be read: {reason}") from None


def sqlite_file(url: str) -> Path | None:
    """Return the file of a store, None where it is not in one."""
    driver, found, place = url.partition(":///")
    path = place.partition("?")[0]
    return Path(path) if found and driver in SQLITE and path else None
