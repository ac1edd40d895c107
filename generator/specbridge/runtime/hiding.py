"""What must never be shown: the secrets of the environment, whoever quotes them, in any spelling.

Servers echo keys in their errors, drivers quote what they take for a host, libraries quote a header that
they refuse. So every text that tells of a failure goes through `Secrets.hide` where it leaves.
"""

import base64
import json
import re
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import quote, quote_plus, unquote

HIDDEN = "…"

# A secret that is shorter is none, and hiding its letters would spoil every text.
_SHORTEST = 4
_SHORTEST_GUESSED = 6
_MOST_LEARNED = 16
_WORDS = ("KEY", "TOKEN", "SECRET", "PASSWORD", "PASSWD", "PASSPHRASE")
_USER_INFO = re.compile(r"://([^\s]*)@")
_PASSWORDS = re.compile(r"[?&][^=&\s]*pass[^=&\s]*=([^&\s]+)", re.IGNORECASE)


class Secrets:
    """Texts that are hidden wherever they are told; more are learned as tokens come in."""

    def __init__(self, texts: Iterable[str] = ()) -> None:
        """Know these texts, and how they are spelt in addresses, JSON and headers."""
        self._kept: tuple[str, ...] = ()
        # A watch fetches tokens for years: those of long ago open nothing any more.
        self._learned: deque[str] = deque(maxlen=_MOST_LEARNED)
        self._spelt: tuple[str, ...] = ()
        self._pattern: re.Pattern[str] | None = None
        self.keep(*texts)

    def __repr__(self) -> str:
        """Return a text without the secrets."""
        return f"Secrets({len(self._spelt)} texts)"

    def keep(self, *texts: str) -> None:
        """Hide these texts, too, for ever."""
        self._kept += texts
        self._compile()

    def learn(self, text: str) -> None:
        """Hide a text that is a secret for a while; those that were learned long ago are forgotten."""
        if text not in self._learned:
            self._learned.append(text)
            self._compile()

    def _compile(self) -> None:
        known = [text for text in (*self._kept, *self._learned) if len(text) >= _SHORTEST]
        spelt = dict.fromkeys(one for text in known for one in _spellings(text))
        self._spelt = tuple(sorted(spelt, key=len, reverse=True))
        letters = "|".join(map(re.escape, self._spelt))
        self._pattern = re.compile(letters, re.IGNORECASE) if letters else None

    def hide(self, text: str) -> str:
        """Return a text with every secret replaced; of one that was cut at its end, the piece is."""
        if self._pattern is None:
            return text
        hidden = self._pattern.sub(HIDDEN, text)
        return self._hide_piece(hidden) if hidden.endswith(HIDDEN) else hidden

    def _hide_piece(self, text: str) -> str:
        told = text.removesuffix(HIDDEN).casefold()
        pieces = (
            length
            for secret in self._spelt
            for length in range(len(secret) - 1, _SHORTEST - 1, -1)
            if told.endswith(secret[:length].casefold())
        )
        longest = max(pieces, default=0)
        return text[: len(told) - longest] + HIDDEN if longest else text


def find_secrets(environment: Mapping[str, str], names: Iterable[str] = ()) -> Secrets:
    """Return the secrets of an environment.

    They are the values of the variables with these names, of all whose name ends like a secret's
    (`…_KEY`, `…_TOKEN`, `…PASSWORD`), and the passwords in addresses (proxies, stores).
    """
    stated = [environment.get(name, "").strip() for name in names]
    for name, value in environment.items():
        if name.upper().endswith(_WORDS) and len(value.strip()) >= _SHORTEST_GUESSED:
            stated.append(value.strip())
        stated += passwords_of(value)
    return Secrets(stated)


def passwords_of(url: str) -> Iterator[str]:
    """Yield the passwords of an address, before its host and in its query.

    Their pieces, too, where `@` cuts them: a driver takes one for a host.
    """
    found = _USER_INFO.search(url)
    user, _, password = found[1].partition(":") if found else ("", "", "")
    for text in (password or user, *_PASSWORDS.findall(url)):
        for told in (text, unquote(text)):
            yield told
            yield from told.split("@")


def _spellings(text: str) -> Iterator[str]:
    yield text
    yield quote(text, safe="", errors="replace")
    yield quote_plus(text, errors="replace")
    yield json.dumps(text)[1:-1]
    yield base64.b64encode(text.encode(errors="replace")).decode().rstrip("=")
