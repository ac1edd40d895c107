"""Refresh tokens that take each other's place are kept between runs, in a file of the user's own.

The file's mode is 0600; with `SPECBRIDGE_KEY` what it holds is encrypted, so that it may lie where others read.
"""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from hashlib import blake2b
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING

from specbridge.errors import MissingExtraError, SettingsError, SurroundingsError

if TYPE_CHECKING:
    from cryptography.fernet import MultiFernet

FOLDER = "SPECBRIDGE_TOKENS"
KEY = "SPECBRIDGE_KEY"

_MAKE_KEY = (
    'make one: python -c "from cryptography.fernet import Fernet;'
    ' print(Fernet.generate_key().decode())"'
)
_OTHERS = 0o077


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A refresh token, and a digest of the one of the environment that it descends from ("": of a login)."""

    refresh_token: str = field(repr=False)
    seed: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeper:
    """The file in which the refresh token of one client at one system is kept; `key` encrypts it, "" does not."""

    path: Path
    key: str = field(default="", repr=False)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep other processes from renewing the same token until the block ends.

        A token that was used is worth nothing to whoever else still holds it. Raises SurroundingsError where
        the folder cannot be written: the next token would be lost.
        """
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = os.open(self.path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise self._unusable("cannot be written", error) from None
        try:
            _lock(lock)
            yield
        finally:
            os.close(lock)

    def read(self) -> Kept | None:
        """Return what is kept, None where nothing is.

        Raises SurroundingsError for a file that others may read and for one that cannot be read, SettingsError
        for one that cannot be decrypted.
        """
        try:
            text = self.path.read_bytes()
            mode = self.path.stat().st_mode
        except FileNotFoundError:
            return None
        except OSError as error:
            raise self._unusable("cannot be read", error) from None
        if not self.key and os.name == "posix" and mode & _OTHERS:
            raise SurroundingsError(f"{self.path} can be read by others: chmod 600 {self.path}")
        try:
            return Kept(**json.loads(self._decrypt(text)))
        except (TypeError, ValueError):
            raise SettingsError(f"{self.path} is not what was kept: sign in again") from None

    def write(self, kept: Kept) -> None:
        """Keep a token in the place of the one before, whole or not at all; raises SurroundingsError."""
        text = self._encrypt(json.dumps(asdict(kept)).encode())
        try:
            # Made with mode 0600: it is nobody else's for no instant.
            with NamedTemporaryFile(dir=self.path.parent, delete=False) as made:
                made.write(text)
                made.flush()
                os.fsync(made.fileno())
            Path(made.name).replace(self.path)
        except OSError as error:
            raise self._unusable("cannot be written", error) from None

    def _encrypt(self, text: bytes) -> bytes:
        return _cipher(self.key).encrypt(text) if self.key else text

    def _decrypt(self, text: bytes) -> bytes:
        if not self.key:
            if not text.startswith(b"{"):
                raise SettingsError(f"{self.path} is encrypted: set {KEY}")
            return text
        # Kept before there was a key: it is encrypted when it is written next.
        return text if text.startswith(b"{") else self._open(text)

    def _open(self, text: bytes) -> bytes:
        from cryptography.fernet import InvalidToken  # noqa: PLC0415  # an extra

        try:
            return _cipher(self.key).decrypt(text)
        except InvalidToken:
            raise SettingsError(f"{self.path} was encrypted by another {KEY}") from None

    def _unusable(self, fault: str, error: OSError) -> SurroundingsError:
        reason = error.strerror or str(error)
        return SurroundingsError(f"{self.path} {fault} ({reason}): {FOLDER} names another folder")


def open_keeper(name: str, who: str, environment: Mapping[str, str]) -> Keeper:
    """Return the keeper of a client at a system; nothing is read or made yet.

    `name` is the profile's, `who` what tells the client and the system's address from others. Raises
    SettingsError for a key that is none.
    """
    digest = blake2b(who.encode(), digest_size=6).hexdigest()
    key = _read_key(environment)
    if key:
        _cipher(key)
    return Keeper(path=find_folder(environment) / f"{name}-{digest}.json", key=key)


def digest_of(token: str) -> str:
    """Return what is kept of a token of the environment, to see later whether it is the same one."""
    return blake2b(token.encode(), digest_size=16).hexdigest()


def find_folder(environment: Mapping[str, str]) -> Path:
    """Return the folder of what is kept, as the environment says, or where such things lie by default."""
    stated = environment.get(FOLDER, "").strip()
    if stated:
        return Path(stated)
    state = environment.get("XDG_STATE_HOME", "").strip()
    return (Path(state) if state else Path.home() / ".local" / "state") / "specbridge"


def _read_key(environment: Mapping[str, str]) -> str:
    path = environment.get(f"{KEY}_FILE", "").strip()
    stated = environment.get(KEY, "").strip()
    if not path:
        return stated
    if stated:
        raise SettingsError(f"{KEY} and {KEY}_FILE are both set: keep one")
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is no text"
        raise SettingsError(f"{KEY}_FILE cannot be read: {reason}") from None


def _cipher(key: str) -> "MultiFernet":
    """Return what encrypts by the first of the keys, and decrypts by each; commas stand between them."""
    try:
        from cryptography.fernet import Fernet, MultiFernet  # noqa: PLC0415  # an extra
    except ImportError:
        raise MissingExtraError(KEY, "oauth") from None
    try:
        return MultiFernet([Fernet(one.strip()) for one in key.split(",")])
    except ValueError:
        raise SettingsError(f"{KEY} is no key; {_MAKE_KEY}") from None


def _lock(descriptor: int) -> None:
    """Wait until no other process has the file locked; where files cannot be locked, go on."""
    try:
        import fcntl  # noqa: PLC0415  # not everywhere
    except ImportError:
        return
    fcntl.flock(descriptor, fcntl.LOCK_EX)
