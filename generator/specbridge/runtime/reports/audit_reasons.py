"""Why something that a document states is not so, and how it is mended: in words for people."""

from dataclasses import dataclass
from enum import Enum


class Reason(Enum):
    """Why a statement does not hold for a record or a pair, or cannot be checked."""

    NOT_CREATED = "not_created"
    NOT_CREATABLE = "not_creatable"
    WITHHELD = "withheld"
    NOT_LINKED = "not_linked"
    NOT_CARRIED = "not_carried"
    REFUSED = "refused"
    UNCONVERTIBLE = "unconvertible"
    UNDECIDED = "undecided"
    CONTESTED = "contested"
    DIFFERS = "differs"
    VANISHED = "vanished"
    AMBIGUOUS = "ambiguous"
    WAITING = "waiting"


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """A reason as it is told: `here` is the system whose value or record counts, `there` the other.

    `detail` are a system's, a conversion's or a store's own words, or the record that is waited for.
    """

    reason: Reason
    here: str = ""
    there: str = ""
    detail: str = ""

    @property
    def why(self) -> str:
        """Return what is the matter, in a sentence."""
        return self._fill(_WORDS[self.reason][0])

    @property
    def mend(self) -> str:
        """Return what a person can do about it, in a sentence."""
        return self._fill(_WORDS[self.reason][1])

    def _fill(self, words: str) -> str:
        # Once, and not with `format`: a detail may hold braces.
        for name, value in (("here", self.here), ("there", self.there)):
            words = words.replace(f"<{name}>", value)
        return words.replace("<detail>", self.detail.rstrip("."))


_WORDS: dict[Reason, tuple[str, str]] = {
    Reason.NOT_CREATED: (
        "It is in <here> only: no run has created its counterpart in <there> yet.",
        "Synchronize: it is created then.",
    ),
    Reason.NOT_CREATABLE: (
        "It could not be created in <there>: <detail>.",
        "Put right in <here> what the reason says, and synchronize again.",
    ),
    Reason.WITHHELD: (
        "Nothing is created for it in <there>: <detail>.",
        "Look at its links (`specbridge links`); pin or split what belongs together or not.",
    ),
    Reason.NOT_LINKED: (
        "The two match, and no run has linked them yet.",
        "Synchronize: they are linked then.",
    ),
    Reason.NOT_CARRIED: (
        "What <here> holds has not reached <there> yet.",
        "Synchronize: <there> takes over the value of <here> then.",
    ),
    Reason.REFUSED: (
        "It could not be written to <there>: <detail>.",
        "Put right what the reason says, and synchronize again.",
    ),
    Reason.UNCONVERTIBLE: (
        "A value of the two cannot be carried over: <detail>.",
        "Correct the value where it is wrong, and synchronize again.",
    ),
    Reason.UNDECIDED: (
        "Both were changed, each to something else, and nobody has decided which value counts.",
        "Decide (`specbridge conflicts`), and synchronize.",
    ),
    Reason.CONTESTED: (
        "Both were changed, each to something else. By the settings, what <here> holds counts.",
        "Synchronize: <there> takes over the value of <here>. If that is wrong, correct <here> first.",
    ),
    Reason.DIFFERS: (
        "The two differ, and neither value is one that may travel or has changed since they agreed.",
        "Correct the wrong one by hand, in <here> or in <there>.",
    ),
    Reason.VANISHED: (
        "Its counterpart in <there> is gone: deleted, merged into another, or out of sight.",
        "Restore it in <there>, or delete this one in <here>; nothing is deleted by itself.",
    ),
    Reason.AMBIGUOUS: (
        "The two match, and so do others: which belong together cannot be told.",
        "Make the right two differ from the others, or pin them (`specbridge links pin`).",
    ),
    Reason.WAITING: (
        "It refers to <detail>, which has no counterpart in <there> yet.",
        "See to that record first; this one follows by itself.",
    ),
}
