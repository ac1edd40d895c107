"""Texts of documents and systems as a page can hold them: what has no shape of its own gets one."""

import re

# Controls, halves of surrogate pairs, separators of lines, and what turns a line's direction round. Blanks
# of any width, joiners within emoji and scripts stay: they are how people write names.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufdd0-\ufdef\ufeff\ufff9-\uffff]"
)


def visible(text: str) -> str:
    """Return a text with what a page cannot hold, or nobody could see, written as its number."""
    # Nearly all text is: only what is not is looked at letter by letter.
    if text.isprintable():
        return text
    return _UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04x}", text.replace("\r\n", "\n"))


def shortened(text: str, most: int) -> str:
    """Return a text of `most` letters at most, with an ellipsis for what is cut off."""
    return text if len(text) <= most else f"{text[: most - 1]}…"
