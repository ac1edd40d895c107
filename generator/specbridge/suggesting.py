"""What somebody may have meant by a word that is not known."""

from collections.abc import Iterable
from difflib import get_close_matches


def suggest(word: str, known: Iterable[str]) -> str:
    """Return the end of a sentence that says what was meant, or else what there is."""
    # By letters alone: most slips are of capitals, or of a letter or two.
    listed = {one.casefold(): one for one in known if one}
    near = get_close_matches(word.casefold(), listed, n=1)
    return f"did you mean {listed[near[0]]}?" if near else f"known are {', '.join(listed.values())}"
